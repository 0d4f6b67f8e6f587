import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as t from 'io-ts'
import type { ArtifactSource, Bytes, FilePersistence, Format } from '../declare/format.js'
import { jsonFormat } from '../declare/json.js'
import { isSafeName } from '../declare/names.js'
import type { Cache } from './cache.js'

/**
 * Keeps each result as a file `<folder>/<key>.<extension>` in a data format: any of `taskchain/data` that makes one file, or your own.
 * Files appear whole or not at all. One that cannot be understood any more is not found, and so is computed anew.
 * Throws a `TypeError` for formats that make folders or stay in memory.
 *
 * @example
 * const rowsOf = cached(query, { cache: formatCache('cache/rows', table(Row)) })
 * const embed = cached(askModel, { cache: formatCache('cache/embeddings', ndarray('float32')) })
 */
export const formatCache = <Value, Returned>(folder: string, format: Format<Value, Returned>): Cache<Value, Returned> => {
  const { persistence, extension, kind } = format
  if (persistence.storage !== 'file') throw new TypeError(`a cache keeps files; the format '${kind}' makes none`)
  return fileCache(folder, extension === undefined ? '' : `.${extension}`, persistence)
}

/**
 * Keeps each result as `<folder>/<key>.json`, through a codec where one is given.
 * Without a codec a result is what JSON makes of it; what JSON would lose is refused with a `FormatProblem`.
 *
 * @example const details = cached(fetchDetails, { cache: jsonCache('cache/details', Details) })
 */
export const jsonCache = <A = any>(folder: string, codec: t.Type<A, any> = t.unknown as never): Cache<A> => formatCache(folder, jsonFormat(codec)) // without a codec, A is what the caller says

const fileCache = (folder: string, ending: string, format: FilePersistence): Cache => {
  const pathOf = (key: string): string => join(folder, `${key}${ending}`)
  return {
    get: async (key) => {
      const source = await sourceOf(pathOf(key))
      if (source === undefined) return undefined
      try {
        return { value: await format.decode(source) }
      } catch (problem) {
        if (isUnderstandingProblem(problem)) return undefined
        throw problem
      }
    },
    put: async (key, value) => {
      await writeWhole(pathOf(key), await format.encode(value))
      const settled = format.settle?.(value)
      return settled === undefined ? format.decode((await sourceOf(pathOf(key))) as ArtifactSource) : settled.value
    },
    subcache: (name) => {
      if (!isSafeName(name)) throw new TypeError(`'${name}' cannot be the name of a part of a cache: use letters, digits, '_', '-' and '.'`)
      return fileCache(join(folder, name), ending, format)
    },
  }
}

/** Formats say so by these names; another copy of the library has classes of its own. */
const isUnderstandingProblem = (problem: unknown): boolean =>
  problem instanceof Error && (problem.name === 'FormatProblem' || problem.name === 'DamagedArtifact')

const sourceOf = async (path: string): Promise<ArtifactSource | undefined> => {
  const found = await stat(path).catch(absent)
  if (found === undefined) return undefined
  return {
    size: found.size,
    bytes: () => readFile(path),
    stream: () => createReadStream(path),
    slice: (from, to) => readSlice(path, from, to),
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

/** Writes beside the final name and renames, so that a reader sees the old file or the new one. */
const writeWhole = async (path: string, bytes: Bytes): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      if (bytes instanceof Uint8Array) await file.writeFile(bytes)
      else for await (const part of bytes) await file.writeFile(part) // each call goes on where the last one ended
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (problem) {
    await rm(temporary, { force: true })
    throw problem
  }
}
