import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { matching, optional, ref } from '../../src/declare/input.js'
import { defineObject } from '../../src/declare/object.js'
import { param } from '../../src/declare/param.js'
import { defineProject, type Modules } from '../../src/declare/project.js'
import { defineTemplate } from '../../src/declare/derive.js'
import { defineTask } from '../../src/declare/task.js'
import { indexProject } from '../../src/plan/names/project-index.js'

const task = (spec: object = {}) => defineTask({ data: t.number, ...spec }).run(() => 1)
const indexOf = (pipelines: object) => indexProject(defineProject({ pipelines: pipelines as Modules }))
const namesIn = (pipelines: object) => [...indexOf(pipelines).entries.keys()]
const errorsIn = (pipelines: object) => indexOf(pipelines).errors

describe('names', () => {
  test('come from export keys, in snake case, without a trailing Task', () => {
    expect(namesIn({ ratingModel: { filteredDataTask: task(), longNameOfTheTask: task(), data: task() } })).toEqual([
      'rating_model:filtered_data',
      'rating_model:long_name_of_the',
      'rating_model:data',
    ])
  })

  test('name and group of a declaration override', () => {
    expect(
      namesIn({
        movies: { a: task({ name: 'own' }), b: task({ group: 'other:deep' }), c: task({ name: 'x', group: 'y' }) },
      }),
    ).toEqual(['movies:own', 'other:deep:b', 'y:x'])
  })

  test('a module may have a prototype of its own, as in Bun', () => {
    const module = Object.assign(Object.create(Object.create(null)), { all: task(), [Symbol.toStringTag]: 'Module' })
    expect(namesIn({ movies: module as object })).toEqual(['movies:all'])
  })

  test('records inside a pipeline nest; codecs, templates, functions and tagged values are skipped', () => {
    const a = task()
    const template = defineTemplate({ data: t.number }).run(() => 1)
    const pipelines = {
      rating: {
        model: { a, deeper: { b: task() } },
        Codec: t.type({ x: t.number }),
        template,
        help: () => 1,
        list: [a],
        input: optional(a, null),
        none: null,
      },
    }
    expect(namesIn(pipelines)).toEqual(['rating:model:a', 'rating:model:deeper:b'])
    expect(errorsIn(pipelines)).toEqual([])
  })

  test('abstract tasks are no part of it', () => {
    const index = indexOf({ movies: { base: task({ abstract: true }), a: task() } })
    expect([...index.entries.keys()]).toEqual(['movies:a'])
    expect(index.abstractNames).toEqual(['movies:base'])
  })

  test('a default export that has a name too, and what CommonJS adds, count once', () => {
    const a = task()
    expect(namesIn({ movies: { a, default: a } })).toEqual(['movies:a'])
    expect(namesIn({ movies: { a, default: { a }, 'module.exports': { a } } })).toEqual(['movies:a'])
    expect(errorsIn({ movies: { a, default: { a } } })).toEqual([])
  })

  test('a project is indexed once', () => {
    const project = defineProject({ pipelines: { movies: { a: task() } } })
    expect(indexProject(project)).toBe(indexProject(project))
  })

  test('a record in a circle ends', () => {
    const record: Record<string, unknown> = { a: task() }
    record['self'] = record
    expect(namesIn({ movies: record })).toEqual(['movies:a'])
  })

  test('modules and names of tasks are told both ways', () => {
    const a = task()
    const index = indexOf({ ratingModel: { inner: { a } } })
    expect(index.nameOf(a)).toBe('rating_model:inner:a')
    expect(index.nameOf(task())).toBeUndefined()
    expect(index.moduleOf('rating_model:inner:a')).toBe('ratingModel.inner')
    expect(index.moduleOf('unknown:x')).toBeNull()
  })
})

describe('what is wrong', () => {
  test('one task under two names', () => {
    const a = task()
    expect(errorsIn({ movies: { a }, more: { again: a } })).toEqual([
      { _tag: 'SameTaskTwice', names: ['more:again', 'movies:a'] },
    ])
  })

  test('name and group make two exports of one task one', () => {
    const a = task({ name: 'a', group: 'movies' })
    expect(errorsIn({ movies: { a }, more: { again: a } })).toEqual([])
  })

  test('two exports with one name', () => {
    expect(errorsIn({ movies: { foo: task(), fooTask: task() } })).toEqual([
      { _tag: 'NameClash', name: 'movies:foo', exports: ['movies.foo', 'movies.fooTask'] },
    ])
    expect(errorsIn({ ratingModel: { a: task() }, rating_model: { a: task() } })).toEqual([
      { _tag: 'NameClash', name: 'rating_model:a', exports: ['ratingModel.a', 'rating_model.a'] },
    ])
  })

  test('names that cannot become part of a path', () => {
    expect(errorsIn({ movies: { a: task({ name: '../../etc' }) } })).toEqual([
      { _tag: 'UnsafeName', place: undefined, what: 'task name of the export movies.a', name: '../../etc' },
    ])
    expect(errorsIn({ movies: { a: task({ group: 'x::y' }) } })).toEqual([
      { _tag: 'UnsafeName', place: undefined, what: 'group of the export movies.a', name: '' },
    ])
    expect(errorsIn({ movies: { $a: task() } })).toMatchObject([{ _tag: 'UnsafeName', name: '$a' }])
  })

  const problemsOf = (spec: object): readonly string[] =>
    errorsIn({ movies: { a: task(spec) } }).map((error) =>
      error._tag === 'InvalidDeclaration' ? error.problem : error._tag,
    )

  test('params with reserved or doubled names', () => {
    expect(problemsOf({ params: { tasks: t.number } })).toEqual(["the param name 'tasks' is reserved in configs"])
    expect(
      problemsOf({ params: { x: param(t.number, { nameInConfig: 'uses' as string }), forNamespaces: t.number } }),
    ).toEqual([
      "param 'x' is read from 'uses', which is reserved in configs",
      "param 'forNamespaces' is read from 'for_namespaces', which is reserved in configs",
    ])
    expect(problemsOf({ params: { minVotes: t.number, min_votes: t.number } })).toEqual([
      "params 'minVotes' and 'min_votes' are both read from 'min_votes'",
    ])
    expect(problemsOf({ inputs: { x: ref('a:b', t.number) }, params: { x: t.number } })).toEqual([
      "'x' is both an input and a param",
    ])
  })

  test('inputs that are none, and patterns that cannot be', () => {
    expect(
      problemsOf({
        inputs: {
          a: undefined,
          b: 5,
          c: defineTask({ data: t.number }),
          d: defineTemplate({ data: t.number }).run(() => 1),
          e: optional({} as never, null),
        },
      }),
    ).toEqual([
      "input 'a' is undefined",
      "input 'b' is of type number, not an input",
      "input 'c' is a task without a computation",
      "input 'd' is a template, which is never part of a chain",
      "input 'e' is of type object, not an input",
    ])
    expect(
      problemsOf({
        inputs: {
          a: matching(/x/g, t.number),
          b: matching(/x/y, t.number),
          c: ref('~(', t.number),
          d: ref('', t.number),
          e: ref('a::', t.number),
        },
      }),
    ).toEqual([
      "input 'a' has a pattern with the flag 'g'",
      "input 'b' has a pattern with the flag 'y'",
      "input 'c' has a pattern that is not a regular expression: '('",
      "input 'd' is found by the name '', which no task can have",
      "input 'e' is found by the name 'a::', which no task can have",
    ])
    expect(problemsOf({ inputs: { a: task({ abstract: true }) } })).toEqual([
      "input 'a' is an abstract task, which is never part of a chain",
    ])
  })

  test('params, data and versions that are none', () => {
    expect(problemsOf({ params: { x: 5 }, data: {}, version: Number.NaN })).toEqual([
      "param 'x' is neither a param nor an io-ts codec",
      'data is neither a format nor an io-ts codec',
      'version is NaN',
    ])
  })

  test('a class of parameter objects as a param is told how it is declared', () => {
    const Ridge = defineObject('Ridge', {}).create(() => 1)
    expect(errorsIn({ a: { b: task({ params: { model: Ridge } }) } })).toMatchObject([
      { hint: 'it is a class of parameter objects: declare it as object(Ridge)' },
    ])
  })

  test('pipelines that are none', () => {
    expect(errorsIn({ a: task(), b: 5 }).map((error) => error._tag === 'InvalidDeclaration' && error.task)).toEqual([
      'a',
      'b',
    ])
  })

  test('an export that waits for its run', () => {
    expect(errorsIn({ movies: { a: defineTask({ data: t.number }) } })).toMatchObject([
      { _tag: 'InvalidDeclaration', task: 'movies.a', problem: 'is a task without a computation' },
    ])
  })

  test('an export that throws, as in a circle of imports', () => {
    const circle = {
      get a(): never {
        throw new ReferenceError("Cannot access 'a' before initialization")
      },
      b: task(),
    }
    expect(namesIn({ movies: circle })).toEqual(['movies:b'])
    expect(errorsIn({ movies: circle })).toMatchObject([
      {
        _tag: 'InvalidDeclaration',
        task: 'movies.a',
        problem: "the export cannot be read: Cannot access 'a' before initialization",
      },
    ])
  })

  test('two classes of parameter objects with one name', () => {
    const [first, second] = [defineObject('Model').create(() => 1), defineObject('Model').create(() => 2)]
    const index = indexProject(defineProject({ pipelines: {}, objects: { first, second } }))
    expect(index.errors).toMatchObject([{ _tag: 'NameClash', name: 'Model' }])
    expect(indexProject(defineProject({ pipelines: {}, objects: { first, again: first } })).errors).toEqual([])
  })
})
