import type * as t from 'io-ts'
import { tableOfColumns } from '../parquet/foreign-columns.js'
import type { Table } from './table-value.js'

/** Tables ⇄ other libraries. Callers pass the library in, so that none has to be installed unless it is used. */

/**
 * A `Table` as a table of Arquero; its columns share the memory, nothing is copied.
 *
 * @example
 * import * as aq from 'arquero'
 * const films = tableOf(t.type({ genre: t.string, votes: t.number }), [{ genre: 'horror', votes: 3 }])
 * toArquero(aq, films).groupby('genre').rollup({ films: aq.op.count() }).numRows() // => 1
 */
// `any`: the types of Arquero are not installed with this library, and any row will do.
export const toArquero = <Made>(
  arquero: { readonly table: (columns: any, names?: any) => Made },
  table: Table<any>,
): Made => arquero.table(table.columns(), [...table.names])

/** The methods of an Arquero table used here. */
export interface ArqueroTable {
  readonly numRows: () => number
  readonly columnNames: () => readonly string[]
  readonly array: (name: string) => ArrayLike<unknown>
}

/**
 * A `Table` from an Arquero table, in its order and with its filters, checked by the codec of a row. Columns that the
 * codec does not name are dropped.
 * Throws `FormatProblem` if a value does not fit.
 *
 * @example
 * import * as aq from 'arquero'
 * const Count = t.type({ genre: t.string, films: t.number })
 * const counts = defineTask({ data: table(Count) }).run(() =>
 *   fromArquero(Count, aq.table({ genre: ['horror'], films: [2] })),
 * )
 */
export const fromArquero = <Row extends object>(row: t.Type<Row, any>, table: ArqueroTable): Table<Row> => {
  const columns = new Map(table.columnNames().map((name) => [name, table.array(name)]))
  return tableOfColumns(row, columns, table.numRows())
}

/**
 * SQL with which DuckDB reads the file of a `table`, `rows`, `largeTable`, `json` or `jsonLines` task, for use in place
 * of a table name.
 * Throws a TypeError for other kinds of files. Columns that hold JSON are text in DuckDB:
 * `json_extract(nested, '$.list')`.
 *
 * @example
 * const query = `select genre, avg(rating) from ${duckdbTable('data/films.parquet')} group by genre`
 */
export const duckdbTable = (path: string): string => {
  const ending = /\.(parquet|json|jsonl|jsonl\.gz|jsonl\.zst)$/.exec(path)?.[1]
  if (ending === undefined) throw new TypeError(`DuckDB reads .parquet, .json and .jsonl files as tables, not ${path}`)
  const literal = `'${path.replace(/[*?[]/g, '[$&]').replaceAll("'", "''")}'` // stars and brackets are patterns there
  if (ending === 'parquet') return `read_parquet(${literal})`
  const compression = ending.endsWith('.gz') ? 'gzip' : ending.endsWith('.zst') ? 'zstd' : 'uncompressed'
  return (
    `read_json(${literal}, format = '${ending === 'json' ? 'auto' : 'newline_delimited'}', ` +
    `compression = '${compression}')`
  )
}
