import type { Stored, Values } from './stored-column.js'

/**
 * Values → stored columns, a stretch at a time. A loop for each kind of column: what they do is done once for each
 * value of a table.
 */

/**
 * A column to be kept: its values, or the rows that have them under a name. Reading fields right where they are used
 * spares a boxed number each.
 */
export interface Given {
  readonly from: Values
  readonly field: string | undefined
  readonly length: number
}

export const valueAt = ({ from, field }: Given, index: number): unknown => part(from[index], field)

const part = (item: unknown, field: string | undefined): unknown =>
  field === undefined ? item : (item as Record<string, unknown>)[field]

/** Kinds of columns whose values go into the file one by one. */
export type Plain = Exclude<Stored, 'json'>

/** Stands for a gap where there must be none: no value is the same. */
export const noGap: unique symbol = Symbol('no gap')

/** `valid` is made at the first gap. */
type Growing<A> = { readonly values: A; valid: Uint8Array | undefined }

/** A column on the way. */
export type Filling =
  | ({ readonly stored: 'number' | 'integer' | 'date' } & Growing<Float64Array>)
  | ({ readonly stored: 'bigint' } & Growing<BigInt64Array>)
  | ({ readonly stored: 'boolean' } & Growing<Uint8Array>)
  | { readonly stored: 'text'; readonly values: (string | null)[]; readonly valid: undefined }

/** A column of a kind and length, to be filled. */
export const emptyColumn = (stored: Plain, length: number): Filling => {
  switch (stored) {
    case 'number':
    case 'integer':
    case 'date':
      return { stored, values: new Float64Array(length), valid: undefined }
    case 'bigint':
      return { stored, values: new BigInt64Array(length), valid: undefined }
    case 'boolean':
      return { stored, values: new Uint8Array(length), valid: undefined }
    case 'text':
      // Array.from takes six times as long, and growing leaves 24 MB of garbage for a million
      // oxlint-disable-next-line unicorn/no-new-array
      return { stored, values: length > longestInPlace ? [] : new Array<string | null>(length), valid: undefined }
  }
}

/** Longer arrays would begin as hash tables. */
const longestInPlace = 1 << 25

/**
 * Fills rows `from` (inclusive) to `to` (exclusive), `absent` being a gap. Stretches come in order.
 * Gives where the first value is that the column cannot hold, -1 where it holds all.
 */
export const fill = (column: Filling, absent: unknown, given: Given, from: number, to: number): number => {
  switch (column.stored) {
    case 'number':
      return fillNumbers(column, absent, given, from, to)
    case 'integer':
      return fillIntegers(column, absent, given, from, to)
    case 'date':
      return fillDates(column, absent, given, from, to)
    case 'bigint':
      return fillBigints(column, absent, given, from, to)
    case 'boolean':
      return fillBooleans(column, absent, given, from, to)
    case 'text':
      return fillTexts(column.values, absent, given, from, to)
  }
}

const gapAt = (column: Growing<Float64Array | BigInt64Array | Uint8Array>, index: number): void => {
  column.valid ??= new Uint8Array(column.values.length).fill(1)
  column.valid[index] = 0
}

const fillNumbers = (
  column: Growing<Float64Array>,
  absent: unknown,
  given: Given,
  from: number,
  to: number,
): number => {
  const { values } = column
  const { from: items, field } = given
  for (let index = from; index < to; index++) {
    const value = part(items[index], field)
    if (typeof value === 'number') values[index] = value
    else if (value === absent) gapAt(column, index)
    else return index
  }
  return -1
}

const fillIntegers = (
  column: Growing<Float64Array>,
  absent: unknown,
  given: Given,
  from: number,
  to: number,
): number => {
  const { values } = column
  const { from: items, field } = given
  for (let index = from; index < to; index++) {
    const value = part(items[index], field)
    if (Number.isSafeInteger(value))
      values[index] = (value as number) + 0 // -0 becomes 0: integers have no sign of zero
    else if (value === absent) gapAt(column, index)
    else return index
  }
  return -1
}

const fillDates = (column: Growing<Float64Array>, absent: unknown, given: Given, from: number, to: number): number => {
  const { values } = column
  const { from: items, field } = given
  for (let index = from; index < to; index++) {
    const value = part(items[index], field)
    const time = value instanceof Date ? value.getTime() : NaN
    if (!Number.isNaN(time)) values[index] = time
    else if (value === absent) gapAt(column, index)
    else return index
  }
  return -1
}

const fillBigints = (
  column: Growing<BigInt64Array>,
  absent: unknown,
  given: Given,
  from: number,
  to: number,
): number => {
  const { values } = column
  const { from: items, field } = given
  for (let index = from; index < to; index++) {
    const value = part(items[index], field)
    if (typeof value === 'bigint') {
      values[index] = value
      if (values[index] !== value) return index // beyond 64 bits it was cut
    } else if (value === absent) gapAt(column, index)
    else return index
  }
  return -1
}

const fillBooleans = (column: Growing<Uint8Array>, absent: unknown, given: Given, from: number, to: number): number => {
  const { values } = column
  const { from: items, field } = given
  for (let index = from; index < to; index++) {
    const value = part(items[index], field)
    if (typeof value === 'boolean') values[index] = value ? 1 : 0
    else if (value === absent) gapAt(column, index)
    else return index
  }
  return -1
}

const fillTexts = (values: (string | null)[], absent: unknown, given: Given, from: number, to: number): number => {
  const { from: items, field } = given
  for (let index = from; index < to; index++) {
    const value = part(items[index], field)
    if (typeof value === 'string' && value.isWellFormed()) values[index] = value
    else if (value === absent) values[index] = null
    else return index
  }
  return -1
}
