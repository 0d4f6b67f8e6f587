import * as t from 'io-ts'
import { expect, test } from 'vitest'
import type { ConfigValue } from '../../src/config/config-types.js'
import { matching } from '../../src/declare/input.js'
import { param } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { diffPlans, samePlan } from '../../src/plan/inspect/diff-plans.js'
import { planned } from './fixtures.js'

const source = defineTask({
  params: { file: t.string, verbose: param(t.boolean, { default: false, ignorePersistence: true }) },
  data: t.number,
}).run(() => 1)
const middle = defineTask({ inputs: { source }, data: t.number }).run(() => 1)
const last = defineTask({
  inputs: { middle, all: matching(/source|extra/, t.number) },
  params: { list: t.array(t.number) },
  data: t.number,
}).run(() => 1)
const extra = defineTask({ data: t.number }).run(() => 1)
const project = defineProject({ pipelines: { p: { source, middle, last }, q: { extra } } })
const planWith = (values: Readonly<Record<string, ConfigValue>>, tasks: readonly string[] = ['p.*']) =>
  planned(project, { tasks, values: { file: 'a', list: [1], ...values } })
const before = planWith({})

test('equal plans differ in nothing', () => {
  expect(diffPlans(before, planWith({ list: [1] }))).toEqual({ added: [], removed: [], changed: [] })
  expect(samePlan(before, planWith({}))).toBe(true)
})

test('a changed value is a root; what reads it is a consequence', () => {
  const { changed } = diffPlans(before, planWith({ file: 'b' }))
  expect(
    changed.map(({ id, cause, keyChanged, params, inputs }) => ({
      id,
      cause,
      keyChanged,
      params,
      inputs: inputs.map(({ role, rebound }) => ({ role, rebound })),
    })),
  ).toEqual([
    {
      id: 'p:source',
      cause: 'root',
      keyChanged: true,
      params: [{ name: 'file', before: 'a', after: 'b', inKey: true }],
      inputs: [],
    },
    {
      id: 'p:middle',
      cause: 'consequence',
      keyChanged: true,
      params: [],
      inputs: [{ role: 'source', rebound: false }],
    },
    {
      id: 'p:last',
      cause: 'consequence',
      keyChanged: true,
      params: [],
      inputs: [
        { role: 'middle', rebound: false },
        { role: 'all', rebound: false },
      ],
    },
  ])
  expect(samePlan(before, planWith({ file: 'b' }))).toBe(false)
})

test('a value that is not in the key changes no key', () => {
  expect(diffPlans(before, planWith({ verbose: true })).changed).toMatchObject([
    {
      id: 'p:source',
      cause: 'root',
      keyChanged: false,
      params: [{ name: 'verbose', before: false, after: true, inKey: false }],
      inputs: [],
    },
  ])
})

test('new and missing nodes are told, and inputs that are bound to others', () => {
  const more = planWith({}, ['p.*', 'q.*'])
  const { added, removed, changed } = diffPlans(before, more)
  expect([added, removed]).toEqual([['q:extra'], []])
  expect(changed).toMatchObject([
    {
      id: 'p:last',
      cause: 'root',
      inputs: [
        {
          role: 'all',
          rebound: true,
          before: { 'p:source': 'p:source' },
          after: { 'p:source': 'p:source', 'q:extra': 'q:extra' },
        },
      ],
    },
  ])
  expect(diffPlans(more, before).removed).toEqual(['q:extra'])
})

test('versions and formats count', () => {
  const other = defineProject({
    pipelines: { p: { source: defineTask({ params: { file: t.string }, data: t.number, version: 2 }).run(() => 1) } },
  })
  const one = defineProject({
    pipelines: { p: { source: defineTask({ params: { file: t.string }, data: t.number }).run(() => 1) } },
  })
  const plans = [one, other].map((each) => planned(each, { tasks: 'p.*', values: { file: 'a' } }))
  expect(diffPlans(plans[0] as never, plans[1] as never).changed).toMatchObject([
    { cause: 'root', version: { before: undefined, after: 2 } },
  ])
})

test('where a value stands is outside equality', () => {
  const moved = planned(project, { tasks: 'p.*', values: { 'x-first': 0, file: 'a', list: [1] } })
  expect(moved.origins).not.toEqual(before.origins)
  expect(samePlan(before, moved)).toBe(true)
})
