import { createHash, hash } from 'node:crypto'
import { createRequire } from 'node:module'

/** CRC-32 as in zlib, gzip and PNG: fast, and sufficient to detect a torn or damaged file. */

type Zlib = typeof import('node:zlib')

/** Loaded when something is measured: a process that only plans needs none of it. */
let crc32OfNode: Zlib['crc32'] | undefined
const load = createRequire(import.meta.url)
const crc32Now = (): Zlib['crc32'] => (crc32OfNode ??= (load('node:zlib') as Zlib).crc32)

/**
 * Checksum of bytes, or of a text in UTF-8, an unsigned 32-bit number; `before` is the checksum of preceding bytes.
 * Node's function ignores it for empty input.
 */
export const crc32 = (bytes: Uint8Array | string, before = 0): number =>
  bytes.length === 0 ? before : (crc32OfNode ?? crc32Now())(bytes, before)

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
