import fc from 'fast-check'
import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import type { RunEvent, RunEventBody } from '../../src/runtime/ports/events.js'
import { nextLine, type LastLines } from '../../src/cli/render/render-events.js'
import {
  afterEvent,
  lastingLine,
  noProgress,
  progressLines,
  type Progress,
} from '../../src/cli/render/render-progress.js'
import { textWidth } from '../../src/cli/render/text-width.js'

const paint = pc.createColors(false)
const key = '0'.repeat(32)
const at = (seconds: number, body: RunEventBody): RunEvent => ({ at: seconds * 1000, ...body })
const after = (events: readonly RunEvent[]): Progress => events.reduce(afterEvent, noProgress)
const planned = at(0, { _tag: 'planned', toRun: ['a', 'b', 'c'], toLoad: ['d'], cached: 4 })

describe('the live block', () => {
  test('is empty until the run has been planned', () => {
    expect(progressLines(noProgress, { columns: 80, rows: 24, now: 0, paint })).toEqual([])
  })

  test('shows how far the run is and what runs, longest first', () => {
    const state = after([
      planned,
      at(0, { _tag: 'loaded', node: 'd', key, seconds: 0.1 }),
      at(1, { _tag: 'started', node: 'movies:b', key, attempt: 1 }),
      at(0.5, { _tag: 'started', node: 'movies:a', key, attempt: 2 }),
      at(1.5, { _tag: 'progress', node: 'movies:b', done: 50, total: 200 }),
      at(1.6, { _tag: 'waiting', node: 'movies:c', key, holder: 'box:12' }),
    ])
    expect(progressLines(state, { columns: 80, rows: 24, now: 2000, paint })).toEqual([
      '░░░░░░░░░░░░░░░░░░░░░░░░  0/3 · 1 loaded · 4 cached · 2.0 s',
      '  ⠋ movies:a  1.5 s  attempt 2',
      '  ⠋ movies:b  1.0 s  25 % (50/200)',
      '  · movies:c  waits for box:12',
    ])
  })

  test('what has ended leaves it, and the bar grows', () => {
    const state = after([
      planned,
      at(0, { _tag: 'started', node: 'a', key, attempt: 1 }),
      at(1, { _tag: 'computed', node: 'a', key, seconds: 1, size: 10, path: undefined }),
      at(1, { _tag: 'started', node: 'b', key, attempt: 1 }),
      at(2, { _tag: 'failed', node: 'b', error: { _tag: 'Stopped', node: 'b', reason: 'r' } }),
      at(2, { _tag: 'skipped', node: 'c', because: ['b'] }),
    ])
    expect(progressLines(state, { columns: 80, rows: 24, now: 2000, paint })).toEqual([
      '████████████████████████  3/3 · 4 cached · 1 failed · 1 skipped · 2.0 s',
    ])
  })

  test('says that it is stopping', () => {
    expect(
      progressLines({ ...after([planned]), stopping: true }, { columns: 100, rows: 24, now: 0, paint }).join('\n'),
    ).toContain('stopping; Ctrl-C again to stop at once')
  })

  const node = fc.constantFrom('a', 'movies:b', 'namespace::group:a_rather_long_name_of_a_task', '映画:選択')
  const event: fc.Arbitrary<RunEvent> = fc.oneof(
    fc.record({
      _tag: fc.constant('started' as const),
      at: fc.nat(9000),
      node,
      key: fc.constant(key),
      attempt: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({
      _tag: fc.constant('progress' as const),
      at: fc.nat(9000),
      node,
      done: fc.nat(2e9),
      total: fc.option(fc.nat(2e9), { nil: undefined }),
    }),
    fc.record({
      _tag: fc.constant('waiting' as const),
      at: fc.nat(9000),
      node,
      key: fc.constant(key),
      holder: fc.constant('host:1'),
    }),
    fc.record({
      _tag: fc.constant('computed' as const),
      at: fc.nat(9000),
      node,
      key: fc.constant(key),
      seconds: fc.nat(100),
      size: fc.constant(1),
      path: fc.constant(undefined),
    }),
  )

  test('is never wider than the terminal, never higher than ten lines or the terminal', () => {
    fc.assert(
      fc.property(
        fc.array(event),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 2, max: 120 }),
        fc.integer({ min: 1, max: 40 }),
        (events, many, columns, rows) => {
          const crowd = Array.from({ length: many }, (_, index) =>
            at(1, { _tag: 'started', node: `crowd:task_${index}`, key, attempt: 1 }),
          )
          const lines = progressLines(after([planned, ...events, ...crowd]), { columns, rows, now: 10_000, paint })
          expect(lines.length).toBeLessThanOrEqual(Math.max(1, Math.min(10, rows - 1)))
          for (const line of lines) expect(textWidth(line)).toBeLessThan(columns)
        },
      ),
    )
  })
})

describe('lines that stay above the block', () => {
  const computed = (seconds: number, size: number | undefined): RunEvent =>
    at(1, { _tag: 'computed', node: 'movies:a', key, seconds, size, path: undefined })

  test('what was kept leaves a line, what stays in memory does not', () => {
    expect(lastingLine(noProgress, computed(0.2, 1234), paint)).toBe('computed  movies:a  in 0.2 s, 1.2 kB')
    expect(lastingLine(noProgress, computed(0.2, undefined), paint)).toBeUndefined()
  })

  test('a run of thousands only tells of what took its time', () => {
    const large = { ...noProgress, toRun: 5000 }
    expect(lastingLine(large, computed(0.2, 1), paint)).toBeUndefined()
    expect(lastingLine(large, computed(3, 1), paint)).toBe('computed  movies:a  in 3.0 s, 1 B')
  })
})

describe('lines for a pipe', () => {
  const told = (events: readonly RunEvent[], isVerbose = true): readonly string[] => {
    let state: LastLines = new Map()
    return events.flatMap((event) => {
      const [next, line] = nextLine(state, event, isVerbose)
      state = next
      return line === undefined ? [] : [line]
    })
  }

  test('every event is one line', () => {
    expect(
      told([
        planned,
        at(0, { _tag: 'waiting', node: 'm:a', key, holder: 'box:12' }),
        at(0, { _tag: 'started', node: 'm:a', key, attempt: 1 }),
        at(0, { _tag: 'retrying', node: 'm:a', attempt: 2, delay: 200, problem: 'no\nluck' }),
        at(0, { _tag: 'started', node: 'm:a', key, attempt: 2 }),
        at(0, { _tag: 'computed', node: 'm:a', key, seconds: 0.25, size: 2_000_000, path: 'x' }),
        at(0, { _tag: 'released', node: 'm:a', key }),
        at(0, { _tag: 'loaded', node: 'm:b', key, seconds: 0.01 }),
        at(0, { _tag: 'missed', node: 'm:c', key, reason: 'damaged' }),
        at(0, { _tag: 'unfinished', node: 'm:d', key, reason: 'budget' }),
        at(0, {
          _tag: 'failed',
          node: 'm:e',
          error: { _tag: 'TaskFailed', node: 'm:e', attempts: 1, cause: new Error('boom'), log: undefined },
        }),
        at(0, { _tag: 'skipped', node: 'm:f', because: ['m:e'] }),
      ]),
    ).toEqual([
      'planned 3 to run, 1 to load, 4 cached',
      'waiting m:a for box:12, which computes the same',
      'started m:a',
      'retrying m:a in 0.2 s, attempt 2: no\\nluck',
      'started m:a attempt 2',
      'computed m:a in 0.3 s, 2.0 MB',
      'loaded m:b in 10 ms',
      'missed m:c: what is stored cannot be used (damaged), computing it again',
      'unfinished m:d: budget',
      'failed m:e: boom',
      'skipped m:f because of m:e',
    ])
  })

  test('what is loaded is said where somebody wants to know all, or it was waited for', () => {
    const events = [
      at(0, { _tag: 'loaded', node: 'm:a', key, seconds: 1 }),
      at(0, {
        _tag: 'waiting',
        node: 'm:b',
        key,
        holder: 'process 12 on box',
        run: 'run films\n\u001b[31m',
        since: new Date(1970, 0, 1, 14, 3, 20).getTime(),
      }),
      at(1, { _tag: 'loaded', node: 'm:b', key, seconds: 1 }),
    ]
    expect(told(events, false)).toEqual([
      expect.stringMatching(
        /^waiting m:b for process 12 on box \(taskchain run films\\n\\x1b\[31m, since .*14:03(:20)?\), which computes the same$/,
      ),
      'loaded m:b in 1.0 s',
    ])
    expect(told(events).length).toBe(3)
  })

  test('progress is told every five seconds, not every time', () => {
    const progress = (seconds: number, done: number): RunEvent =>
      at(seconds, { _tag: 'progress', node: 'm:a', done, total: 100 })
    const started = at(0, { _tag: 'started', node: 'm:a', key, attempt: 1 })
    expect(
      told([
        started,
        progress(0, 1),
        progress(1, 2),
        progress(4.9, 3),
        progress(5, 4),
        progress(6, 5),
        at(7, { _tag: 'loaded', node: 'm:a', key, seconds: 1 }),
        progress(8, 6),
      ]),
    ).toEqual(['started m:a', 'progress m:a 4 % (4/100)', 'loaded m:a in 1.0 s', 'progress m:a 6 % (6/100)'])
  })
})
