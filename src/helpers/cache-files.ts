import * as fs from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { lastChange, sweep, temporaryName } from '../adapters/file-store/temporary-names.js'
import { DamagedArtifact, type ArtifactSource, type Bytes } from '../declare/format.js'
import { addContent, knownContents, tally, type Tally } from './checksum-file.js'

/** Files of a cache: written completely under a temporary name, verified on reading. */

/** A file to read from. */
export interface CacheFile {
  readonly source: ArtifactSource
  /** Reads the file through, unless `source.bytes()` has verified it. Rejects with `DamagedArtifact`. */
  readonly verify: () => Promise<void>
}

/** Undefined if there is no file. */
export const sourceOf = async (path: string): Promise<CacheFile | undefined> => {
  const found = await stat(path).catch(absent)
  if (found === undefined) return undefined
  let verified = false
  const check = async ({ line }: Tally): Promise<void> => {
    const contents = await knownContents(path)
    if (contents !== undefined && !contents.includes(line()))
      throw new DamagedArtifact(`the checksum of ${path} differs`)
    verified = true
  }
  const bytes = async (): Promise<Uint8Array> => {
    const whole = await readFile(path)
    const read = tally()
    read.add(whole)
    await check(read)
    return whole
  }
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    const read = tally()
    for await (const piece of fs.createReadStream(path) as AsyncIterable<Uint8Array>) {
      read.add(piece)
      yield piece
    }
    await check(read)
  }
  return {
    source: { size: found.size, bytes, stream, slice: (from, to) => readSlice(path, from, to) },
    verify: async () => {
      if (!verified && (await knownContents(path)) !== undefined) for await (const _ of stream()) continue
    },
  }
}

const absent = (problem: NodeJS.ErrnoException): undefined => {
  if (problem.code !== 'ENOENT' && problem.code !== 'ENOTDIR') throw problem
  return undefined
}

const readSlice = async (path: string, from: number, to: number): Promise<Uint8Array> => {
  const file = await open(path)
  try {
    const block = Buffer.alloc(Math.max(0, to - from))
    let filled = 0
    while (filled < block.length) {
      const { bytesRead } = await file.read(block, filled, block.length - filled, from + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return block.subarray(0, filled)
  } finally {
    await file.close()
  }
}

/** Writes next to the final name and renames, so that readers see either the old file or the new one. */
export const writeWhole = async (path: string, bytes: Bytes): Promise<void> => {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  sweepOnce(folder)
  const temporary = temporaryName(folder, basename(path))
  const written = tally()
  try {
    const file = await open(temporary, 'wx')
    try {
      for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
        await file.writeFile(piece) // each call continues where the previous one ended
        written.add(piece)
      }
    } finally {
      await file.close()
    }
    await addContent(path, written)
    await rename(temporary, path)
  } catch (problem) {
    await rm(temporary, { force: true })
    throw problem
  }
}

const swept = new Set<string>()

/** No write of one result takes this long. Used only for files started by a process on another machine. */
const longestWrite = 7 * 24 * 60 * 60 * 1000

/** Removes files left by dead processes, when this process first writes to a folder. */
const sweepOnce = (folder: string): void => {
  const place = resolve(folder)
  if (swept.has(place)) return
  swept.add(place)
  sweep(fs, place, { isLeft: (path) => lastChange(fs, path) < Date.now() - longestWrite })
}
