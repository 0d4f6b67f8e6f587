import { addressOf } from '../../plan/names/artifact-address.js'
import type { Listing, StoredNames } from '../ports/artifact.js'
import { isStored } from '../run-info/hit-or-miss.js'
import type { ContentParts, Item, Parts } from './contents.js'
import type { Drift } from './drift.js'
import { makeRefreshing, type Refreshing } from './refresh.js'

/** How nodes are stored at this moment, by names; each folder is listed once. */
export interface StoredNow extends ContentParts {
  /** Lists the folders of nodes that may be stored. Rejects if the store cannot be read. */
  readonly list: (items: readonly Item[]) => Promise<void>
  /** Stored keys in a folder that was listed. */
  readonly keysIn: (folder: string) => Iterable<string>
  /** Whether its artifact exists, whole by name. */
  readonly isListed: (item: Item) => boolean
  /** Whether there is nothing at all of it that a new artifact would replace: its folder was listed without it. */
  readonly isAbsent: (item: Item) => boolean
  /** Whether it has to be computed again since it was computed by other code, or is due for refresh. */
  readonly isOutdated: (item: Item) => boolean
}

/** `committed`: keys that the run itself has stored since the listing. */
export const storedNow = (
  session: Parts,
  drift: Drift,
  inputsOf: ContentParts['inputsOf'],
  committed: ReadonlySet<string> = new Set(),
  refreshing: Refreshing = makeRefreshing(session),
): StoredNow => {
  const listings = new Map<string, Listing>()
  const namesOf = ({ node }: Item): StoredNames | undefined => listings.get(addressOf(node).folder)?.get(node.key)
  const mayBeStored = ({ node }: Item): boolean =>
    !session.forced.has(node.key) && !session.damaged.has(node.key) && node.storage !== 'memory'
  const isListed = (item: Item): boolean => {
    const listing = listings.get(addressOf(item.node).folder)
    return (
      mayBeStored(item) && (committed.has(item.node.key) || (listing !== undefined && isStored(listing, item.node)))
    )
  }
  const isOutdated = ({ node }: Item): boolean =>
    !committed.has(node.key) && (drift.of(node)?.action === 'recompute' || refreshing.isDue(node))
  const list = async (items: readonly Item[]): Promise<void> => {
    const folders = new Set(items.filter(mayBeStored).map(({ node }) => addressOf(node).folder))
    const unlisted = [...folders].filter((folder) => !listings.has(folder))
    if (unlisted.length > 0)
      for (const [folder, listing] of await session.store.list(unlisted)) listings.set(folder, listing)
  }
  return {
    list,
    keysIn: (folder) => listings.get(folder)?.keys() ?? [],
    isListed,
    isAbsent: (item) =>
      mayBeStored(item) &&
      !committed.has(item.node.key) &&
      listings.has(addressOf(item.node).folder) &&
      namesOf(item)?.runInfo !== true,
    isOutdated,
    see: async (items) => {
      await list(items)
      const listed = items.filter(isListed)
      await drift.look(listed)
      await refreshing.look(listed)
    },
    isSeen: (item) => {
      const { key, storage } = item.node
      if (session.forced.has(key) || session.damaged.has(key)) return 'to_run'
      if (storage === 'memory') return session.memory.has(key) ? 'stored' : 'absent'
      if (!isListed(item)) return namesOf(item)?.stale === true ? 'to_run' : 'absent'
      return isOutdated(item) ? 'to_run' : 'stored'
    },
    inputsOf,
    holdUntil: refreshing.firstDue,
  }
}
