// Damaged files of every format and several writers: an answer or an error of ours, soon. FUZZ=100000 is the long form,
// FUZZ_SEED repeats a run.
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import * as t from 'io-ts'
import nd from 'ndarray'
import parquetjs from 'parquetjs-lite'
import { decode as decodeCbor, encode as encodeCbor } from 'cbor-x'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  date,
  defineFormat,
  hdf5,
  json,
  jsonLines,
  largeArray,
  largeTable,
  ndarray,
  readParquet,
  type Hdf5File,
  type Hdf5Tools,
  type LargeTable,
} from '../../src/data/index.js'
import type { ArtifactSource, FolderPersistence, Format } from '../../src/declare/format.js'
import { encodedBytes, freshFolder, load, removeFolders } from './artifact.js'
import { duck } from './duck.js'
import { flippedBits, mutationOf, randomNumbers, type Mutation } from './mutations.js'

const total = Number(process.env['FUZZ'] ?? 1000)
const seed = Number(process.env['FUZZ_SEED'] ?? 1)
/** Of all bits of a file one in so many is flipped. */
const sampled = total > 10_000 ? 1 : 11
/** An answer that takes longer is a hang. Milliseconds. */
const hang = 10_000

afterAll(removeFolders)

const isOurs = (cause: unknown): boolean =>
  cause instanceof Error && (cause.name === 'DamagedArtifact' || cause.name === 'FormatProblem')

/** Reads a damaged file; what is neither a value nor an error of ours is thrown, with what was done. */
const attempted = async <A>(
  { bytes, what }: Mutation,
  read: (bytes: Buffer) => Promise<A>,
): Promise<{ readonly value: A } | undefined> => {
  const start = performance.now()
  const answer = await read(bytes).then(
    (value) => ({ value }),
    (cause: unknown) => {
      if (!isOurs(cause)) throw new Error(`${what} (seed ${seed}): ${String(cause)}`, { cause })
      return undefined
    },
  )
  const took = performance.now() - start
  if (took > hang) throw new Error(`${what} (seed ${seed}) took ${Math.round(took)} ms`)
  return answer
}

/** Damages a file so many times. */
const damagedOften = async (
  name: string,
  whole: Buffer,
  runs: number,
  read: (bytes: Buffer) => Promise<unknown>,
  from = seed,
): Promise<void> => {
  await read(whole)
  const random = randomNumbers(from)
  for (let run = 0; run < runs; run++) {
    const { bytes, what } = mutationOf(whole, random)
    await attempted({ bytes, what: `${name}: ${what}` }, read)
  }
}

/** A source over bytes that nothing has checked: a store's `slice` is the same. */
const uncheckedSource = (bytes: Buffer): ArtifactSource => ({
  size: bytes.length,
  slice: async (from, to) => Uint8Array.from(bytes.subarray(from, to)),
  bytes: async () => Uint8Array.from(bytes),
  stream: async function* () {
    yield bytes
  },
})

const loaded = <A>(format: Format<A, any, any>, bytes: Buffer): Promise<A> =>
  load(format, { path: '', source: uncheckedSource(bytes) })

const Row = t.type({
  id: t.Int,
  big: t.bigint,
  x: t.union([t.number, t.null]),
  flag: t.boolean,
  text: t.string,
  maybe: t.union([t.string, t.null]),
  when: date,
  list: t.array(t.number),
})
const rows = Array.from({ length: 100 }, (_, id) => ({
  id: id as t.Int,
  big: BigInt(id) ** 9n,
  x: id % 3 === 0 ? null : id / 7,
  flag: id % 2 === 0,
  text: `text ${id % 6}`,
  maybe: id % 4 === 0 ? null : `${id}`,
  when: new Date(id * 1e9),
  list: [id],
}))

describe('Parquet', { timeout: 3_600_000 }, () => {
  const Foreign = t.partial({
    i: t.number,
    l: t.bigint,
    d: t.union([t.number, t.null]),
    s: t.string,
    b: t.union([t.boolean, t.null]),
    list: t.unknown,
    dec: t.string,
    at: t.string,
    id: t.number,
    text: t.string,
    x: t.union([t.number, t.null]),
    tags: t.unknown,
    parts: t.unknown,
  })
  const files = new Map<string, Buffer>()
  beforeAll(async () => {
    const folder = await freshFolder()
    files.set('ours', await encodedBytes(largeTable(Row), rows))
    files.set('ours, small', await encodedBytes(largeTable(Row), rows.slice(0, 8)))
    const columns = [
      { name: 'i', data: rows.map(({ id }) => id), type: 'INT32', encoding: 'DELTA_BINARY_PACKED' },
      { name: 'l', data: rows.map(({ big }) => BigInt.asIntN(60, big)), type: 'INT64' },
      { name: 'd', data: rows.map(({ x }) => x), type: 'DOUBLE', nullable: true, encoding: 'BYTE_STREAM_SPLIT' },
      { name: 's', data: rows.map(({ text }) => text), type: 'STRING', encoding: 'DELTA_BYTE_ARRAY' },
      { name: 'b', data: rows.map(({ flag }) => flag), type: 'BOOLEAN' },
    ] as const
    files.set(
      'hyparquet-writer',
      Buffer.from(
        parquetWriteBuffer({ columnData: columns.map((column) => ({ ...column, data: column.data as never })) }),
      ),
    ) // data of each column's type
    const select =
      "select range::int as i, range * range as l, if(range % 3 = 0, null, range / 7) as d, 'text ' || (range % 6) as s, range % 2 = 0 as b, [[range, null], null, []] as list, (range / 10)::decimal(9,2) as dec, timestamp '2020-01-01' + interval (range) seconds as at from range(100)"
    for (const [name, options] of [
      ['v1', ''],
      ['v2', ', parquet_version v2, compression zstd'],
      ['lz4', ', compression lz4_raw'],
      ['brotli', ', compression brotli'],
      ['gzip', ', compression gzip, dictionary_size_limit 1'],
    ] as const) {
      const path = join(folder, `${name}.parquet`)
      await duck(`copy (${select}) to '${path}' (format parquet${options})`)
      files.set(`DuckDB, ${name}`, await readFile(path))
    }
    const { ParquetSchema, ParquetWriter } = parquetjs as unknown as {
      ParquetSchema: new (fields: object) => object
      ParquetWriter: {
        openFile(
          schema: object,
          path: string,
        ): Promise<{ appendRow(row: object): Promise<void>; close(): Promise<void> }>
      }
    } // its whole interface is declared nowhere
    const writer = await ParquetWriter.openFile(
      new ParquetSchema({
        i: { type: 'INT64' },
        s: { type: 'UTF8', compression: 'GZIP' },
        tags: { type: 'UTF8', repeated: true },
        parts: { repeated: true, fields: { k: { type: 'INT64' }, v: { type: 'DOUBLE', optional: true } } },
      }),
      join(folder, 'js.parquet'),
    )
    for (const { id, text, maybe } of rows)
      await writer.appendRow({
        i: id,
        s: text,
        tags: maybe === null ? [] : [maybe],
        parts: [{ k: id, v: 1 }, { k: 1 }],
      })
    await writer.close()
    files.set('parquetjs', await readFile(join(folder, 'js.parquet')))
  })

  test('readParquet answers or refuses, whatever was damaged', async () => {
    const path = join(await freshFolder(), 'damaged.parquet')
    const read = async (bytes: Buffer): Promise<unknown> => {
      await writeFile(path, bytes)
      return (await readParquet(Foreign, path)).toRows()
    }
    for (const [name, whole] of files) expect(await read(whole), name).toHaveLength(name === 'ours, small' ? 8 : 100)
    for (const [name, whole] of files) await damagedOften(name, whole, total / files.size, read)
  })

  test('a large table with a bit flipped is refused, or is the table', async () => {
    const whole = files.get('ours, small') as Buffer
    const read = async (bytes: Buffer): Promise<unknown> => {
      const large: LargeTable<t.TypeOf<typeof Row>> = await loaded(largeTable(Row), bytes)
      return (await large.read()).toRows()
    }
    expect(await read(whole)).toStrictEqual(rows.slice(0, 8))
    const wrong: string[] = []
    let index = seed
    for (const mutation of flippedBits(whole)) {
      if (index++ % sampled !== 0) continue
      const answer = await attempted(mutation, read)
      if (answer !== undefined && JSON.stringify(answer.value, text) !== expected) wrong.push(mutation.what)
    }
    expect(wrong).toEqual([])
  })
})

describe('other formats answer or refuse, whatever was damaged', { timeout: 3_600_000 }, () => {
  const array = nd(
    Float64Array.from({ length: 600 }, (_, index) => index / 3),
    [20, 30],
  )
  test('npy, whole and in parts', async () => {
    await damagedOften('ndarray', await encodedBytes(ndarray('float64'), array), total, (bytes) =>
      loaded(ndarray('float64'), bytes),
    )
    await damagedOften('largeArray', await encodedBytes(largeArray('float64'), array), total, async (bytes) =>
      (await loaded(largeArray('float64'), bytes)).slice(3, 9),
    )
  })

  test('a large array with a bit flipped is refused where it is read, or is the array', async () => {
    const whole = await encodedBytes(largeArray('float64'), array)
    const wrong: string[] = []
    for (const mutation of flippedBits(whole)) {
      const answer = await attempted(mutation, async (bytes) =>
        (await loaded(largeArray('float64'), bytes)).slice(0, 20),
      )
      if (answer !== undefined && !answer.value.data.every((value, index) => Object.is(value, index / 3)))
        wrong.push(mutation.what)
    }
    expect(wrong).toEqual([])
  })

  test('JSON and JSON lines, packed and plain', async () => {
    const Item = t.type({ id: t.number, text: t.string, list: t.array(t.number) })
    const items = rows.map(({ id, text: words, list }) => ({ id: Number(id), text: words, list }))
    await damagedOften('json', await encodedBytes(json(t.array(Item)), items), total, (bytes) =>
      loaded(json(t.array(Item)), bytes),
    )
    for (const format of [jsonLines(Item), jsonLines(Item, { compression: 'gzip' })])
      await damagedOften(`jsonLines, ${format.extension}`, await encodedBytes(format, items), total, async (bytes) =>
        (await loaded(format, bytes)).toArray(),
      )
  })

  test("CBOR, by a format of one's own", async () => {
    const format = defineFormat({
      kind: 'model',
      extension: 'cbor',
      encode: (value: object) => encodeCbor(value),
      decode: (bytes): object => decodeCbor(bytes) as object,
    })
    const read = async (bytes: Buffer): Promise<unknown> => {
      try {
        return await loaded(format, bytes)
      } catch (cause) {
        if (cause instanceof Error) return cause // what its own decoder throws, the runtime reports
        throw cause
      }
    }
    await damagedOften(
      'cbor',
      await encodedBytes(format, {
        weights: Float64Array.of(1, 2, 3),
        names: ['a', 'b'],
        nested: { deep: [1, 2, { x: 1n }] },
      }),
      total,
      read,
    )
  })

  test('HDF5, which leaves no file open', async () => {
    const persistence = hdf5().persistence as FolderPersistence
    const folder = await freshFolder()
    const tools = persistence.tools({ directory: folder, resumed: false }) as Hdf5Tools
    const losses = await tools.file.dataset('losses', { columns: ['a', 'b'], compression: true })
    losses.append(Float64Array.from({ length: 200 }, (_, index) => index))
    await persistence.write(undefined, folder)
    const whole = await readFile(join(folder, 'data.h5'))
    const read = async (bytes: Buffer): Promise<unknown> => {
      const damaged = await mkdtemp(join(folder, 'damaged-')) // a file that is still open under the same number would be read instead
      await writeFile(join(damaged, 'data.h5'), bytes)
      try {
        const file = (await persistence.read(damaged, true)) as Hdf5File
        return await Promise.all(file.names.map((name) => file.dataset(name).all()))
      } finally {
        await rm(damaged, { recursive: true })
      }
    }
    const expected = await read(whole)
    const before = openFiles()
    // no more in the long form: some damaged references to texts are followed without end inside of h5wasm, which
    // nothing can interrupt
    await damagedOften('hdf5', whole, Math.min(total, 1000), read, 1)
    expect(openFiles()).toBe(before)
    expect(await read(whole)).toStrictEqual(expected)
  })
})

/** Files that this process has open; where the system does not say, always the same. */
const openFiles = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0)

const text = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
const expected = JSON.stringify(rows.slice(0, 8), text)
