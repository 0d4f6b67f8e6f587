import { DamagedArtifact, type ArtifactSource } from '../../declare/format.js'
import { checksumText, crc32 } from './checksum.js'
import { codeOf, type FileSystem } from './file-system.js'

/** Up to this size synchronous calls are several times faster than promises, and too short to block anything. */
export const smallFile = 1024 * 1024
const chunkSize = 256 * 1024

/** A file of the store, and what its run info records. */
interface Recorded {
  readonly fs: FileSystem
  /** Its present path: staged files move when they are committed. */
  readonly locate: () => string
  readonly size: number
  readonly checksum: string
}

/** Reads a file of the store. All reads reject with `DamagedArtifact` if size or checksum are not as recorded. */
export const artifactSource = (
  fs: FileSystem,
  locate: () => string,
  size: number,
  checksum: string,
): ArtifactSource => {
  const file: Recorded = { fs, locate, size, checksum }
  return {
    size,
    bytes: async () => {
      const bytes = await slice(file, 0, size)
      checkContent(file, crc32(bytes))
      return bytes
    },
    stream: () => stream(file),
    slice: (from, to) => slice(file, from, to),
  }
}

const slice = async (file: Recorded, from: number, to: number): Promise<Uint8Array> => {
  const { size } = file
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= size))
    throw new RangeError(`bytes ${from} to ${to} of ${size} cannot be read`)
  try {
    return to - from <= smallFile ? readSmall(file, from, to) : await readLarge(file, from, to)
  } catch (error) {
    throw orGone(file, error)
  }
}

const readSmall = (file: Recorded, from: number, to: number): Uint8Array => {
  const { fs } = file
  const descriptor = fs.openSync(file.locate(), 'r')
  try {
    checkSize(file, fs.fstatSync(descriptor).size)
    const buffer = Buffer.allocUnsafeSlow(to - from) // separate memory: formats view it through typed arrays
    let read = 0
    while (read < buffer.length) {
      const step = fs.readSync(descriptor, buffer, read, buffer.length - read, from + read)
      if (step === 0) throw damaged(file, 'it ends early')
      read += step
    }
    return buffer
  } finally {
    fs.closeSync(descriptor)
  }
}

const readLarge = async (file: Recorded, from: number, to: number): Promise<Uint8Array> => {
  const handle = await file.fs.promises.open(file.locate(), 'r')
  try {
    checkSize(file, (await handle.stat()).size)
    return await readBlock(file, handle, from, to - from)
  } finally {
    await handle.close()
  }
}

async function* stream(file: Recorded): AsyncGenerator<Uint8Array> {
  const { fs, locate, size } = file
  const handle = await fs.promises.open(locate(), 'r').catch((error: unknown) => Promise.reject(orGone(file, error)))
  try {
    checkSize(file, (await handle.stat()).size)
    let checksumSoFar = 0
    for (let at = 0; at < size; ) {
      const buffer = await readBlock(file, handle, at, Math.min(chunkSize, size - at))
      checksumSoFar = crc32(buffer, checksumSoFar)
      at += buffer.length
      // The last block is yielded only after the checksum of the whole was verified.
      if (at >= size) checkContent(file, checksumSoFar)
      yield buffer
    }
    if (size === 0) checkContent(file, 0)
  } finally {
    await handle.close()
  }
}

type Handle = Awaited<ReturnType<FileSystem['promises']['open']>>

const readBlock = async (file: Recorded, handle: Handle, from: number, length: number): Promise<Uint8Array> => {
  const buffer = Buffer.allocUnsafeSlow(length)
  for (let read = 0; read < length; ) {
    const { bytesRead } = await handle.read(buffer, read, Math.min(length - read, 64 * smallFile), from + read)
    if (bytesRead === 0) throw damaged(file, 'it ends early')
    read += bytesRead
  }
  return buffer
}

const damaged = ({ locate }: Recorded, problem: string): DamagedArtifact =>
  new DamagedArtifact(`${locate()}: ${problem}`)

const checkSize = (file: Recorded, actual: number): void => {
  if (actual !== file.size) throw damaged(file, `it has ${actual} bytes, the run info says ${file.size}`)
}

const checkContent = (file: Recorded, actual: number): void => {
  if (checksumText(actual) !== file.checksum)
    throw damaged(file, `its checksum is ${checksumText(actual)}, the run info says ${file.checksum}`)
}

const orGone = (file: Recorded, error: unknown): unknown =>
  codeOf(error) === 'ENOENT' ? damaged(file, 'it is gone') : error
