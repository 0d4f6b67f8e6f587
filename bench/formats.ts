// What a format adds to the raw library call: both save and load the same value, alternating in one run, to files in
// memory.
// Peak memory, and JSON lines at full length, are measured in separate processes.
// npx tsx bench/formats.ts [--quick] [--json] [json|npy|table|lines|large|memory]
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import { parquetMetadata, parquetRead } from 'hyparquet'
import * as t from 'io-ts'
import nd from 'ndarray'
import { crc32 } from '../dist/adapters/file-store/checksum.js'
import { json, jsonLines, ndarray, rows, table, type Lines, type Table } from '../dist/data/index.js'
import { loader, saver, writeAll, writeLines } from './format-files.js'
import { byDuckDB, byHyparquetWriter, plainColumns } from './format-peers.js'
import { Film, film, films, Measured, measured } from './format-values.js'
import { largeValueRows } from './large-values.js'
import { tableText, type Row } from './table.js'

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'formats-'))

/** Seconds of processor time, user and system: wall-clock time means little on a shared machine. */
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

/** The median of several figures. */
const median = (figures: readonly number[]): number =>
  figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] as number

/**
 * Several rounds, alternating between the format and the raw call. Times are the minimum; the ratio is the median of
 * the ratios of rounds, since the speed of a shared machine varies by half from one minute to the next.
 */
const contest = async (rounds: number, { what, ours, raw, limit }: Contest): Promise<readonly Row[]> => {
  const times: { ours: number; raw: number }[] = []
  for (let round = 0; round < rounds; round++) {
    global.gc?.()
    times.push(
      round % 2 === 0
        ? { ours: await timed(ours), raw: await timed(raw) }
        : { raw: await timed(raw), ours: await timed(ours) },
    )
  }
  const [best, least] = [Math.min(...times.map((time) => time.ours)), Math.min(...times.map((time) => time.raw))]
  return [
    { what: `${what}: ours`, value: best, unit: 's', limit: undefined },
    { what: `${what}: raw`, value: least, unit: 's', limit: undefined },
    { what: `${what}: ratio`, value: median(times.map((time) => time.ours / time.raw)), unit: '×', limit },
  ]
}

const checksumRow = async (what: string, path: string): Promise<Row> => {
  const bytes = readFileSync(path)
  return {
    what: `${what}: checksum alone`,
    value: Math.min(await timed(() => crc32(bytes)), await timed(() => crc32(bytes))),
    unit: 's',
    limit: undefined,
  }
}

/** The resources a process needs for a single operation. */
const childOf = (
  name: string,
  length: number,
  path: string,
): { readonly seconds: number; readonly before: number; readonly peak: number } =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        '--expose-gc',
        '--import',
        'tsx',
        fileURLToPath(new URL('./format-child.ts', import.meta.url)),
        name,
        String(length),
        path,
      ],
      { encoding: 'utf8' },
    ),
  ) as never // its own output

const megabytes = (bytes: number): number => bytes / 1e6

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
  const loaded = await contest(rounds, {
    what: `${what}, load`,
    ours: loader(format, path),
    raw: () => E.isRight(codec.decode(JSON.parse(readFileSync(path, 'utf8')))),
    limit: 1.15,
  })
  return [...saved, ...loaded, await checksumRow(what, path)]
}

/**
 * Twice the time of polars, which is the ratio of DuckDB to polars where both were measured (2.0 s and 1.1 s for a
 * million rows).
 */
const duckdbLimit = 1.1

const benches: Readonly<Record<string, (quick: boolean) => Promise<readonly Row[]>>> = {
  json: async (quick) => {
    const floats = Array.from({ length: quick ? 100_000 : 1_000_000 }, (_, index) => Math.sin(index))
    const records = Array.from({ length: quick ? 20_000 : 200_000 }, (_, id) => film(id))
    return [
      ...(await jsonOf(`JSON, ${floats.length} floats`, 5, t.array(t.number), floats)),
      ...(await jsonOf(`JSON, ${records.length} records`, 5, t.array(Film), records)),
    ]
  },
  npy: async (quick) => {
    const size = quick ? 1_000_000 : 10_000_000
    const what = `npy, ${size} float64`
    const path = join(folder, 'value.npy')
    const array = nd(Float64Array.from({ length: size }, Math.random), [size / 10, 10])
    const format = ndarray('float64')
    const bytes = new Uint8Array(array.data.buffer)
    const save = saver(format, path)
    const saved = await contest(9, {
      what: `${what}, save`,
      ours: () => save(array),
      raw: () => writeAll(path, bytes),
      limit: 1.15,
    })
    await save(array)
    const loaded = await contest(9, {
      what: `${what}, load`,
      ours: loader(format, path),
      raw: () => readFileSync(path),
      limit: 1.15,
    })
    return [...saved, ...loaded, await checksumRow(what, path)]
  },
  table: async (quick) => {
    const length = quick ? 50_000 : 1_000_000
    const rounds = quick ? 5 : 3
    const given = measured(length)
    const path = join(folder, 'value.parquet')
    const what = `table, ${length} × 10`
    const save = saver(table(Measured), path)
    await save(given)
    const columnar = await loader<Table<Measured>>(table(Measured), path)()
    const plain = plainColumns(columnar)
    const least = async (work: () => unknown): Promise<number> => {
      const times: number[] = []
      for (let round = 0; round < rounds; round++) {
        global.gc?.()
        times.push(await timed(work))
      }
      return Math.min(...times)
    }
    const others = join(folder, 'others.parquet')
    const works = {
      rows: () => save(given),
      columns: () => save(columnar),
      'hyparquet-writer': () => byHyparquetWriter(plain, others),
      DuckDB: () => byDuckDB(plain, others),
    }
    type Name = keyof typeof works
    const saves: Record<Name, number>[] = []
    for (let round = 0; round < rounds + 2; round++) {
      const times = {} as Record<Name, number>
      for (const [name, work] of Object.entries(works)) {
        global.gc?.()
        times[name as Name] = await timed(work)
      }
      saves.push(times)
    }
    const ratio = (one: Name, other: Name): number => median(saves.map((times) => times[one] / times[other]))
    const byName = Object.fromEntries(
      Object.keys(works).map((name) => [name, Math.min(...saves.map((times) => times[name as Name]))]),
    )
    // The minimum that gives a value: chunks are kept as they come. Dropped immediately they would cost the garbage
    // collector nothing.
    const hyparquet = async (): Promise<readonly unknown[]> => {
      const bytes = readFileSync(path)
      const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
      const chunks: unknown[] = []
      await parquetRead({
        file: buffer,
        metadata: parquetMetadata(buffer),
        onChunk: (chunk) => void chunks.push(chunk),
      })
      return chunks
    }
    const loaded = await contest(rounds + 4, {
      what: `${what}, load`,
      ours: loader(table(Measured), path),
      raw: hyparquet,
      limit: 1.2,
    })
    return [
      ...Object.entries(byName).map(
        ([name, value]): Row => ({
          what: `${what}, save ${name in { rows: 0, columns: 0 } ? `${name}: ours` : `columns: ${name}`}`,
          value,
          unit: 's',
          limit: undefined,
        }),
      ),
      {
        what: `${what}, save columns: ratio to hyparquet-writer`,
        value: ratio('columns', 'hyparquet-writer'),
        unit: '×',
        limit: 1,
      },
      {
        what: `${what}, save columns: ratio to DuckDB`,
        value: ratio('columns', 'DuckDB'),
        unit: '×',
        limit: duckdbLimit,
      },
      { what: `${what}, save rows: ratio to DuckDB`, value: ratio('rows', 'DuckDB'), unit: '×', limit: undefined },
      {
        what: `${what}, save: polars, measured elsewhere (it needs Node 22), for information`,
        value: (1.1 * length) / 1e6,
        unit: 's',
        limit: undefined,
      },
      ...loaded,
      { what: `${what}, load rows`, value: await least(loader(rows(Measured), path)), unit: 's', limit: undefined },
      await checksumRow(what, path),
    ]
  },
  lines: async (quick) => {
    const length = quick ? 100_000 : 1_000_000
    const what = `JSON lines, ${length}`
    const path = join(folder, 'value.jsonl')
    const format = jsonLines(Film)
    const save = saver(format, path)
    const raw = (): void => writeLines(path, films(length))
    await save(films(length / 10)) // the first lines are written by code that the engine has not compiled yet
    writeLines(path, films(length / 10))
    const saved = await contest(7, { what: `${what}, save`, ours: () => save(films(length)), raw, limit: 1.3 })
    const read = loader<Lines<Film>>(format, path)
    let sum = 0
    const loaded = await contest(3, {
      what: `${what}, load`,
      ours: async () => {
        for await (const { votes } of await read()) sum += votes
      },
      raw: async () => {
        for await (const line of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 18 }) }))
          sum += (JSON.parse(line) as Film).votes
      },
      limit: 1.3,
    })
    if (sum === 0) throw new Error('nothing was read')
    return [...saved, ...loaded, await checksumRow(what, path)]
  },
  large: largeValueRows,
  memory: async (quick) => {
    const part = quick ? 10 : 1
    const pairs = [
      ['JSON, floats', 'json-floats', 1_000_000 / part, true],
      ['JSON, records', 'json-records', 200_000 / part, true],
      ['npy, float64', 'npy', 10_000_000 / part, false],
      ['table, rows × 10', 'table', 1_000_000 / part / (quick ? 2 : 1), false],
      ['JSON lines', 'lines', 10_000_000 / part / (quick ? 5 : 1), true],
    ] as const
    return pairs.flatMap(([what, name, length, hasRaw]) =>
      (['save', 'load'] as const).flatMap((way): readonly Row[] => {
        const path = join(folder, `memory.${name}`)
        const ours = childOf(`${name}-${way}`, length, path)
        const raw = hasRaw ? childOf(`${name}-${way}-raw`, length, path) : undefined
        const lines = name === 'lines'
        return [
          {
            what: `${what}, ${length}, ${way}: peak memory of the process`,
            value: megabytes(ours.peak),
            unit: 'MB',
            limit: undefined,
          },
          {
            what: `${what}, ${length}, ${way}: gained`,
            value: megabytes(ours.peak - ours.before),
            unit: 'MB',
            limit: lines ? 150 : undefined,
          },
          ...(raw === undefined
            ? []
            : [
                {
                  what: `${what}, ${length}, ${way}: gained by the raw call`,
                  value: megabytes(raw.peak - raw.before),
                  unit: 'MB',
                  limit: undefined,
                },
              ]),
          ...(raw === undefined || !lines
            ? []
            : [
                {
                  what: `${what}, ${length}, ${way}: ratio of seconds`,
                  value: ours.seconds / raw.seconds,
                  unit: '×',
                  limit: 1.3,
                },
              ]),
        ]
      }),
    )
  },
}

/** Rows of the benchmark table: formats against the raw call. Quick: a tenth of the size. */
export const formatRows = async (
  quick: boolean,
  names: readonly string[] = Object.keys(benches),
): Promise<readonly Row[]> => {
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
