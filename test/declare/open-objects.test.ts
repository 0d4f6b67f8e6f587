import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { anyValue, defineObject, defineTask, object, param } from '../../src/index.js'
import { planOf, testTask } from '../../src/testing/index.js'

const Tree = defineObject('Tree', {
  args: { maxDepth: param(t.number, { default: 2 }), leaf: param(t.number, { nameInConfig: 'min_leaf' }) },
}).create((args) => ({ tree: args }))
const Open = defineObject('Open', {
  args: { maxDepth: param(t.number, { default: 2, omitDefault: true }) },
  rest: t.array(t.number),
}).create((args) => ({ open: args }))
const Any = defineObject('Any', { rest: anyValue }).create(({ rest }) => ({ any: rest }))
const shows = defineTask({ params: { value: anyValue }, data: t.unknown }).run(({ value }) => value)
const objects = { Tree, Open, Any }
const made = (value: unknown) => testTask(shows, { params: { value }, objects })
const planned = (value: unknown) => {
  const [node] = planOf({ tasks: { p: { shows } }, params: { value }, objects }).nodes
  return { params: node?.params['value'], key: node?.key }
}

describe('arguments of objects', () => {
  test('are snake case in configs; the name in code means the same, with the same key', async () => {
    const said = [
      { class: 'Tree', kwargs: { max_depth: 3, min_leaf: 4 } },
      { class: 'Tree', kwargs: { maxDepth: 3, leaf: 4 } },
      { class: 'Tree', args: [3, 4] },
    ]
    for (const one of said) {
      expect(await made(one)).toEqual({ tree: { maxDepth: 3, leaf: 4 } })
      expect(planned(one)).toEqual(planned(said[0]))
    }
    expect(planned(said[0]).params).toEqual({ class: 'Tree', kwargs: { maxDepth: 3, leaf: 4 } }) // as plans have always had it
  })

  test('that the class does not name go to rest, and into the key', async () => {
    expect(await made({ class: 'Open', kwargs: { max_depth: 3, a: [1], maxDepths: [2, 3] } })).toEqual({
      open: { maxDepth: 3, rest: { a: [1], maxDepths: [2, 3] } },
    })
    expect(await made({ class: 'Open' })).toEqual({ open: { maxDepth: 2, rest: {} } })
    expect(await made(Open.of({ rest: { a: [1] } }))).toEqual({ open: { maxDepth: 2, rest: { a: [1] } } })
    const keys = [{}, { a: [1] }, { a: [2] }, { b: [1] }].map((kwargs) => planned({ class: 'Open', kwargs }).key)
    expect(new Set(keys).size).toBe(4)
    expect(planned({ class: 'Open', kwargs: { b: [1], a: [1] } }).key).toBe(
      planned({ class: 'Open', kwargs: { a: [1], b: [1] } }).key,
    )
    await expect(made({ class: 'Open', kwargs: { a: 1 } })).rejects.toThrow(/\/a/)
    await expect(made({ class: 'Open', args: [1, 2] })).rejects.toThrow('takes at most 1 arguments')
  })

  test.each(['api_key', 'apiKey'])('a secret stays hidden when it is called %s', (name) => {
    const Client = defineObject('Client', { args: { apiKey: param(t.string, { secret: true }) } }).create(
      (args) => args,
    )
    const calls = defineTask({ params: { client: object(Client), limit: t.unknown }, data: t.unknown }).run(() => null)
    const config = { client: { class: 'Client', kwargs: { [name]: 'sk-98765' } } }
    const plan = planOf({ tasks: { p: { calls } }, params: { ...config, limit: 1 } })
    expect(plan.nodes[0]?.params['client']).toEqual({ class: 'Client', kwargs: { apiKey: { secret: true } } })
    expect(JSON.stringify(plan)).not.toContain('sk-98765')
    expect(() =>
      planOf({ tasks: { p: { calls } }, params: { ...config, limit: 1, tasks: 'sk-98765.*' }, objects: { Client } }),
    ).toThrow(/\*\*\*/)
    expect(() =>
      planOf({ tasks: { p: { calls } }, params: { ...config, limit: 1, tasks: 'sk-98765.*' }, objects: { Client } }),
    ).not.toThrow(/98765/)
  })

  test('one that would be told from the rest by nothing is refused', () => {
    const Twice = defineObject('Twice', { args: { rest: t.number }, rest: t.number }).create(() => 1)
    expect(() => planOf({ tasks: { p: { shows } }, params: { value: 1 }, objects: { Twice } })).toThrow(/'rest'/)
  })
})

describe('any value', () => {
  test('is what the config says, with objects made wherever it says some', async () => {
    const said = {
      list: [1, 'a', null, { class: 'Tree', kwargs: { min_leaf: 1 } }],
      deep: { er: { class: 'Any', kwargs: { inner: { class: 'Open' }, plain: { x: [true] } } } },
    }
    expect(await made(said)).toEqual({
      list: [1, 'a', null, { tree: { maxDepth: 2, leaf: 1 } }],
      deep: { er: { any: { inner: { open: { maxDepth: 2, rest: {} } }, plain: { x: [true] } } } },
    })
    expect(await made({ class: 'Tree', kwargs: { min_leaf: 1 } })).toEqual({ tree: { maxDepth: 2, leaf: 1 } })
    for (const plain of [1, 'text', null, [], {}, { classes: 'Tree' }, { class: 3 }])
      expect(await made(plain)).toEqual(plain)
  })

  test('takes ready objects in tests, and tells mistakes with their place', async () => {
    const ready = { learn: () => 7 }
    const learns = defineTask({ params: { value: anyValue }, data: t.number }).run(({ value }) =>
      (value as { models: [typeof ready] }).models[0].learn(),
    )
    expect(await testTask(learns, { params: { value: { models: [ready] } } })).toBe(7)
    expect(() => planned({ a: [{ class: 'Tee' }] })).toThrow(/unknown class 'Tee'\n.*'Tree'/)
    expect(() => planned({ a: [{ class: 'Tree', kwargs: { min_leaf: 'x', more: 1 } }] })).toThrow(
      /at \/a\/0: Tree has no argument 'more'[^]*at \/a\/0\/leaf: expected number/,
    )
  })

  test('a param of one class still takes no other', async () => {
    const one = defineTask({ params: { model: object(Tree) }, data: t.unknown }).run(({ model }) => model)
    await expect(testTask(one, { params: { model: { class: 'Open' } }, objects })).rejects.toThrow(
      /unknown class 'Open'/,
    )
  })
})
