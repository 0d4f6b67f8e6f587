import type { StoredColumn } from '../table/stored-column.js'

/** Values of one column in one row group → bytes, in Parquet's layout: PLAIN, or a dictionary if texts repeat. */

/** The parts of a data page, before compression. */
export interface PageParts {
  readonly rows: number
  readonly nulls: number
  /** Definition levels: which rows have a value. Empty for columns without gaps. */
  readonly levels: Uint8Array
  readonly values: Uint8Array
  /** Distinct texts; `values` are then indices into them. */
  readonly dictionary: { readonly entries: number; readonly values: Uint8Array } | undefined
}

/** A column's rows `from` (inclusive) to `to` (exclusive) as a page. */
export const pageOf = (column: StoredColumn, from: number, to: number, optional: boolean): PageParts => {
  const rows = to - from
  if (column.stored === 'text' || column.stored === 'json') {
    const slice = column.values.slice(from, to)
    // only optional columns have gaps
    const texts = optional ? slice.filter((value) => value !== null) : (slice as readonly string[])
    const dictionary = dictionaryOf(texts)
    const levels = optional ? levelsOf(rows, rows - texts.length, (index) => slice[index] !== null) : nothing
    const values = dictionary === undefined ? textBytes(texts) : dictionary.positions
    return {
      rows,
      nulls: rows - texts.length,
      levels,
      values,
      dictionary: dictionary && { entries: dictionary.texts.length, values: textBytes(dictionary.texts) },
    }
  }
  const valid = column.valid?.subarray(from, to)
  const present = valid === undefined ? rows : sumOf(valid)
  const levels = optional ? levelsOf(rows, rows - present, (index) => valid?.[index] === 1) : nothing
  return {
    rows,
    nulls: rows - present,
    levels,
    values: numberBytes(column, from, to, present === rows ? undefined : valid, present),
    dictionary: undefined,
  }
}

const nothing = new Uint8Array(0)

const sumOf = (bits: Uint8Array): number => {
  let sum = 0
  for (let index = 0; index < bits.length; index++) sum += bits[index]!
  return sum
}

type Numbers = Exclude<StoredColumn, { readonly stored: 'text' | 'json' }>

const numberBytes = (
  column: Numbers,
  from: number,
  to: number,
  valid: Uint8Array | undefined,
  present: number,
): Uint8Array => {
  const given = <A extends Numbers['values']>(
    values: { subarray(from: number, to: number): A },
    make: new (length: number) => A,
  ): A => {
    const all = values.subarray(from, to)
    return valid === undefined ? all : kept(all, valid, new make(present))
  }
  switch (column.stored) {
    case 'number':
      return bytesOf(given(column.values, Float64Array))
    case 'bigint':
      return bytesOf(given(column.values, BigInt64Array))
    case 'integer':
    case 'date':
      return longBytes(given(column.values, Float64Array))
    case 'boolean':
      return bits(given(column.values, Uint8Array))
  }
}

const kept = <A extends Numbers['values']>(values: A, valid: Uint8Array, target: A): A => {
  let next = 0
  for (let index = 0; index < valid.length; index++)
    if (valid[index] === 1) target[next++] = values[index] as number & bigint // both arrays hold the same kind
  return target
}

const bytesOf = (values: Float64Array | BigInt64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** Integral doubles as 64-bit integers, in two halves: BigInt costs ten times as much. */
const longBytes = (values: Float64Array): Uint8Array => {
  const halves = new Int32Array(values.length * 2)
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    const high = Math.floor(value / 0x1_0000_0000)
    halves[2 * index] = value - high * 0x1_0000_0000
    halves[2 * index + 1] = high
  }
  return new Uint8Array(halves.buffer)
}

const bits = (values: Uint8Array): Uint8Array => {
  const packed = new Uint8Array((values.length + 7) >> 3)
  for (let index = 0; index < values.length; index++)
    if (values[index] === 1) packed[index >> 3] = packed[index >> 3]! | (1 << (index & 7))
  return packed
}

/** Which rows have a value: one run if all or none have, otherwise a bit per row. */
const levelsOf = (rows: number, nulls: number, has: (index: number) => boolean): Uint8Array => {
  if (nulls === 0 || nulls === rows) return Uint8Array.from([...varint(rows * 2), nulls === 0 ? 1 : 0])
  const groups = (rows + 7) >> 3
  const head = varint(groups * 2 + 1)
  const packed = new Uint8Array(head.length + groups)
  packed.set(head)
  for (let index = 0; index < rows; index++) {
    const at = head.length + (index >> 3)
    if (has(index)) packed[at] = packed[at]! | (1 << (index & 7))
  }
  return packed
}

const varint = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))]

/**
 * Texts, each preceded by its length. They are encoded in one go and copied apart, which is twice as fast as one by
 * one; text ends are counted in UTF-16 units, like string lengths.
 */
const textBytes = (texts: readonly string[]): Uint8Array => {
  const whole = texts.join('')
  const joined = Buffer.from(whole, 'utf8')
  const isAscii = joined.length === whole.length
  const out = Buffer.allocUnsafe(joined.length + 4 * texts.length)
  let read = 0
  let written = 0
  for (const text of texts) {
    const length = isAscii ? text.length : bytesOfUnits(joined, read, text.length)
    out[written++] = length
    out[written++] = length >>> 8
    out[written++] = length >>> 16
    out[written++] = length >>> 24
    if (length > 48) {
      out.set(joined.subarray(read, read + length), written)
      written += length
      read += length
    } else for (const end = read + length; read < end; ) out[written++] = joined[read++]!
  }
  return out
}

/** Number of UTF-8 bytes for a number of UTF-16 units. */
const bytesOfUnits = (bytes: Uint8Array, from: number, units: number): number => {
  let at = from
  for (let left = units; left > 0; left--) {
    const lead = bytes[at]!
    if (lead < 0x80) at++
    else if (lead < 0xe0) at += 2
    else if (lead < 0xf0) at += 3
    else {
      at += 4
      left-- // beyond the basic plane: two units
    }
  }
  return at - from
}

/** Distinct texts and the index of each value; undefined if too few repeat to be worth it. */
const dictionaryOf = (
  texts: readonly string[],
): { readonly texts: readonly string[]; readonly positions: Uint8Array } | undefined => {
  if (texts.length < 64 || new Set(texts.slice(0, 1024)).size > Math.min(texts.length, 1024) / 2) return undefined
  const most = Math.min(1 << 15, texts.length >> 2)
  const known = new Map<string, number>()
  const positions = new Uint16Array(texts.length)
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index]!
    let position = known.get(text)
    if (position === undefined) {
      if (known.size >= most) return undefined
      known.set(text, (position = known.size))
    }
    positions[index] = position
  }
  return {
    texts: [...known.keys()],
    positions: packedPositions(positions, Math.max(1, Math.ceil(Math.log2(known.size)))),
  }
}

/** One bit-packed run of numbers of `width` bits, preceded by the width. */
const packedPositions = (positions: Uint16Array, width: number): Uint8Array => {
  const groups = (positions.length + 7) >> 3
  const head = [width, ...varint(groups * 2 + 1)]
  const packed = new Uint8Array(head.length + groups * width)
  packed.set(head)
  let at = head.length
  let buffered = 0
  let count = 0
  for (let index = 0; index < groups * 8; index++) {
    buffered |= (positions[index] ?? 0) << count
    count += width
    while (count >= 8) {
      packed[at++] = buffered
      buffered >>>= 8
      count -= 8
    }
  }
  return packed
}
