import { createHash, hash } from 'node:crypto'
import { crc32 as crc32OfNode } from 'node:zlib'

/** CRC-32 as in zlib, gzip and PNG: fast, and sufficient to detect a torn or damaged file. */

/**
 * Checksum of bytes, or of a text in UTF-8, an unsigned 32-bit number; `before` is the checksum of preceding bytes.
 * Node's function ignores it for empty input.
 */
export const crc32 = (bytes: Uint8Array | string, before = 0): number =>
  bytes.length === 0 ? before : crc32OfNode(bytes, before)

/** A checksum as written in run infos: 8 hex digits. */
export const checksumText = (checksum: number): string => checksum.toString(16).padStart(8, '0')

/** SHA-256 of bytes in memory, 64 hex digits: identifies the content. */
export const digestOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')

/** Checksum and digest of bytes. */
export interface Measured {
  readonly checksum: number
  readonly digest: string
}

/** Computes both for a stream of bytes. */
export interface Measuring {
  readonly add: (bytes: Uint8Array) => void
  readonly end: () => Measured
}

export const measuring = (): Measuring => {
  const digest = createHash('sha256')
  let checksum = 0
  return {
    add: (bytes) => {
      checksum = crc32(bytes, checksum)
      digest.update(bytes)
    },
    end: () => ({ checksum, digest: digest.digest('hex') }),
  }
}
