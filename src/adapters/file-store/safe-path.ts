import { isSafeName } from '../../declare/names.js'
import type { Address } from '../../runtime/ports/artifact.js'

/** Checks of names that become part of a path: every name is checked here again, whatever its origin. */

/** A name that must not reach the disk. */
export class UnsafePath extends Error {
  override readonly name = 'UnsafePath'
}

/** Extensions reserved for the store; no format may use them. */
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

/** Whether a key has the form of the planner's keys. */
export const isHashKey = (key: string): boolean => hashKey.test(key)

/**
 * Throws `UnsafePath` if an address could lead anywhere but to its own files.
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
 * Throws `UnsafePath` for an extension that is invalid, or reserved for the store.
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

/** Most folders: no segment has a dot. */
const plainFolder = /^(?:(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\/|$))[a-z0-9_][a-z0-9_-]{0,99}(?:\/(?!$)|$))+$/i

/**
 * Throws `UnsafePath` unless a folder is made of safe names.
 *
 * @example
 * checkFolder('movies/all_movies')
 */
export const checkFolder = (folder: string): void => {
  if (plainFolder.test(folder)) return
  for (const segment of folder.split('/'))
    if (!isSafeName(segment))
      throw new UnsafePath(`${quote(segment)} cannot be part of a path, in the folder ${quote(folder)}`)
}

/** Throws `UnsafePath` unless a name can be that of a readable link: safe, and distinct from names of artifacts. */
export const checkLinkName = (name: string): void => {
  if (!isSafeName(name)) throw new UnsafePath(`${quote(name)} cannot be the name of a link`)
  if (hashKey.test(name.replace(/\..*$/s, '')))
    throw new UnsafePath(`${quote(name)} looks like the key of an artifact and cannot be the name of a link`)
}

/** A name for a message, shortened to fit in a line. */
const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name)
