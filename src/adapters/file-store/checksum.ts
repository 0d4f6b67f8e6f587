import { createHash, hash } from 'node:crypto'
import { crc32 as crc32OfNode } from 'node:zlib'

/** CRC-32 as zlib, gzip and PNG have it: quick, and enough to tell a torn or damaged file from a whole one. */

/**
 * Checksum of bytes, an unsigned 32-bit number; give the checksum of what came before to go on with it. Node's own
 * forgets that where there are no bytes.
 */
export const crc32 = (bytes: Uint8Array, before = 0): number =>
  bytes.length === 0 ? before : crc32OfNode(bytes, before)

/** A checksum as the run info has it: 8 hex digits. */
export const checksumText = (checksum: number): string => checksum.toString(16).padStart(8, '0')

/** SHA-256 of bytes at hand, 64 hex digits: which content it is. */
export const digestOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')

/** Checksum and digest of bytes. */
export interface Measured {
  readonly checksum: number
  readonly digest: string
}

/** Both of bytes as they pass. */
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
