import pc from 'picocolors'
import { describe, expect, test } from 'vitest'
import type { PlanNode } from '../../src/plan/plan-types.js'
import type { NodeState } from '../../src/runtime/chain/chain-types.js'
import type { RunReport } from '../../src/runtime/ports/events.js'
import { planLines, planSummary, type PlanRow } from '../../src/cli/render/render-plan.js'
import { summaryLine, troubleLines } from '../../src/cli/render/render-report.js'
import { tableLines } from '../../src/cli/render/render-table.js'
import { cut, cutMiddle, harmless, oneLine, textWidth } from '../../src/cli/render/text-width.js'
import { byteSize, counted, duration, shortNumber } from '../../src/cli/render/units.js'

const plainPaint = pc.createColors(false)

describe('units', () => {
  test('durations are short at every scale', () => {
    expect([0, 0.0004, 0.0123, 0.2, 2.14, 59.94, 59.96, 185, 3599.6, 7380, 90_000, 360_000].map(duration)).toEqual([
      '0 ms',
      '0 ms',
      '12 ms',
      '0.2 s',
      '2.1 s',
      '59.9 s',
      '1 min 00 s',
      '3 min 05 s',
      '1 h 00 min',
      '2 h 03 min',
      '1 d 01 h',
      '4 d 04 h',
    ])
    expect([Number.NaN, -1].map(duration)).toEqual(['?', '?'])
  })

  test('sizes have two digits at least and never four', () => {
    expect([0, 512, 999, 1000, 1234, 34_567, 999_499, 999_500, 5e9].map(byteSize)).toEqual([
      '0 B',
      '512 B',
      '999 B',
      '1.0 kB',
      '1.2 kB',
      '35 kB',
      '999 kB',
      '1.0 MB',
      '5.0 GB',
    ])
  })

  test('counts agree with their nouns', () => {
    expect([counted(1, 'node'), counted(0, 'node'), counted(2, 'entry', 'entries')]).toEqual([
      '1 node',
      '0 nodes',
      '2 entries',
    ])
  })

  test('numbers are recognisable, whole ones whole', () => {
    expect([1 / 3, 1e21, -0, 123456789, Number.NaN, 1234567.891].map(shortNumber)).toEqual([
      '0.333333',
      '1e+21',
      '-0',
      '123456789',
      'NaN',
      '1234570',
    ])
  })
})

describe('text on a terminal', () => {
  test('width counts wide characters twice, marks and colours not at all', () => {
    expect([
      textWidth('abc'),
      textWidth('映画'),
      textWidth('e\u0301'),
      textWidth('\u001b[31mred\u001b[39m'),
      textWidth('🎬'),
    ]).toEqual([3, 4, 1, 3, 2])
  })

  test.each([
    ['a family', '👨‍👩‍👧‍👦', 2],
    ['a profession with a colour of skin', '👩🏽‍🚀', 2],
    ['a flag', '🇩🇪', 2],
    ['a flag of a region', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', 2],
    ['a keycap', '1️⃣', 2],
    ['a heart as a picture', '❤️', 2],
    ['a heart as text', '❤', 1],
    ['a watch', '⌚', 2],
    ['joined emoji that nobody recommends', '🦊‍🚀', 2],
    ['decomposed Hangul', '\u1112\u1161\u11ab', 2],
    ['Devanagari', 'हिन्दी', 5],
    ['Thai', 'ภาษา', 4],
    ['kana of half a width', 'ｶﾞ', 2],
    ['text around them', 'a👨‍👩‍👧‍👦b', 4],
    ['a table of the library’s own', '│─✓✗…', 5],
  ])('%s takes the columns of one sign', (_, text, columns) => {
    expect(textWidth(text)).toBe(columns)
    expect(textWidth(`\u001b[31m${text}\u001b[39m`)).toBe(columns)
  })

  test('a family is never cut in two', () => {
    const [family, flag] = ['👨‍👩‍👧‍👦', '🇩🇪']
    expect([cut(`${family}${family}`, 3), cut(`${family}${family}`, 2), cut(`a${flag}${flag}`, 4)]).toEqual([
      `${family}…`,
      '…',
      `a${flag}…`,
    ])
    expect(cutMiddle(`${family}${flag}${family}${flag}`, 7)).toBe(`${family}${flag}…${flag}`)
    for (let columns = 1; columns < 20; columns++)
      for (const one of [cut, cutMiddle])
        expect(textWidth(one(`${family}a${flag}`.repeat(4), columns))).toBeLessThanOrEqual(columns)
  })

  test('cutting never exceeds the width', () => {
    expect([
      cut('abcdef', 4),
      cut('映画館', 4),
      cut('abc', 3),
      cut('abc', 0),
      cutMiddle('namespace::group:name', 11),
      cutMiddle('abcdef', 3),
    ]).toEqual(['abc…', '映…', 'abc', '', 'names…:name', 'ab…'])
  })

  test('control characters from data are shown, not obeyed', () => {
    expect(harmless('a\u001b[2Jb\nc\td\u009b')).toBe('a\\x1b[2Jb\nc\td\\x9b')
    expect(harmless('\u202efdp.exe\u202c \u2066x\u2069')).toBe('\\u202efdp.exe\\u202c \\u2066x\\u2069')
    expect(harmless('שלום \u200fa 👩‍👩‍👧')).toBe('שלום \u200fa 👩‍👩‍👧')
    expect(oneLine('a\nb\tc')).toBe('a\\nb\\tc')
  })
})

describe('tables', () => {
  const columns = [
    { title: 'name', cell: (row: readonly string[]) => row[0] ?? '' },
    { title: 'n', cell: (row: readonly string[]) => row[1] ?? '', align: 'right' as const },
    { title: 'nothing', cell: () => '' },
    { title: 'rest', cell: (row: readonly string[]) => row[2] ?? '' },
  ]
  const rows = [
    ['a', '1', 'x'],
    ['longer', '1000', 'a long rest of the line'],
  ]

  test('columns are aligned, numbers right, empty columns left out', () => {
    expect(tableLines(columns, rows)).toEqual([
      'name       n  rest',
      'a          1  x',
      'longer  1000  a long rest of the line',
    ])
  })

  test('a narrow terminal cuts lines, never wraps them', () => {
    expect(tableLines(columns, rows, { columns: 16 })).toEqual([
      'name       n  r…',
      'a          1  x',
      'longer  1000  a…',
    ])
    for (let width = 1; width < 40; width++)
      for (const line of tableLines(columns, rows, { columns: width }))
        expect(textWidth(line)).toBeLessThanOrEqual(width)
  })
})

const node = (id: string, storage: PlanNode['storage'] = 'file'): PlanNode => ({
  id,
  task: id,
  group: 'movies',
  name: id,
  namespace: '',
  key: id.padStart(32, '0'),
  config: 'movies',
  params: {},
  inputs: {},
  format: storage === 'memory' ? 'inMemory' : 'json',
  extension: storage === 'memory' ? null : 'json',
  storage,
})
const planRow = (id: string, state: NodeState, seconds?: number): PlanRow => ({
  node: node(id, state === 'in_memory' ? 'memory' : 'file'),
  state,
  seconds,
})

describe('a plan', () => {
  const rows = [
    planRow('movies:all', 'cached', 0.8),
    planRow('movies:filtered', 'to_run', 4.2),
    planRow('movies:model', 'in_memory'),
  ]

  test('is a table of states and times', () => {
    expect(planLines(rows, plainPaint, undefined)).toEqual([
      'state      task               took  format    config',
      'cached     movies:all        0.8 s  json      movies',
      'to run     movies:filtered  ~4.2 s  json      movies',
      'in memory  movies:model             inMemory  movies',
    ])
  })

  test('ends with a sum', () => {
    expect(planSummary(rows)).toBe('3 nodes: 1 cached, 1 to run, 1 in memory, about 4.2 s')
    expect(planSummary([...rows, planRow('movies:new', 'to_run')])).toBe(
      '4 nodes: 1 cached, 2 to run, 1 in memory, about 4.2 s for 1 of them',
    )
    const shared = {
      ...planRow('ns::movies:filtered', 'to_run', 4.2),
      node: { ...node('ns::movies:filtered'), key: node('movies:filtered').key },
    }
    expect(planSummary([...rows, shared])).toBe('4 nodes → 3 distinct: 1 cached, 1 to run, 1 in memory, about 4.2 s')
    expect(planSummary([planRow('a', 'cached', 9)])).toBe('1 node: 1 cached, 0 to run, 0 in memory')
    expect(planSummary([planRow('a', 'unfinished', 60), planRow('b', 'waiting')])).toBe(
      '2 nodes: 0 cached, 0 to run, 0 in memory, 1 unfinished, 1 waiting, about 1 min 00 s',
    )
  })
})

const report = (changes: Partial<RunReport> = {}): RunReport => ({
  computed: [],
  adopted: [],
  loaded: [],
  cached: [],
  drifted: [],
  stale: [],
  failed: [],
  skipped: [],
  unfinished: [],
  stopped: false,
  seconds: 2.1,
  ...changes,
})

describe('a report', () => {
  test('sums up in one line', () => {
    expect(
      summaryLine(
        report({
          computed: ['a', 'b', 'c', 'd', 'e'],
          loaded: ['f', 'g', 'h'],
          cached: Array.from({ length: 12 }, String),
        }),
      ),
    ).toBe('5 computed, 3 loaded, 12 cached, 0 failed in 2.1 s')
    expect(
      summaryLine(
        report({ skipped: [{ node: 'a', because: ['b'] }], unfinished: [{ node: 'c', reason: 'r' }], stopped: true }),
      ),
    ).toBe('0 computed, 0 loaded, 0 cached, 0 failed, 1 skipped, 1 unfinished in 2.1 s, stopped before the end')
  })

  test('tells what did not go well, and why', () => {
    expect(
      troubleLines(
        report({
          failed: [
            {
              _tag: 'TaskFailed',
              node: 'movies:all',
              attempts: 1,
              cause: 'no such\u001b[2J file',
              log: 'data/movies/all/k.failed.log',
            },
          ],
          skipped: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ node: name, because: ['movies:all'] })),
          unfinished: [{ node: 'm:trained', reason: 'out of budget' }],
        }),
        plainPaint,
      ),
    ).toEqual([
      "failed  task 'movies:all' failed: no such\\u001b[2J file",
      '  its log: data/movies/all/k.failed.log',
      'skipped  6 tasks because of movies:all: a, b, c, d and 2 more',
      'unfinished  m:trained: out of budget; run again to continue',
    ])
  })
})
