import type { Listing } from '../../ports/artifact.js'

/** Artifacts of one store that another one needs: determined from the names in both alone. */

/** A requested artifact; extension undefined if only its key is known. */
export interface Wanted {
  readonly folder: string
  readonly key: string
  readonly extension?: string | null
}

/** What happens to the requested artifacts. */
export interface TransferPlan {
  readonly send: readonly Wanted[]
  /** Whole in the other store already. */
  readonly there: readonly Wanted[]
  /** Not whole in this store: never computed, or marked as stale. */
  readonly lacking: readonly Wanted[]
}

type Listings = ReadonlyMap<string, Listing>

/**
 * Compares two stores by names. Each key counts once, however many want it.
 *
 * @example
 * planTransfer([{ folder: 'movies/all', key: 'a'.repeat(32) }], new Map(), new Map()).lacking.length // => 1
 */
export const planTransfer = (wanted: readonly Wanted[], source: Listings, target: Listings): TransferPlan => {
  const plan = { send: [] as Wanted[], there: [] as Wanted[], lacking: [] as Wanted[] }
  const seen = new Set<string>()
  for (const one of wanted) {
    const path = `${one.folder}/${one.key}`
    if (seen.has(path)) continue
    seen.add(path)
    if (!isWhole(source, one)) plan.lacking.push(one)
    else if (isWhole(target, one) && (hasLog(target, one) || !hasLog(source, one))) plan.there.push(one)
    else plan.send.push(one)
  }
  return plan
}

const isWhole = (listings: Listings, { folder, key, extension }: Wanted): boolean => {
  const names = listings.get(folder)?.get(key)
  if (names === undefined || !names.runInfo || names.stale) return false
  return extension === undefined ? names.extensions.length > 0 : names.extensions.includes(extension ?? '')
}

/** The log is written after the artifact, so a kill in between leaves it out. */
const hasLog = (listings: Listings, { folder, key }: Wanted): boolean => listings.get(folder)?.get(key)?.log === true
