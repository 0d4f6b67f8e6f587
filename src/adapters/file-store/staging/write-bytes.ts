import type { Bytes } from '../../../declare/format.js'
import type { Saved } from '../../../runtime/ports/artifact.js'
import { checksumText, crc32, digestOf } from '../checksum.js'
import { measureAgain } from '../digest/measure-file.js'
import { measuringLarge, type LargeMeasuring } from '../digest/measure-large.js'
import { smallFile } from '../artifact-source.js'
import { removeQuietly, writeNew, type FileSystem } from '../file-system.js'

const blockSize = 256 * 1024

/** Writes an artifact's bytes to a new file, measuring them meanwhile; removes the file if that fails. */
export const writeBytes = async (fs: FileSystem, path: string, bytes: Bytes): Promise<Saved> => {
  if (bytes instanceof Uint8Array)
    return bytes.length <= smallFile ? writeSmall(fs, path, bytes) : writeStream(fs, path, [bytes], bytes.length)
  if (Symbol.asyncIterator in bytes) return writeStream(fs, path, bytes)
  const total = bytes.reduce((sum, part) => sum + part.length, 0)
  return total <= smallFile ? writeSmall(fs, path, Buffer.concat(bytes, total)) : writeStream(fs, path, bytes, total)
}

/** A file that is small enough to be written at once. */
export const writeSmall = (fs: FileSystem, path: string, bytes: Uint8Array): Saved => {
  writeNew(fs, path, bytes)
  return { size: bytes.length, checksum: checksumText(crc32(bytes)), digest: digestOf(bytes) }
}

const writeStream = async (
  fs: FileSystem,
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  total?: number,
): Promise<Saved> => {
  const handle = await fs.promises.open(path, 'wx')
  const measure = measuringLarge(total)
  try {
    const size = await copyTo(handle, parts, measure)
    const measured = await measure.end()
    await handle.close()
    const { checksum, digest } = measured ?? (await measureAgain(fs, path))
    return { size, checksum: checksumText(checksum), digest }
  } catch (error) {
    measure.drop()
    await handle.close().catch(() => undefined)
    removeQuietly(fs, path)
    throw error
  }
}

interface Target {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>
}

/** Writes all parts; their number of bytes. */
const copyTo = async (
  target: Target,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  measure: LargeMeasuring,
): Promise<number> => {
  const block = Buffer.allocUnsafeSlow(blockSize)
  let filled = 0
  let size = 0
  /** Measures the bytes while they are being written. */
  const write = async (bytes: Uint8Array): Promise<void> => {
    const writing = writeTo(target, bytes)
    const measured = measure.add(bytes)
    try {
      await writing
    } finally {
      if (measured !== undefined) await measured
    }
  }
  for await (const part of parts) {
    size += part.length
    if (part.length > blockSize) {
      await write(block.subarray(0, filled))
      filled = 0
      for (let at = 0; at < part.length; at += 16 * blockSize) await write(part.subarray(at, at + 16 * blockSize))
      continue
    }
    if (filled + part.length > blockSize) {
      await write(block.subarray(0, filled))
      filled = 0
    }
    // Copied immediately: the producer may reuse the memory.
    block.set(part, filled)
    filled += part.length
  }
  await write(block.subarray(0, filled))
  return size
}

const writeTo = async (target: Target, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += (await target.write(bytes, at, bytes.length - at)).bytesWritten
}
