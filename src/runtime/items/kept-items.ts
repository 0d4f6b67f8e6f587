import * as t from 'io-ts'
import { addUsage, recordIn } from './item-record.js'
import type { ItemCounts, ItemSet, StoreItems } from '../ports/items.js'
import { atOnceIn, type Store } from '../ports/store.js'
import { resultsOf } from '../../base/each-of.js'

/** A set of items with the usage of its calls: all attempts of all runs. */
export interface UsedItems extends ItemCounts {
  readonly usage: Readonly<Record<string, number>>
}

export const itemUsage = async (items: StoreItems, set: ItemSet): Promise<UsedItems['usage']> => {
  const sums: Record<string, number> = {}
  for (const { text } of await items.lines(set, 'all'))
    for (const [name, amount] of Object.entries(recordIn(text)?.usage ?? {})) addUsage(sums, name, amount)
  return sums
}

/** Item sets with their usage whose task is no longer reachable. */
export const unreachedItems = async (
  store: Pick<Store, 'items' | 'listed'>,
  isReached: (folder: string) => boolean,
): Promise<readonly UsedItems[]> => {
  const { items } = store
  if (items === undefined) return []
  const found = (await items.list()).filter(({ folder }) => !isReached(folder))
  return resultsOf(found, atOnceIn(store), async (set) => ({ ...set, usage: await itemUsage(items, set) }))
}

/** Outcome of collecting item sets. */
export interface CollectedItems {
  readonly moved: readonly UsedItems[]
  /** Items of these are being computed. */
  readonly busy: readonly UsedItems[]
}

/** Moves sets into the trash of their store, under this label. */
export const collectItems = async (
  store: Pick<Store, 'items' | 'listed'>,
  sets: readonly UsedItems[],
  label: string,
): Promise<CollectedItems> => {
  const done = await resultsOf(sets, atOnceIn(store), async (set) => store.items?.setAside(set, 'trash', label))
  return { moved: sets.filter((_, at) => done[at] === true), busy: sets.filter((_, at) => done[at] !== true) }
}

/** Usage by the calls of one `mapItems`: in the run of this run info, and in all runs. */
export interface ItemsUsed {
  readonly name: string
  readonly run: UsedItems['usage']
  readonly total: UsedItems['usage']
}

const Note = t.type({ items: t.string, usage: t.record(t.string, t.number) })

/** Usage of every `mapItems` that has a note in a run info. */
export const usedByItems = async (
  { items }: Pick<Store, 'items'>,
  folder: string,
  notes: readonly unknown[],
): Promise<readonly ItemsUsed[]> => {
  const runs = new Map<string, Record<string, number>>()
  for (const note of notes) {
    if (!Note.is(note)) continue
    const sums = runs.get(note.items) ?? {}
    runs.set(note.items, sums)
    for (const [name, amount] of Object.entries(note.usage)) addUsage(sums, name, amount)
  }
  const used: ItemsUsed[] = []
  for (const [name, run] of runs)
    used.push({ name, run, total: items === undefined ? run : await itemUsage(items, { folder, name }) })
  return used
}
