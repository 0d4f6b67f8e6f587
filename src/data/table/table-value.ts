import { displaySymbol, mediaOfTable, type MediaBundle, type ShownTable } from '../../base/notebook.js'
import { rangeOf } from '../range.js'
import { fieldOf } from '../../base/records.js'

/**
 * A column's values: a typed array if all are numbers or bigints, otherwise an array. Shared by all readers: changing
 * it is a bug.
 */
export type Column<A> = [A] extends [number] ? Float64Array : [A] extends [bigint] ? BigInt64Array : readonly A[]

/** Rows stored by column: what readers of the `table` format receive. Immutable; rows are created on demand. */
export interface Table<Row extends object> extends Iterable<Row> {
  readonly _tag: 'Table'
  /** Number of rows. */
  readonly length: number
  /** Column names, in order. */
  readonly names: readonly (keyof Row & string)[]
  /** All values of a column. Throws a RangeError for an unknown name. */
  column<Name extends keyof Row & string>(name: Name): Column<Row[Name]>
  /** All columns by name: what Arquero's `table` takes, for example. */
  columns(): { readonly [Name in keyof Row & string]: Column<Row[Name]> }
  /** A row by index, counted from 0; undefined if out of range. */
  at(index: number): Row | undefined
  /** All rows as objects, created anew with each call. */
  toRows(): Row[]
  /** Alias of `toRows`. */
  rows(): Row[]
  /** The results of `make` for each row, in order. */
  map<A>(make: (row: Row, index: number) => A): A[]
  /** A table of the rows for which `isWanted` returns true. */
  filter(isWanted: (row: Row, index: number) => boolean): Table<Row>
  /** A table of these columns, in this order. */
  select<Name extends keyof Row & string>(...names: readonly Name[]): Table<Pick<Row, Name>>
  /**
   * A table of the rows `from` (inclusive) to `to` (exclusive), positions as in `Array.prototype.slice`: `slice(-10)`
   * gives the last ten.
   */
  slice(from?: number, to?: number): Table<Row>
}

/** A lazily created column: its values, and whether undefined means an absent field. */
export interface LazyColumn {
  readonly values: () => ArrayLike<unknown>
  readonly optional: boolean
}

/** Creates rows by index from the columns' values. */
const rowMakerOf = <Row extends object>(columns: ReadonlyMap<string, LazyColumn>): ((index: number) => Row) => {
  const parts = [...columns].map(([name, { values, optional }]) => ({ name, values: values(), optional }))
  return (index) => {
    const row: Record<string, unknown> = {}
    for (const { name, values, optional } of parts) {
      const value = values[index]
      if (!optional || value !== undefined) row[name] = value
    }
    return row as Row
  }
}

/** A table over columns of equal length. */
export const tableOver = <Row extends object>(columns: ReadonlyMap<string, LazyColumn>, length: number): Table<Row> => {
  const names = Object.freeze([...columns.keys()])
  const known = (name: string): LazyColumn => {
    const column = columns.get(name)
    if (column === undefined)
      throw new RangeError(`the table has no column ${JSON.stringify(name)}; it has ${names.join(', ')}`)
    return column
  }
  const rowMaker = once(() => rowMakerOf<Row>(columns))
  const toRows = (): Row[] => {
    const make = rowMaker()
    const rows: Row[] = []
    for (let index = 0; index < length; index++) rows.push(make(index))
    return rows
  }
  const derived = (column: (values: ArrayLike<unknown>) => ArrayLike<unknown>, newLength: number): Table<Row> =>
    tableOver(
      new Map(
        [...columns].map(([name, { values, optional }]) => [name, { values: once(() => column(values())), optional }]),
      ),
      newLength,
    )
  const methods: Omit<Table<Row>, '_tag' | 'length' | 'names'> & { readonly [displaySymbol]: () => MediaBundle } = {
    [displaySymbol]: () => mediaOfTable(shownTable(tableOver<Row>(columns, length))),
    column: (name) => known(name).values() as Column<Row[typeof name]>,
    columns: () =>
      Object.fromEntries(names.map((name) => [name, known(name).values()])) as ReturnType<Table<Row>['columns']>,
    at: (index) => (Number.isInteger(index) && index >= 0 && index < length ? rowMaker()(index) : undefined),
    toRows,
    rows: toRows,
    map: (make) => {
      const row = rowMaker()
      return Array.from({ length }, (_, index) => make(row(index), index))
    },
    filter: (isWanted) => {
      const row = rowMaker()
      const wanted: number[] = []
      for (let index = 0; index < length; index++) if (isWanted(row(index), index)) wanted.push(index)
      return derived((values) => gathered(values, wanted), wanted.length)
    },
    select: (...wanted) => tableOver(new Map(wanted.map((name) => [name, known(name)])), length),
    slice: (from, to) => {
      const [start, end] = rangeOf(length, from, to)
      return derived((values) => part(values, start, end), end - start)
    },
    [Symbol.iterator]: function* () {
      const row = rowMaker()
      for (let index = 0; index < length; index++) yield row(index)
    },
  }
  const table = { _tag: 'Table', length, names } as Table<Row>
  // not enumerable, so that tables compare by their rows
  for (const name of Reflect.ownKeys(methods)) Object.defineProperty(table, name, { value: Reflect.get(methods, name) })
  return Object.freeze(table)
}

/** True for a table of this or another copy of the library. */
export const isTable = (value: unknown): value is Table<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && fieldOf(value, '_tag') === 'Table' && 'column' in value

const gathered = (values: ArrayLike<unknown>, wanted: readonly number[]): ArrayLike<unknown> => {
  const target: { [index: number]: unknown; readonly length: number } =
    values instanceof Float64Array
      ? new Float64Array(wanted.length)
      : values instanceof BigInt64Array
        ? new BigInt64Array(wanted.length)
        : Array.from<unknown>({ length: wanted.length })
  for (let index = 0; index < wanted.length; index++) target[index] = values[wanted[index]!]
  return target
}

const part = (values: ArrayLike<unknown>, from: number, to: number): ArrayLike<unknown> =>
  (values as readonly unknown[]).slice(from, to)

/** Maximum number of rows and columns shown in a notebook. */
const [maxRows, maxColumns] = [20, 30]

const shownTable = <Row extends object>(table: Table<Row>): ShownTable => {
  const names = table.names.slice(0, maxColumns)
  const rest = [
    ...(table.length > maxRows ? [`${table.length - maxRows} more rows`] : []),
    ...(table.names.length > maxColumns ? [`${table.names.length - maxColumns} more columns`] : []),
  ]
  return {
    title: `${table.length} rows, ${table.names.length} columns`,
    columns: names,
    rows: table.slice(0, maxRows).map((row) => names.map((name) => cellText(row[name]))),
    ...(rest.length === 0 ? {} : { rest: `and ${rest.join(', ')}` }),
  }
}

const cellText = (value: unknown): string => {
  if (value === undefined) return ''
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString()
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  if (typeof value === 'string') return value
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? ''
}

/** Computes at the first call only. */
export const once = <A>(compute: () => A): (() => A) => {
  let known: { readonly value: A } | undefined
  return () => (known ??= { value: compute() }).value
}
