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
