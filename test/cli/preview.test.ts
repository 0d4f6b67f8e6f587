import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ndarray from 'ndarray'
import pc from 'picocolors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { previewOf, wholeOf } from '../../src/cli/render/preview.js'
import type { PreviewOptions } from '../../src/cli/render/render-value.js'
import { textWidth } from '../../src/cli/render/text-width.js'

const options: PreviewOptions = { rows: 3, columns: undefined, paint: pc.createColors(false) }
const file = { storage: 'file', format: 'json' } as const
const preview = (value: unknown, changes: Partial<PreviewOptions> = {}): Promise<readonly string[]> =>
  previewOf(value, file, { ...options, ...changes })

const movies = [
  { title: 'Alien', year: 1979, votes: 123456n, tags: ['space'], score: 8.456789 },
  { title: 'Brazil', year: null, votes: 99n, tags: [], score: 7 },
  { title: 'Evil\u001b[2J\nname', year: 1985, votes: 1n, tags: [], score: 1 / 3 },
  { title: 'not shown', year: 1, votes: 1n, tags: [], score: 1 },
]

describe('a preview', () => {
  test('shows records as a table with types, first rows and the size', async () => {
    expect(await preview(movies)).toEqual([
      'title                 year   votes  tags          score',
      'string             number?  bigint  list         number',
      'Alien                 1979  123456  ["space"]   8.45679',
      'Brazil                null      99  []                7',
      'Evil\\x1b[2J\\nname     1985       1  []         0.333333',
      '4 rows × 5 columns',
    ])
  })

  test('names the columns that do not fit a terminal', async () => {
    const wide = [Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`column_${index}`, index]))]
    const lines = await preview(wide, { columns: 40 })
    expect(lines).toEqual([
      'column_0  column_1  column_2  column_3',
      '  number    number    number    number',
      '       0         1         2         3',
      '… 26 more columns: column_4, column_5,…',
      '1 row × 30 columns',
    ])
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(40)
  })

  test('shows the corner, shape and dtype of an array', async () => {
    expect(await preview(ndarray(new Float64Array([1, 2.5, 3, 4, 5, 6]), [2, 3]))).toEqual([
      '1  2.5  3',
      '4    5  6',
      'float64 2 × 3',
    ])
    expect(await preview(ndarray(new Int32Array(1000), [10, 10, 10]).transpose(2, 1, 0))).toEqual([
      '[0, :, :]',
      ...Array.from({ length: 3 }, () => '0  0  0  0  0  0  0  0  …'),
      '…',
      'int32 10 × 10 × 10',
    ])
    expect(await preview(ndarray(new Float32Array(0), [0, 4]))).toEqual(['(empty)', 'float32 0 × 4'])
    expect(await preview({ a: ndarray(new Float32Array(2), [2]), b: ndarray(new BigInt64Array(1), [1]) })).toEqual([
      'a: float32 2',
      'b: bigint64 1',
    ])
  })

  test('shows the head of a text and of bytes', async () => {
    expect(await preview('one\ntwo\u0007\nthree\nfour\n')).toEqual([
      'one',
      'two\\x07',
      'three',
      '4 lines, 20 characters',
    ])
    expect(await preview(new Uint8Array([72, 105, 0, 255]))).toEqual([
      '00000000  48 69 00 ff                                      Hi..',
      '4 B',
    ])
  })

  test('shows other values as pretty JSON', async () => {
    expect(await preview({ rmse: 0.91, counts: { a: 1 } })).toEqual([
      '{',
      '  "rmse": 0.91,',
      '  "counts": {',
      '    "a": 1',
      '  }',
      '}',
    ])
    expect(await preview(3)).toEqual(['3'])
    expect(await preview(['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c', '4 items'])
    expect(await preview([])).toEqual(['0 items'])
  })

  test('reads only the first items of a stream', async () => {
    let read = 0
    const stream = {
      async *[Symbol.asyncIterator]() {
        for (; read < 1000; read++) yield `line ${read}`
      },
    } // oxfmt-ignore
    expect(await preview(stream)).toEqual(['line 0', 'line 1', 'line 2', 'the first 3 items; there are more'])
    expect(read).toBe(3)
  })

  test('shows objects of one class by their fields', async () => {
    class Model {
      readonly weights = [1, 2]
    }
    expect(await preview(new Model())).toEqual(['Model { weights: [ 1, 2 ] }'])
  })
})

describe('a folder', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taskchain-preview-'))
    await mkdir(join(folder, 'model'))
    for (const name of ['b.txt', 'a.txt', 'model/weights.json', 'z.txt']) await writeFile(join(folder, name), 'hello')
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('is listed with sizes', async () => {
    const lines = await previewOf(folder, { storage: 'folder' }, options)
    expect(lines).toEqual([
      'file                size',
      'a.txt                5 B',
      'b.txt                5 B',
      'model/weights.json   5 B',
      '… 1 more',
      `4 files in ${folder}`,
    ])
    expect(await wholeOf(folder, { storage: 'checkpoint', format: 'checkpoint' })).toEqual({
      format: 'checkpoint',
      value: {
        path: folder,
        files: ['a.txt', 'b.txt', 'model/weights.json', 'z.txt'].map((name) => ({ name, size: 5 })),
      },
    })
  })
})

describe('a whole value as JSON', () => {
  test('keeps what JSON lacks under a tag', async () => {
    expect(
      (await wholeOf([{ a: 12n, b: Number.NaN, c: new Date(0), d: new Uint8Array([1]), e: undefined, $f: 1 }], file))
        .value,
    ).toEqual([
      {
        a: { $bigint: '12' },
        b: { $number: 'NaN' },
        c: { $date: '1970-01-01T00:00:00.000Z' },
        d: { $bytes: 'AQ==' },
        e: undefined,
        $$f: 1,
      },
    ])
  })

  test('writes arrays with shape and nested data', async () => {
    expect((await wholeOf(ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]).transpose(1, 0), file)).value).toEqual({
      dtype: 'float64',
      shape: [2, 2],
      data: [
        [1, 3],
        [2, 4],
      ],
    })
  })
})
