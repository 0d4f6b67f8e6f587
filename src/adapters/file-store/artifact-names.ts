import type { Address, Listing, StoredNames } from '../../runtime/ports/artifact.js'
import { checkExtension, isHashKey, storeEndings } from './safe-path.js'

/** Paths of one artifact's files. */
export interface ArtifactNames {
  /** Folder and key; files next to the data add a dot and their extension. */
  readonly base: string
  readonly data: string
  readonly runInfo: string
  readonly log: string
  readonly failedLog: string
  readonly stale: string
  readonly unfinished: string
  readonly lease: string
}

/** Paths of an artifact in its folder on disk; the caller has validated the address. */
export const namesIn = (folder: string, { key, extension }: Pick<Address, 'key' | 'extension'>): ArtifactNames => {
  const base = `${folder}/${key}`
  return {
    base,
    data: extension === null ? base : `${base}.${extension}`,
    runInfo: runInfoPath(folder, key),
    log: `${base}.${storeEndings.log}`,
    failedLog: `${base}.${storeEndings.failedLog}`,
    stale: stalePath(folder, key),
    unfinished: `${base}.${storeEndings.unfinished}`,
    lease: `${base}.${storeEndings.lease}`,
  }
}

export const runInfoPath = (folder: string, key: string): string => `${folder}/${key}.${storeEndings.runInfo}`

export const stalePath = (folder: string, key: string): string => `${folder}/${key}.${storeEndings.stale}`

/** Path of a file next to the data. Throws `UnsafePath` for an invalid extension. */
export const besideOf = ({ base }: ArtifactNames, extension: string): string => {
  checkExtension(extension)
  return `${base}.${extension}`
}

/** The same for all extensions in a run info; invalid ones are skipped, since a run info may contain anything. */
export const besidePaths = (names: ArtifactNames, extensions: readonly string[] = []): readonly string[] =>
  extensions.flatMap((extension) => {
    try {
      return besideOf(names, extension)
    } catch {
      return []
    }
  })

/**
 * Interprets the names in a task's folder, by key. Readable links, folders of other tasks and hidden names are skipped.
 */
export const listingOf = (names: Iterable<string>): Listing => {
  const listing = new Map<
    string,
    { -readonly [Field in keyof StoredNames]: StoredNames[Field] } & { extensions: string[] }
  >()
  for (const name of names) {
    const dot = name.indexOf('.')
    if (dot === 0) continue
    const key = dot < 0 ? name : name.slice(0, dot)
    const ending = dot < 0 ? '' : name.slice(dot + 1)
    if (ending === storeEndings.lease) continue
    let found = listing.get(key)
    if (found === undefined)
      listing.set(key, (found = { extensions: [], runInfo: false, log: false, stale: false, unfinished: false }))
    switch (ending) {
      case storeEndings.runInfo:
        found.runInfo = true
        break
      case storeEndings.log:
        found.log = true
        break
      case storeEndings.stale:
        found.stale = true
        break
      case storeEndings.unfinished:
        found.unfinished = true
        break
      case storeEndings.failedLog:
        break
      default:
        found.extensions.push(ending)
    }
  }
  // Names that are not keys of the planner count only if the store has written something for them.
  for (const [key, found] of listing)
    if (!isHashKey(key) && !found.runInfo && !found.stale && !found.unfinished && !found.log) listing.delete(key)
  return listing
}
