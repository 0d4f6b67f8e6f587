import { join } from 'node:path'
import * as t from 'io-ts'
import { DamagedArtifact, type FilePersistence, type Format } from '../declare/format.js'
import { jsonFormat } from '../declare/json/json.js'
import { isSafeName } from '../declare/names.js'
import type { Cache, Kept, ReadyCache } from './cache.js'
import { sourceOf, writeWhole } from './cache-files.js'
import { readyCache } from './ready-cache.js'

/**
 * Keeps each result as a file `<folder>/<key>.<extension>` in a data format: any of `taskchain/data` that makes one
 * file, or your own.
 * Files appear whole or not at all. One that cannot be understood any more, or whose checksum in `<folder>/.checksums`
 * differs, is not found, and so is computed anew; what a killed process had begun is removed by the next one that
 * writes.
 * Throws a `TypeError` for formats that make folders or stay in memory.
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
  if (persistence.storage !== 'file') throw new TypeError(`a cache keeps files; the format '${kind}' makes none`)
  // the format's own types
  return readyCache(
    fileCache(folder, extension === undefined ? '' : `.${extension}`, persistence) as Cache<Value, Returned>,
  )
}

/**
 * Keeps each result as `<folder>/<key>.json`, through a codec where one is given.
 * Without a codec a result is what JSON makes of it; what JSON would lose is refused with a `FormatProblem`.
 *
 * @example
 * const square = cached(
 *   async function square(n: number) { return n * n },
 *   { cache: jsonCache('cache/squares', t.number) },
 * )
 * await square(3) // => 9
 */
export const jsonCache = <A = any>(folder: string, codec: t.Type<A, any> = t.unknown as never): ReadyCache<A> =>
  formatCache(folder, jsonFormat(codec)) // without a codec, A is what the caller says

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
      if (format.views === undefined) await format.prepare?.() // what cannot be kept is not computed; views never are
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

/** What a file holds, all of it verified; also where the format reads it later, or in parts. */
const keptIn = async (path: string, format: FilePersistence): Promise<Kept | undefined> => {
  const file = await sourceOf(path)
  if (file === undefined) return undefined
  try {
    const value = await format.decode(file.source)
    await file.verify()
    return { value }
  } catch (problem) {
    if (!isUnderstandingProblem(problem)) await file.verify() // damage is met by a format as anything
    throw problem
  }
}

/** Formats say so by these names; another copy of the library has classes of its own. */
const isUnderstandingProblem = (problem: unknown): boolean =>
  problem instanceof Error && (problem.name === 'FormatProblem' || problem.name === 'DamagedArtifact')
