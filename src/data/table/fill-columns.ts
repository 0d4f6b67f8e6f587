import type { Stored, Values } from './stored-column.js'

/** Values → stored columns, a range of rows at a time. */

/**
 * The values of a column, or the rows that hold them under a name. Reading fields right where they are used avoids
 * boxing a number each.
 */
export interface Given {
  readonly from: Values
  readonly field: string | undefined
  readonly length: number
}

export const valueAt = ({ from, field }: Given, index: number): unknown => part(from[index], field)

const part = (item: unknown, field: string | undefined): unknown =>
  field === undefined ? item : (item as Record<string, unknown>)[field]

/** Kinds of columns stored value by value. */
export type Plain = Exclude<Stored, 'json'>

/** Represents a gap where none is allowed: no value equals it. */
export const noGap: unique symbol = Symbol('no gap')

/** `valid` is created at the first gap. */
type Growing<A> = { readonly values: A; valid: Uint8Array | undefined }

/** A column being filled. */
export type Filling =
  | ({ readonly stored: 'number' | 'integer' | 'date' } & Growing<Float64Array>)
  | ({ readonly stored: 'bigint' } & Growing<BigInt64Array>)
  | ({ readonly stored: 'boolean' } & Growing<Uint8Array>)
  | { readonly stored: 'text'; readonly values: (string | null)[]; readonly valid: undefined }

/** An empty column of a kind and length, to be filled. */
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

/** V8 would create longer arrays as hash tables. */
const longestInPlace = 1 << 25

/**
 * Fills rows `from` (inclusive) to `to` (exclusive); `absent` is a gap. Ranges must come in order.
 * Returns the position of the first value that the column cannot hold, or -1.
 */
export const fill = (
  column: Filling,
  absent: unknown,
  { from: items, field }: Given,
  from: number,
  to: number,
): number => {
  for (let index = from; index < to; index++) {
    const value = part(items[index], field)
    if (put(column, index, value)) continue
    if (value !== absent) return index
    putGap(column, index)
  }
  return -1
}

/** Stores a value; returns whether the column can hold it. */
const put = (column: Filling, index: number, value: unknown): boolean => {
  switch (column.stored) {
    case 'number':
      if (typeof value !== 'number') return false
      column.values[index] = value
      return true
    case 'integer':
      if (!Number.isSafeInteger(value)) return false
      column.values[index] = (value as number) + 0 // -0 becomes 0: integers have no signed zero
      return true
    case 'date':
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) return false
      column.values[index] = value.getTime()
      return true
    case 'bigint':
      if (typeof value !== 'bigint') return false
      column.values[index] = value
      return column.values[index] === value // false if it was truncated to 64 bits
    case 'boolean':
      if (typeof value !== 'boolean') return false
      column.values[index] = value ? 1 : 0
      return true
    case 'text':
      if (typeof value !== 'string' || !value.isWellFormed()) return false
      column.values[index] = value
      return true
  }
}

const putGap = (column: Filling, index: number): void => {
  if (column.stored === 'text') column.values[index] = null
  else {
    column.valid ??= new Uint8Array(column.values.length).fill(1)
    column.valid[index] = 0
  }
}
