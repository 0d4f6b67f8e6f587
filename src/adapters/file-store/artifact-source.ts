import { DamagedArtifact, type ArtifactSource } from '../../declare/format.js'
import { checksumText, crc32 } from './checksum.js'
import { codeOf, type FileSystem } from './file-system.js'

/** Up to here synchronous calls are several times faster than promises, and too short to hold up anyone. */
export const smallFile = 1024 * 1024
const chunkSize = 256 * 1024

/**
 * Reads a file of the store. `locate` says where it is now: what is staged moves when it is committed.
 * Everything rejects with `DamagedArtifact` where size or checksum are not the recorded ones.
 */
export const fileSource = (fs: FileSystem, locate: () => string, size: number, checksum: string): ArtifactSource => {
  const damaged = (problem: string): DamagedArtifact => new DamagedArtifact(`${locate()}: ${problem}`)
  const checkSize = (actual: number): void => {
    if (actual !== size) throw damaged(`it has ${actual} bytes, the run info says ${size}`)
  }
  const checkContent = (actual: number): void => {
    if (checksumText(actual) !== checksum)
      throw damaged(`its checksum is ${checksumText(actual)}, the run info says ${checksum}`)
  }
  const gone = (error: unknown): unknown => (codeOf(error) === 'ENOENT' ? damaged('it is gone') : error)

  /** Reads into a buffer as far as the file goes. */
  const fill = async (
    handle: Awaited<ReturnType<FileSystem['promises']['open']>>,
    buffer: Uint8Array,
    from: number,
  ): Promise<number> => {
    let read = 0
    while (read < buffer.length) {
      const { bytesRead } = await handle.read(buffer, read, Math.min(buffer.length - read, 64 * smallFile), from + read)
      if (bytesRead === 0) break
      read += bytesRead
    }
    return read
  }

  const readSmall = (from: number, to: number): Uint8Array => {
    const descriptor = fs.openSync(locate(), 'r')
    try {
      checkSize(fs.fstatSync(descriptor).size)
      const buffer = Buffer.allocUnsafeSlow(to - from) // its own memory: formats look at it through typed arrays
      let read = 0
      while (read < buffer.length) {
        const step = fs.readSync(descriptor, buffer, read, buffer.length - read, from + read)
        if (step === 0) throw damaged('it ends early')
        read += step
      }
      return buffer
    } finally {
      fs.closeSync(descriptor)
    }
  }

  const readLarge = async (from: number, to: number): Promise<Uint8Array> => {
    const handle = await fs.promises.open(locate(), 'r')
    try {
      checkSize((await handle.stat()).size)
      const buffer = Buffer.allocUnsafeSlow(to - from)
      if ((await fill(handle, buffer, from)) < buffer.length) throw damaged('it ends early')
      return buffer
    } finally {
      await handle.close()
    }
  }

  const slice = async (from: number, to: number): Promise<Uint8Array> => {
    if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= size))
      throw new RangeError(`bytes ${from} to ${to} of ${size} cannot be read`)
    try {
      return to - from <= smallFile ? readSmall(from, to) : await readLarge(from, to)
    } catch (error) {
      throw gone(error)
    }
  }

  async function* stream(): AsyncGenerator<Uint8Array> {
    const handle = await fs.promises.open(locate(), 'r').catch((error: unknown) => Promise.reject(gone(error)))
    try {
      checkSize((await handle.stat()).size)
      let checksumSoFar = 0
      for (let at = 0; at < size; ) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, size - at))
        if ((await fill(handle, buffer, at)) < buffer.length) throw damaged('it ends early')
        checksumSoFar = crc32(buffer, checksumSoFar)
        at += buffer.length
        // The last block is handed over only when the whole was seen to be right.
        if (at >= size) checkContent(checksumSoFar)
        yield buffer
      }
      if (size === 0) checkContent(0)
    } finally {
      await handle.close()
    }
  }

  return {
    size,
    bytes: async () => {
      const bytes = await slice(0, size)
      checkContent(crc32(bytes))
      return bytes
    },
    stream,
    slice,
  }
}
