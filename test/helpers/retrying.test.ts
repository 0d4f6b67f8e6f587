import { expect, test } from 'vitest'
import { delays, retrying, type RetryPolicy } from '../../src/helpers/index.js'

/** A policy whose waits are written down instead of waited. */
const noted = (policy: RetryPolicy) => {
  const waits: number[] = []
  const wait = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds)
  }
  return { policy: { wait, ...policy }, waits }
}
/** Fails so many times, then gives the number of calls. */
const failing = (times: number) => {
  let calls = 0
  return async (word = 'call'): Promise<string> => {
    if (++calls <= times) throw new Error(`${word} ${calls}`)
    return `${word} ${calls}`
  }
}

test('delays grow by the factor up to the longest', () => {
  expect(delays({ attempts: 4 })).toEqual([200, 400, 800])
  expect(delays({ attempts: 6, delay: 10, factor: 10, maxDelay: 5_000 })).toEqual([10, 100, 1_000, 5_000, 5_000])
  expect(delays({ attempts: 1 })).toEqual([])
})

test.each([0, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY])('%d attempts are refused', (attempts) => {
  expect(() => retrying(failing(0), { attempts })).toThrow(RangeError)
})

test('a call is tried again with its arguments until it succeeds', async () => {
  const { policy, waits } = noted({ attempts: 5, delay: 1 })
  expect(await retrying(failing(2), policy)('try')).toBe('try 3')
  expect(waits).toEqual([1, 2])
})

test('the last failure is given as it is', async () => {
  const { policy, waits } = noted({ attempts: 3 })
  await expect(retrying(failing(9), policy)()).rejects.toThrow('call 3')
  expect(waits).toEqual([200, 400])
})

test('each call has its own attempts', async () => {
  const { policy } = noted({ attempts: 2 })
  const ask = retrying(failing(3), policy)
  await expect(ask()).rejects.toThrow('call 2')
  expect(await ask()).toBe('call 4')
})

test('failures that are not worth it end at once; the others are told', async () => {
  const told: unknown[] = []
  const { policy, waits } = noted({
    attempts: 9,
    when: (problem, attempt) => problem instanceof Error && attempt < 3,
    onRetry: (problem, attempt, delay) => told.push([(problem as Error).message, attempt, delay]),
  })
  await expect(retrying(failing(9), policy)()).rejects.toThrow('call 3')
  expect([told, waits.length]).toEqual([
    [
      ['call 1', 1, 200],
      ['call 2', 2, 400],
    ],
    2,
  ])
})

test('an abort ends the wait and all tries', async () => {
  const controller = new AbortController()
  const fn = failing(9)
  const ask = retrying(fn, {
    attempts: 9,
    delay: 60_000,
    signal: controller.signal,
    onRetry: () => queueMicrotask(() => controller.abort(new Error('stop'))),
  })
  await expect(ask()).rejects.toThrow('stop')
  await expect(ask()).rejects.toThrow('stop')
  await expect(fn()).rejects.toThrow('call 2') // one call before the abort, none after
})
