import { join } from 'node:path'
import * as t from 'io-ts'
import { DamagedArtifact, type FilePersistence, type Format } from '../declare/format.js'
import { jsonFormat } from '../declare/json/json.js'
import { isSafeName } from '../declare/names.js'
import type { Cache, Kept, ReadyCache } from './cache.js'
import { sourceOf, writeWhole } from './cache-files.js'
import { readyCache } from './ready-cache.js'

/**
 * Stores each result as a file `<folder>/<key>.<extension>` in a data format: any format of `taskchain/data` that
 * produces one file, or a custom one.
 * Files appear complete or not at all. A file that can no longer be parsed, or whose checksum in `<folder>/.checksums`
 * differs, counts as not found and is computed again; incomplete files of a killed process are removed by the next
 * process that writes.
 * Throws a `TypeError` for formats that use folders or stay in memory.
 *
 * @example
 * const Row = t.type({ n: t.number })
 * const query = async (n: number) => [{ n }]
 * const rowsOf = cached(query, { cache: formatCache('cache/rows', rows(Row)) })
 * await rowsOf(1) // => [{ n: 1 }]
 */
export const formatCache = <Value, Returned>(
  folder: string,
  format: Format<Value, Returned>,
): ReadyCache<Value, Returned> => {
  const { persistence, extension, kind } = format
  if (persistence.storage !== 'file') throw new TypeError(`a cache stores files, but the format '${kind}' makes none`)
  // the format's own types
  return readyCache(
    fileCache(folder, extension === undefined ? '' : `.${extension}`, persistence) as Cache<Value, Returned>,
  )
}

/**
 * Stores each result as `<folder>/<key>.json`, through a codec if one is given.
 * Without a codec a result is what JSON makes of it; a value that JSON would change is refused with a `FormatProblem`.
 *
 * @example
 * const square = cached(
 *   async function square(n: number) { return n * n },
 *   { cache: jsonCache('cache/squares', t.number) },
 * )
 * await square(3) // => 9
 */
export const jsonCache = <A = any>(folder: string, codec: t.Type<A, any> = t.unknown as never): ReadyCache<A> =>
  formatCache(folder, jsonFormat(codec)) // without a codec, the caller chooses A

const fileCache = (folder: string, ending: string, format: FilePersistence): Cache<unknown> => {
  const pathOf = (key: string): string => join(folder, `${key}${ending}`)
  return {
    get: async (key) => {
      try {
        const kept = await keptIn(pathOf(key), format)
        if (kept !== undefined) return kept
      } catch (problem) {
        if (!isUnderstandingProblem(problem)) throw problem
      }
      if (format.views === undefined) await format.prepare?.() // nothing is computed that cannot be stored; no views
      return undefined
    },
    put: async (key, value) => {
      await writeWhole(pathOf(key), await format.encode(value))
      const settled = format.settle?.(value)
      if (settled !== undefined) return settled.value
      const kept = await keptIn(pathOf(key), format)
      if (kept === undefined) throw new DamagedArtifact(`${pathOf(key)} was removed as soon as it was written`)
      return kept.value
    },
    subcache: (name) => {
      if (!isSafeName(name))
        throw new TypeError(`'${name}' cannot be the name of a part of a cache: use letters, digits, '_', '-' and '.'`)
      return fileCache(join(folder, name), ending, format)
    },
  }
}

/** The value in a file, fully verified even if the format reads it lazily or in parts. */
const keptIn = async (path: string, format: FilePersistence): Promise<Kept | undefined> => {
  const file = await sourceOf(path)
  if (file === undefined) return undefined
  try {
    const value = await format.decode(file.source)
    await file.verify()
    return { value }
  } catch (problem) {
    if (!isUnderstandingProblem(problem)) await file.verify() // damage can make a format throw anything
    throw problem
  }
}

/** Formats throw errors with these names; another copy of the library has its own classes. */
const isUnderstandingProblem = (problem: unknown): boolean =>
  problem instanceof Error && (problem.name === 'FormatProblem' || problem.name === 'DamagedArtifact')
