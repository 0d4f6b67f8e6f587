import { DamagedArtifact } from '../../declare/format.js'

/**
 * Parquet's encodings of integers: runs (repeated or bit-packed) and deltas. Every loop is bounded by the number of
 * values wanted or bytes available, whatever a damaged file declares.
/** Bytes and a read position. */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

const cutOff = (): DamagedArtifact => new DamagedArtifact('a page is cut off')

const byteAt = (cursor: Cursor): number => {
  const byte = cursor.bytes[cursor.at++]
  if (byte === undefined) throw cutOff()
  return byte
}

/** An unsigned integer of up to 32 bits. */
export const varint = (cursor: Cursor): number => {
  let value = 0
  for (let factor = 1; factor <= 0x1000_0000; factor *= 0x80) {
    const byte = byteAt(cursor)
    value += (byte & 0x7f) * factor
    if (byte < 0x80 && value <= 0xffff_ffff) return value
  }
  throw new DamagedArtifact('an integer of a page has too many bits')
}

const longVarint = (cursor: Cursor): bigint => {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = byteAt(cursor)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
  throw new DamagedArtifact('an integer of a page has too many bits')
}

const zigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n)

/** Fills `target` with integers of `width` bits, encoded in runs. */
export const readRuns = (cursor: Cursor, width: number, target: Uint8Array | Uint32Array): void => {
  if (width > 32) throw new DamagedArtifact(`integers of ${width} bits in a page`)
  let filled = 0
  while (filled < target.length) {
    const header = varint(cursor)
    const left = target.length - filled
    if (header % 2 === 0) {
      const count = Math.min(left, header / 2)
      const value = repeatedValue(cursor, width)
      if (count === 0) throw new DamagedArtifact('a run of no values in a page')
      target.fill(value, filled, filled + count)
      filled += count
    } else {
      const groups = Math.floor(header / 2)
      const count = Math.min(left, groups * 8)
      if (count === 0) throw new DamagedArtifact('a run of no values in a page')
      readPacked(cursor, width, target, filled, count)
      cursor.at += groups * width - Math.ceil((count * width) / 8) // the last group is padded
      filled += count
    }
  }
}

const repeatedValue = (cursor: Cursor, width: number): number => {
  let value = 0
  for (let shift = 0; shift < width; shift += 8) value += byteAt(cursor) * 2 ** shift
  return value
}

/** Unpacks bit-packed integers, lowest bit first. */
const readPacked = (
  cursor: Cursor,
  width: number,
  target: Uint8Array | Uint32Array,
  start: number,
  count: number,
): void => {
  const { bytes } = cursor
  const end = cursor.at + Math.ceil((count * width) / 8)
  if (end > bytes.length) throw cutOff()
  if (width === 0) target.fill(0, start, start + count)
  else if (width <= 24) readNarrow(bytes, cursor.at, width, target, start, count)
  else
    for (let index = 0; index < count; index++)
      target[start + index] = Number(packedLong(bytes, cursor.at, index * width, width))
  cursor.at = end
}

const readNarrow = (
  bytes: Uint8Array,
  from: number,
  width: number,
  target: Uint8Array | Uint32Array,
  start: number,
  count: number,
): void => {
  const mask = 2 ** width - 1
  let at = from
  let buffered = 0
  let bits = 0
  for (let index = 0; index < count; index++) {
    while (bits < width) {
      buffered |= bytes[at++]! << bits
      bits += 8
    }
    target[start + index] = buffered & mask
    buffered >>>= width
    bits -= width
  }
}

/** One integer of up to 64 bits, starting at a bit offset. */
const packedLong = (bytes: Uint8Array, from: number, bit: number, width: number): bigint => {
  let value = 0n
  const first = from + Math.floor(bit / 8)
  const last = from + Math.ceil((bit + width) / 8) - 1
  for (let at = last; at >= first; at--) value = (value << 8n) | BigInt(bytes[at]!)
  return BigInt.asUintN(width, value >> BigInt(bit % 8))
}

/** Integers that are each stored as the difference to the previous one. */
export const readDeltas = (cursor: Cursor, count: number): BigInt64Array => {
  const blockSize = varint(cursor)
  const parts = varint(cursor)
  const total = varint(cursor)
  const values = new BigInt64Array(count)
  let value = zigzag(longVarint(cursor))
  const partSize = blockSize / parts
  if (total < count || !Number.isInteger(partSize) || partSize === 0 || partSize % 8 !== 0 || parts > 4096)
    throw new DamagedArtifact('the differences in a page are incomplete')
  if (count > 0) values[0] = value
  let filled = 1
  while (filled < count) {
    const least = zigzag(longVarint(cursor))
    const widths = cursor.bytes.subarray(cursor.at, (cursor.at += parts))
    if (cursor.at > cursor.bytes.length) throw cutOff()
    for (let part = 0; part < parts && filled < count; part++) {
      const width = widths[part]!
      const wanted = Math.min(partSize, count - filled)
      if (width > 64 || cursor.at + Math.ceil((wanted * width) / 8) > cursor.bytes.length) throw cutOff()
      for (let index = 0; index < wanted; index++) {
        value = BigInt.asIntN(
          64,
          value + least + (width === 0 ? 0n : packedLong(cursor.bytes, cursor.at, index * width, width)),
        )
        values[filled++] = value
      }
      cursor.at = Math.min(cursor.bytes.length, cursor.at + (partSize * width) / 8)
    }
  }
  return values
}
