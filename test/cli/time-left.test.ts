import fc from 'fast-check'
import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import { closing, timeLeft, timeLeftText, type WorkAhead } from '../../src/cli/live/time-left.js'
import { afterEvent, noProgress, progressLines, type Progress } from '../../src/cli/render/render-progress.js'
import { summaryLine } from '../../src/cli/render/render-report.js'
import type { RunEvent, RunEventBody, RunReport } from '../../src/runtime/ports/events.js'

const at = (seconds: number, body: RunEventBody): RunEvent => ({ at: seconds * 1000, ...body })
const planned = (earlier: Readonly<Record<string, number | null>>): RunEvent =>
  at(0, { _tag: 'planned', toRun: Object.keys(earlier), toLoad: [], cached: 0, earlier })
const started = (seconds: number, key: string): RunEvent =>
  at(seconds, { _tag: 'started', node: `m:${key}`, key, attempt: 1 })
const computed = (seconds: number, key: string): RunEvent =>
  at(seconds, { _tag: 'computed', node: `m:${key}`, key, seconds: 1, size: 1, path: undefined })

const after = (events: readonly RunEvent[]) => {
  const open = new Map<string, number | null>()
  let state: Progress = noProgress
  for (const event of events) {
    closing(open, event)
    state = afterEvent(state, event)
  }
  return { open, state }
}
const left = (events: readonly RunEvent[], work: WorkAhead, seconds: number): string | undefined => {
  const { open, state } = after(events)
  const found = timeLeft(open, state.running, work, seconds * 1000)
  return found && timeLeftText(found)
}
const work = (slots: number, inputs: Readonly<Record<string, readonly string[]>>): WorkAhead => ({
  slots,
  inputs: new Map(Object.entries(inputs)),
})

describe('how long a run goes on', () => {
  test('is the work for each slot, and no less than the longest way through the graph', () => {
    const earlier = planned({ a: 10, b: 10, c: 10, d: 10 })
    const apart = { a: [], b: [], c: [], d: [] }
    expect(left([earlier], work(1, apart), 0)).toBe('about 40 s left')
    expect(left([earlier], work(2, apart), 0)).toBe('about 20 s left')
    expect(left([earlier], work(4, { a: [], b: ['a'], c: ['b'], d: [] }), 0)).toBe('about 30 s left')
  })

  test('a way leads through what is kept in memory, which nobody times', () => {
    expect(left([planned({ a: 60, c: 60 })], work(8, { a: [], memory: ['a'], c: ['memory'] }), 0)).toBe(
      'about 2 min left',
    )
  })

  test('shrinks while a task runs, and when it has ended', () => {
    const chain = work(1, { a: [], b: ['a'] })
    const events = [planned({ a: 100, b: 20 }), started(0, 'a')]
    expect(left(events, chain, 0)).toBe('about 2 min left')
    expect(left(events, chain, 90)).toBe('about 30 s left')
    expect(left([...events, computed(40, 'a')], chain, 40)).toBe('about 20 s left')
    expect(left([...events, computed(40, 'a'), computed(60, 'b')], chain, 60)).toBeUndefined()
  })

  test('what nobody has timed makes it the least there is; where nothing is known nothing is said', () => {
    expect(left([planned({ a: 30, b: null })], work(1, { a: [], b: [] }), 0)).toBe('at least 30 s left')
    expect(left([planned({ a: null })], work(1, { a: [] }), 0)).toBeUndefined()
    expect(left([], work(1, {}), 0)).toBeUndefined()
  })

  test('a task that takes longer than it did is no reason to promise an end', () => {
    expect(left([planned({ a: 5 }), started(0, 'a')], work(1, { a: [] }), 60)).toBeUndefined()
  })

  test('a count is believed more than an earlier run, from what this run has done of it', () => {
    const events = [
      planned({ a: 5 }),
      started(0, 'a'),
      at(10, { _tag: 'progress', node: 'm:a', key: 'a', done: 900, total: 1000 }), // taken over from a checkpoint
      at(20, { _tag: 'progress', node: 'm:a', key: 'a', done: 910, total: 1000 }),
    ]
    expect(left(events, work(1, { a: [] }), 20)).toBe('about 2 min left')
  })

  test('is said in no more digits than it is good for', () => {
    const said = (seconds: number): string => timeLeftText({ seconds, isLeast: false })
    expect([0.2, 59, 59.6, 3569, 3571, 7800, 200_000].map(said)).toEqual([
      'about 1 s left',
      'about 59 s left',
      'about 1 min left',
      'about 59 min left',
      'about 1 h 00 min left',
      'about 2 h 10 min left',
      'about 2 d 08 h left',
    ])
  })

  test('never grows when something ends, on any graph', () => {
    const graph = fc.array(
      fc.record({ seconds: fc.option(fc.nat(100)), reads: fc.array(fc.nat(20), { maxLength: 3 }) }),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    fc.assert(
      fc.property(graph, fc.integer({ min: 1, max: 4 }), fc.nat(20), (nodes, slots, gone) => {
        const key = (index: number): string => `k${index}`
        const ahead = work(
          slots,
          Object.fromEntries(
            nodes.map(({ reads }, index) => [key(index), reads.filter((read) => read < index).map(key)]),
          ),
        )
        const events = [planned(Object.fromEntries(nodes.map(({ seconds }, index) => [key(index), seconds])))]
        const seconds = (told: readonly RunEvent[]): number => {
          const { open, state } = after(told)
          return timeLeft(open, state.running, ahead, 0)?.seconds ?? 0
        }
        const before = seconds(events)
        expect(seconds([...events, computed(0, key(gone % nodes.length))])).toBeLessThanOrEqual(before)
      }),
    )
  })
})

test('the live block says how long it goes on, at 80 columns beside all that it has to say', () => {
  const { state } = after([planned({ a: 90, b: 30, c: 5 }), started(0, 'a')])
  const screen = { columns: 80, rows: 24, now: 12_000, paint: pc.createColors(false) }
  const seconds = { seconds: 78, isLeast: false }
  expect(progressLines({ ...state, cached: 12 }, { ...screen, left: seconds })).toEqual([
    '░░░░░░░░░░░░░░░░░░░░░░░░  0/3 · 12 cached · 12.0 s · about 1 min left',
    '  ⠋ m:a  12.0 s of about 1 min 30 s',
  ])
  expect(
    progressLines({ ...state, cached: 12_000, loaded: 5_000, failed: 3, skipped: 12 }, { ...screen, left: seconds })[0],
  ).toMatch(/^█+ {2}15\/15 · 5000 loaded · 12000 cached · 3 failed · 12 skipped · 12\.0 s · ab…$|about 1 min left$/)
  expect(progressLines({ ...state, stopping: true }, { ...screen, left: seconds })[0]).not.toContain('left')
})

test('the summary says what was saved, from a second on, and not more than is known', () => {
  const report: RunReport = {
    computed: [],
    adopted: [],
    loaded: [],
    cached: ['a'],
    drifted: [],
    stale: [],
    failed: [],
    skipped: [],
    unfinished: [],
    stopped: false,
    seconds: 0.2,
  }
  const end = (saved: RunReport['saved'] & {}): string => summaryLine({ ...report, saved }).replace(/^.* in /, '')
  expect(end({ seconds: 7800, unknown: 0 })).toBe('0.2 s, saved about 2 h 10 min')
  expect(end({ seconds: 7800, unknown: 2 })).toBe('0.2 s, saved at least 2 h 10 min')
  expect(end({ seconds: 0.9, unknown: 0 })).toBe('0.2 s')
  expect(summaryLine(report)).toBe('0 computed, 0 loaded, 1 cached, 0 failed in 0.2 s')
})
