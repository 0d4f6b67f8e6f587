import type { ItemLine, ItemLog, ItemSet } from '../../runtime/ports/items.js'
import { counts, isLater } from './item-lines.js'
import type { Layer, Layers } from './layers.js'
import { pushingItems } from './pushing-items.js'

/** How often, in milliseconds, shared stores are looked at again while items are being computed. */
const lookEvery = 10_000

/** How long, in milliseconds, an item waits for that: a shared store that hangs holds up none. */
const patience = 1000

/** A shared store's results of the same set. */
interface Behind {
  readonly layer: Layer
  readonly log: ItemLog
}

/**
 * A set of items with shared stores behind it. A result that is missing here is read from a shared store, and copied
 * here when it is used; results computed here are added to the shared stores that are written to.
 */
export const layeredItemLog = async (
  own: ItemLog,
  set: ItemSet,
  layers: Layers,
  warn: (problem: string) => void,
  every = lookEvery,
): Promise<ItemLog> => {
  const behind: Behind[] = []
  for (const layer of layers.reading) {
    const log = await layers.attempt(layer, async () => layer.store.items?.open(set), undefined)
    if (log !== undefined) behind.push({ layer, log })
  }
  const opened = (layer: Layer): ItemLog | undefined => behind.find((one) => one.layer === layer)?.log
  const pushes = pushingItems({ set, layers, opened, warn, every })

  /** What a shared store has, as far as it counts here. */
  const linesOf = function* (key: string): Generator<ItemLine> {
    for (const { layer, log } of behind) {
      const line = layers.attemptNow(layer, () => log.read(key), undefined)
      if (line !== undefined && counts(line)) yield line
    }
  }
  const isForgotten = (line: ItemLine): boolean => {
    const here = own.head(line.key)
    return here?.kind === 'gone' && !isLater(line, here)
  }
  /** The time of the last result of a key in any store. */
  const lastOf = (key: string): number => {
    let last = -Infinity
    for (const { layer, log } of behind) {
      const head = layers.attemptNow(layer, () => log.head(key), undefined)
      if (head !== undefined && counts(head)) last = Math.max(last, head.at)
    }
    return last
  }

  let looked = performance.now()
  const look = async (): Promise<void> => {
    looked = performance.now()
    for (const { layer, log } of behind)
      await layers.attempt(
        layer,
        async () => {
          await log.fetch?.()
          log.refresh()
        },
        undefined,
      )
  }

  return {
    read: (key) => {
      let best = own.read(key)
      if (best?.kind === 'kept') return best
      for (const line of linesOf(key)) if (best === undefined || isLater(line, best)) best = line
      return best
    },
    head: (key) => {
      let best = own.head(key)
      for (const { layer, log } of behind) {
        const head = layers.attemptNow(layer, () => log.head(key), undefined)
        // lists of requested items are written here as well, so that a plan needs no shared store
        if (head === undefined || head.kind === 'asked' || !counts(head)) continue
        if (best === undefined || isLater(head, best)) best = head
      }
      return best
    },
    others: function* (key) {
      for (const line of linesOf(key)) if (line.kind === 'kept' && !isForgotten(line)) yield line
    },
    used: (line) => {
      const here = own.head(line.key)
      if (here !== undefined && !isLater(line, here)) return
      try {
        own.append(line, 'as it is')
      } catch {
        // no space here: it is read from the shared store next time, too
      }
    },
    asked: () => merged(own.asked(), (log) => log.asked(), layers, behind),
    batches: () => merged(own.batches(), (log) => log.batches(), layers, behind),
    refresh: own.refresh,
    fetch: async () => {
      await own.fetch?.()
      await look()
    },
    append: (line, time) => {
      if (time !== undefined) return own.append(line, time)
      const at = Math.max(line.at, lastOf(line.key) + 1)
      own.append({ ...line, at })
      const head = own.head(line.key)
      pushes.add({ ...line, at: head?.kind === line.kind ? head.at : at })
    },
    claim: async (key, options) => {
      const lease = await own.claim(key, options)
      if (behind.length > 0 && performance.now() - looked >= every) await atMost(look(), patience)
      if (layers.writing.length === 0) return lease
      return { release: async () => (await lease.release(), pushes.room()) }
    },
    sync: own.sync,
    close: async () => {
      try {
        await pushes.close()
        for (const { layer, log } of behind) await layers.attempt(layer, () => log.close(), undefined)
      } finally {
        await own.close()
      }
    },
  }
}

/** Waits for work that goes on if it takes longer. */
const atMost = async (work: Promise<void>, milliseconds: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)))])
  clearTimeout(timer)
}

/** Lines of all stores, the one that counts for each key. */
const merged = (
  here: Iterable<ItemLine>,
  ask: (log: ItemLog) => Iterable<ItemLine>,
  layers: Layers,
  behind: readonly Behind[],
): Iterable<ItemLine> => {
  if (behind.length === 0) return here
  const all = new Map(Array.from(here, (line) => [line.key, line]))
  for (const { layer, log } of behind)
    for (const line of layers.attemptNow(layer, () => [...ask(log)], [])) {
      const known = all.get(line.key)
      if (counts(line) && (known === undefined || isLater(line, known))) all.set(line.key, line)
    }
  return all.values()
}
