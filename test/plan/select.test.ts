import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { planChain } from '../../src/plan/plan.js'
import { taskGlob } from '../../src/plan/names/task-pattern.js'
import { planned, refused, resolvedOf, type ConfigSpec } from './fixtures.js'

const task = (spec: object = {}) => defineTask({ data: t.number, ...spec }).run(() => 1)
const project = defineProject({
  pipelines: {
    movies: { allMovies: task(), filtered: task(), base: task({ abstract: true }), sub: { deep: task() } },
    rating: { model: { trainX: task(), trainY: task(), testX: task() } },
  },
})
const selected = (config: ConfigSpec) => planned(project, config).nodes.map((node) => node.id)
const unknown = (config: ConfigSpec) =>
  refused(project, config).map((error) =>
    error._tag === 'UnknownTasks' ? [error.pattern, error.near, error.reason] : error._tag,
  )

describe('patterns', () => {
  test.each([
    ['movies.*', ['movies:all_movies', 'movies:filtered']],
    ['movies.**', ['movies:all_movies', 'movies:filtered', 'movies:sub:deep']],
    ['movies.all_movies', ['movies:all_movies']],
    ['movies:all_movies', ['movies:all_movies']],
    ['rating.model.train_*', ['rating:model:train_x', 'rating:model:train_y']],
    ['rating:model:*_x', ['rating:model:test_x', 'rating:model:train_x']],
    ['*.*', ['movies:all_movies', 'movies:filtered']],
    ['*.filtered', ['movies:filtered']],
    ['**_x', ['rating:model:test_x', 'rating:model:train_x']],
    [
      '**',
      [
        'movies:all_movies',
        'movies:filtered',
        'movies:sub:deep',
        'rating:model:test_x',
        'rating:model:train_x',
        'rating:model:train_y',
      ],
    ],
  ])('%s brings what it says', (tasks, expected) => {
    expect(selected({ tasks })).toEqual(expected)
  })

  test('a pattern over a module brings what it exports under another group too, a name is a task’s own', () => {
    const modules = {
      ratingModel: { trained: task(), moved: task({ group: 'reports:daily' }), inner: { far: task({ group: 'far' }) } },
      reports: { own: task() },
    }
    const withMoved = defineProject({ pipelines: modules })
    const brought = (tasks: string | string[], excluded: string[] = []) =>
      planned(withMoved, { tasks, excluded }).nodes.map((node) => node.id)
    expect(brought('rating_model.*')).toEqual(['rating_model:trained', 'reports:daily:moved'])
    expect(brought('rating_model.mov*')).toEqual(['reports:daily:moved'])
    expect(brought(['rating_model.*', 'reports.daily.*', 'reports.daily.moved'])).toEqual([
      'rating_model:trained',
      'reports:daily:moved',
    ])
    expect(brought('rating_model.**')).toEqual(['far:far', 'rating_model:trained', 'reports:daily:moved'])
    expect(brought('reports.**')).toEqual(['reports:daily:moved', 'reports:own'])
    expect(brought('**', ['rating_model.*'])).toEqual(['far:far', 'reports:own'])
    expect(refused(withMoved, { tasks: 'rating_model.moved' }).map((error) => error._tag)).toEqual(['UnknownTasks'])
  })

  test('several patterns bring each task once', () => {
    expect(selected({ tasks: ['movies.*', 'movies.filtered', '**.filtered'] })).toEqual([
      'movies:all_movies',
      'movies:filtered',
    ])
  })

  test('excluded_tasks removes, whatever the order', () => {
    expect(selected({ tasks: '**', excluded: ['rating.**', 'movies.filtered'] })).toEqual([
      'movies:all_movies',
      'movies:sub:deep',
    ])
  })

  test('one that fits nothing is an error with near names', () => {
    expect(unknown({ tasks: ['moveis.*', 'movies.allMovie', 'movies', 'rating.*', 'movies.x*', '*'] })).toEqual([
      ['moveis.*', ['movies.*'], undefined],
      ['movies.allMovie', ['movies.all_movies'], undefined],
      ['movies', ['movies.*'], undefined],
      ['rating.*', ['rating.model.*'], undefined],
      ['movies.x*', [], undefined],
      ['*', ['**'], undefined],
    ])
  })

  test('so is an excluded one', () => {
    expect(unknown({ tasks: 'movies.*', excluded: 'movies.filterd' })).toEqual([
      ['movies.filterd', ['movies.filtered'], undefined],
    ])
  })

  test('abstract tasks never match, and the error says so', () => {
    expect(unknown({ tasks: 'movies.base' })).toEqual([
      ['movies.base', [], 'it matches only abstract tasks, which are never part of a chain'],
    ])
  })

  test('a pattern is never code, nor does it take the process down', () => {
    const long = `${'*a'.repeat(400)}b`
    const many = defineProject({
      pipelines: {
        ['a'.repeat(90)]: Object.fromEntries(
          Array.from({ length: 300 }, (_, index) => [`${'a'.repeat(80)}${index}`, task()]),
        ),
      },
    })
    expect(
      refused(many, { tasks: [long, '('.repeat(5000), '(.*)*$', '__proto__', 'constructor.*'] }).map(
        (error) => error._tag,
      ),
    ).toEqual(Array.from({ length: 5 }, () => 'UnknownTasks'))
  })

  test('the same unknown pattern of one config in two namespaces is told once', () => {
    const resolved = resolvedOf({ tasks: 'nothing.*' }, { tasks: 'nothing.*', namespace: 'a' })
    expect(planChain(project, resolved)).toMatchObject({ left: [{ _tag: 'UnknownTasks' }] })
  })
})

test('a glob is a set of letters and stars, nothing else', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['a.*', 'a.', true],
    ['a.*', 'a.b.c', false],
    ['a.**', 'a.b.c', true],
    ['a***c', 'a.b.c', true],
    ['*.b', '.b', true],
    ['a?b', 'axb', false],
    ['a.+', 'a.b', false],
    ['**.c', 'a.b.c', true],
    ['*', '', true],
    ['', '', true],
  ]
  for (const [pattern, name, expected] of cases)
    expect([pattern, name, taskGlob(pattern).matches(name)]).toEqual([pattern, name, expected])
})
