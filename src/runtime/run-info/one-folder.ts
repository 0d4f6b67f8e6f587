import type { Listing } from '../ports/artifact.js'
import type { ArtifactFacts, StoreFacts } from '../ports/facts.js'
import type { Store } from '../ports/store.js'

/** Stores are queried for many folders at once; these functions query one. */

/** Names in one task's folder. */
export const listFolder = async (store: Pick<Store, 'list'>, folder: string): Promise<Listing> =>
  (await store.list([folder])).get(folder) ?? new Map()

/** Facts of one task's artifacts: of all, or of these keys. */
export const factsInFolder = async (
  facts: StoreFacts,
  folder: string,
  keys?: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ArtifactFacts>> => (await facts.read(new Map([[folder, keys]]))).get(folder) ?? new Map()
