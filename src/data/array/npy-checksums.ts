import { crc32 } from 'node:zlib'
import { DamagedArtifact } from '../../declare/format.js'

/**
 * Checksums of an array's blocks, encoded in the white space at the end of the header of a `.npy` file: a space is a 0,
 * a tab a 1. NumPy's format has no other place that every reader skips: its three entries are fixed, and some readers
 * refuse bytes after the data. Files without checksums are readable too.
 */
export interface BlockChecksums {
  /** Bytes in a block; the last one may have fewer. */
  readonly blockSize: number
  /** One for each block. */
  readonly checksums: Uint32Array
}

const mark = 0xb10c
const smallestBlock = 16 // as a power of two: 64 KB
/** NumPy refuses headers larger than 10,000 bytes. */
const maxBlocks = 256

/** White space that encodes the checksums of the header's text and of the data. */
export const checksumSpace = (text: Uint8Array, data: Uint8Array): string => {
  let power = smallestBlock
  while (data.length > 2 ** power * maxBlocks) power++
  const blocks = blocksOf(data, 2 ** power).map((block) => bits(crc32(block), 32))
  return [bits(mark, 16), bits(power, 8), bits(crc32(text), 32), ...blocks].join('')
}

const bits = (value: number, width: number): string =>
  value.toString(2).padStart(width, '0').replaceAll('0', ' ').replaceAll('1', '\t')

const blocksOf = (data: Uint8Array, size: number): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, index) => data.subarray(index * size, (index + 1) * size))

/**
 * The checksums in the white space after a header's text, for `size` bytes of data; undefined if there are none. Throws
 * `DamagedArtifact`.
 */
export const readChecksums = (text: Uint8Array, space: string, size: number): BlockChecksums | undefined => {
  const written = space.replace(/\n$/, '')
  if (!written.includes('\t')) return undefined
  const number = (at: number, width: number): number =>
    Number.parseInt(
      written
        .slice(at, at + width)
        .replaceAll(' ', '0')
        .replaceAll('\t', '1'),
      2,
    )
  const blockSize = 2 ** number(16, 8)
  const count = Math.ceil(size / blockSize)
  if (
    /[^ \t]/.test(written) ||
    number(0, 16) !== mark ||
    number(24, 32) !== crc32(text) ||
    written.length < 56 + 32 * count
  )
    throw new DamagedArtifact('the checksum of the header differs')
  return { blockSize, checksums: Uint32Array.from({ length: count }, (_, index) => number(56 + 32 * index, 32)) }
}

/** Compares whole blocks, starting with block `first`, with their checksums. Throws `DamagedArtifact`. */
export const verifyBlocks = ({ blockSize, checksums }: BlockChecksums, first: number, data: Uint8Array): void => {
  for (const [index, block] of blocksOf(data, blockSize).entries())
    if (crc32(block) !== checksums[first + index])
      throw new DamagedArtifact(`the checksum of block ${first + index} differs`)
}
