// What tasks take while they run: checked in planning, handed out in runs, shared by runs of one session.
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { defineProject } from '../../src/declare/project.js'
import { readAmount, type Resources } from '../../src/base/resource-amounts.js'
import { defineTask } from '../../src/declare/task.js'
import { planOf } from '../../src/testing/plan-of.js'
import { open } from './fixture.js'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
let [now, peak] = [0, 0]
/** Runs for a few turns, and counts how many do at once. */
const working = async <A>(value: A): Promise<A> => {
  peak = Math.max(peak, ++now)
  for (let left = 5; left > 0; left--) await turn()
  now--
  return value
}
const needing = (resources: Resources) => defineTask({ data: t.number, resources }).run(() => working(1))
const five = (resources: Resources) =>
  Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, needing(resources)]))
const opened = (tasks: Readonly<Record<string, object>>, has: Resources, concurrency = 5) =>
  open({ p: tasks }, {}, { project: defineProject({ pipelines: { p: tasks }, resources: has }), concurrency })

test.each(['', 'a b', 'g:pu', 1, null])('a queue called %j is refused by planning', (queue) => {
  const task = defineTask({ data: t.number, resources: { queue: queue as string } }).run(() => 1)
  expect(() => planOf({ tasks: { p: { task } } })).toThrow('resources: queue: expected a name of letters')
})

test.each(['', 'threads', 1, null])('a pool called %j is refused by planning', (pool) => {
  const task = defineTask({ data: t.number, resources: { pool: pool as 'main' } }).run(() => 1)
  expect(() => planOf({ tasks: { p: { task } } })).toThrow("resources: pool: expected 'main', 'thread' or 'process'")
})

test('a queue is no amount, and the project has none', () => {
  const task = defineTask({ data: t.number, resources: { queue: 'gpu', gpu: 1 } }).run(() => 1)
  const plan = (resources: Resources) => planOf({ tasks: defineProject({ pipelines: { p: { task } }, resources }) })
  expect(plan({ gpu: 1 }).nodes).toHaveLength(1)
  expect(() => plan({ gpu: 1, queue: 'gpu' } as never)).toThrow("resources: queue: 'gpu' is not a size")
})

describe('in a run', () => {
  test.each([
    [{ gpu: 1 }, { gpu: 1 }, 1],
    [{ gpu: 1 }, { gpu: 2 }, 2],
    [{ memory: '4 GB' }, { memory: '10GB' }, 2],
    [{ memory: '4 GB', gpu: 1 }, { memory: '64 GB', gpu: 3 }, 3],
    [{}, {}, 5],
    [{ memory: '1000 TB' }, {}, 1],
  ] as const)('five tasks that ask for %j of %j: %i at once', async (resources, has, expected) => {
    peak = 0
    const { chain } = opened(five(resources), has)
    expect((await chain.run()).computed).toHaveLength(5)
    expect(peak).toBe(expected)
  })

  test('events say what is waited for', async () => {
    const { chain, events } = opened({ a: needing({ gpu: 1 }), b: needing({ gpu: 1 }) }, { gpu: 1 })
    await chain.run()
    const waits = events.flatMap((event) =>
      event._tag === 'waiting' ? [[event.node, event.holder, event.unserved]] : [],
    )
    expect(waits).toEqual([['p:b', 'gpu', true]])
  })

  test('a task that asks an object for the value of another has its own free meanwhile', async () => {
    const a = needing({ gpu: 1 })
    const b = defineTask({ inputs: { a }, data: t.number, resources: { gpu: 1 } }).run(async (_, { inputs }) => {
      return (await inputs.a.value()) + 1
    })
    const { chain } = opened({ a, b }, { gpu: 1 })
    expect(await chain.value('b')).toBe(2)
  })

  test('what fails gives back what it had', async () => {
    const bad = defineTask({ data: t.number, resources: { gpu: 1 } }).run((): number => {
      throw new Error('no')
    })
    const { chain } = opened({ bad, good: needing({ gpu: 1 }) }, { gpu: 1 })
    const report = await chain.run()
    expect([report.failed.length, report.computed]).toEqual([1, ['p:good']])
  })
})

test('several runs of one session share what there is', async () => {
  peak = 0
  const { chain } = opened(five({ gpu: 1 }), { gpu: 2 })
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => chain.value(name)))
  expect(peak).toBe(2)
})

describe('in planning', () => {
  const planWith =
    (resources: Resources, has: Resources = {}) =>
    () => {
      const tasks = { train: needing(resources), other: needing({}) }
      return planOf({ tasks: defineProject({ pipelines: { p: tasks }, resources: has }) })
    }
  test.each([
    [{ gpu: 2 }, { gpu: 1 }, "task 'p:train': it requests 2 of gpu, but the project has 1"],
    [{ gpu: 1 }, {}, "task 'p:train': it requests 1 of gpu, which the project does not declare"],
    [{ memory: '8 GB' }, { memory: '4 GB' }, 'it requests 8 GB of memory, but the project has 4 GB'],
    [{ gpu: -1 }, { gpu: 1 }, 'resources: gpu: -1 is not an amount'],
    [{ gpu: Number.NaN }, { gpu: 1 }, 'resources: gpu: NaN is not an amount'],
    [{ memory: '4 XB' as '4 GB' }, {}, "resources: memory: '4 XB' is not a size"],
    [{ 'a b': 1 }, {}, "a resource cannot be called 'a b'"],
    [{}, { gpu: 'many' as '1 GB' }, "task 'defineProject': resources: gpu: 'many' is not a size"],
  ] as const)('%j of %j is an error by name', (asked, has, message) => {
    expect(planWith(asked, has)).toThrow(message)
  })

  test('they are not part of the key', () => {
    const [one, other] = [planWith({}), planWith({ gpu: 1 }, { gpu: 1 })].map((plan) =>
      plan().nodes.map(({ key }) => key),
    )
    expect(one).toEqual(other)
  })
})

test('sizes', () => {
  const amounts = ['4 GB', '4GiB', '1.5 kB', '2 TB'].map(readAmount)
  expect(amounts).toEqual([4e9, 2 ** 32, 1500, 2e12].map((amount) => ({ amount })))
})

test('a run begins with what took longest before: its own, or other results of the task', async () => {
  const order: string[] = []
  const step = (name: string, turns: number) =>
    defineTask({ params: { by: t.number }, data: t.number }).run(async ({ by }) => {
      order.push(name)
      await new Promise((resolve) => setTimeout(resolve, turns))
      return by
    })
  const tasks = { a: step('a', 0), b: step('b', 0), c: step('c', 60) }
  const store = memoryStore()
  const first = open({ p: tasks }, { params: { by: 1 } }, { store, concurrency: 1 })
  await first.chain.run()
  expect(order).toEqual(['a', 'b', 'c'])
  order.length = 0
  await open({ p: tasks }, { params: { by: 2 } }, { store, concurrency: 1 }).chain.run()
  expect(order[0]).toBe('c')
})
