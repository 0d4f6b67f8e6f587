// What a format adds to the raw library call: both save and load the same value in the same run, in turn, to files in memory.
// npx tsx bench/formats.ts [--quick] [--json] [json|npy|table|lines]
import { closeSync, createReadStream, existsSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import { parquetMetadata, parquetRead } from 'hyparquet'
import * as t from 'io-ts'
import nd from 'ndarray'
import { crc32 } from '../dist/adapters/checksum.js'
import { json, jsonLines, ndarray, rows, table, type Lines, type Table } from '../dist/data/index.js'
import type { ArtifactSource, Bytes, FilePersistence, Format } from '../dist/declare/format.js'
import { tableText, type Row } from './table.js'

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'formats-'))

/** Seconds of processor time, user and system: on a shared machine the clock on the wall says little. */
const timed = async (work: () => unknown): Promise<number> => {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

interface Contest {
  readonly what: string
  readonly ours: () => unknown
  readonly raw: () => unknown
  readonly limit?: number
}

/** Least of several rounds, ours and the raw call in turn. */
const contest = async (rounds: number, { what, ours, raw, limit }: Contest): Promise<readonly Row[]> => {
  const times: { ours: number; raw: number }[] = []
  for (let round = 0; round < rounds; round++) {
    global.gc?.()
    times.push(round % 2 === 0 ? { ours: await timed(ours), raw: await timed(raw) } : { raw: await timed(raw), ours: await timed(ours) })
  }
  const [best, least] = [Math.min(...times.map((time) => time.ours)), Math.min(...times.map((time) => time.raw))]
  return [
    { what: `${what}: ours`, value: best, unit: 's', limit: undefined },
    { what: `${what}: raw`, value: least, unit: 's', limit: undefined },
    { what: `${what}: ratio`, value: best / least, unit: '×', limit },
  ]
}

const writeAll = async (path: string, bytes: Bytes): Promise<void> => {
  const file = openSync(path, 'w')
  for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at)
  closeSync(file)
}

/** Reads without checking: the checksum's share is told apart. */
const sourceOf = (path: string): ArtifactSource => ({
  size: statSync(path).size,
  bytes: async () => readFileSync(path),
  slice: async (from, to) => readFileSync(path).subarray(from, to),
  stream: () => createReadStream(path, { highWaterMark: 1 << 18 }),
})

const saver = (format: Format<any, any, any>, path: string) => async (value: unknown) => writeAll(path, await (format.persistence as FilePersistence).encode(value))
const loader =
  <Value>(format: Format<Value, any, any>, path: string) =>
  async (): Promise<Value> =>
    (await (format.persistence as FilePersistence).decode(sourceOf(path))) as Value

const checksumRow = async (what: string, path: string): Promise<Row> => {
  const bytes = readFileSync(path)
  return { what: `${what}: checksum alone`, value: Math.min(await timed(() => crc32(bytes)), await timed(() => crc32(bytes))), unit: 's', limit: undefined }
}

interface Film {
  readonly id: number
  readonly title: string
  readonly rating: number
  readonly genre: string | null
  readonly votes: number
}
const Film: t.Type<Film> = t.type({ id: t.number, title: t.string, rating: t.number, genre: t.union([t.string, t.null]), votes: t.number })
const genres = ['Drama', 'Comedy', 'Thriller', 'Action', null]
const film = (id: number): Film => ({ id, title: `The film number ${id}`, rating: Math.round(Math.sin(id) * 100) / 10, genre: genres[id % 5] as string | null, votes: id * 7 })

const jsonOf = async (what: string, rounds: number, codec: t.Type<any>, value: unknown): Promise<readonly Row[]> => {
  const path = join(folder, 'value.json')
  const format = json(codec)
  const save = saver(format, path)
  const saved = await contest(rounds, {
    what: `${what}, save`,
    ours: () => save(value),
    raw: () => codec.is(value) && writeAll(path, Buffer.from(JSON.stringify(codec.encode(value)))),
    limit: 1.15,
  })
  const loaded = await contest(rounds, { what: `${what}, load`, ours: loader(format, path), raw: () => E.isRight(codec.decode(JSON.parse(readFileSync(path, 'utf8')))), limit: 1.15 })
  return [...saved, ...loaded, await checksumRow(what, path)]
}

const benches: Readonly<Record<string, (quick: boolean) => Promise<readonly Row[]>>> = {
  json: async (quick) => {
    const floats = Array.from({ length: quick ? 100_000 : 1_000_000 }, (_, index) => Math.sin(index))
    const films = Array.from({ length: quick ? 20_000 : 200_000 }, (_, id) => film(id))
    return [...(await jsonOf(`JSON, ${floats.length} floats`, 5, t.array(t.number), floats)), ...(await jsonOf(`JSON, ${films.length} records`, 5, t.array(Film), films))]
  },
  npy: async (quick) => {
    const size = quick ? 1_000_000 : 10_000_000
    const what = `npy, ${size} float64`
    const path = join(folder, 'value.npy')
    const array = nd(Float64Array.from({ length: size }, Math.random), [size / 10, 10])
    const format = ndarray('float64')
    const bytes = new Uint8Array(array.data.buffer)
    const save = saver(format, path)
    const saved = await contest(9, { what: `${what}, save`, ours: () => save(array), raw: () => writeAll(path, bytes), limit: 1.15 })
    await save(array)
    const loaded = await contest(9, { what: `${what}, load`, ours: loader(format, path), raw: () => readFileSync(path), limit: 1.15 })
    return [...saved, ...loaded, await checksumRow(what, path)]
  },
  table: async (quick) => {
    const length = quick ? 10_000 : 100_000
    const Row = t.type({ i: t.Int, n: t.bigint, a: t.number, b: t.number, c: t.number, title: t.string, genre: t.string, d: t.union([t.number, t.null]), e: t.union([t.Int, t.null]), flag: t.boolean })
    const given = Array.from({ length }, (_, index) => ({
      i: index as t.Int,
      n: BigInt(index) * 1_000_003n,
      a: Math.sin(index),
      b: index / 8,
      c: (index * 37) % 1000,
      title: `The film number ${index}`,
      genre: genres[index % 4] as string,
      d: index % 3 === 0 ? null : Math.cos(index),
      e: index % 5 === 0 ? null : (index as t.Int),
      flag: index % 2 === 0,
    }))
    const path = join(folder, 'value.parquet')
    const what = `table, ${length} × 10`
    const save = saver(table(Row), path)
    await save(given)
    const columnar = await loader<Table<t.TypeOf<typeof Row>>>(table(Row), path)()
    const saved: Row[] = []
    for (const [name, value] of [['rows', given], ['columns', columnar]] as const) {
      const times: number[] = []
      for (let round = 0; round < 5; round++) times.push(await timed(() => save(value)))
      saved.push({ what: `${what}, save ${name}`, value: Math.min(...times), unit: 's', limit: undefined })
    }
    const hyparquet = async (): Promise<void> => {
      const bytes = readFileSync(path)
      const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
      await parquetRead({ file: buffer, metadata: parquetMetadata(buffer), onChunk: () => undefined })
    }
    const loaded = await contest(7, { what: `${what}, load`, ours: loader(table(Row), path), raw: hyparquet, limit: 1.2 })
    const asRows: number[] = []
    for (let round = 0; round < 5; round++) asRows.push(await timed(loader(rows(Row), path)))
    return [...saved, ...loaded, { what: `${what}, load rows`, value: Math.min(...asRows), unit: 's', limit: undefined }, await checksumRow(what, path)]
  },
  lines: async (quick) => {
    const length = quick ? 100_000 : 1_000_000
    const what = `JSON lines, ${length}`
    const path = join(folder, 'value.jsonl')
    const format = jsonLines(Film)
    const films = function* (): Generator<Film> {
      for (let id = 0; id < length; id++) yield film(id)
    }
    const save = saver(format, path)
    const raw = async (): Promise<void> => {
      const file = openSync(path, 'w')
      let text = ''
      for (const each of films()) {
        text += `${JSON.stringify(each)}\n`
        if (text.length < 1 << 16) continue
        writeSync(file, Buffer.from(text))
        text = ''
      }
      writeSync(file, Buffer.from(text))
      closeSync(file)
    }
    const saved = await contest(3, { what: `${what}, save`, ours: () => save(films()), raw, limit: 1.3 })
    const read = loader<Lines<Film>>(format, path)
    let sum = 0
    const before = process.memoryUsage().rss
    let peak = before
    const loaded = await contest(3, {
      what: `${what}, load`,
      ours: async () => {
        let count = 0
        for await (const { votes } of await read()) {
          sum += votes
          if (++count % 100_000 === 0) peak = Math.max(peak, process.memoryUsage().rss)
        }
      },
      raw: async () => {
        for await (const line of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 18 }) })) sum += (JSON.parse(line) as Film).votes
      },
      limit: 1.3,
    })
    if (sum === 0) throw new Error('nothing was read')
    return [...saved, ...loaded, { what: `${what}, memory gained while loading`, value: (peak - before) / 1e6, unit: 'MB', limit: 150 }, await checksumRow(what, path)]
  },
}

/** Rows of the benchmarks' table: formats against the raw call. Quick: a tenth of the size. */
export const formatRows = async (quick: boolean, names: readonly string[] = Object.keys(benches)): Promise<readonly Row[]> => {
  try {
    const all: Row[] = []
    for (const name of names) all.push(...((await benches[name]?.(quick)) ?? []))
    return all
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const given = process.argv.slice(2)
  const names = given.filter((argument) => argument in benches)
  const measured = await formatRows(given.includes('--quick'), names.length > 0 ? names : undefined)
  console.log(given.includes('--json') ? JSON.stringify(measured) : tableText(measured))
}
