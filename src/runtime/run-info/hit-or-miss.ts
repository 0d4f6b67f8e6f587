import type {
  Address,
  FoundArtifact,
  FoundData,
  Listing,
  Miss,
  StoredArtifact,
  StoredNames,
} from '../ports/artifact.js'
import type { Store } from '../ports/store.js'
import { keyIn, quickData, runInfoProblem, type DataFacts } from './run-info.js'

/** The only place that decides what is a hit. Stores report what they have. */

/** By names alone: data and run info have their final names, and are not marked stale. */
export const isWholeByName = (names: StoredNames | undefined, extension: string | null): boolean =>
  names !== undefined && names.runInfo && !names.stale && names.extensions.includes(extension ?? '')

/** The same for a node, in the listing of its folder. */
export const isStored = (
  listing: Listing,
  { key, extension }: { readonly key: string; readonly extension: string | null },
): boolean => isWholeByName(listing.get(key), extension)

/**
 * Opens the artifact at an address if it is whole by name and size; otherwise returns the reason of the miss.
 *
 * @example
 * await openArtifact(memoryStore(), { folder: 'movies/all_movies', key: 'a'.repeat(32), extension: 'json' })
 * // { _tag: 'Miss', reason: 'absent' }
 */
export const openArtifact = async (store: Pick<Store, 'open'>, address: Address): Promise<StoredArtifact | Miss> =>
  hitOrMiss(await store.open(address), address)

/**
 * Whether the files found by a store are the artifact of this address: its run info matches, and the sizes are right.
 *
 * @example
 * const address = { folder: 'movies/all_movies', key: 'a'.repeat(32), extension: 'json' }
 * hitOrMiss(await memoryStore().open(address), address) // => { _tag: 'Miss', reason: 'absent' }
 */
export const hitOrMiss = (found: FoundArtifact, address: Pick<Address, 'key' | 'extension'>): StoredArtifact | Miss => {
  const { runInfo, unreadable, stale, data, places } = found
  if (unreadable !== undefined) return miss('unreadable run info', unreadable)
  if (runInfo === undefined && data === undefined) return miss('absent')
  // checked before the run info, which is missing between the two steps of a replacement that was killed
  if (stale !== undefined) return miss('stale', stale === '' ? undefined : stale)
  if (runInfo === undefined) return miss('no run info', `${places.runInfo} is not there`)
  const facts = quickData(runInfo)
  if (facts === undefined) {
    const problem = runInfoProblem(runInfo)
    return problem === undefined
      ? miss('no data', 'the run kept no data')
      : miss('unreadable run info', `${problem} (${places.runInfo})`)
  }
  const key = keyIn(runInfo)
  if (key !== undefined && key !== address.key)
    return miss('unreadable run info', `${places.runInfo} is that of another artifact, ${key.slice(0, 100)}`)
  if (facts.extension !== address.extension)
    return miss('no data', `it is stored as ${kindName(facts.extension)}, but ${kindName(address.extension)} is wanted`)
  if (data === undefined) return miss('no data', `${places.data} is not there`)
  const wanted = address.extension === null ? 'folder' : 'file'
  if (data._tag === 'other' || data._tag !== wanted) return miss('no data', `${places.data} is not a ${wanted}`)
  return dataMiss(data, facts) ?? artifactOf(data, runInfo, facts)
}

const dataMiss = (data: Exclude<FoundData, { readonly _tag: 'other' }>, facts: DataFacts): Miss | undefined => {
  if (data.size !== facts.size) return miss('size differs', `${data.size} bytes, the run info says ${facts.size}`)
  return data._tag === 'folder' && data.checksum !== facts.checksum
    ? miss('damaged', 'names or sizes of the files in it are not those of the run info')
    : undefined
}

const artifactOf = (
  data: Exclude<FoundData, { readonly _tag: 'other' }>,
  runInfo: string,
  facts: DataFacts,
): StoredArtifact => {
  if (data._tag === 'folder')
    return {
      path: data.path,
      runInfo,
      source: undefined,
      directory: data.path,
      examine: () => data.examine(facts.content),
    }
  const file = { path: data.path, runInfo, source: data.source(facts), directory: undefined }
  const { beside } = facts
  return beside === undefined
    ? file
    : { ...file, beside: async (extension) => (beside.includes(extension) ? data.beside(extension) : undefined) }
}

const miss = (reason: Miss['reason'], detail?: string): Miss =>
  detail === undefined ? { _tag: 'Miss', reason } : { _tag: 'Miss', reason, detail }

const kindName = (extension: string | null): string => (extension === null ? 'a folder' : `.${extension}`)
