import type * as t from 'io-ts'
import { decoded } from '../declare/codec.js'
import { FormatProblem } from '../declare/format.js'
import { fromJson } from '../declare/json.js'
import { schemaOf, type ColumnSpec } from './row-schema.js'
import { tableOf } from './table.js'
import { tableOver, type Table } from './table-value.js'

/** Columns that other libraries made → a `Table`: their nulls, integers and texts of JSON are turned into what the codec of a row says. */

/**
 * A table of columns by name; columns that the codec does not name are left out. Throws `FormatProblem` with row and column where a value does not fit,
 * or a column that no row can be without is missing.
 */
export const tableOfColumns = <Row extends object>(row: t.Type<Row, any>, columns: ReadonlyMap<string, ArrayLike<unknown>>, length: number): Table<Row> => {
  const given = schemaOf(row).flatMap((spec) => {
    const values = columns.get(spec.name)
    return values === undefined ? [] : [[spec.name, { values: () => fitted(spec, values), optional: spec.gap === 'missing' }] as const]
  })
  return tableOf(row, tableOver<Row>(new Map(given), length))
}

const fitted = (spec: ColumnSpec, values: ArrayLike<unknown>): ArrayLike<unknown> => {
  const isReady = (spec.kind === 'number' && values instanceof Float64Array) || (spec.kind === 'bigint' && values instanceof BigInt64Array)
  return isReady ? values : Array.from(values, (value, index) => fittedValue(spec, value, index))
}

const fittedValue = (spec: ColumnSpec, value: unknown, index: number): unknown => {
  if (value === null || value === undefined) return spec.gap === 'null' ? null : spec.gap === 'none' ? value : undefined
  switch (spec.kind) {
    case 'number':
    case 'integer':
      return typeof value === 'bigint' && BigInt(Number(value)) === value ? Number(value) : value
    case 'bigint':
      return Number.isSafeInteger(value) ? BigInt(value as number) : value
    case 'json':
    case 'encoded':
      return spec.codec.is(value) ? value : read(spec, value, index)
    default:
      return value
  }
}

const read = ({ codec, name, kind }: ColumnSpec, value: unknown, index: number): unknown => {
  try {
    return kind === 'json' && typeof value === 'string' ? fromJson(codec, JSON.parse(value) as unknown) : decoded(codec, value)
  } catch (cause) {
    throw new FormatProblem(`${cause instanceof Error ? cause.message : String(cause)} at /${index}/${name}`, { path: `/${index}/${name}`, cause })
  }
}
