import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import * as zlib from 'node:zlib'
import { DamagedArtifact } from '../../declare/format.js'
import { optional } from '../optional-package.js'
import { snappyUnpacked } from './snappy-read.js'

/** Unpacks pages of Parquet files, by what the system and Node have, else by the package `hyparquet-compressors`. */

/** Unpacks to exactly so many bytes. */
export type Unpack = (bytes: Uint8Array, length: number) => Uint8Array

/**
 * How pages under a name of Parquet's are unpacked. Rejects with `FormatProblem` where a package is missing, for names
 * that are not known too.
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
      // types of Node 20 have no zstd, which came with Node 22.15
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

/** More than any writer makes, and less than memory has. */
const largestPage = 2 ** 31 - 1
