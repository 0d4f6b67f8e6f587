import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { inMemory } from '../../src/declare/format.js'
import { lazy, matching, optional } from '../../src/declare/input.js'
import { param } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { nodeIn, planned, refused } from './fixtures.js'

const allMovies = defineTask({ params: { sourceFile: t.string }, data: t.array(t.string) }).run(() => [])
const filtered = defineTask({
  inputs: { allMovies },
  params: { minVotes: param(t.number, { default: 1000 }), verbose: param(t.boolean, { default: false, ignorePersistence: true }) },
  data: t.array(t.string),
}).run(({ allMovies: movies }) => movies)
const model = defineTask({ inputs: { filtered: lazy(filtered), all: matching(/.*/, t.unknown), extra: optional(allMovies, null) }, data: inMemory<object>() }).run(() => ({}))
const project = defineProject({ pipelines: { movies: { allMovies, filteredTask: filtered, model } } })

test('nodes come in run order, with encoded values and bound inputs', () => {
  const plan = planned(project, { tasks: 'movies.*', values: { source_file: 'a.csv', min_votes: 5 } })
  expect(plan.nodes.map((node) => node.id)).toEqual(['movies:all_movies', 'movies:filtered', 'movies:model'])
  expect(nodeIn(plan, 'movies:filtered')).toEqual({
    id: 'movies:filtered',
    task: 'movies:filtered',
    group: 'movies',
    name: 'filtered',
    namespace: '',
    key: nodeIn(plan, 'movies:filtered').key,
    config: 'main',
    params: { minVotes: 5, verbose: false },
    keyParams: { minVotes: 5 },
    inputs: { allMovies: 'movies:all_movies' },
    format: 'json',
    extension: 'json',
    storage: 'file',
  })
  expect(nodeIn(plan, 'movies:model')).toMatchObject({
    inputs: { filtered: 'movies:filtered', all: { 'movies:all_movies': 'movies:all_movies', 'movies:filtered': 'movies:filtered' }, extra: 'movies:all_movies' },
    storage: 'memory',
    extension: null,
  })
  expect(plan.warnings).toEqual([])
})

test('a config that brings no task is refused', () => {
  expect(refused(project, {})).toEqual([{ _tag: 'NothingToPlan', place: { origin: 'main.yaml', line: 1, column: 1 } }])
})
