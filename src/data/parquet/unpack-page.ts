import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import * as zlib from 'node:zlib'
import { DamagedArtifact } from '../../declare/format.js'
import { optional } from '../optional-package.js'
import { snappyUnpacked } from './snappy-read.js'

/**
 * Decompresses pages of Parquet files with what this module and Node provide, otherwise with `hyparquet-compressors`.
 */

/** Decompresses to exactly `length` bytes. */
export type Unpack = (bytes: Uint8Array, length: number) => Uint8Array

/**
 * The decompressor for a Parquet codec name. Rejects with `FormatProblem` if a package is missing, with
 * `DamagedArtifact` if the name is unknown.
 */
export const unpackerOf = async (codec: string): Promise<Unpack> => {
  switch (codec) {
    case 'UNCOMPRESSED':
      return exact((bytes) => bytes)
    case 'SNAPPY':
      return snappyUnpacked
    case 'GZIP':
      return exact((bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(1, length) }))
    case 'BROTLI':
      return exact((bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }))
    case 'ZSTD': {
      // the types of Node 20 lack zstd, which was added in Node 22.15
      const unpack = (zlib as unknown as Partial<Record<string, (bytes: Uint8Array, options: object) => Buffer>>)[
        'zstdDecompressSync'
      ]
      return unpack === undefined
        ? fromPackage(codec)
        : exact((bytes, length) => unpack(bytes, { maxOutputLength: Math.max(1, length) }))
    }
    case 'LZ4':
    case 'LZ4_RAW':
      return fromPackage(codec)
    default:
      throw new DamagedArtifact(`compression ${codec} is not known`)
  }
}

const fromPackage = async (codec: 'ZSTD' | 'LZ4' | 'LZ4_RAW'): Promise<Unpack> => {
  const where = codec === 'ZSTD' ? ` under Node ${process.versions.node}` : ''
  const feature = `reading Parquet compressed by ${codec}${where}`
  const { compressors } = await optional(feature, ['hyparquet-compressors@1'], () => import('hyparquet-compressors'))
  const unpack = compressors[codec]
  if (unpack === undefined) throw new DamagedArtifact(`compression ${codec} is not known`)
  return exact(unpack)
}

const exact =
  (unpack: Unpack): Unpack =>
  (bytes, length) => {
    if (length < 0 || length > largestPage) throw new DamagedArtifact(`a page of ${length} bytes`)
    const unpacked = unpack(bytes, length)
    if (unpacked.length !== length)
      throw new DamagedArtifact(`a page has ${unpacked.length} bytes unpacked, not ${length}`)
    return unpacked
  }

/** More than any writer produces, and less than the memory limit. */
const largestPage = 2 ** 31 - 1
