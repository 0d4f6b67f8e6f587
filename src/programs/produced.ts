import { createReadStream } from 'node:fs'
import { lstat, open, readdir, readFile } from 'node:fs/promises'
import {
  FormatProblem,
  makeFormat,
  type AnyFormat,
  type ArtifactSource,
  type FilePersistence,
  type FolderPersistence,
} from '../declare/format.js'

/** Stores a program's output as an artifact unchanged: nothing is encoded again, and everything is read once. */

/** A file that a program has written. `release` removes its folder. */
export interface ProducedFile {
  readonly path: string
  readonly size: number
  readonly release: () => Promise<void>
}

/** The target of a folder format, in the context of `run`. */
export interface ProducedFolder {
  readonly folder: string
}

/** The same format, storing files instead of values. Not for in-memory formats, whose values have no files. */
export const producedFormat = (data: AnyFormat): AnyFormat => {
  const { persistence } = data
  switch (persistence.storage) {
    case 'memory':
      throw new TypeError(
        `a program writes files, and '${data.kind}' is kept in memory only: ` +
          "give 'data' a format that makes a file or a folder",
      )
    case 'file':
      return makeFormat(data.kind, data.extension, ofFile(persistence))
    default:
      return makeFormat(data.kind, undefined, ofFolder(persistence))
  }
}

const ofFile = (data: FilePersistence): FilePersistence => {
  const { beside, digest } = data
  /** Set between two calls that directly follow each other: what is read then was just written by the program. */
  let isFresh = false
  const valueOf = async (returned: unknown): Promise<unknown> => data.decode(fileSource(returned as ProducedFile))
  return {
    storage: 'file',
    encode: (returned) => bytesOf(returned as ProducedFile), // always, as returned by `run` of a command
    settle: () => {
      isFresh = true
      return undefined
    },
    decode: (source) => {
      const wasFresh = isFresh
      isFresh = false
      return wasFresh ? readFresh(data, source) : data.decode(source)
    },
    ...(data.prepare === undefined ? {} : { prepare: () => data.prepare?.() }),
    ...(data.views === undefined ? {} : { views: data.views }),
    ...(beside === undefined ? {} : { beside: async (returned: unknown) => beside(await valueOf(returned)) }),
    ...(digest === undefined ? {} : { digest: async (returned: unknown) => digest(await valueOf(returned)) }),
  }
}

/** Unreadable output is the program's error, not damage of a disk. Reads all lines, since any may be invalid. */
const readFresh = (data: FilePersistence, source: ArtifactSource): Promise<unknown> =>
  asWritten(async () => {
    const value = await data.decode(source)
    if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
      for await (const _ of value as AsyncIterable<unknown>) continue // it has the symbol
    return value
  })

const asWritten = async (read: () => Promise<unknown>): Promise<unknown> => {
  try {
    return await read()
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'DamagedArtifact') throw cause
    const inner = cause.cause instanceof Error ? ` (${cause.cause.message})` : ''
    throw new FormatProblem(`what the program wrote cannot be read: ${cause.message}${inner}`, { cause })
  }
}

async function* bytesOf({ path, release }: ProducedFile): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 18 })
  } finally {
    await release()
  }
}

const ofFolder = (data: FolderPersistence): FolderPersistence => ({
  ...data,
  tools: ({ directory }): ProducedFolder => ({ folder: directory }),
  // it is read only at its final place, when it is too late to blame the program
  write: async (_, directory) => {
    if (data.storage === 'folder') await asWritten(async () => data.read(directory))
  },
})

/** A file that is not an artifact yet: it has no checksum. */
export const fileSource = ({ path, size }: Pick<ProducedFile, 'path' | 'size'>): ArtifactSource => ({
  size,
  bytes: async () => readFile(path),
  stream: () => createReadStream(path),
  slice: async (from, to) => {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  },
})

/** Size of a program's output; undefined if there is none. Links do not count, since they may lead elsewhere. */
export const outputAt = async (path: string, kind: 'file' | 'folder'): Promise<number | undefined> => {
  const found = await lstat(path).catch(() => undefined)
  if (kind === 'file') return found?.isFile() === true ? found.size : undefined
  return found?.isDirectory() === true && (await readdir(path)).length > 0 ? 0 : undefined
}
