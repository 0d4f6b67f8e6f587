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

/** What a program has written becomes an artifact as it is: nothing is encoded anew, everything is read once. */

/** A file that a program has written. `release` removes the folder that it is in. */
export interface ProducedFile {
  readonly path: string
  readonly size: number
  readonly release: () => Promise<void>
}

/** The place of a folder format, in the context of `run`. */
export interface ProducedFolder {
  readonly folder: string
}

/** The same format, kept from files instead of values. Values in memory cannot be: nobody else has them. */
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
  /** Set between the two calls that follow each other at once: what is read then was just written by the program. */
  let isFresh = false
  const valueOf = async (returned: unknown): Promise<unknown> => data.decode(fileSource(returned as ProducedFile))
  return {
    storage: 'file',
    encode: (returned) => bytesOf(returned as ProducedFile), // what `run` of a command returns, always
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

/** What a program wrote and cannot be read is no damage of a disk. Lines are all read: each may be wrong. */
const readFresh = (data: FilePersistence, source: ArtifactSource): Promise<unknown> =>
  asWritten(async () => {
    const value = await data.decode(source)
    if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
      for await (const _ of value as AsyncIterable<unknown>) continue // as the symbol says
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
  // read at its final place only, and then it is too late to say whose fault it is
  write: async (_, directory) => {
    if (data.storage === 'folder') await asWritten(async () => data.read(directory))
  },
})

/** A file before it is an artifact: no checksum is known. */
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

/** Size of a program's output; undefined where there is none. Links are none: they may lead away. */
export const outputAt = async (path: string, kind: 'file' | 'folder'): Promise<number | undefined> => {
  const found = await lstat(path).catch(() => undefined)
  if (kind === 'file') return found?.isFile() === true ? found.size : undefined
  return found?.isDirectory() === true && (await readdir(path)).length > 0 ? 0 : undefined
}
