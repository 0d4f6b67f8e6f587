// Maps reach `run` in the order of the file, whichever way they come; the key does not depend on it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, taskchain, write } from './fixture.js'

const files = {
  'package.json': '{ "type": "module" }',
  'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as fits from './fits.js'
export default defineProject({ pipelines: { fits: { bounds: fits.bounds, object: fits.objects, after: fits.after } }, objects: { Model: fits.Model }, globals: { DIR: '/d' } })
`,
  'fits.js': `import * as t from 'io-ts'
import { appendFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { defineObject, defineTask, object, param } from 'taskchain'

export const Model = defineObject('Model', { args: { limits: t.record(t.string, t.unknown) } }).create(({ limits }) => ({ names: Object.keys(limits) }))
const said = (name, value) => { appendFileSync('calls.txt', name + (isMainThread ? '' : ' thread') + '\\n'); return value }
const deep = (value) => typeof value !== 'object' || value === null ? value : Array.isArray(value) ? value.map(deep) : Object.entries(value).map(([name, part]) => [name, deep(part)])
export const bounds = defineTask({ params: { bounds: param(t.record(t.string, t.unknown), { default: { z: 1, a: 2 } }) }, data: t.unknown }).run(({ bounds }) => said('bounds', JSON.stringify(deep(bounds))))
export const objects = defineTask({ params: { model: object(Model) }, data: t.array(t.string) }).run(({ model }) => said('object', model.names))
export const after = defineTask({ inputs: { bounds }, data: t.unknown }).run(({ bounds }) => bounds)
`,
  'configs/a.yaml': `tasks: fits.*
bounds: {k0: [0, 1], κ1: {z: 1, b: {y: 1, c: 2}}, c1: 1, a1: '{DIR}/x'}
model: {class: Model, kwargs: {limits: {k0: 1, κ1: 2, c1: 3, a1: '{DIR}/x'}}}
`,
  'configs/sorted.yaml': `tasks: fits.*
bounds: {a1: '{DIR}/x', c1: 1, k0: [0, 1], κ1: {b: {c: 2, y: 1}, z: 1}}
model: {class: Model, kwargs: {limits: {a1: '{DIR}/x', c1: 3, k0: 1, κ1: 2}}}
`,
  'configs/json.json':
    '{"tasks": "fits.*", "bounds": {"y": 1, "b": 2}, "model": {"class": "Model", "args": [{"y": 1, "b": 2}]}}',
  'configs/default.yaml': 'tasks: fits.bounds\n',
  'configs/merged.yaml': `tasks: [fits.bounds, fits.after]
x-one: &one {y: 1, x: 2}
x-two: &two {x: 3, w: 4}
bounds: {own: 1, x: 9, <<: [*one, *two]}
`,
  'late.yaml': 'bounds: {q: 1, b: 2}\nmodel.kwargs.limits.z: 1\nmodel.kwargs.limits.b: 2\n',
}

let folder = ''
beforeAll(builtOnce, 120_000)
beforeEach(() => write((folder = emptyFolder()), files))
afterEach(() => remove(folder))
afterAll(() => remove(folder))

const run = async (...args: readonly string[]): Promise<void> => {
  const { code, out, err } = await taskchain(folder, ['run', ...args])
  expect({ code, out: code === 0 ? '' : out + err }).toEqual({ code: 0, out: '' })
}
const shown = async (config: string, task: string, ...args: readonly string[]): Promise<unknown> => {
  const { out } = await taskchain(folder, ['show', config, task, '--json', ...args])
  return (JSON.parse(out) as { readonly value: unknown }).value
}
const names = (text: unknown): readonly string[] =>
  (JSON.parse(text as string) as readonly [string, unknown][]).map(([name]) => name)

const inFile = JSON.stringify([
  ['k0', [0, 1]],
  [
    'κ1',
    [
      ['z', 1],
      [
        'b',
        [
          ['y', 1],
          ['c', 2],
        ],
      ],
    ],
  ],
  ['c1', 1],
  ['a1', '/d/x'],
])

describe('maps reach run and constructors in the order of the file', () => {
  test.each([['in this process'], ['on threads', '--executor', 'workers']])('%s', async (_, ...executor) => {
    await run('a', ...executor)
    expect(await shown('a', 'bounds')).toBe(inFile)
    expect(await shown('a', 'after')).toBe(inFile)
    expect(await shown('a', 'object')).toEqual(['k0', 'κ1', 'c1', 'a1'])
  })

  test('the same values in another order are the same result, which is not computed again', async () => {
    await run('a')
    const { out } = await taskchain(folder, ['plan', 'sorted', '--json'])
    const states = (JSON.parse(out) as { readonly nodes: readonly { readonly state: string }[] }).nodes.map(
      ({ state }) => state,
    )
    expect(states).toEqual(['cached', 'cached', 'cached'])
    await run('sorted', '--store', 'other')
    expect(names(await shown('sorted', 'bounds', '--store', 'other'))).toEqual(['a1', 'c1', 'k0', 'κ1'])
  })

  test('of JSON, of defaults, and of merge keys, which come first', async () => {
    for (const config of ['json', 'default', 'merged']) await run(config)
    expect(names(await shown('json', 'bounds'))).toEqual(['y', 'b'])
    expect(await shown('json', 'object')).toEqual(['y', 'b'])
    expect(names(await shown('default', 'bounds'))).toEqual(['z', 'a'])
    expect(names(await shown('merged', 'bounds'))).toEqual(['x', 'w', 'y', 'own'])
  })

  test('of contexts and --set, which add in their own order', async () => {
    await run('a', '--context', 'late.yaml')
    expect(names(await shown('a', 'bounds', '--context', 'late.yaml'))).toEqual(['q', 'b'])
    expect(await shown('a', 'object', '--context', 'late.yaml')).toEqual(['k0', 'κ1', 'c1', 'a1', 'z', 'b'])
    const set = ['--set', 'bounds={m: 1, d: 2}', '--set', 'bounds.zz=1', '--set', 'bounds.b=1']
    await run('a', ...set)
    expect(names(await shown('a', 'bounds', ...set))).toEqual(['m', 'd', 'zz', 'b'])
  })

  test('of a sweep', async () => {
    const { code } = await taskchain(folder, ['sweep', 'a', '--set', 'bounds={y: 1, b: 2},{x: 1, b: 2}', '--yes'])
    expect(code).toBe(0)
    expect(names(await shown('a', 'bounds', '--set', 'bounds={x: 1, b: 2}'))).toEqual(['x', 'b'])
  })
})
