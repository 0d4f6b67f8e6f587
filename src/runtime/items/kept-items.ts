import { addUsage, recordIn } from './item-record.js'
import type { ItemCounts, ItemSet, StoreItems } from '../ports/items.js'
import type { Store } from '../ports/store.js'

/** A set of items with what its calls have used: all attempts of all runs. */
export interface UsedItems extends ItemCounts {
  readonly usage: Readonly<Record<string, number>>
}

export const itemUsage = async (items: StoreItems, set: ItemSet): Promise<UsedItems['usage']> => {
  const sums: Record<string, number> = {}
  for (const { text } of await items.lines(set, 'all'))
    for (const [name, amount] of Object.entries(recordIn(text)?.usage ?? {})) addUsage(sums, name, amount)
  return sums
}

/** Sets of items, with what they have cost, whose task nothing reaches. */
export const unreachedItems = async (
  { items }: Pick<Store, 'items'>,
  isReached: (folder: string) => boolean,
): Promise<readonly UsedItems[]> => {
  const found: UsedItems[] = []
  if (items === undefined) return found
  for (const set of await items.list())
    if (!isReached(set.folder)) found.push({ ...set, usage: await itemUsage(items, set) })
  return found
}

/** What became of sets that were to go. */
export interface CollectedItems {
  readonly moved: readonly UsedItems[]
  /** Somebody computes items of them. */
  readonly busy: readonly UsedItems[]
}

/** Moves sets into the trash of their store, under this label. */
export const collectItems = async (
  { items }: Pick<Store, 'items'>,
  sets: readonly UsedItems[],
  label: string,
): Promise<CollectedItems> => {
  const [moved, busy]: [UsedItems[], UsedItems[]] = [[], []]
  for (const set of sets) ((await items?.setAside(set, 'trash', label)) === true ? moved : busy).push(set)
  return { moved, busy }
}
