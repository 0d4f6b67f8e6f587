// What previews show of values: figures, pictures of numbers, trees and texts, from values alone.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { metricsTable, type TableRow } from '../../src/ui/answers/metrics-table.js'
import { wholeLines } from '../../src/ui/answers/pieces.js'
import { cellOf } from '../../src/ui/preview/cells.js'
import { isPathBelow } from '../../src/ui/preview/file-kinds.js'
import { folderPreview } from '../../src/ui/preview/folder-files.js'
import { heatMap, sampledRows, stretches } from '../../src/ui/preview/grid.js'
import { arrayPreview, type ReadableArray } from '../../src/ui/preview/npy-preview.js'
import { itemsPreview } from '../../src/ui/preview/items-preview.js'
import { columnSummary, numberSummary } from '../../src/ui/preview/numbers.js'
import { textPreview } from '../../src/ui/preview/text-preview.js'
import { treeOf } from '../../src/ui/preview/tree.js'

describe('numbers', () => {
  test('in a few figures; what is no finite number is counted apart', () => {
    expect(numberSummary([1, 2, 3, 4, NaN, Infinity])).toEqual({
      count: 4,
      odd: 2,
      min: 1,
      max: 4,
      mean: 2.5,
      deviation: Math.sqrt(1.25),
      median: 2.5,
      histogram: { min: 1, max: 4, counts: [1, ...zeros(7), 1, ...zeros(7), 1, ...zeros(6), 1] },
    })
    expect(numberSummary([NaN])).toBeUndefined()
    expect(numberSummary([])).toBeUndefined()
  })

  test('of any size: equal ones are one bin, the largest overflow nothing', () => {
    expect(numberSummary([5, 5, 5])?.histogram).toEqual({ min: 5, max: 5, counts: [3] })
    const huge = numberSummary([Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE])
    expect(Object.values(huge ?? {}).every((value) => typeof value === 'object' || Number.isFinite(value))).toBe(true)
    expect(huge?.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(3)
    const near = numberSummary([1, 1 + Number.EPSILON])
    expect(near?.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(numberSummary([Number.MIN_VALUE, 0])?.histogram.counts).toEqual([2])
  })

  test('columns of anything: gaps, texts by how often they are there, bigints', () => {
    expect(columnSummary(['b', 'a', 'b', null, undefined, true])).toEqual({
      of: 6,
      missing: 2,
      texts: {
        distinct: 3,
        more: false,
        commonest: [
          { text: 'b', count: 2 },
          { text: 'a', count: 1 },
          { text: 'true', count: 1 },
        ],
      },
    })
    expect(columnSummary([1n, 3n]).numbers).toMatchObject({ min: 1, max: 3, mean: 2 })
    const many = columnSummary(Array.from({ length: 20_000 }, (_, index) => `text ${index}`))
    expect(many.texts).toMatchObject({ distinct: 10_000, more: true })
  })
})

const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0)

describe('pictures of numbers', () => {
  test('a heat map has means over blocks, and gaps where there is no number', () => {
    expect(heatMap(2, 2, (row, column) => (row === 1 && column === 1 ? NaN : row * 2 + column)).values).toEqual([
      0,
      1,
      2,
      null,
    ])
    const large = heatMap(960, 192, (row) => row)
    expect([large.rows, large.columns, large.values[0], large.values.at(-1)]).toEqual([96, 96, 4.5, 954.5])
    expect(sampledRows(3)).toEqual([0, 1, 2])
    expect(sampledRows(1_000_000, 4)).toEqual([125_000, 375_000, 625_000, 875_000])
  })

  test('a line has means, least and most over stretches', () => {
    const line = stretches(Array.from({ length: 1200 }, (_, index) => index))
    expect([line.step, line.mean.length, line.mean[0], line.min[1], line.max.at(-1)]).toEqual([2, 600, 0.5, 2, 1199])
    expect(stretches([NaN]).mean).toEqual([null])
  })

  test('of an array that is larger than what is read, some rows are', async () => {
    const read: number[] = []
    const array: ReadableArray = {
      dtype: 'float64',
      shape: [3, 100_000, 1000],
      rowMajor: true,
      elements: async (from, to) => {
        read.push(to - from)
        return new Float64Array(to - from).fill(from < 100_000_000 ? 1 : 2)
      },
    }
    const preview = await arrayPreview(array, '1')
    expect(preview).toMatchObject({ kind: 'array', looked: 2 ** 21, heatMap: { rows: 96, columns: 96, slice: [1] } })
    expect(preview.kind === 'array' && preview.heatMap?.values.every((value) => value === 2)).toBe(true)
    expect(read.reduce((sum, count) => sum + count, 0)).toBeLessThan(3_000_000)
    for (const slice of ['3', '-1', '0,0', 'x']) expect((await arrayPreview(array, slice)).kind).toBe('unreadable')
  })
})

describe('values as cells and trees', () => {
  test('what JSON cannot say is text with its kind; what is long is cut', () => {
    expect([null, undefined, true, 1.5, 'a', NaN, -Infinity, 12n, 2n ** 70n].map(cellOf)).toEqual([
      null,
      null,
      true,
      1.5,
      'a',
      { kind: 'number', text: 'NaN' },
      { kind: 'number', text: '-Infinity' },
      12,
      { kind: 'bigint', text: '1180591620717411303424' },
    ])
    expect(cellOf('x'.repeat(600))).toEqual({ kind: 'cut', text: 'x'.repeat(500) })
    expect(cellOf(new Date(0))).toEqual({ kind: 'date', text: '1970-01-01T00:00:00.000Z' })
    expect(cellOf(new Date(NaN))).toEqual({ kind: 'date', text: 'no date' })
    expect(cellOf(Uint8Array.of(1, 255))).toEqual({ kind: 'bytes', text: '01ff' })
    expect(cellOf('\ud800')).toBe('\ufffd')
  })

  test('a tree ends in depth, in width and in all, and says what it leaves out', () => {
    let deep: unknown = 1
    for (let level = 0; level < 10_000; level++) deep = { in: deep }
    const text = JSON.stringify(treeOf(deep))
    expect(text.length).toBeLessThan(1000)
    expect(treeOf(Array.from({ length: 1000 }, () => 0))).toMatchObject({ kind: 'list', length: 1000, more: 800 })
    const wide = Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => 0))
    expect(JSON.stringify(treeOf(wide)).length).toBeLessThan(300_000)
    expect(treeOf(JSON.parse('{"__proto__": {"a": 1}}'))).toEqual({
      kind: 'record',
      length: 1,
      fields: [
        {
          name: '__proto__',
          value: {
            kind: 'record',
            length: 1,
            fields: [{ name: 'a', value: { kind: 'value', value: 1 } }],
            more: 0,
          },
        },
      ],
      more: 0,
    })
  })

  test('bytes are text where they are, to a whole letter; else hex', () => {
    const bytes = Buffer.from('añ€😀')
    for (let cut = 0; cut <= bytes.length; cut++) {
      const preview = textPreview(bytes.subarray(0, cut), bytes.length)
      expect(preview.binary, String(cut)).toBe(false)
      expect('añ€😀'.startsWith(preview.text)).toBe(true)
    }
    expect(textPreview(Uint8Array.of(0, 1, 254), 10)).toEqual({ kind: 'text', text: '00 01 fe', more: 7, binary: true })
  })
})

test('results of items come in pages, with what all of them have cost', () => {
  const line = (index: number, kind: 'kept' | 'failed', record: object) =>
    ({ key: `k${index}`, kind, at: index, text: JSON.stringify({ schema: 1, ...record }) }) as const
  const lines = [
    line(0, 'kept', { item: 'a', value: { answer: 1 }, usage: { usd: 0.5, constructor: 1 } }),
    line(1, 'failed', { item: '<b>', problem: 'no luck', usage: { usd: 0.25 } }),
    { key: 'k2', kind: 'kept', at: 2, text: 'torn' } as const,
  ]
  expect(itemsPreview(['items'], 'items', lines, { offset: 1, limit: 5 })).toMatchObject({
    kind: 'items',
    total: 3,
    items: [
      { key: 'k1', outcome: 'failed', item: { value: '<b>' }, result: { value: 'no luck' }, cost: { usd: 0.25 } },
      { key: 'k2', outcome: 'kept', item: { value: null }, result: { value: null } },
    ],
    cost: { usd: 0.75, constructor: 1 },
  })
})

test('a log comes in whole lines; its end without the line that is cut', () => {
  const bytes = Buffer.from('one\ntwo\nthr')
  expect(wholeLines(bytes, 0, 20, false)).toEqual({ offset: 0, next: 8, size: 20, text: 'one\ntwo\n' })
  expect(wholeLines(bytes, 9, 20, true)).toEqual({ offset: 13, next: 20, size: 20, text: 'two\nthr' })
  expect(wholeLines(Buffer.from('long line without end'), 0, 100, false).next).toBe(21)
  expect(wholeLines(Buffer.from(''), 20, 20, false)).toEqual({ offset: 20, next: 20, size: 20, text: '' })
})

describe('the table of metrics', () => {
  const rows = Array.from(
    { length: 1000 },
    (_, row): TableRow => ({
      name: `row ${row}`,
      config: 'a.yaml',
      state: 'cached',
      params: new Map([
        ['same', '1'],
        ['k', String(row)],
      ]),
      metrics: new Map(Array.from({ length: 2000 }, (__, column) => [`m${column}`, row === 0 ? NaN : row + column])),
    }),
  )

  test('of 1,000 rows and 2,000 columns comes in pages, params first that differ', () => {
    const answer = metricsTable(
      { rows, beyond: 0, left: [] },
      { offset: 10, limit: 20, column: ['param:k', 'metric:m1999'] },
    )
    expect(answer.rowsInAll).toBe(1000)
    expect(answer.columns.length).toBe(2001)
    expect(answer.columns[0]).toEqual({
      id: 'param:k',
      title: 'k',
      kind: 'param',
      numeric: true,
      missing: 0,
      varies: true,
    })
    expect(Object.keys(answer.cells)).toEqual(['param:k', 'metric:m1999'])
    expect(answer.cells['metric:m1999']?.[0]).toBe(2009)
    expect(JSON.stringify(answer).length).toBeLessThan(200_000)
    expect(Object.keys(metricsTable({ rows: rows.slice(0, 2), beyond: 0, left: [] }, {}).cells).length).toBe(50)
  })
})

describe('folders', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'taskchain-ui-'))
    mkdirSync(join(folder, 'in/deep'), { recursive: true })
    writeFileSync(join(folder, 'in/deep/a.txt'), 'hello')
    writeFileSync(join(folder, 'in/<b>.png'), 'png')
    writeFileSync(join(folder, 'secret.txt'), 'outside')
    symlinkSync('../secret.txt', join(folder, 'in/link.txt'))
    symlinkSync('..', join(folder, 'in/up'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('are listed, links named and not followed', async () => {
    const shown = await folderPreview(join(folder, 'in'), undefined)
    expect(shown.files.map(({ path, kind }) => [path, kind])).toEqual([
      ['<b>.png', 'image'],
      ['deep/a.txt', 'text'],
      ['link.txt', 'link'],
      ['up', 'link'],
    ])
  })

  test('show a file below them, and none by any other path', async () => {
    const preview = async (path: string) => (await folderPreview(join(folder, 'in'), path)).preview
    expect(await preview('deep/a.txt')).toMatchObject({ kind: 'text', text: 'hello' })
    expect(await preview('<b>.png')).toMatchObject({ kind: 'image', type: 'image/png', size: 3 })
    for (const path of [
      '../secret.txt',
      'link.txt',
      'up/secret.txt',
      'up/in/deep/a.txt',
      '/etc/passwd',
      'deep',
      '',
      '.',
      'a\0b',
    ])
      expect(await preview(path), path).toMatchObject({ kind: 'unreadable' })
    expect(['a/b', '..', 'a/../b', 'C:/x', 'a\\b', './a', 'a/', '/a'].map(isPathBelow)).toEqual([
      true,
      ...Array.from({ length: 7 }, () => false),
    ])
  })
})
