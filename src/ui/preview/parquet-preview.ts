import { readFooter, type Bytes, type ParquetFooter } from '../../data/parquet/parquet-file.js'
import { readGroups } from '../../data/parquet/parquet-foreign.js'
import { readable } from '../../data/table/table.js'
import type { PreviewQuestion } from '../addresses.js'
import type { NoPreview, TableColumn, TablePreview } from '../contract.js'
import { cellOf } from './cells.js'
import { columnSummary } from './numbers.js'

/** Rows of a Parquet file from any writer; reads only the requested row groups and columns. */

const usualRows = 100
const maxRows = 500
const maxColumns = 200
/** Limit on compressed bytes of the requested columns, in the row groups that contain the rows. */
const maxBytes = 128 * 1024 * 1024
/** Limit on rows that a summary reads. */
const maxSummarised = 200_000

export const parquetPreview = async (bytes: Bytes, asked: PreviewQuestion): Promise<TablePreview | NoPreview> => {
  const footer = await readable(() => readFooter(bytes))
  const { offset, limit, from, names } = pageOf(footer, asked)
  const wanted = footer.columns.filter((_, index) => index >= from && index < from + names.length)
  const summarised = asked.summary === 1
  const last = Math.max(offset + limit, summarised ? Math.min(footer.rows, maxSummarised) : 0)
  const first = summarised ? 0 : offset
  const groups = footer.groups.filter(({ start, rows }) => start < last && start + rows > first)
  const size = groups.reduce((sum, group) => sum + packedSize(footer, group, wanted), 0)
  if (size > maxBytes)
    return {
      kind: 'too large',
      message: 'these columns have too many bytes to be shown; ask for fewer columns, or read them with their format',
      size,
      limit: maxBytes,
    }
  const columns = await readable(() => readGroups(bytes, footer.columns, names, groups))
  const start = groups[0]?.start ?? 0
  const values = names.map((name) => columns.get(name) ?? [])
  return {
    kind: 'table',
    rows: footer.rows,
    columnsInAll: footer.columns.length,
    columnsFrom: from,
    columns: wanted.map(
      ({ element }, index): TableColumn => ({
        name: element.name,
        type: typeOf(element),
        ...(summarised ? { summary: columnSummary(firstOf(values[index] ?? [], maxSummarised)) } : {}),
      }),
    ),
    offset,
    cells: Array.from({ length: limit }, (_, row) => values.map((column) => cellOf(column[offset - start + row]))),
  }
}

/** The requested rows and columns, cut to those that exist. */
const pageOf = (footer: ParquetFooter, asked: PreviewQuestion) => {
  const offset = Math.min(asked.offset ?? 0, footer.rows)
  const limit = Math.min(asked.limit ?? usualRows, maxRows, footer.rows - offset)
  const from = Math.min(asked.columnsFrom ?? 0, footer.columns.length)
  const columns = footer.columns.slice(from, from + Math.min(asked.columnsLimit ?? maxColumns, maxColumns))
  return { offset, limit, from, names: columns.map(({ element }) => element.name) }
}

const packedSize = (
  footer: ParquetFooter,
  group: ParquetFooter['groups'][number],
  wanted: ParquetFooter['columns'],
): number => {
  const names = new Set(wanted.map(({ element }) => element.name))
  const own = group.chunks.filter(({ meta }) => names.has(meta.path_in_schema[0] ?? ''))
  return own.reduce((sum, chunk) => sum + (chunk.to - chunk.from), 0)
}

const typeOf = ({
  type,
  logical_type: logical,
  converted_type: converted,
  num_children: children,
}: ParquetElement): string =>
  logical?.type.toLowerCase() ??
  converted?.toLowerCase() ??
  type?.toLowerCase() ??
  (children === undefined ? '?' : 'struct')

type ParquetElement = ParquetFooter['columns'][number]['element']

const firstOf = (values: ArrayLike<unknown>, most: number): ArrayLike<unknown> =>
  values.length <= most ? values : Array.from({ length: most }, (_, index) => values[index])
