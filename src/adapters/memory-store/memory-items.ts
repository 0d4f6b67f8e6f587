import type { ItemKind, ItemLine, ItemsAtOnce, ItemSet } from '../../runtime/ports/items.js'
import { isNewer } from '../file-store/items/item-line.js'
import { memoryLeases } from './memory-lease.js'

/** Results of items in this process only. */
export const memoryItems = (): ItemsAtOnce => {
  const sets = new Map<
    string,
    { readonly set: ItemSet; readonly lines: Map<string, ItemLine>; readonly all: ItemLine[] }
  >()
  const leases = memoryLeases()
  const of = (set: ItemSet) => {
    const id = `${set.folder} ${set.name}`
    const known = sets.get(id) ?? { set, lines: new Map<string, ItemLine>(), all: [] }
    sets.set(id, known)
    return known
  }
  const remove = (set: ItemSet): void => {
    const { lines, all } = of(set)
    lines.clear()
    all.length = 0
  }
  return {
    open: (set) => {
      const { lines, all } = of(set)
      return {
        read: (key) => lines.get(key),
        refresh: () => undefined,
        head: (key) => lines.get(key),
        asked: () => [...lines.values()].filter(({ kind }) => kind === 'asked'),
        batches: () => [...lines.values()].filter(({ kind }) => kind === 'batch'),
        append: (line, time) => {
          all.push(line)
          const before = lines.get(line.key)
          if (before === undefined || isNewer(time === undefined ? { ...line, at: Infinity } : line, before))
            lines.set(line.key, line)
        },
        claim: (key, options) => leases.acquire({ folder: `${set.folder}/${set.name}`, key, extension: null }, options),
        sync: async () => undefined,
        close: async () => undefined,
      }
    },
    list: (folder) =>
      [...sets.values()]
        .filter(({ set }) => set.folder === (folder ?? set.folder))
        .map(({ set, lines }) => {
          const count = (kind: ItemKind): number => [...lines.values()].filter((line) => line.kind === kind).length
          const bytes = [...lines.values()].reduce((sum, { text }) => sum + text.length, 0)
          return { ...set, kept: count('kept'), failed: count('failed'), refused: count('refused'), bytes, damaged: 0 }
        }),
    sets: () => Array.from(sets.values(), ({ set }) => set),
    lines: (set, which = 'newest') =>
      which === 'all'
        ? [...of(set).all]
        : [...of(set).lines.values()].filter(({ kind }) => kind !== 'asked' && kind !== 'gone'),
    remove,
    setAside: async (set) => (remove(set), true), // memory stores keep no removed items
  }
}
