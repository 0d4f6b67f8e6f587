import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ItemsFailed, parallelMap } from '../../src/helpers/index.js'

test('results come in the order of the items, and never more are under way than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 6 }),
      async (turns, concurrency) => {
        let running = 0
        let most = 0
        const results = await parallelMap(
          turns,
          async (count, index) => {
            most = Math.max(most, ++running)
            for (let turn = 0; turn < count; turn++) await setImmediate()
            running--
            return [count, index]
          },
          { concurrency },
        )
        expect(results).toEqual(turns.map((count, index) => [count, index]))
        expect(most).toBeLessThanOrEqual(concurrency)
      },
    ),
    { numRuns: 40 },
  )
})

test('any iterable will do, and functions without promises', async () => {
  expect(await parallelMap(new Set(['a', 'b']), (item) => item.toUpperCase())).toEqual(['A', 'B'])
  expect(await parallelMap([], () => 1)).toEqual([])
})

test('progress is told after each item, and may fail', async () => {
  const told: (readonly [number, number])[] = []
  const progress = (done: number, total: number): void => {
    told.push([done, total])
    throw new Error('a broken listener')
  }
  expect(await parallelMap([1, 2, 3], (n) => n, { concurrency: 1, progress })).toEqual([1, 2, 3])
  expect(told).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ])
})

test('after a failure nothing new is started, what runs is waited for, and every failure is told with its item', async () => {
  const ended: number[] = []
  const work = parallelMap(
    [{ id: 0 }, { id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }],
    async ({ id }) => {
      for (let turn = 0; turn < 3 - id; turn++) await setImmediate()
      ended.push(id)
      if (id === 0 || id === 2) throw new Error(`no ${id}`)
    },
    { concurrency: 3 },
  )
  const problem = await work.then(
    () => expect.unreachable(),
    (cause: unknown) => cause as ItemsFailed<{ id: number }>,
  )
  expect(problem).toBeInstanceOf(AggregateError)
  expect(problem._tag).toBe('ItemsFailed')
  expect(problem.failures).toEqual([
    { index: 0, item: { id: 0 }, cause: new Error('no 0') },
    { index: 2, item: { id: 2 }, cause: new Error('no 2') },
  ])
  expect(problem.errors).toEqual([new Error('no 0'), new Error('no 2')])
  expect(problem.notStarted).toBe(2)
  expect(problem.message).toBe('2 items failed; 2 not started: item 0 ({"id":0}): no 0; item 2 ({"id":2}): no 2')
  expect(ended.toSorted()).toEqual([0, 1, 2])
})

test('an abort starts nothing more, waits for what runs and rejects with its reason', async () => {
  const controller = new AbortController()
  const ended: number[] = []
  const work = parallelMap(
    [0, 1, 2, 3],
    async (n) => {
      if (n === 1) controller.abort(new Error('enough'))
      await setImmediate()
      ended.push(n)
    },
    { concurrency: 2, signal: controller.signal },
  )
  await expect(work).rejects.toThrow('enough')
  expect(ended).toEqual([0, 1])
})

test('an abort after the last item changes nothing', async () => {
  const controller = new AbortController()
  const progress = (done: number, total: number): void => {
    if (done === total) controller.abort()
  }
  expect(await parallelMap([1, 2], (n) => n, { concurrency: 1, progress, signal: controller.signal })).toEqual([1, 2])
})

test.each([0, -1, Number.NaN])('a concurrency of %d is refused', async (concurrency) => {
  await expect(parallelMap([1], (n) => n, { concurrency })).rejects.toThrow(RangeError)
})
