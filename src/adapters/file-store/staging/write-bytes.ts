import type { Bytes } from '../../../declare/format.js'
import type { Saved } from '../../../runtime/ports/artifact.js'
import { checksumText, crc32, digestOf, measuring } from '../checksum.js'
import { smallFile } from '../artifact-source.js'
import { removeQuietly, writeNew, type FileSystem } from '../file-system.js'

const blockSize = 256 * 1024

/** Writes an artifact's bytes to a new file, measuring them meanwhile; removes the file if that fails. */
export const writeBytes = async (fs: FileSystem, path: string, bytes: Bytes): Promise<Saved> => {
  if (bytes instanceof Uint8Array)
    return bytes.length <= smallFile ? writeSmall(fs, path, bytes) : writeStream(fs, path, [bytes])
  if (Symbol.asyncIterator in bytes) return writeStream(fs, path, bytes)
  const total = bytes.reduce((sum, part) => sum + part.length, 0)
  return total <= smallFile ? writeSmall(fs, path, Buffer.concat(bytes, total)) : writeStream(fs, path, bytes)
}

const writeSmall = (fs: FileSystem, path: string, bytes: Uint8Array): Saved => {
  writeNew(fs, path, bytes)
  return { size: bytes.length, checksum: checksumText(crc32(bytes)), digest: digestOf(bytes) }
}

const writeStream = async (
  fs: FileSystem,
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Saved> => {
  const handle = await fs.promises.open(path, 'wx')
  try {
    const saved = await copyTo(handle, parts)
    await handle.close()
    return saved
  } catch (error) {
    await handle.close().catch(() => undefined)
    removeQuietly(fs, path)
    throw error
  }
}

interface Target {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>
}

const copyTo = async (target: Target, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Saved> => {
  const block = Buffer.allocUnsafeSlow(blockSize)
  let filled = 0
  let size = 0
  const measure = measuring()
  const write = async (bytes: Uint8Array, length: number): Promise<void> => {
    for (let at = 0; at < length; ) at += (await target.write(bytes, at, length - at)).bytesWritten
  }
  for await (const part of parts) {
    size += part.length
    if (part.length > blockSize) {
      await write(block, filled)
      filled = 0
      for (let at = 0; at < part.length; at += 16 * blockSize) {
        const piece = part.subarray(at, at + 16 * blockSize)
        const writing = write(piece, piece.length)
        measure.add(piece) // while it is being written
        await writing
      }
      continue
    }
    measure.add(part)
    if (filled + part.length > blockSize) {
      await write(block, filled)
      filled = 0
    }
    // Copied immediately: the producer may reuse the memory.
    block.set(part, filled)
    filled += part.length
  }
  await write(block, filled)
  const { checksum, digest } = measure.end()
  return { size, checksum: checksumText(checksum), digest }
}
