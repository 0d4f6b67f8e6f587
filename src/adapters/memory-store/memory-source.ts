import { DamagedArtifact, type ArtifactSource, type Bytes } from '../../declare/format.js'
import { checksumText, crc32 } from '../file-store/checksum.js'

/** Copies, since the caller's later changes to its buffer must not reach the store. */
export const gather = async (parts: Bytes): Promise<Uint8Array> => {
  if (parts instanceof Uint8Array) return Uint8Array.from(parts)
  const copies: Uint8Array[] = []
  for await (const part of parts) copies.push(Uint8Array.from(part))
  return new Uint8Array(Buffer.concat(copies))
}

/** Reads bytes in memory. Every reader gets a copy, as from a disk; all reads reject if the checksum differs. */
export const memorySource = (bytes: Uint8Array, checksum: string): ArtifactSource => {
  const checked = (): void => {
    if (checksumText(crc32(bytes)) !== checksum)
      throw new DamagedArtifact(
        `the checksum of the data is ${checksumText(crc32(bytes))}, the run info says ${checksum}`,
      )
  }
  return {
    size: bytes.length,
    bytes: async () => {
      checked()
      return bytes.slice()
    },
    stream: async function* () {
      checked()
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.slice(at, at + 65_536)
    },
    slice: async (from, to) => {
      if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= bytes.length))
        throw new RangeError(`bytes ${from} to ${to} of ${bytes.length} cannot be read`)
      return bytes.slice(from, to)
    },
  }
}
