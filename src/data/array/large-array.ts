import type { NdArray } from 'ndarray'
import { FormatProblem, makeFormat, type ArtifactSource, type Format } from '../../declare/format.js'
import { checkedArray, refuseOtherKept } from './array.js'
import { rangeOf } from '../range.js'
import { verifyBlocks } from './npy-checksums.js'
import {
  arrayOf,
  decodeHeader,
  encodeNpy,
  headerBytes,
  rowMajor,
  type Dtype,
  type Dtypes,
  type Elements,
  type NpyHeader,
} from './npy.js'

/** An array on disk: parts of it are read on demand. Reads are verified one block at a time. */
export interface LargeArray<out Data extends Elements = Elements> {
  readonly _tag: 'LargeArray'
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /**
   * Entries `from` (inclusive) to `to` (exclusive) along the first axis, read without the rest; positions as in
   * `Array.prototype.slice`.
   */
  slice(from?: number, to?: number): Promise<NdArray<Data>>
  /** The whole array, its checksum verified. */
  read(): Promise<NdArray<Data>>
  /** The whole array in parts of `size` entries along the first axis. */
  batches(size: number): AsyncIterable<NdArray<Data>>
}

/**
 * Stores an array in NumPy's format like `ndarray`; readers receive a `LargeArray` and read the parts they need.
 * Always written in C order, so that a part along the first axis is one contiguous piece of the file.
 *
 * @example
 * const embeddings = defineTask({ data: largeArray('float32') }).run(() => nd(new Float32Array(4000), [2000, 2]))
 * const first = defineTask({ inputs: { embeddings }, data: ndarray('float32') }).run(({ embeddings }) =>
 *   embeddings.slice(0, 1000),
 * )
 */
export const largeArray = <D extends Dtype>(dtype: D): Format<LargeArray<Dtypes[D]>, NdArray<Dtypes[D]>> =>
  makeFormat(
    'largeArray',
    'npy',
    {
      storage: 'file',
      encode: (returned) => encodeNpy(rowMajor(checkedArray(returned, dtype)), { dtype, checksums: true }),
      decode: (source) => openLarge<Dtypes[D]>(dtype, source),
    },
    dtype,
  )

const openLarge = async <Data extends Elements>(dtype: Dtype, source: ArtifactSource): Promise<LargeArray<Data>> => {
  const header = decodeHeader(await source.slice(0, Math.min(headerBytes, source.size)), source.size)
  refuseOtherKept(header.dtype, dtype)
  if (header.fortran)
    throw new FormatProblem('an array in Fortran order cannot be read in parts', { hint: 'keep it with ndarray()' })
  const { shape, itemSize } = header
  const [length = 1, ...inner] = shape
  const stride = inner.reduce((product, part) => product * part, itemSize)
  const read = verifiedData(source, header)
  const slice = async (from?: number, to?: number): Promise<NdArray<Data>> => {
    if (shape.length === 0) throw new RangeError('a single number has no parts; use read()')
    const [start, end] = rangeOf(length, from, to)
    const bytes = await read(start * stride, end * stride)
    return arrayOf(header, [end - start, ...inner], bytes) as NdArray<Data> // its dtype was checked above
  }
  return Object.freeze<LargeArray<Data>>({
    _tag: 'LargeArray',
    dtype,
    shape: Object.freeze([...shape]),
    slice,
    read: async () => arrayOf(header, shape, (await source.bytes()).subarray(header.at)) as NdArray<Data>,
    batches: (size) => ({
      [Symbol.asyncIterator]: async function* () {
        if (!(Number.isInteger(size) && size > 0)) throw new RangeError(`batches of ${size} entries cannot be read`)
        for (let from = 0; from < length; from += size) yield await slice(from, Math.min(length, from + size))
      },
    }),
  })
}

/** Reads data by position. A block is verified the first time any of it is read, which reads the whole block. */
export const verifiedData = (
  source: Pick<ArtifactSource, 'size' | 'slice' | 'refused'>,
  { at, blocks }: NpyHeader,
): ((from: number, to: number) => Promise<Uint8Array>) => {
  const size = source.size - at
  if (blocks === undefined) return (from, to) => source.slice(at + from, at + to)
  const verified = new Uint8Array(blocks.checksums.length)
  return async (from, to) => {
    const first = Math.floor(from / blocks.blockSize)
    const last = Math.ceil(to / blocks.blockSize)
    if (from === to || !verified.subarray(first, last).includes(0)) return source.slice(at + from, at + to)
    const start = first * blocks.blockSize
    const whole = await source.slice(at + start, at + Math.min(size, last * blocks.blockSize))
    try {
      verifyBlocks(blocks, first, whole)
    } catch (cause) {
      source.refused?.(cause)
      throw cause
    }
    verified.fill(1, first, last)
    return whole.slice(from - start, to - start)
  }
}
