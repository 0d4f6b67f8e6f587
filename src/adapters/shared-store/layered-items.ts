import type { ItemSet, StoreItems } from '../../runtime/ports/items.js'
import { layeredItemLog } from './layered-item-log.js'
import type { Layers } from './layers.js'

/**
 * Results of items in a project's own store, with those of shared stores behind it. Counts, lines and upkeep are those
 * of the own store.
 */
export const layeredItems = (
  own: StoreItems,
  layers: Layers,
  warn: (problem: string) => void,
  every?: number,
): StoreItems => ({
  ...own,
  open: async (set) => layeredItemLog(await own.open(set), set, layers, warn, every),
  sets: async () => {
    const all = new Map(Array.from(await own.sets(), (set) => [nameOf(set), set]))
    for (const layer of layers.reading)
      for (const set of await layers.attempt(layer, async () => (await layer.store.items?.sets()) ?? [], []))
        if (!all.has(nameOf(set))) all.set(nameOf(set), set)
    return [...all.values()]
  },
  remove: async (set) => {
    await own.remove(set)
    await forgetShared(own, layers, set)
  },
})

/** Results that only shared stores have count as forgotten here, and stay there for others. */
const forgetShared = async (own: StoreItems, { reading, attempt }: Layers, set: ItemSet): Promise<void> => {
  const gone = new Map<string, number>()
  for (const layer of reading) {
    const lines = await attempt(layer, async () => (await layer.store.items?.lines(set)) ?? [], [])
    await attempt(
      layer,
      async () => {
        for (const { key, kind, at } of lines)
          if (kind === 'kept') gone.set(key, Math.max(Date.now(), at + 1, gone.get(key) ?? 0))
      },
      undefined,
    )
  }
  if (gone.size === 0) return
  const log = await own.open(set)
  try {
    for (const [key, at] of gone) log.append({ key, kind: 'gone', at, text: '{"schema":1}' })
  } finally {
    await log.close()
  }
}

const nameOf = ({ folder, name }: ItemSet): string => `${folder} ${name}`
