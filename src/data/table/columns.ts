import { problemUnder, checked, decoded, show } from '../../declare/codec/codec.js'
import { DamagedArtifact, FormatProblem } from '../../declare/format.js'
import { fromJson, toJson } from '../../declare/json/json.js'
import { emptyColumn, fill, noGap, valueAt, type Given, type Plain } from './fill-columns.js'
import type { ColumnSpec } from './row-schema.js'
import type { StoredColumn, Values } from './stored-column.js'

/** Columns as stored in a file: numbers in typed arrays, everything else as text; values of custom codecs encoded. */

/**
 * The stored form of a column's values. Throws `FormatProblem` with row and column for a value that the codec refuses;
 * `firstRow` is the position of these values in the whole table.
 */
export const storedColumn = (spec: ColumnSpec, given: Given, firstRow = 0): StoredColumn => {
  const wrong = (index: number): FormatProblem =>
    refused(spec, valueAt(given, index), `/${firstRow + index}/${spec.name}`)
  if (spec.kind === 'encoded') return encodedColumn(spec, given, wrong, firstRow)
  if (spec.kind === 'json') return jsonColumn(spec, given, firstRow)
  const other = spec.checked ? firstOther(spec, given, 0, given.length) : -1
  if (other !== -1) throw wrong(other)
  return plainColumn(spec.kind, absentValue(spec), given, wrong)
}

/** Position of the first value that the codec refuses; -1 if there is none. */
export const firstOther = (spec: ColumnSpec, given: Given, from: number, to: number): number => {
  const absent = absentValue(spec)
  for (let index = from; index < to; index++) {
    const value = valueAt(given, index)
    if (value !== absent && !spec.codec.is(value)) return index
  }
  return -1
}

/** The value that represents a gap in a column. */
export const absentValue = ({ gap }: ColumnSpec): unknown =>
  gap === 'none' ? noGap : gap === 'null' ? null : undefined

const isGap = (spec: ColumnSpec, value: unknown): boolean => value === absentValue(spec)

type Wrong = (index: number) => FormatProblem

const plainColumn = (stored: Plain, absent: unknown, given: Given, wrong: Wrong): StoredColumn => {
  if (given.field === undefined) {
    if (stored === 'number' && given.from instanceof Float64Array)
      return { stored, values: given.from, valid: undefined }
    if (stored === 'bigint' && given.from instanceof BigInt64Array)
      return { stored, values: given.from, valid: undefined }
  }
  const column = emptyColumn(stored, given.length)
  const unfit = fill(column, absent, given, 0, given.length)
  if (unfit !== -1) throw wrong(unfit)
  return column
}

const jsonColumn = (spec: ColumnSpec, given: Given, firstRow: number): StoredColumn => {
  const values: (string | null)[] = []
  for (let index = 0; index < given.length; index++) {
    if (isGap(spec, valueAt(given, index))) {
      values[index] = null
      continue
    }
    try {
      values[index] = JSON.stringify(toJson(spec.codec, valueAt(given, index)))
    } catch (cause) {
      throw cause instanceof FormatProblem ? problemUnder(`/${firstRow + index}/${spec.name}`, cause) : cause
    }
  }
  return { stored: 'json', values, valid: undefined }
}

/** Custom codecs: stored as their encoded form if that is always the same primitive type, otherwise as JSON. */
const encodedColumn = (spec: ColumnSpec, given: Given, wrong: Wrong, firstRow: number): StoredColumn => {
  const encoded: unknown[] = []
  const types = new Set<string>()
  for (let index = 0; index < given.length; index++) {
    const value = valueAt(given, index)
    if (isGap(spec, value)) {
      encoded[index] = null
      continue
    }
    if (!spec.codec.is(value)) throw wrong(index)
    encoded[index] = spec.codec.encode(value)
    types.add(encoded[index] === null ? 'null' : typeof encoded[index])
  }
  const [type] = types
  const stored = types.size > 1 ? undefined : storedAs.get(type ?? 'string')
  if (stored === undefined) return jsonColumn(spec, given, firstRow)
  return plainColumn(stored, null, { from: encoded, field: undefined, length: encoded.length }, wrong)
}

const storedAs = new Map<string, 'text' | 'number' | 'boolean' | 'bigint'>([
  ['string', 'text'],
  ['number', 'number'],
  ['boolean', 'boolean'],
  ['bigint', 'bigint'],
])

const refused = (spec: ColumnSpec, value: unknown, path: string): FormatProblem => {
  const problem = (message: string, hint?: string): FormatProblem =>
    new FormatProblem(`${message} at ${path}`, { path, ...(hint === undefined ? {} : { hint }) })
  if (spec.kind === 'integer' && typeof value === 'number')
    return problem(
      `expected ${spec.codec.name} up to ±9007199254740991, got ${value}`,
      'use t.bigint, or t.number for a DOUBLE column',
    )
  if (spec.kind === 'bigint' && typeof value === 'bigint')
    return problem(`expected an integer of 64 bits, got ${value}n`, 'keep larger ones as text')
  if (typeof value === 'string' && !value.isWellFormed())
    return problem('a lone surrogate, which UTF-8 cannot hold,', 'repair it with value.toWellFormed()')
  if (spec.kind === 'date' && value instanceof Date)
    return problem(
      Number.isNaN(value.getTime()) ? 'an invalid Date' : `expected ${spec.codec.name}, got ${value.toISOString()}`,
    )
  try {
    checked(spec.codec, value)
  } catch (cause) {
    if (cause instanceof FormatProblem) return problemUnder(path, cause)
  }
  return problem(`expected ${spec.codec.name}, got ${show(value)}`)
}

/** The values of a stored column as rows hold them; `from` is the position of the first one, for errors. */
export const valuesOf = (spec: ColumnSpec, column: StoredColumn): Values => {
  if (spec.kind === 'json' || (spec.kind === 'encoded' && column.stored === 'json'))
    return readJson(spec, column.values as readonly (string | null)[])
  const plain = plainValues(column, spec.gap === 'none' || spec.gap === 'null' ? null : undefined)
  return spec.kind === 'encoded' ? decodedValues(spec, plain) : plain
}

const plainValues = (column: StoredColumn, gap: null | undefined): Values => {
  const { values, valid } = column
  const filled = <A>(of: (index: number) => A): readonly (A | null | undefined)[] => {
    const all: (A | null | undefined)[] = []
    for (let index = 0; index < values.length; index++)
      all.push(valid === undefined || valid[index] === 1 ? of(index) : gap)
    return all
  }
  switch (column.stored) {
    case 'number':
    case 'integer':
    case 'bigint':
      return valid === undefined ? values : filled((index) => values[index])
    case 'boolean':
      return filled((index) => values[index] === 1)
    case 'date':
      return filled((index) => new Date(Number(values[index])))
    case 'text':
    case 'json':
      return gap === null ? values : column.values.map((value) => value ?? undefined)
  }
}

const readJson = (spec: ColumnSpec, texts: readonly (string | null)[]): Values => {
  const gap = spec.gap === 'none' || spec.gap === 'null' ? null : undefined
  return texts.map((text, index): unknown =>
    text === null ? gap : located<unknown>(spec, index, () => fromJson(spec.codec, parsed(spec, text, index))),
  )
}

const parsed = ({ name }: ColumnSpec, text: string, index: number): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DamagedArtifact(`invalid JSON at /${index}/${name}`, { cause })
  }
}

/** Numbers become a typed array if a custom codec yields only numbers. */
const decodedValues = (spec: ColumnSpec, plain: Values): Values => {
  const values = Array.from(plain, (value: unknown, index): unknown =>
    value === null || value === undefined ? value : located<unknown>(spec, index, () => decoded(spec.codec, value)),
  )
  return values.length > 0 && values.every((value): value is number => typeof value === 'number')
    ? Float64Array.from(values)
    : values
}

/** Checks loaded values with codecs that are stricter than the column's kind. */
export const refuseOthers = (spec: ColumnSpec, values: Values): void => {
  if (!spec.checked || spec.kind === 'json' || spec.kind === 'encoded') return // those have already passed their codec
  for (let index = 0; index < values.length; index++) {
    if (!isGap(spec, values[index]) && !spec.codec.is(values[index]))
      throw refused(spec, values[index], `/${index}/${spec.name}`)
  }
}

const located = <A>(spec: ColumnSpec, index: number, read: () => A): A => {
  try {
    return read()
  } catch (cause) {
    throw cause instanceof FormatProblem ? problemUnder(`/${index}/${spec.name}`, cause) : cause
  }
}
