import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { parseDocument } from '../../src/config/document.js'
import type { Documents } from '../../src/config/config-types.js'
import { inMemory } from '../../src/declare/format.js'
import { lazy, matching, optional } from '../../src/declare/input.js'
import { param } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { explainAll } from '../../src/explain.js'
import { keyOf, preImageOfNode } from '../../src/plan/key.js'
import { plan } from '../../src/plan/plan-documents.js'
import { printPlan } from '../../src/plan/inspect/print-plan.js'
import { left, nodeIn, planned, refused, right } from './fixtures.js'

const allMovies = defineTask({ params: { sourceFile: t.string }, data: t.array(t.string) }).run(() => [])
const filtered = defineTask({
  inputs: { allMovies },
  params: {
    minVotes: param(t.number, { default: 1000 }),
    verbose: param(t.boolean, { default: false, ignorePersistence: true }),
  },
  data: t.array(t.string),
}).run(({ allMovies: movies }) => movies)
const model = defineTask({
  inputs: { filtered: lazy(filtered), all: matching(/.*/, t.unknown), extra: optional(allMovies, null) },
  data: inMemory<object>(),
}).run(() => ({}))
const project = defineProject({ pipelines: { movies: { allMovies, filteredTask: filtered, model } } })

test('nodes come in run order, with encoded values and bound inputs', () => {
  const made = planned(project, { tasks: 'movies.*', values: { source_file: 'a.csv', min_votes: 5 } })
  expect(made.nodes.map((node) => node.id)).toEqual(['movies:all_movies', 'movies:filtered', 'movies:model'])
  expect(nodeIn(made, 'movies:filtered')).toEqual({
    id: 'movies:filtered',
    task: 'movies:filtered',
    group: 'movies',
    name: 'filtered',
    namespace: '',
    key: nodeIn(made, 'movies:filtered').key,
    config: 'main',
    params: { minVotes: 5, verbose: false },
    keyParams: { minVotes: 5 },
    inputs: { allMovies: 'movies:all_movies' },
    format: 'json',
    extension: 'json',
    storage: 'file',
  })
  expect(nodeIn(made, 'movies:model')).toMatchObject({
    inputs: {
      filtered: 'movies:filtered',
      all: { 'movies:all_movies': 'movies:all_movies', 'movies:filtered': 'movies:filtered' },
      extra: 'movies:all_movies',
    },
    storage: 'memory',
    extension: null,
  })
  expect(made.warnings).toEqual([])
})

test('a config that brings no task is refused', () => {
  expect(refused(project, {})).toEqual([{ _tag: 'NothingToPlan', place: { origin: 'main.yaml', line: 1, column: 1 } }])
  expect(refused(project, { values: { task: 'films.*' } })).toMatchObject([
    { _tag: 'NothingToPlan', near: { name: 'task', key: 'tasks' } },
  ])
})

describe('from documents', () => {
  const documents = (texts: Readonly<Record<string, string>>): Documents =>
    new Map(Object.entries(texts).map(([origin, text]) => [origin, right(parseDocument(origin, text))]))
  const texts = {
    'configs/movies.yaml': 'tasks: movies.all_movies\nsource_file: "{DATA_DIR}/a.csv"\n',
    'configs/model.yaml': 'tasks: [movies.filtered, movies.model]\nuses: movies.yaml\nmin_votes: 5\nmin_vote: 6\n',
  }
  const withGlobals = defineProject({
    pipelines: { movies: { allMovies, filteredTask: filtered, model } },
    globals: { DATA_DIR: '/data' },
  })

  test('plan is resolveConfigs and planChain in a row', () => {
    const made = right(plan(withGlobals, documents(texts), { entry: 'configs/model.yaml', set: { verbose: true } }))
    expect(printPlan(made)).toBe(
      `
movies:all_movies  (json)
  sourceFile = "{DATA_DIR}/a.csv"
movies:filtered  (json)
  allMovies <- movies:all_movies
  minVotes = 5
  verbose = true
movies:model  (inMemory)
  filtered <- movies:filtered
  all <- { movies:all_movies, movies:filtered }
  extra <- movies:all_movies`.trimStart(),
    )
    expect(made).toMatchObject({ config: 'model', context: '--set(verbose)' })
    expect(explainAll(made.warnings)).toBe(
      "configs/model.yaml:4:11: no task of this config reads 'min_vote'\n  did you mean 'min_votes'?",
    )
    expect(made.origins['movies:filtered']).toEqual({
      minVotes: { place: { origin: 'configs/model.yaml', line: 3, column: 12 } },
      verbose: { place: { origin: '--set', line: 0, column: 0 } },
    })
  })

  test('errors are sentences with a place', () => {
    const wrong = documents({ ...texts, 'configs/model.yaml': 'tasks: [movies.filtered, moveis.*]\nmin_votes: many\n' })
    expect(explainAll(left(plan(withGlobals, wrong, { entry: 'configs/model.yaml' })))).toBe(
      [
        "configs/model.yaml:1:9: input 'allMovies' of 'movies:filtered': no task 'movies:all_movies' in this chain",
        "  add it to 'tasks' of a config in this namespace, or make the input optional",
        "configs/model.yaml:1:26: no task matches 'moveis.*'",
        "  did you mean 'movies.*'?",
        `configs/model.yaml:2:12: param 'minVotes' of 'movies:filtered': expected number, got "many"`,
      ].join('\n'),
    )
  })
})

test('of thousands of tasks with params of their own, nodes are plain data with the keys of their pre-images', () => {
  const names = Array.from({ length: 1600 }, (_, at) => `p${at}`)
  const first = defineTask({ data: t.number }).run(() => 1)
  const tasks = Object.fromEntries(
    names.map((name) => [
      name,
      defineTask({ inputs: { z: first, a: first }, params: { [name]: t.number } as {}, data: t.number }).run(() => 1),
    ]),
  )
  const values = Object.fromEntries(names.map((name, at) => [name, at]))
  const made = planned(defineProject({ pipelines: { many: { first, ...tasks } } }), { tasks: '**', values })
  expect(made.nodes).toHaveLength(names.length + 1)
  for (const node of made.nodes) {
    expect(node.key).toBe(keyOf(preImageOfNode(made, node)))
    if (node.name !== 'first') expect(node.params).toStrictEqual({ [node.name]: values[node.name] })
    expect(Object.isFrozen(node.params)).toBe(true)
  }
})
