import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import { defineFormat, FormatProblem } from '../../src/data/index.js'
import type { FolderPersistence, Format } from '../../src/declare/format.js'
import { freshFolder, keep, load, problemIn, removeFolders, roundTrip } from './artifact.js'

afterAll(removeFolders)

interface Model {
  readonly weights: Float64Array
}

const model = defineFormat({
  kind: 'model',
  extension: 'weights',
  encode: ({ weights }: Model) => new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength),
  decode: (bytes): Model => {
    if (bytes.length % 8 !== 0) throw new FormatProblem('not whole numbers of weights')
    return { weights: new Float64Array(bytes.slice().buffer) }
  },
})

describe('defineFormat', () => {
  test('a file format is typed by its functions and comes back', async () => {
    expectTypeOf(model).toEqualTypeOf<Format<Model, Model>>()
    const kept = await keep(model, { weights: Float64Array.of(1, 2) })
    expect(kept.path.endsWith('.weights')).toBe(true)
    expect(await load(model, kept)).toEqual({ weights: Float64Array.of(1, 2) })
  })

  test('a streaming format writes pieces and reads when it is asked', async () => {
    const numbers = defineFormat({
      kind: 'numbers',
      extension: 'txt',
      encode: async function* (values: Iterable<number>) {
        for (const value of values) yield Buffer.from(`${value}\n`)
      },
      open: (source) => ({
        size: source.size,
        first: async (): Promise<string> => Buffer.from(await source.slice(0, 1)).toString(),
      }),
    })
    const read = await roundTrip(numbers, [7, 8, 9])
    expect([read.size, await read.first()]).toEqual([6, '7'])
    expectTypeOf(numbers._returned).toEqualTypeOf<Iterable<number>>()
  })

  test('a folder format fills a folder and reads it', async () => {
    const pages = defineFormat({
      kind: 'pages',
      write: async (texts: readonly string[], directory) => {
        for (const [index, text] of texts.entries()) await writeFile(join(directory, `${index}.txt`), text)
      },
      read: async (directory): Promise<readonly string[]> =>
        Promise.all((await readdir(directory)).sort().map((name) => readFile(join(directory, name), 'utf8'))),
    })
    expectTypeOf(pages).toEqualTypeOf<Format<readonly string[], readonly string[]>>()
    const { write, read, storage } = pages.persistence as FolderPersistence
    const folder = await freshFolder()
    await write(['a', 'b'], folder)
    expect([storage, await read(folder)]).toEqual(['folder', ['a', 'b']])
  })

  test('a folder format with tools adds them to the context of run', () => {
    const shards = defineFormat({
      kind: 'shards',
      tools: ({ directory }) => ({ shard: (index: number) => join(directory, `${index}`) }),
      write: (): void => undefined,
      read: (directory): string => directory,
      resumes: true,
    })
    expectTypeOf(shards._tools).toEqualTypeOf<{ shard: (index: number) => string }>()
    expect([
      shards.persistence.storage,
      (shards.persistence as FolderPersistence).tools({ directory: 'd', resumed: false }),
    ]).toMatchObject(['checkpoint', { shard: expect.any(Function) }])
  })

  test.each([
    ['kind', { kind: 'My format', extension: 'x' }, 'defineFormat: kind "My format" is not a word in camel case'],
    [
      'extension',
      { kind: 'mine', extension: '../x' },
      'defineFormat: extension "../x" of mine is not made of lower-case letters and digits',
    ],
    [
      'dot',
      { kind: 'mine', extension: '.x' },
      'defineFormat: extension ".x" of mine is not made of lower-case letters and digits',
    ],
    [
      'reserved',
      { kind: 'mine', extension: 'log' },
      'defineFormat: the store uses files of its own under .log; give mine another extension',
    ],
  ])('a wrong %s is refused where it is declared', async (_, names, message) => {
    expect(await problemIn(() => defineFormat({ ...names, encode: () => Buffer.of(), decode: () => 0 }))).toMatchObject(
      { name: 'TypeError', message },
    )
  })
})
