import ndarray, { type NdArray } from 'ndarray'
import { DamagedArtifact, FormatProblem } from '../../declare/format.js'
import { checksumSpace, readChecksums, verifyBlocks, type BlockChecksums } from './npy-checksums.js'

/**
 * NumPy's file format: arrays ⇄ bytes. Writes version 1, C or Fortran order without copying; reads versions 1 to 3,
 * either byte order.
 */

/** Element types by the names `ndarray` uses, and the typed array for each. `bool` is stored as 0 and 1. */
export interface Dtypes {
  readonly float64: Float64Array
  readonly float32: Float32Array
  readonly int8: Int8Array
  readonly int16: Int16Array
  readonly int32: Int32Array
  readonly uint8: Uint8Array
  readonly uint16: Uint16Array
  readonly uint32: Uint32Array
  readonly bigint64: BigInt64Array<ArrayBuffer> // as the types of ndarray require
  readonly biguint64: BigUint64Array<ArrayBuffer>
  readonly bool: Uint8Array
}

/** The name of an array's element type, as in NumPy: `float64`, `int32`, … */
export type Dtype = keyof Dtypes

/** Any typed array that can be stored. */
export type Elements = Dtypes[Dtype]

interface Kind {
  readonly descr: string
  readonly make: new (buffer: ArrayBuffer, offset: number, length: number) => Elements
  readonly size: number
}

const kinds: Readonly<Record<Dtype, Kind>> = {
  float64: { descr: '<f8', make: Float64Array, size: 8 },
  float32: { descr: '<f4', make: Float32Array, size: 4 },
  int8: { descr: '|i1', make: Int8Array, size: 1 },
  int16: { descr: '<i2', make: Int16Array, size: 2 },
  int32: { descr: '<i4', make: Int32Array, size: 4 },
  uint8: { descr: '|u1', make: Uint8Array, size: 1 },
  uint16: { descr: '<u2', make: Uint16Array, size: 2 },
  uint32: { descr: '<u4', make: Uint32Array, size: 4 },
  bigint64: { descr: '<i8', make: BigInt64Array, size: 8 },
  biguint64: { descr: '<u8', make: BigUint64Array, size: 8 },
  bool: { descr: '|b1', make: Uint8Array, size: 1 },
}

const dtypeOfDescr = new Map(Object.entries(kinds).map(([dtype, { descr }]) => [descr.slice(1), dtype as Dtype]))

/** A parsed header; `at` is where the data starts. */
export interface NpyHeader {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly fortran: boolean
  readonly bigEndian: boolean
  readonly at: number
  /** Bytes per element. */
  readonly itemSize: number
  /** Checksums of blocks, if the writer stored them. */
  readonly blocks: BlockChecksums | undefined
}

const dtypeOfClass: ReadonlyMap<string, Exclude<Dtype, 'bool'>> = new Map([
  ['Float64Array', 'float64'],
  ['Float32Array', 'float32'],
  ['Int8Array', 'int8'],
  ['Int16Array', 'int16'],
  ['Int32Array', 'int32'],
  ['Uint8Array', 'uint8'],
  ['Uint8ClampedArray', 'uint8'],
  ['Uint16Array', 'uint16'],
  ['Uint32Array', 'uint32'],
  ['BigInt64Array', 'bigint64'],
  ['BigUint64Array', 'biguint64'],
])

/** The dtype of an array's elements; throws `FormatProblem` for types that NumPy's format cannot name. */
export const dtypeOf = (array: NdArray<Elements>): Exclude<Dtype, 'bool'> => {
  const name = Object.prototype.toString.call(array.data).slice(8, -1)
  const dtype = dtypeOfClass.get(name)
  if (dtype !== undefined) return dtype
  throw new FormatProblem(
    `an ndarray over ${name === 'Object' ? 'a custom store' : `an ${name}`} cannot be kept as .npy`,
    { hint: 'use a typed array for its data: ndarray(Float64Array.from(values), shape)' },
  )
}

/**
 * Throws `FormatProblem` if an array's shape, strides and offset point outside its data:
 * `nd(Float64Array.of(1, 2), [5])`.
 */
export const refuseOutside = ({ data, shape, stride, offset }: NdArray<Elements>): void => {
  if (shape.includes(0)) return
  const reach = shape.map((length, axis) => (length - 1) * (stride[axis] ?? Number.NaN))
  const first = reach.reduce((sum, steps) => sum + Math.min(0, steps), offset)
  const last = reach.reduce((sum, steps) => sum + Math.max(0, steps), offset)
  if (Number.isInteger(first) && Number.isInteger(last) && first >= 0 && last < data.length) return
  throw new FormatProblem(
    `an array of the shape [${shape.map(String).join(', ')}] reaches beyond its ${data.length} elements`,
    {
      hint: 'the product of the lengths of its axes must be the number of its elements',
    },
  )
}

/**
 * The elements as written to a file: contiguous, in C or Fortran order; a view of the array's own memory if that is
 * contiguous already.
 */
export const contiguous = (array: NdArray<Elements>): { readonly elements: Elements; readonly fortran: boolean } => {
  const isIn = (strides: readonly number[]): boolean =>
    array.size <= 1 || array.shape.every((length, axis) => length === 1 || array.stride[axis] === strides[axis])
  if (array.size === 0) return { elements: array.data.subarray(0, 0), fortran: false }
  if (isIn(stridesOf(array.shape, false)))
    return { elements: array.data.subarray(array.offset, array.offset + array.size), fortran: false }
  if (isIn(stridesOf(array.shape, true)))
    return { elements: array.data.subarray(array.offset, array.offset + array.size), fortran: true }
  return { elements: copied(array), fortran: false }
}

/** The same array in C order; copied only if its layout differs. */
export const rowMajor = (array: NdArray<Elements>): NdArray<Elements> => {
  const { elements, fortran } = contiguous(array)
  return view(fortran ? copied(array) : elements, array.shape, false)
}

/** Elements of any view in C order: counts like an odometer over all axes but the last. */
const copied = ({ data, shape, stride, offset, size }: NdArray<Elements>): Elements => {
  // numbers or bigints: both sides are of one kind
  const target = new (data.constructor as new (length: number) => number[])(size)
  const source = data as unknown as readonly number[]
  const last = shape.length - 1
  const length = shape[last]!
  const step = stride[last]!
  const index = shape.map(() => 0)
  for (let written = 0, start = offset; written < size; ) {
    for (let at = 0, from = start; at < length; at++, from += step) target[written++] = source[from]!
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = index[axis]! + 1
      if (next < shape[axis]!) {
        index[axis] = next
        start += stride[axis]!
        break
      }
      start -= (next - 1) * stride[axis]!
      index[axis] = 0
    }
  }
  return target as unknown as Elements
}

const stridesOf = (shape: readonly number[], fortran: boolean): number[] => {
  const strides = shape.map(() => 1)
  const axes = fortran ? shape.map((_, axis) => axis) : shape.map((_, axis) => shape.length - 1 - axis)
  let stride = 1
  for (const axis of axes) {
    strides[axis] = stride
    stride *= shape[axis]!
  }
  return strides
}

/** How an array is written. */
export interface NpyOptions {
  readonly dtype?: Dtype
  /** Store checksums of blocks in the header, for files read in parts or not verified otherwise. Default: false. */
  readonly checksums?: boolean
}

/** Header and elements; the second piece is the array's own memory if contiguous. */
export const encodeNpy = (
  array: NdArray<Elements>,
  { dtype = dtypeOf(array), checksums = false }: NpyOptions = {},
): readonly [Uint8Array, Uint8Array] => {
  const { elements, fortran } = contiguous(array)
  const data = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)
  const shape = `(${array.shape.join(', ')}${array.shape.length === 1 ? ',' : ''})`
  const dict = `{'descr': '${kinds[dtype].descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`
  const text = checksums ? `${dict}${checksumSpace(Buffer.from(dict, 'latin1'), data)}` : dict
  const total = Math.ceil((10 + text.length + 1) / 64) * 64 // NumPy aligns the data to 64 bytes
  const header = Buffer.alloc(total, ' ')
  header.write('\x93NUMPY\x01\x00', 0, 'latin1')
  header.writeUInt16LE(total - 10, 8)
  header.write(text, 10, 'latin1')
  header[total - 1] = 0x0a
  return [header, data]
}

/** Enough bytes to read any header written here, and most others. */
export const headerBytes = 16_384

/**
 * Reads the header from the first bytes of a file. `size` is that of the whole file: a file that is too short is
 * `DamagedArtifact`.
 */
export const decodeHeader = (start: Uint8Array, size: number): NpyHeader => {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  if (start.byteLength < 12 || Buffer.from(start.subarray(0, 6)).toString('latin1') !== '\x93NUMPY')
    throw new FormatProblem('not a .npy file')
  const major = start[6]!
  if (major < 1 || major > 3) throw new FormatProblem(`.npy version ${major} is not known`)
  const [begin, length] = major === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)]
  const at = begin + length
  if (at > start.byteLength)
    throw at > size
      ? new DamagedArtifact('the header is cut off')
      : new FormatProblem(`a header of ${length} bytes is not known`)
  const text = Buffer.from(start.subarray(begin, at)).toString(major === 3 ? 'utf8' : 'latin1')
  const [, order, code] = /'descr':\s*'([<>=|])([a-zA-Z]\d+)'/.exec(text) ?? []
  const [, sizes] = /'shape':\s*\(([^)]*)\)/.exec(text) ?? []
  const dtype = dtypeOfDescr.get(code ?? '')
  if (dtype === undefined || sizes === undefined)
    throw new FormatProblem(`arrays of this kind are not known: ${text.trim()}`, {
      hint: 'convert it with NumPy, for example astype(float64)',
    })
  const shape = sizes
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number)
  const header: NpyHeader = {
    dtype,
    shape,
    fortran: /'fortran_order':\s*True/.test(text),
    bigEndian: order === '>',
    at,
    itemSize: kinds[dtype].size,
    blocks: undefined,
  }
  const expected = shape.reduce((product, part) => product * part, header.itemSize)
  if (size - at !== expected) throw new DamagedArtifact(`${size - at} bytes of data, expected ${expected}`)
  const end = text.lastIndexOf('}') + 1
  return { ...header, blocks: readChecksums(start.subarray(begin, begin + end), text.slice(end), expected) }
}

/** The array in a file. */
export const decodeNpy = (bytes: Uint8Array): NdArray<Elements> => {
  const header = decodeHeader(bytes, bytes.byteLength)
  if (header.blocks !== undefined) verifyBlocks(header.blocks, 0, bytes.subarray(header.at))
  return arrayOf(header, header.shape, bytes.subarray(header.at))
}

/** An array over raw elements, which are copied if their memory is not aligned. */
export const arrayOf = (
  { dtype, fortran, bigEndian, itemSize }: NpyHeader,
  shape: readonly number[],
  raw: Uint8Array,
): NdArray<Elements> => {
  const isUsable = raw.byteOffset % itemSize === 0 && !bigEndian && raw.buffer instanceof ArrayBuffer
  const own = isUsable ? raw : new Uint8Array(raw)
  if (bigEndian) swap(own, itemSize)
  const elements = new kinds[dtype].make(own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / itemSize)
  return view(elements, shape, fortran)
}

/** A copy in separate memory, in the order in which a file gives the values back. */
export const independent = (array: NdArray<Elements>): NdArray<Elements> => {
  const { elements, fortran } = contiguous(array)
  const bytes = new Uint8Array(elements.byteLength)
  bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength))
  return view(new kinds[dtypeOf(array)].make(bytes.buffer, 0, elements.length), array.shape, fortran)
}

/** An array in C order over the given elements. */
export const arrayOver = (elements: Elements, shape: readonly number[]): NdArray<Elements> =>
  view(elements, shape, false)

const view = (elements: Elements, shape: readonly number[], fortran: boolean): NdArray<Elements> =>
  // the types require one kind of element; any will do
  ndarray(elements as Float64Array, [...shape], stridesOf(shape, fortran)) as NdArray<Elements>

const swap = (bytes: Uint8Array, size: number): void => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (size === 2) buffer.swap16()
  if (size === 4) buffer.swap32()
  if (size === 8) buffer.swap64()
}
