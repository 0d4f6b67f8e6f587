import { open, mkdtemp, rm, stat } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from '../../src/adapters/file-store/checksum.js'
import {
  DamagedArtifact,
  type ArtifactSource,
  type Bytes,
  type FilePersistence,
  type Format,
} from '../../src/declare/format.js'

/** Formats as a store uses them: bytes go to a real file and come back through a source that checks them. */

const made: string[] = []

/** A fresh folder; `removeFolders` takes them all away. */
export const freshFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'formats-'))
  made.push(folder)
  return folder
}

export const removeFolders = async (): Promise<void> => {
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
}

export const persistenceOf = (format: Format<any, any, any>): FilePersistence => {
  if (format.persistence.storage !== 'file') throw new Error(`${format.kind} is not kept in a file`)
  return format.persistence
}

export interface Kept {
  readonly path: string
  readonly source: ArtifactSource
}

/** Writes what a format encodes. */
export const keep = async (format: Format<any, any, any>, returned: unknown, name = 'value'): Promise<Kept> => {
  const path = join(await freshFolder(), `${name}.${format.extension}`)
  const crc = await write(path, await persistenceOf(format).encode(returned))
  return { path, source: await sourceOf(path, crc) }
}

const write = async (path: string, bytes: Bytes): Promise<number> => {
  const file = await open(path, 'w')
  let crc = 0
  try {
    const pieces = bytes instanceof Uint8Array ? [bytes] : bytes
    for await (const piece of pieces) {
      if (piece.length > 0) crc = crc32(piece, crc) // zlib starts anew at an empty buffer
      for (let from = 0; from < piece.length; ) from += (await file.write(piece, from)).bytesWritten
    }
  } finally {
    await file.close()
  }
  return crc
}

/** A source over a file; `crc` as it was when it was written. */
export const sourceOf = async (path: string, crc?: number): Promise<ArtifactSource> => {
  const { size } = await stat(path)
  const slice = async (from: number, to: number): Promise<Uint8Array> => {
    const file = await open(path)
    try {
      const target = new Uint8Array(to - from)
      const { bytesRead } = await file.read(target, 0, to - from, from)
      return target.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }
  return {
    size,
    slice,
    bytes: async () => {
      const bytes = await slice(0, size)
      if (crc !== undefined && crc32(bytes) !== crc) throw new DamagedArtifact('checksum differs')
      return bytes
    },
    stream: async function* () {
      let read = 0
      for await (const chunk of createReadStream(path)) {
        read = crc32(chunk as Uint8Array, read)
        yield chunk as Uint8Array
      }
      if (crc !== undefined && read !== crc) throw new DamagedArtifact('checksum differs')
    },
  }
}

/** What loading gives. */
export const load = async <Value>(format: Format<Value, any, any>, { source }: Kept): Promise<Value> =>
  (await persistenceOf(format).decode(source)) as Value

/** Save and load. */
export const roundTrip = async <Value>(format: Format<Value, any, any>, returned: unknown): Promise<Value> =>
  load(format, await keep(format, returned))

/** What readers get in the run that computed the value: settled, or loaded. */
export const warm = async <Value>(
  format: Format<Value, any, any>,
  returned: unknown,
): Promise<{ readonly value: Value; readonly settled: boolean }> => {
  const kept = await keep(format, returned)
  const settled = persistenceOf(format).settle?.(returned)
  return settled === undefined
    ? { value: await load(format, kept), settled: false }
    : { value: settled.value as Value, settled: true }
}

/** The problem that a promise rejects with, as data. */
export const problemIn = async (
  work: () => unknown,
): Promise<{
  readonly name: string
  readonly message: string
  readonly path?: string
  readonly hint?: string | undefined
}> => {
  try {
    await work()
  } catch (cause) {
    const { name, message, path, hint } = cause as { name: string; message: string; path?: string; hint?: string }
    return { name, message, ...(path === undefined ? {} : { path }), ...(hint === undefined ? {} : { hint }) }
  }
  throw new Error('nothing was thrown')
}

/** All bytes that a format encodes, in memory. */
export const encodedBytes = async (format: Format<any, any, any>, returned: unknown): Promise<Buffer> => {
  const bytes = await persistenceOf(format).encode(returned)
  const pieces: Uint8Array[] = []
  for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces)
}
