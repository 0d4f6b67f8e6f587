import { show } from '../../declare/codec/codec.js'
import { FormatProblem } from '../../declare/format.js'
import { absentValue, firstOther, storedColumn } from './columns.js'
import type { StoredColumn } from './stored-column.js'
import { emptyColumn, fill, type Filling, type Given } from './fill-columns.js'
import type { ColumnSpec, RowSchema } from './row-schema.js'

/**
 * Columns of plain rows; `firstRow` is their position in the whole table. Throws `FormatProblem`, with row and column,
 * for the first column with a value that the codec refuses.
 */
export const columnsOfRows = (
  schema: RowSchema,
  rows: readonly unknown[],
  firstRow: number,
): readonly StoredColumn[] => {
  const givenOf = (spec: ColumnSpec): Given => ({ from: rows, field: spec.name, length: rows.length })
  const filled = filledTogether(
    schema.map((spec) => ({
      spec,
      given: givenOf(spec),
      column: spec.kind === 'json' || spec.kind === 'encoded' ? undefined : emptyColumn(spec.kind, rows.length),
    })),
    rows,
  )
  if (filled === undefined) refuseNoRow(rows, firstRow)
  return schema.map((spec, position) => filled?.[position] ?? storedColumn(spec, givenOf(spec), firstRow))
}

interface Part {
  readonly spec: ColumnSpec
  readonly given: Given
  /** Undefined for columns that are not stored value by value. */
  readonly column: Filling | undefined
}

/**
 * Fills all columns one block of rows at a time: a row is still in the processor's cache when its next field is read.
 * Undefined if a value is wrong: the first such column is then found column by column.
 */
const filledTogether = (
  parts: readonly Part[],
  rows: readonly unknown[],
): readonly (StoredColumn | undefined)[] | undefined => {
  for (let from = 0; from < rows.length; from += blockRows) {
    const to = Math.min(rows.length, from + blockRows)
    if (firstNoRow(rows, from, to) !== -1) return undefined
    for (const { spec, given, column } of parts) {
      if (column === undefined) continue
      if (spec.checked && firstOther(spec, given, from, to) !== -1) return undefined
      if (fill(column, absentValue(spec), given, from, to) !== -1) return undefined
    }
  }
  return parts.map(({ column }) => column)
}

const blockRows = 512

const firstNoRow = (rows: readonly unknown[], from: number, to: number): number => {
  for (let index = from; index < to; index++) {
    const row = rows[index]
    if (typeof row !== 'object' || row === null) return index
  }
  return -1
}

const refuseNoRow = (rows: readonly unknown[], firstRow: number): void => {
  const index = firstNoRow(rows, 0, rows.length)
  if (index !== -1)
    throw new FormatProblem(`expected a row, got ${show(rows[index])} at /${firstRow + index}`, {
      path: `/${firstRow + index}`,
    })
}
