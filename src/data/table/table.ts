import type * as t from 'io-ts'
import { show } from '../../declare/codec/codec.js'
import {
  DamagedArtifact,
  FormatProblem,
  makeFormat,
  type ArtifactSource,
  type FilePersistence,
  type Format,
} from '../../declare/format.js'
import { columnsOfRows } from './columns-of-rows.js'
import { refuseOthers, storedColumn, valuesOf } from './columns.js'
import type { StoredColumn } from './stored-column.js'
import type { ParquetWriter } from '../parquet/parquet-write.js'
import { schemaOf, type RowSchema } from './row-schema.js'
import { cutPoints } from '../parquet/row-groups.js'
import { fileColumns, markerName, markerOf, storedKinds } from './table-marker.js'
import { isTable, once, tableOver, type LazyColumn, type Table } from './table-value.js'
import { fieldOf, isObject } from '../../base/records.js'
import { messageOf } from '../../base/thrown.js'

/**
 * Stores rows as a Parquet file (`.parquet`) that DuckDB, pandas and polars can read. The columns are derived from the
 * io-ts codec of a row:
 *
 * | field | column |
 * |---|---|
 * | `t.number` | DOUBLE, exact with NaN, infinities and −0 |
 * | `t.Int` | INT64, up to ±(2^53 − 1); −0 becomes 0 |
 * | `t.bigint` | INT64 |
 * | `t.boolean`, `t.string` | BOOLEAN, UTF8 |
 * | literals and `t.keyof` | as the primitive they are |
 * | any codec of a `Date` (`date` of this module) | TIMESTAMP, milliseconds |
 * | nested objects, arrays, mixed unions | UTF8 with JSON in it |
 * | any other custom codec | what it encodes to |
 * | `t.union([x, t.null])`, `t.partial` | the same, optional |
 *
 * `run` may return rows or a `Table`; readers receive a `Table`: typed columns, and rows on demand. Fields that the
 * codec does not name are dropped. For plain arrays of rows see `rows`.
 *
 * @example
 * const Film = t.type({ title: t.string, votes: t.Int, released: t.union([date, t.null]) })
 * const films = defineTask({ data: table(Film) }).run(() => [
 *   { title: 'Alien', votes: 900_000 as t.Int, released: new Date('1979-05-25') },
 * ])
 * const total = defineTask({ inputs: { films }, data: t.number }).run(({ films }) =>
 *   films.column('votes').reduce((sum: number, votes) => sum + votes, 0),
 * )
 */
export const table = <Row extends object>(row: t.Type<Row, any>): Format<Table<Row>, TableLike<Row>> =>
  makeFormat(
    'table',
    'parquet',
    tablePersistence<Row, Table<Row>>(row, (made) => made),
    row.name,
  )

/** What `run` may return for a table. */
export type TableLike<Row extends object> = Table<Row> | readonly Row[]

/**
 * Stores rows as a Parquet file like `table`; readers receive a plain array of rows.
 *
 * @example
 * const kept = defineTask({ data: rows(Movie) }).run(() => [movie(3)]) // readers get an array of rows
 */
export const rows = <Row extends object>(row: t.Type<Row, any>): Format<readonly Row[], TableLike<Row>> =>
  makeFormat(
    'rows',
    'parquet',
    tablePersistence<Row, readonly Row[]>(row, (made) => made.toRows()),
    row.name,
  )

const tablePersistence = <Row extends object, Value>(
  row: t.Type<Row, any>,
  give: (made: Table<Row>) => Value,
): FilePersistence => {
  const stored = new WeakMap<object, readonly StoredColumn[]>() // passed from `encode` to the following `settle`
  return {
    storage: 'file',
    encode: async (returned) => {
      const schema = schemaOf(row)
      const columns = storedColumns(schema, returned)
      if (isObject(returned)) stored.set(returned, columns)
      const { parquetWriter } = await import('../parquet/parquet-write.js')
      return encodedTable(schema, columns, parquetWriter(fileColumns(schema, columns)))
    },
    decode: async (source) => give(await loadTable<Row>(row, source)),
    settle: (returned) => {
      if (!isObject(returned)) return undefined
      const columns = stored.get(returned)
      stored.delete(returned)
      return columns && { value: give(tableFrom<Row>(schemaOf(row), columns)) }
    },
  }
}

/**
 * A table of rows in memory: to pass to tests, or to select and filter before returning it. Throws `FormatProblem` if
 * the codec refuses a row.
 *
 * @example
 * const films = tableOf(t.type({ title: t.string, votes: t.number }), [{ title: 'Alien', votes: 3 }])
 * films.length // => 1
 */
export const tableOf = <Row extends object>(row: t.Type<Row, any>, values: TableLike<Row>): Table<Row> => {
  const schema = schemaOf(row)
  return tableFrom(schema, storedColumns(schema, values))
}

const storedColumns = (schema: RowSchema, returned: unknown): readonly StoredColumn[] => {
  if (isTable(returned)) {
    const absent = schema.find(({ name, gap }) => gap !== 'missing' && !returned.names.includes(name))
    if (absent !== undefined)
      throw new FormatProblem(`the table has no column ${JSON.stringify(absent.name)}`, { path: `/${absent.name}` })
    return schema.map((spec) =>
      storedColumn(spec, {
        from: returned.names.includes(spec.name) ? returned.column(spec.name) : [],
        field: undefined,
        length: returned.length,
      }),
    )
  }
  if (!Array.isArray(returned)) throw new FormatProblem(`expected an array of rows or a Table, got ${show(returned)}`)
  return columnsOfRows(schema, returned, 0)
}

async function* encodedTable(
  schema: RowSchema,
  columns: readonly StoredColumn[],
  writer: ParquetWriter,
): AsyncGenerator<Uint8Array> {
  yield* writer.begin()
  yield* encoded(writer, columns)
  yield* writer.end({
    [markerName]: markerOf(
      schema,
      columns.map(({ stored }) => stored),
    ),
  })
}

/** Encodes columns as row groups, one at a time. */
export function* encoded(writer: ParquetWriter, columns: readonly StoredColumn[]): Generator<Uint8Array> {
  const cuts = cutPoints(columns)
  for (const [index, from] of cuts.slice(0, -1).entries()) yield* writer.group(columns, from, cuts[index + 1]!)
}

const loadTable = async <Row extends object>(row: t.Type<Row, any>, source: ArtifactSource): Promise<Table<Row>> => {
  const schema = schemaOf(row)
  const bytes = await source.bytes()
  const { openBytes } = await import('../parquet/parquet-read.js')
  const file = await readable(() => openBytes(bytes))
  const kinds = storedKinds(schema, file.metadata)
  const columns = await readable(() => file.read(kinds, 0, file.rows))
  return checkedTable(schema, columns)
}

/**
 * A loaded table: columns with custom codecs are decoded and checked immediately, so that the loader reports a refusal.
 */
export const checkedTable = <Row extends object>(schema: RowSchema, columns: readonly StoredColumn[]): Table<Row> => {
  const made = tableFrom<Row>(schema, columns)
  for (const spec of schema)
    if (spec.checked) refuseOthers(spec, made.column(spec.name as keyof Row & string) as ArrayLike<unknown>)
  return made
}

const tableFrom = <Row extends object>(schema: RowSchema, columns: readonly StoredColumn[]): Table<Row> => {
  const lazy = schema.map((spec, position): [string, LazyColumn] => [
    spec.name,
    { values: once(() => valuesOf(spec, columns[position]!)), optional: spec.gap === 'missing' },
  ])
  return tableOver<Row>(new Map(lazy), columns[0]?.values.length ?? 0)
}

/** Converts hyparquet's errors about bytes that are not a Parquet file. */
export const readable = async <A>(read: () => Promise<A>): Promise<A> => {
  try {
    return await read()
  } catch (cause) {
    if (
      cause instanceof Error &&
      (cause.name === 'DamagedArtifact' ||
        cause.name === 'FormatProblem' ||
        typeof fieldOf(cause, 'syscall') === 'string')
    )
      throw cause // an I/O error is not damage
    throw new DamagedArtifact(`not a complete Parquet file: ${messageOf(cause)}`, { cause })
  }
}
