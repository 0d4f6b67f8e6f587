import type { Listing } from '../../ports/artifact.js'

/** What of one store is to be in another: found from the names in both alone. */

/** An artifact that is asked for; extension undefined where only its key is known. */
export interface Wanted {
  readonly folder: string
  readonly key: string
  readonly extension?: string | null
}

/** What becomes of the artifacts that were asked for. */
export interface TransferPlan {
  readonly send: readonly Wanted[]
  /** Whole on the other side already. */
  readonly there: readonly Wanted[]
  /** Not whole on this side: never computed, or marked as stale. */
  readonly lacking: readonly Wanted[]
}

type Listings = ReadonlyMap<string, Listing>

/**
 * Compares two stores by names. Each key counts once, whoever wants it.
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

/** Its log follows an artifact, so a kill in between leaves it out. */
const hasLog = (listings: Listings, { folder, key }: Wanted): boolean => listings.get(folder)?.get(key)?.log === true
