import { expect, it, vi } from 'vitest'
import { after, systemClock } from '../../src/runtime/session/system-clock.js'
import { manualClock } from './manual-clock.js'

it('a manual clock stands still until it is told to go on, and ends waits in their order', async () => {
  const clock = manualClock(1000)
  const order: string[] = []
  const wait = async (milliseconds: number): Promise<void> => {
    await clock.wait(milliseconds)
    order.push(`${milliseconds} at ${clock.now()}`)
    if (milliseconds === 10) await wait(5)
  }
  const all = Promise.all([wait(30), wait(10), wait(20)])
  await clock.advance(9)
  expect([order, clock.now(), clock.elapsed(), clock.waiting]).toEqual([[], 1009, 9, 3])
  await clock.advance(100)
  await all
  expect(order).toEqual(['10 at 1010', '5 at 1015', '20 at 1020', '30 at 1030'])
  expect([clock.now(), clock.waiting]).toEqual([1109, 0])
})

it('waits end with their signal, on both clocks', async () => {
  for (const clock of [manualClock(), systemClock]) {
    const controller = new AbortController()
    const waiting = clock.wait(1e6, controller.signal)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(clock.wait(0, controller.signal)).rejects.toThrow('enough')
  }
  await systemClock.wait(0)
  expect(systemClock.elapsed()).toBeGreaterThan(0)
})

it('times that are longer than a timer can count are waited for in full', () => {
  vi.useFakeTimers()
  try {
    const called: string[] = []
    after(2 ** 31 + 1000, () => called.push('25 days'))
    after(Infinity, () => called.push('never'))
    after(2 ** 31 + 1000, () => called.push('forgotten'))()
    vi.advanceTimersByTime(2 ** 31 + 999)
    expect(called).toEqual([])
    vi.advanceTimersByTime(1)
    expect(called).toEqual(['25 days'])
  } finally {
    vi.useRealTimers()
  }
})
