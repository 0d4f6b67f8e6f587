import * as t from 'io-ts'
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

/** What the calls of one `mapItems` have used: in the run that a run info is of, and in all runs. */
export interface ItemsUsed {
  readonly name: string
  readonly run: UsedItems['usage']
  readonly total: UsedItems['usage']
}

const Note = t.type({ items: t.string, usage: t.record(t.string, t.number) })

/** Of every `mapItems` of which the notes of a run info say what it has used. */
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
