// Tasks that read the world: computed again when they are due, and what reads them only where the content is another.
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { inMemory } from '../../src/declare/format.js'
import { readPeriod, type Refresh } from '../../src/declare/refresh.js'
import { defineTask } from '../../src/declare/task.js'
import { planOf } from '../../src/testing/plan-of.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { dueAt } from '../../src/runtime/code-drift/refresh-due.js'
import { open } from './fixture.js'
import { manualClock } from './manual-clock.js'

const hour = 3_600_000
const world = { rate: 1 }
const ran: string[] = []
const counted = <A>(name: string, value: A): A => {
  ran.push(name)
  return value
}

const pipeline = (refresh: Refresh) => {
  const rate = defineTask({ data: t.number, refresh }).run(() => counted('rate', world.rate))
  const sign = defineTask({ inputs: { rate }, data: t.number }).run(({ rate }) => counted('sign', Math.sign(rate)))
  const label = defineTask({ inputs: { sign }, data: t.string }).run(({ sign }) => counted('label', `s${sign}`))
  const tenfold = defineTask({ inputs: { rate }, data: t.number }).run(({ rate }) => counted('tenfold', 10 * rate))
  return { rate, sign, label, tenfold }
}

const daily: Refresh = { after: '1 day' }
const session = (store: Store, clock = manualClock(), refresh: Refresh = daily) =>
  open({ p: pipeline(refresh) }, {}, { store, clock })
const runOf = async ({ chain }: ReturnType<typeof session>, wanted?: readonly string[]): Promise<readonly string[]> => {
  ran.length = 0
  expect((await chain.run(wanted)).failed).toEqual([])
  return ran.toSorted()
}
const stored = async (refresh: Refresh = daily) => {
  world.rate = 1
  const store = memoryStore()
  await runOf(session(store, manualClock(0), refresh))
  return store
}

describe('a task that is computed again after a day', () => {
  test('is served before that', async () => {
    world.rate = 2
    const store = await stored()
    expect(await runOf(session(store, manualClock(23 * hour)))).toEqual([])
  })

  test('is computed again after it, and with it what reads another content; the rest stays as it is', async () => {
    const store = await stored()
    world.rate = 2
    expect(await runOf(session(store, manualClock(24 * hour)))).toEqual(['rate', 'sign', 'tenfold'])
    expect(await runOf(session(store, manualClock(25 * hour)))).toEqual([])
  })

  test('keeps everything below it where it comes to the same content', async () => {
    const store = await stored()
    expect(await runOf(session(store, manualClock(30 * hour)), ['label', 'tenfold'])).toEqual(['rate'])
  })

  test('becomes due in a session that goes on, for values that are in memory too, but not twice in one run', async () => {
    const clock = manualClock()
    const opened = session(await stored(), clock)
    await opened.chain.value('tenfold')
    await clock.advance(23 * hour)
    expect(await runOf(opened)).toEqual([])
    world.rate = 3
    await clock.advance(hour)
    expect(await opened.chain.value('tenfold')).toBe(30)
    expect(await opened.chain.value('rate')).toBe(3)
    expect(ran).toEqual(['rate', 'tenfold'])
  })

  test('is computed once where two sessions find it due at the same time', async () => {
    const store = await stored()
    const both = [session(store, manualClock(48 * hour)), session(store, manualClock(48 * hour))] as const
    ran.length = 0
    await Promise.all(both.map(({ chain }) => chain.value('rate')))
    expect(ran).toEqual(['rate'])
  })

  test('keeps its earlier result where it fails, which is due still', async () => {
    let isDown = false
    const rate = defineTask({ data: t.number, refresh: daily }).run(() => {
      if (isDown) throw new Error('the service is down')
      return 7
    })
    const store = memoryStore()
    const at = (hours: number) => open({ p: { rate } }, {}, { store, clock: manualClock(hours * hour) }).chain
    await at(0).run()
    isDown = true
    expect((await at(24).run()).failed).toHaveLength(1)
    expect(await at(24).task('rate').value({ compute: false })).toBe(7)
    isDown = false
    expect((await at(25).run()).computed).toEqual(['p:rate'])
  })

  test('is due at once where a clock that was wrong has dated it far ahead', async () => {
    const store = await stored()
    await runOf(session(store, manualClock(1000 * hour)))
    expect(await runOf(session(store, manualClock(970 * hour)))).toEqual(['rate'])
    expect(await runOf(session(store, manualClock(971 * hour)))).toEqual([])
  })

  test('says so in states, in why and in the table, with when it is due next', async () => {
    const store = await stored()
    const before = session(store, manualClock(hour)).chain
    const next = new Date(24 * hour).toISOString()
    expect(await before.refreshes()).toMatchObject([{ node: 'p:rate', due: false, next }])
    expect(await before.task('rate').why()).toMatchObject({ state: 'cached', trouble: undefined, refresh: { next } })
    const later = session(store, manualClock(24 * hour)).chain
    expect(Object.fromEntries(await later.states())).toEqual({
      'p:rate': 'stale',
      'p:sign': 'undecided',
      'p:label': 'undecided',
      'p:tenfold': 'undecided',
    })
    expect((await later.task('rate').why()).trouble?.reason).toBe('due for refresh')
    expect((await later.tasks()).map(({ name, refresh }) => [name, refresh?.due])).toContainEqual(['rate', true])
  })

  test('is not taken over from an artifact that was made from equal contents: the world may be another', async () => {
    const day = defineTask({ params: { from: t.number }, data: t.number }).run(() => 1)
    const asked = defineTask({ inputs: { day }, data: t.number, refresh: daily }).run(({ day }) => day * world.rate)
    const store = memoryStore()
    const at = (from: number) =>
      open({ p: { day, asked } }, { params: { from } }, { store, clock: manualClock(0) }).chain
    world.rate = 1
    await at(1).run()
    world.rate = 2
    const second = at(2)
    expect((await second.run()).computed.toSorted()).toEqual(['p:asked', 'p:day'])
    expect(await second.value('asked')).toBe(2)
  })

  test('where a store has no facts, its run infos say when', async () => {
    const { facts, ...store } = await stored()
    expect(facts).toBeDefined()
    expect(await runOf(session(store, manualClock(hour)))).toEqual([])
    expect(await runOf(session(store, manualClock(24 * hour)))).toContain('rate')
  })
})

describe("a task that says refresh: 'always'", () => {
  test('is computed again in each session, once', async () => {
    const store = await stored('always')
    const next = session(store, manualClock(1000), 'always')
    expect(await runOf(next)).toEqual(['rate'])
    expect(await runOf(next)).toEqual([])
    expect(await next.chain.refreshes()).toMatchObject([{ node: 'p:rate', due: false }])
  })
})

describe('wrong ones', () => {
  const planWith = (refresh: unknown) => () =>
    planOf({ tasks: { p: { a: defineTask({ data: t.number, refresh: refresh as Refresh }).run(() => 1) } } })

  test.each([
    ['sometimes', "refresh is 'sometimes'"],
    [{ after: '1 fortnight' }, "'1 fortnight' is not a length of time"],
    [{ after: '0 days' }, "'0 days' is too short"],
    [{ after: '-1 day' }, "'-1 day' is not a length of time"],
    [{ after: '9999999 weeks' }, 'longer than 1000 years'],
    [{ after: 86400 }, "expected a length of time like '1 day', got 86400"],
    [{ every: '1 day' }, 'refresh is an object'],
    [{ after: '1 day', before: '2 days' }, "refresh has 'before'"],
    [null, 'refresh is null'],
  ])('%j is refused in planning, with what to say', (refresh, problem) => {
    expect(planWith(refresh)).toThrow(problem)
    expect(planWith(refresh)).toThrow("use refresh: 'always' or refresh: { after: '12 hours' }")
  })

  test('so is one of a result that is kept in memory only', () => {
    const a = defineTask({ data: inMemory<number>(), refresh: 'always' }).run(() => 1)
    expect(() => planOf({ tasks: { p: { a } } })).toThrow('kept in memory only')
  })
})

test('lengths of time', () => {
  const read = ['1 second', '1.5 hours', '2 days', '1 week', '90 minutes'].map(readPeriod)
  expect(read).toEqual([1000, 1.5 * hour, 48 * hour, 168 * hour, 1.5 * hour].map((milliseconds) => ({ milliseconds })))
})

test('whatever the clocks say, a result is believed for at most twice its time, and one of just now is not due', () => {
  const time = fc.integer({ min: -8e12, max: 8e12 })
  fc.assert(
    fc.property(time, time, (ended, now) => {
      const due = dueAt(daily, ended, { opened: now, now })
      expect(due).toBeLessThanOrEqual(now + 48 * hour)
      expect(dueAt(daily, now, { opened: now, now })).toBe(now + 24 * hour)
      expect(dueAt('always', now, { opened: now, now })).toBeUndefined()
    }),
  )
})
