// Other Parquet writers, on the same columns in memory: a native one (DuckDB) and one in JavaScript (hyparquet-writer).
import { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, DuckDBInstance, VARCHAR } from '@duckdb/node-api'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { writeFileSync } from 'node:fs'
import type { Table } from '../dist/data/index.js'
import type { Measured } from './format-values.js'

type Name = keyof Measured & string

const integers: readonly Name[] = ['i', 'e', 'n']
const kindOf = (name: Name): 'integer' | 'text' | 'flag' | 'double' =>
  integers.includes(name)
    ? 'integer'
    : name === 'title' || name === 'genre'
      ? 'text'
      : name === 'flag'
        ? 'flag'
        : 'double'

/**
 * The columns in the form these libraries need: arrays, with bigints for 64-bit integers. Converted before anything is
 * measured.
 */
export const plainColumns = (table: Table<Measured>): ReadonlyMap<Name, readonly unknown[]> =>
  new Map(
    table.names.map((name) => [
      name,
      Array.from<unknown, unknown>(table.column(name), (value) =>
        kindOf(name) === 'integer' && typeof value === 'number' ? BigInt(value) : value,
      ),
    ]),
  )

export const byDuckDB = async (columns: ReadonlyMap<Name, readonly unknown[]>, path: string): Promise<void> => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const names = [...columns.keys()]
  const types = { integer: BIGINT, text: VARCHAR, flag: BOOLEAN, double: DOUBLE }
  await connection.run(
    `create table measured (${names.map((name) => `"${name}" ${String(types[kindOf(name)])}`).join(', ')})`,
  )
  const appender = await connection.createAppender('measured')
  const chunkTypes = names.map((name) => types[kindOf(name)])
  const rows = columns.get('i')?.length ?? 0
  for (let from = 0; from < rows; from += 2048) {
    const chunk = DuckDBDataChunk.create(chunkTypes, Math.min(2048, rows - from))
    chunk.setColumns(names.map((name) => columns.get(name)?.slice(from, from + 2048) as never)) // of the columns' kinds
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
  await connection.run(`copy measured to '${path}' (format parquet, compression snappy)`)
  connection.closeSync()
  instance.closeSync()
}

export const byHyparquetWriter = (columns: ReadonlyMap<Name, readonly unknown[]>, path: string): void => {
  const types = { integer: 'INT64', text: 'STRING', flag: 'BOOLEAN', double: 'DOUBLE' } as const
  const bytes = parquetWriteBuffer({
    columnData: [...columns].map(([name, data]) => ({
      name,
      data: data as never,
      type: types[kindOf(name)],
      nullable: name === 'd' || name === 'e',
    })),
    rowGroupSize: 1 << 16,
  })
  writeFileSync(path, new Uint8Array(bytes))
}
