import type { Stored, StoredColumn } from './stored-column.js'

/** A column that is put together of chunks, in whatever order they come. */
export interface ColumnSink {
  /** `at`: position of the chunk's first value. Throws a `RangeError` where it does not fit. */
  take(at: number, values: ArrayLike<unknown>): void
  /** All that was taken. */
  column(): StoredColumn
}

/** An empty column of so many rows. */
export const columnSink = (stored: Stored, rows: number): ColumnSink => {
  switch (stored) {
    case 'number':
    case 'integer':
    case 'date':
      return numberSink((all) => ({ stored, ...all }), () => new Float64Array(rows), doublesFrom)
    case 'bigint':
      return numberSink((all) => ({ stored, ...all }), () => new BigInt64Array(rows), bigintsFrom)
    case 'boolean':
      return numberSink((all) => ({ stored, ...all }), () => new Uint8Array(rows), bitsFrom)
    case 'text':
    case 'json':
      return textSink(stored)
  }
}

type Numbers = Float64Array | BigInt64Array | Uint8Array

/** Puts values where they belong; gives the positions that have one, where some have none. */
type Putting<A> = (values: ArrayLike<unknown>, target: A, at: number, valid: Uint8Array | undefined) => Uint8Array | undefined

const numberSink = <A extends Numbers>(made: (all: { readonly values: A; readonly valid: Uint8Array | undefined }) => StoredColumn, make: () => A, put: Putting<A>): ColumnSink => {
  let target: A | undefined
  let valid: Uint8Array | undefined
  return {
    take: (at, values) => {
      const all = (target ??= make())
      if (values instanceof BigInt64Array && all instanceof Float64Array) fromHalves(values, all, at)
      else if (values.constructor === all.constructor) {
        if (values.length === all.length) target = values as A // the only chunk
        else all.set(values as never, at) // both arrays are of one kind, which the compiler cannot see
      } else valid = put(values, all, at, valid)
    },
    column: () => made({ values: target ?? make(), valid }),
  }
}

const marked = (valid: Uint8Array | undefined, length: number, at: number): Uint8Array => {
  const marks = valid ?? new Uint8Array(length).fill(1)
  marks[at] = 0
  return marks
}

// One loop for each kind: shared they would be slow for all.

const doublesFrom: Putting<Float64Array> = (values, target, at, valid) => {
  let marks = valid
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value === 'number') target[at + index] = value
    else if (value === null || value === undefined) marks = marked(marks, target.length, at + index)
    else target[at + index] = Number(value)
  }
  return marks
}

const bigintsFrom: Putting<BigInt64Array> = (values, target, at, valid) => {
  let marks = valid
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (value === null || value === undefined) marks = marked(marks, target.length, at + index)
    else target[at + index] = value as bigint
  }
  return marks
}

const bitsFrom: Putting<Uint8Array> = (values, target, at, valid) => {
  let marks = valid
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (value === true) target[at + index] = 1
    else if (value === null || value === undefined) marks = marked(marks, target.length, at + index)
  }
  return marks
}

/** 64-bit integers that fit into doubles, without a BigInt for each. */
const fromHalves = (values: BigInt64Array, target: Float64Array, at: number): void => {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  for (let index = 0; index < values.length; index++) target[at + index] = (halves[2 * index + 1] as number) * 0x1_0000_0000 + ((halves[2 * index] as number) >>> 0)
}

const textSink = (stored: 'text' | 'json'): ColumnSink => {
  const parts: { readonly at: number; readonly values: readonly (string | null)[] }[] = []
  return {
    take: (at, values) => void parts.push({ at, values: values as readonly (string | null)[] }),
    column: () => {
      parts.sort((one, other) => one.at - other.at)
      return { stored, values: parts.length === 1 ? (parts[0]?.values ?? []) : parts.flatMap(({ values }) => values), valid: undefined }
    },
  }
}
