import { open } from 'node:fs/promises'
import type * as t from 'io-ts'
import { tableOfColumns } from './foreign-columns.js'
import { readable } from '../table/table.js'
import { schemaOf } from '../table/row-schema.js'
import type { Table } from '../table/table-value.js'

/**
 * Reads a Parquet file written by another program (DuckDB, polars, Spark, …) into a `Table`, checked by the codec of a
 * row; only the columns that the codec names are read. Every value is exactly what was stored, or refused with row and
 * column: integers, decimals and times become numbers and Dates if these represent them exactly; `t.bigint` accepts any
 * integer (of a time: its units since 1970), `t.string` gives the value in full (`12.50`,
 * `1969-12-31T23:59:59.999999`), a custom codec gives what it decodes, bytes are a `Uint8Array`. JSON strings, lists
 * and structs are decoded if the codec calls for it. Rejects with `FormatProblem` naming row and column, or with
 * `DamagedArtifact` if the file is not a complete Parquet file.
 * Compression: none, snappy, gzip, brotli; zstd with Node 22.15 or newer; LZ4, and zstd on older versions, with the
 * package `hyparquet-compressors`.
 *
 * @example
 * const Film = t.type({ title: t.string })
 * const films = defineTask({ params: { source: file }, data: table(Film) }).run(({ source }) =>
 *   readParquet(Film, source),
 * )
 */
export const readParquet = async <Row extends object>(row: t.Type<Row, any>, path: string): Promise<Table<Row>> => {
  const { readForeign } = await import('./parquet-foreign.js')
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const read = async (from: number, to: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(to - from)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    }
    const { columns, rows } = await readable(() =>
      readForeign(
        { size, slice: read },
        schemaOf(row).map(({ name }) => name),
      ),
    )
    return tableOfColumns(row, columns, rows)
  } finally {
    await file.close()
  }
}
