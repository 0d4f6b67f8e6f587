import type { SchemaElement } from 'hyparquet'
import { DamagedArtifact, FormatProblem } from '../../declare/format.js'
import { readDeltas, readRuns, type Cursor } from './parquet-runs.js'

/**
 * Bytes of a page → values of a Parquet physical type. Sizes are checked against the available bytes before memory is
 * allocated.
 */

/** Converts the values of a column. */
export interface ValueMaker {
  /**
   * Numbers: `Int32Array`, `BigInt64Array`, `Float32Array`, `Float64Array`, or a `Uint8Array` of 0 and 1 for BOOLEAN.
   */
  readonly numbers: (values: ArrayLike<unknown>) => ArrayLike<unknown>
  /** One binary value: BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY, INT96. */
  readonly bytes: (page: Buffer, from: number, to: number) => unknown
}

/** Reads `count` values of a page in the encoding named by its header. */
export const readValues = (
  cursor: Cursor,
  encoding: string,
  count: number,
  element: SchemaElement,
  make: ValueMaker,
  dictionary: ArrayLike<unknown> | undefined,
): ArrayLike<unknown> => {
  switch (encoding) {
    case 'PLAIN':
      return readPlain(cursor, count, element, make)
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return readPositions(cursor, count, dictionary)
    case 'RLE':
      return readBits(cursor, count, element, make)
    case 'DELTA_BINARY_PACKED': {
      const values = readDeltas(cursor, count)
      return make.numbers(
        element.type === 'INT32' ? Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value))) : values,
      )
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return readLengths(cursor, count, make)
    case 'DELTA_BYTE_ARRAY':
      return readPrefixes(cursor, count, make)
    case 'BYTE_STREAM_SPLIT':
      return readPlain({ bytes: joinedStreams(cursor, count, sizeOf(element)), at: 0 }, count, element, make)
    default:
      throw new FormatProblem(`the encoding ${encoding} of Parquet is not known`)
  }
}

/** Bytes per value, for types of fixed size. */
const sizes: Readonly<Record<string, number>> = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8, INT96: 12 }

const sizeOf = ({ type, type_length }: SchemaElement): number => {
  const size = type === 'FIXED_LEN_BYTE_ARRAY' ? type_length : sizes[type ?? '']
  if (size === undefined || size <= 0) throw new DamagedArtifact(`values of type ${type} have no size`)
  return size
}

const take = (cursor: Cursor, length: number): Uint8Array => {
  if (length < 0 || cursor.at + length > cursor.bytes.length) throw new DamagedArtifact('a page is cut off')
  return cursor.bytes.subarray(cursor.at, (cursor.at += length))
}

/** Values in sequence. */
export const readPlain = (
  cursor: Cursor,
  count: number,
  element: SchemaElement,
  make: ValueMaker,
): ArrayLike<unknown> => {
  switch (element.type) {
    case 'BOOLEAN': {
      const bits = take(cursor, Math.ceil(count / 8))
      const values = new Uint8Array(count)
      for (let index = 0; index < count; index++) values[index] = (bits[index >> 3]! >> (index & 7)) & 1
      return make.numbers(values)
    }
    case 'INT32':
      return make.numbers(new Int32Array(aligned(take(cursor, count * 4))))
    case 'INT64':
      return make.numbers(new BigInt64Array(aligned(take(cursor, count * 8))))
    case 'FLOAT':
      return make.numbers(new Float32Array(aligned(take(cursor, count * 4))))
    case 'DOUBLE':
      return make.numbers(new Float64Array(aligned(take(cursor, count * 8))))
    case 'BYTE_ARRAY':
      return readByteArrays(cursor, count, make)
    case 'INT96':
    case 'FIXED_LEN_BYTE_ARRAY': {
      const size = sizeOf(element)
      const page = asBuffer(take(cursor, count * size))
      return Array.from({ length: count }, (_, index) => make.bytes(page, index * size, (index + 1) * size))
    }
    default:
      throw new DamagedArtifact('a group has no values')
  }
}

/** An aligned copy in separate memory: pages start at any offset. */
const aligned = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const readByteArrays = (cursor: Cursor, count: number, make: ValueMaker): readonly unknown[] => {
  const page = asBuffer(cursor.bytes)
  if (cursor.at + count * 4 > page.length) throw new DamagedArtifact('a page is cut off')
  const values: unknown[] = []
  let { at } = cursor
  for (let index = 0; index < count; index++) {
    if (at + 4 > page.length) throw new DamagedArtifact('a page is cut off')
    const from = at + 4
    at = from + page.readUInt32LE(at)
    if (at > page.length) throw new DamagedArtifact('a page is cut off')
    values.push(make.bytes(page, from, at))
  }
  cursor.at = at
  return values
}

/** Indices into a dictionary, resolved. */
const readPositions = (
  cursor: Cursor,
  count: number,
  dictionary: ArrayLike<unknown> | undefined,
): ArrayLike<unknown> => {
  if (dictionary === undefined) throw new DamagedArtifact('a dictionary is missing')
  const positions = new Uint32Array(count)
  const [width = 0] = count === 0 ? [] : take(cursor, 1)
  if (count > 0) readRuns(cursor, width, positions)
  if (ArrayBuffer.isView(dictionary)) {
    const values = new (dictionary.constructor as new (length: number) => Record<number, unknown> & ArrayLike<unknown>)(
      count,
    )
    for (let index = 0; index < count; index++)
      values[index] = dictionary[checkedPosition(positions[index]!, dictionary)]
    return values
  }
  const values: unknown[] = []
  for (let index = 0; index < count; index++) values.push(dictionary[checkedPosition(positions[index]!, dictionary)])
  return values
}

const checkedPosition = (position: number, dictionary: ArrayLike<unknown>): number => {
  if (position >= dictionary.length) throw new DamagedArtifact('a position is beyond the dictionary')
  return position
}

const readBits = (cursor: Cursor, count: number, element: SchemaElement, make: ValueMaker): ArrayLike<unknown> => {
  if (element.type !== 'BOOLEAN')
    throw new DamagedArtifact(`values of type ${element.type} in the encoding of booleans`)
  const values = new Uint8Array(count)
  take(cursor, 4) // the length of what follows
  if (count > 0) readRuns(cursor, 1, values)
  return make.numbers(values)
}

const lengthsOf = (cursor: Cursor, count: number): readonly number[] => Array.from(readDeltas(cursor, count), Number)

const readLengths = (cursor: Cursor, count: number, make: ValueMaker): readonly unknown[] => {
  const lengths = lengthsOf(cursor, count)
  const page = asBuffer(cursor.bytes)
  return lengths.map((length) => {
    take(cursor, length)
    return make.bytes(page, cursor.at - length, cursor.at)
  })
}

/** Each value starts with a prefix of the previous one. */
const readPrefixes = (cursor: Cursor, count: number, make: ValueMaker): readonly unknown[] => {
  const prefixes = lengthsOf(cursor, count)
  const suffixes = lengthsOf(cursor, count)
  let before = Buffer.alloc(0)
  return suffixes.map((length, index) => {
    const shared = prefixes[index]!
    if (shared < 0 || shared > before.length) throw new DamagedArtifact('a prefix is longer than the previous value')
    before = Buffer.concat([before.subarray(0, shared), take(cursor, length)])
    return make.bytes(before, 0, before.length)
  })
}

/** Recombines byte streams: the first bytes of all values, then the second bytes, and so on. */
const joinedStreams = (cursor: Cursor, count: number, size: number): Uint8Array => {
  const streams = take(cursor, count * size)
  const bytes = new Uint8Array(count * size)
  for (let part = 0, from = 0; part < size; part++)
    for (let index = 0; index < count; index++) bytes[index * size + part] = streams[from++]!
  return bytes
}
