import type * as t from 'io-ts'
import { problemUnder } from '../../declare/codec/codec.js'
import { FormatProblem } from '../../declare/format.js'
import { fromJson } from '../../declare/json/json.js'
import { parsedExactly } from './exact-json.js'
import { fittedPart, fittedValue, textIn } from './fit-value.js'
import { schemaOf, type ColumnSpec } from '../table/row-schema.js'
import { tableOf } from '../table/table.js'
import { tableOver, type Table } from '../table/table-value.js'
import { messageOf } from '../../base/thrown.js'

/**
 * Columns of other libraries → a `Table`: their nulls, integers and JSON strings are converted to what the codec of a
 * row expects.
 */

/**
 * A table of columns by name; columns that the codec does not name are dropped. Throws `FormatProblem` with row and
 * column if a value does not fit, or if a required column is missing.
 */
export const tableOfColumns = <Row extends object>(
  row: t.Type<Row, any>,
  columns: ReadonlyMap<string, ArrayLike<unknown>>,
  length: number,
): Table<Row> => {
  const given = schemaOf(row).flatMap((spec) => {
    const values = columns.get(spec.name)
    return values === undefined
      ? []
      : [[spec.name, { values: () => fitted(spec, values), optional: spec.gap === 'missing' }] as const]
  })
  return tableOf(row, tableOver<Row>(new Map(given), length))
}

const fitted = (spec: ColumnSpec, values: ArrayLike<unknown>): ArrayLike<unknown> => {
  const isReady =
    (spec.kind === 'number' && values instanceof Float64Array) ||
    (spec.kind === 'bigint' && values instanceof BigInt64Array)
  return isReady ? values : Array.from(values, (value, index) => valueOf(spec, value, index))
}

const valueOf = (spec: ColumnSpec, value: unknown, index: number): unknown => {
  if (value === null || value === undefined) return spec.gap === 'null' ? null : spec.gap === 'none' ? value : undefined
  const type = typeof value
  if (
    (type === 'number' && spec.kind === 'number') ||
    (type === 'string' && spec.kind === 'text') ||
    (type === 'boolean' && spec.kind === 'boolean')
  )
    return value
  try {
    return fromCell(spec, value)
  } catch (cause) {
    const path = `/${index}/${spec.name}`
    throw cause instanceof FormatProblem
      ? problemUnder(path, cause)
      : new FormatProblem(`${messageOf(cause)} at ${path}`, { path, cause })
  }
}

const fromCell = ({ codec, kind }: ColumnSpec, value: unknown): unknown => {
  if (kind !== 'json' && kind !== 'encoded') return fittedPart(codec, value) // checked with the whole table
  if (typeof value !== 'object' && typeof value !== 'bigint' && codec.is(value)) return value
  const text = kind === 'encoded' ? undefined : value instanceof Uint8Array ? textIn(value) : value
  if (typeof text !== 'string') return fittedValue(codec, value)
  const parsed = parsedExactly(text)
  return parsed.hasBigints ? fittedValue(codec, parsed.value) : fromJson(codec, parsed.value)
}
