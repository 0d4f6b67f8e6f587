import { isSafeName } from '../../declare/names.js'
import type { Address } from '../../runtime/ports/artifact.js'

/** What may become part of a path: names are checked here once more, whoever made them. */

/** A name that must not reach the disk. */
export class UnsafePath extends Error {
  override readonly name = 'UnsafePath'
}

/** Endings that belong to the store; no format may have them as its extension. */
export const storeEndings = {
  runInfo: 'run_info.yaml',
  log: 'log',
  failedLog: 'failed.log',
  stale: 'stale',
  unfinished: 'unfinished',
  lease: 'lease',
} as const

const reserved: ReadonlySet<string> = new Set(Object.values(storeEndings))
const hashKey = /^[0-9a-f]{32}$/
const otherKey = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/

/** Keys as the planner makes them. */
export const isHashKey = (key: string): boolean => hashKey.test(key)

/**
 * Throws `UnsafePath` where an address could lead anywhere but to its own files.
 *
 * @example
 * checkAddress({ folder: 'movies/all_movies', key: 'a'.repeat(32), extension: 'json' })
 */
export const checkAddress = ({ folder, key, extension }: Address): void => {
  checkFolder(folder)
  if (!isKey(key)) throw new UnsafePath(`${quote(key)} cannot be the key of an artifact`)
  if (extension !== null) checkExtension(extension)
}

/** A key has no dot: a file name is split at its first one. */
export const isKey = (key: string): boolean => hashKey.test(key) || (otherKey.test(key) && isSafeName(key))

/**
 * Throws `UnsafePath` where an extension is none, or one of the store's own.
 *
 * @example
 * checkExtension('json')
 */
export const checkExtension = (extension: string): void => {
  if (isSafeName(extension) && !reserved.has(extension)) return
  throw new UnsafePath(
    reserved.has(extension)
      ? `the extension ${quote(extension)} belongs to the store; choose another one for the format`
      : `${quote(extension)} cannot be a file extension`,
  )
}

const known = new Set<string>()

/**
 * Throws `UnsafePath` unless a folder is made of safe names.
 *
 * @example
 * checkFolder('movies/all_movies')
 */
export const checkFolder = (folder: string): void => {
  if (known.has(folder)) return
  for (const segment of folder.split('/'))
    if (!isSafeName(segment))
      throw new UnsafePath(`${quote(segment)} cannot be part of a path, in the folder ${quote(folder)}`)
  if (known.size < 100_000) known.add(folder)
}

/** Throws `UnsafePath` unless a name can be that of a readable link: safe, and not to be mistaken for an artifact. */
export const checkLinkName = (name: string): void => {
  if (!isSafeName(name)) throw new UnsafePath(`${quote(name)} cannot be the name of a link`)
  if (hashKey.test(name.replace(/\..*$/s, '')))
    throw new UnsafePath(`${quote(name)} looks like the key of an artifact and cannot be the name of a link`)
}

/** A name for a message, never longer than a line. */
const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name)
