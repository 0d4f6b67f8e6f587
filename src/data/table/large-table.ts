import type * as t from 'io-ts'
import { FormatProblem, makeFormat, type ArtifactSource, type Format } from '../../declare/format.js'
import { columnsOfRows } from './columns-of-rows.js'
import { rangeOf } from '../range.js'
import type { Stored, StoredColumn } from './stored-column.js'
import { groupBytes, groupRows } from '../parquet/row-groups.js'
import { schemaOf, type RowSchema } from './row-schema.js'
import { checkedTable, encoded, readable } from './table.js'
import { fileColumns, markerName, markerOf, storedKinds } from './table-marker.js'
import type { Table } from './table-value.js'
import { itemsOf } from '../iterable.js'
import { fieldOf } from '../../base/records.js'

/** A table on disk: parts of it are read on demand. Reads are verified one column of a row group at a time. */
export interface LargeTable<Row extends object> {
  readonly _tag: 'LargeTable'
  /** Number of rows. */
  readonly length: number
  readonly names: readonly (keyof Row & string)[]
  /**
   * Some columns, some rows: `read({ columns: ['title'], from: 0, to: 100 })`. Default: all. Reads only the row groups
   * needed.
   */
  read<Name extends keyof Row & string = keyof Row & string>(part?: TablePart<Name>): Promise<Table<Pick<Row, Name>>>
  /** The rows as tables of up to 65,536 rows, one row group after another. */
  batches<Name extends keyof Row & string = keyof Row & string>(
    part?: Pick<TablePart<Name>, 'columns'>,
  ): AsyncIterable<Table<Pick<Row, Name>>>
  /** `for await (const row of large) …` */
  [Symbol.asyncIterator](): AsyncIterator<Row, void>
}

/** Which part of a table is read. */
export interface TablePart<Name extends string> {
  readonly columns?: readonly Name[]
  /** First row, counted from 0; negative positions count from the end, as in `Array.prototype.slice`. Default: 0. */
  readonly from?: number
  /** Row after the last one, counted the same way. Default: the number of rows. */
  readonly to?: number
}

/** What `run` may return for a large table: a generator, sync or async, an array or a table. */
export type RowItems<Row> = Iterable<Row> | AsyncIterable<Row>

/**
 * Stores rows as a Parquet file like `table`, but never holds all of them in memory: `run` should be a generator, and
 * readers receive a `LargeTable` and read the columns and rows they need.
 *
 * @example
 * const Rating = t.type({ film: t.string, stars: t.number })
 * const ratings = defineTask({ data: largeTable(Rating) }).run(async function* () {
 *   for (let stars = 1; stars <= 5; stars++) yield { film: 'Alien', stars }
 * })
 * const mean = defineTask({ inputs: { ratings }, data: t.number }).run(async ({ ratings }) => {
 *   let sum = 0
 *   for await (const batch of ratings.batches({ columns: ['stars'] }))
 *     sum += batch.column('stars').reduce((a, b) => a + b, 0)
 *   return sum / ratings.length
 * })
 */
export const largeTable = <Row extends object>(row: t.Type<Row, any>): Format<LargeTable<Row>, RowItems<Row>> =>
  makeFormat(
    'largeTable',
    'parquet',
    {
      storage: 'file',
      encode: (returned) => encodedRows(schemaOf(row), itemsOf(returned, 'rows')),
      decode: (source) => openLarge<Row>(schemaOf(row), source),
    },
    row.name,
  )

/** Rows gathered before they are encoded: a row group, or as many as contain 64 MB of text. */
async function* groups(schema: RowSchema, items: RowItems<unknown>): AsyncGenerator<readonly unknown[]> {
  const texts = schema.filter(({ kind }) => kind === 'text' || kind === 'encoded').map(({ name }) => name)
  let gathered: unknown[] = []
  let characters = 0
  const isFull = (item: unknown): boolean => {
    gathered.push(item)
    for (const name of texts) {
      const text = fieldOf(item, name)
      if (typeof text === 'string') characters += text.length
    }
    return gathered.length >= groupRows || characters >= groupBytes
  }
  const taken = (): readonly unknown[] => {
    const rows = gathered
    gathered = []
    characters = 0
    return rows
  }
  if (Symbol.asyncIterator in items) {
    for await (const item of items) if (isFull(item)) yield taken()
  } else {
    for (const item of items) if (isFull(item)) yield taken()
  }
  yield gathered
}

async function* encodedRows(schema: RowSchema, items: RowItems<unknown>): AsyncGenerator<Uint8Array> {
  const { parquetWriter } = await import('../parquet/parquet-write.js')
  let writer: ReturnType<typeof parquetWriter> | undefined
  let stored: readonly (Stored | undefined)[] = schema.map(() => undefined)
  let row = 0
  for await (const group of groups(schema, items)) {
    const columns = columnsOfRows(schema, group, row)
    if (writer === undefined) {
      writer = parquetWriter(fileColumns(schema, columns))
      yield* writer.begin()
    }
    stored = kindsAfter(schema, stored, columns, row)
    yield* encoded(writer, columns)
    row += group.length
  }
  const kinds = stored.map((kind) => kind ?? 'text')
  yield* writer?.end({ [markerName]: markerOf(schema, kinds) }, kinds) ?? []
}

/**
 * Kinds of the columns after some more rows; undefined for columns with only gaps so far. The kind of a custom codec
 * follows from its first values and must stay the same, since a column has one type per file.
 */
const kindsAfter = (
  schema: RowSchema,
  before: readonly (Stored | undefined)[],
  columns: readonly StoredColumn[],
  row: number,
): readonly (Stored | undefined)[] =>
  columns.map(({ stored, values }, position) => {
    const [known, { name = '', kind = 'text' } = {}] = [before[position], schema[position]]
    if (kind === 'encoded' && stored === 'text' && values.every((value) => value === null)) return known
    if (known === undefined || known === stored) return stored
    throw new FormatProblem(
      `column ${JSON.stringify(name)} encodes to ${stored} from row ${row} on, to ${known} before`,
      { path: `/${row}/${name}`, hint: 'make its codec encode to one kind of value, or keep the rows with table(row)' },
    )
  })

const openLarge = async <Row extends object>(schema: RowSchema, source: ArtifactSource): Promise<LargeTable<Row>> => {
  const { openSource } = await import('../parquet/parquet-read.js')
  const file = await readable(() => openSource(source))
  const kinds = new Map(storedKinds(schema, file.metadata).map((kind) => [kind.name, kind]))
  const chosen = (columns: readonly string[] | undefined): RowSchema =>
    columns === undefined
      ? schema
      : columns.map((name) => {
          const spec = schema.find((each) => each.name === name)
          if (spec === undefined)
            throw new RangeError(
              `the table has no column ${JSON.stringify(name)}; it has ${schema.map((each) => each.name).join(', ')}`,
            )
          return spec
        })
  const starts = file.groups.reduce<readonly number[]>((all, rows) => [...all, (all.at(-1) ?? 0) + rows], [0])
  const readWhole = async <Part extends object>(specs: RowSchema, from: number, to: number): Promise<Table<Part>> => {
    try {
      const columns = await readable(() =>
        file.read(
          specs.map(({ name }) => kinds.get(name)!),
          from,
          to,
        ),
      )
      return checkedTable<Part>(specs, columns)
    } catch (cause) {
      source.refused?.(cause)
      throw cause
    }
  }
  const batches = async function* <Part extends object>(
    columns: readonly string[] | undefined,
  ): AsyncGenerator<Table<Part>, void> {
    const specs = chosen(columns)
    for (let group = 0; group < file.groups.length; group++)
      yield await readWhole<Part>(specs, starts[group]!, starts[group + 1]!)
  }
  return Object.freeze<LargeTable<Row>>({
    _tag: 'LargeTable',
    length: file.rows,
    names: Object.freeze(schema.map(({ name }) => name)) as readonly (keyof Row & string)[],
    read: async ({ columns, from, to } = {}) => {
      const [start, end] = rangeOf(file.rows, from, to)
      const begin = starts.findLast((row) => row <= start) ?? 0
      const finish = end === start ? begin : (starts.find((row) => row >= end) ?? file.rows)
      const whole = await readWhole<Pick<Row, keyof Row & string>>(chosen(columns), begin, finish)
      // the columns are the requested ones
      return (whole.length === end - start ? whole : whole.slice(start - begin, end - begin)) as never
    },
    batches: (part) => ({ [Symbol.asyncIterator]: () => batches(part?.columns) }),
    [Symbol.asyncIterator]: async function* () {
      for await (const batch of batches<Row>(undefined)) yield* batch
    },
  })
}
