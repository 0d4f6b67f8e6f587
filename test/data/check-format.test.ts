import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as t from 'io-ts'
import nd, { type NdArray } from 'ndarray'
import { describe, expect, test } from 'vitest'
import { checkFormat } from '../../src/data/check-format.js'
import {
  bytes,
  defineFormat,
  FormatProblem,
  json,
  jsonLines,
  largeTable,
  ndarray,
  ndarrays,
  rows,
  table,
  text,
} from '../../src/data/index.js'
import { problemIn } from './artifact.js'

describe('formats of the library keep what they promise', () => {
  const Film = t.type({ title: t.string, votes: t.union([t.number, t.null]) })
  const films = [
    { title: 'Alien', votes: 9 },
    { title: '😀', votes: null },
  ]
  test('json', () =>
    checkFormat(json(t.array(Film)), { values: [[], films], refused: [undefined, [{ title: 1 }], NaN] }))
  test('text and bytes', async () => {
    await checkFormat(text(), { values: ['', 'é\n'], refused: [1, '\uD800'] })
    await checkFormat(bytes(), {
      values: [new Uint8Array(0), Uint8Array.of(1, 2)],
      refused: ['a', new Float64Array(1)],
    })
  })
  test('jsonLines', () =>
    checkFormat(jsonLines(Film), {
      values: [[], films, () => films.values()],
      plain: (lines) => lines.toArray(),
      expected: (items) => [...(items as Iterable<(typeof films)[number]>)],
      refused: [5, 'text', [{}]],
    }))
  test('ndarray and ndarrays', async () => {
    const array = nd(Float64Array.of(1, 2, 3, 4), [2, 2])
    const plain = (given: NdArray<Float64Array>): unknown => [
      given.shape,
      Array.from({ length: 2 }, (_, row) => [given.get(row, 0), given.get(row, 1)]),
    ]
    await checkFormat(ndarray('float64'), {
      values: [array, array.transpose(1, 0), array.step(-1, 1)],
      plain,
      expected: plain,
      refused: [[1], nd(Int8Array.of(1))],
    })
    await checkFormat(ndarrays(), {
      values: [{}, { a: array }],
      plain: (arrays) => Object.keys(arrays),
      expected: (arrays) => Object.keys(arrays),
      refused: [array, 1],
    })
  })
  test('table, rows, largeTable', async () => {
    await checkFormat(rows(Film), { values: [[], films], refused: [1, [{ title: null, votes: 1 }]] })
    await checkFormat(table(Film), { values: [[], films], plain: (made) => made.toRows(), refused: [{}] })
    await checkFormat(largeTable(Film), {
      values: [[], films, () => films.values()],
      plain: async (large) => (await large.read()).toRows(),
      expected: (items) => [...(items as Iterable<(typeof films)[number]>)],
      refused: [1],
    })
  })
})

describe('a format that breaks a promise is told which', () => {
  const numbers = {
    kind: 'numbers',
    extension: 'txt',
    encode: (value: number) => Buffer.from(String(value)),
    decode: (read: Uint8Array) => Number(Buffer.from(read)),
  }
  const told = async (work: Promise<void>): Promise<string> => (await problemIn(() => work)).message
  test('values that do not come back', async () => {
    await checkFormat(defineFormat(numbers), { values: [1, 1.5] })
    expect(await told(checkFormat(defineFormat({ ...numbers, decode: () => 1 }), { values: [1, 2] }))).toBe(
      'numbers: value 1 does not come back (loaded)',
    )
  })
  test('bytes that differ from time to time', async () => {
    let time = 0
    const spaced = (value: number) => Buffer.from(`${value}${' '.repeat(time++)}`)
    const format = defineFormat({ ...numbers, encode: spaced })
    expect(await told(checkFormat(format, { values: [1] }))).toBe(
      'numbers: value 0 gives other bytes the second time; artifacts would not compare, and what reads them would ' +
        'count as stale: write equal bytes, or declare a digest',
    )
    await checkFormat(defineFormat({ ...numbers, encode: spaced, digest: String }), { values: [1] })
  })
  test('values that should have been refused, or were in another way', async () => {
    expect(await told(checkFormat(defineFormat(numbers), { values: [], refused: ['x'] }))).toBe(
      'numbers: refused value 0 was kept',
    )
    const throws = (error: Error) =>
      defineFormat({
        ...numbers,
        encode: (): Uint8Array => {
          throw error
        },
      })
    expect(await told(checkFormat(throws(new TypeError('no')), { values: [], refused: ['x'] }))).toBe(
      'numbers: refused value 0 threw something else than FormatProblem: TypeError: no',
    )
    await checkFormat(throws(new FormatProblem('no')), { values: [], refused: ['x'] })
  })
  test('folders that lose something', async () => {
    const pages = defineFormat({
      kind: 'pages',
      write: (texts: readonly string[], directory) => writeFile(join(directory, 'pages.txt'), texts.join('\n')),
      read: async (directory): Promise<readonly string[]> =>
        (await readFile(join(directory, 'pages.txt'), 'utf8')).split('\n'),
    })
    await checkFormat(pages, { values: [['a', 'b']] })
    expect(await told(checkFormat(pages, { values: [[]] }))).toBe('pages: value 0 does not come back (loaded)')
  })
  const folders = {
    kind: 'notes',
    write: (text: string, directory: string) => writeFile(join(directory, 'note.txt'), text),
    read: (directory: string): Promise<string> => readFile(join(directory, 'note.txt'), 'utf8'),
  }
  test('folders whose files differ from time to time', async () => {
    await checkFormat(defineFormat(folders), { values: ['a', () => 'b'] })
    let time = 0
    const stamped = defineFormat({
      ...folders,
      write: async (text: string, directory) => {
        await folders.write(text, directory)
        await mkdir(join(directory, 'log'))
        await writeFile(join(directory, 'log', 'time.txt'), String(time++))
      },
    })
    expect(await told(checkFormat(stamped, { values: ['a'] }))).toBe(
      `notes: value 0 gives another ${join('log', 'time.txt')} the second time; artifacts would not compare`,
    )
    const named = defineFormat({
      ...folders,
      write: async (text: string, directory) => {
        await folders.write(text, directory)
        await mkdir(join(directory, `run-${time++}`))
      },
    })
    expect(await told(checkFormat(named, { values: ['a'] }))).toMatch(
      /^notes: value 0 gives another run-2 the second time/,
    )
  })
  test('folders that are read only where they were written', async () => {
    const places: string[] = []
    const remembering = defineFormat({
      ...folders,
      write: async (text: string, directory) => {
        places.push(directory)
        await folders.write(text, directory)
      },
      read: () => folders.read(places.at(-1) as string),
    })
    expect(await told(checkFormat(remembering, { values: ['a'] }))).toMatch(/^ENOENT: .*second/)
    expect(await readdir(join(places[0] as string, '..')).catch(() => 'gone')).toBe('gone')
  })
  test('a folder whose value reads later is there while it is looked at', async () => {
    const lazy = defineFormat({ ...folders, read: (directory: string) => ({ text: () => folders.read(directory) }) })
    await checkFormat(lazy, { values: ['a'], plain: ({ text }) => text() })
  })
})
