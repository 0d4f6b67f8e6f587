import type { ItemLine, ItemLog, ItemSet } from '../../runtime/ports/items.js'
import { compared, isShared } from './item-lines.js'
import type { Layer, Layers } from './layers.js'

/** Results of items on their way to shared stores, some at a time: an item does not wait for them. */
export interface PushingItems {
  /** Records a line that was added to the own store. */
  add(line: ItemLine): void
  /** Waits while too many lines are on their way. */
  room(): Promise<void>
  /** Resolves when every line was pushed, or its store has failed. */
  close(): Promise<void>
}

export interface ItemPushes {
  readonly set: ItemSet
  readonly layers: Layers
  /** The log of a store that is read as well. */
  readonly opened: (layer: Layer) => ItemLog | undefined
  readonly warn: (problem: string) => void
  /** Milliseconds after which lines are sent, even if they are few. */
  readonly every: number
}

/** Characters that are sent at once, and the most that may be on their way. */
const enough = 1024 * 1024
const most = 16 * enough

/** A line, and when each shared store's result that its process could read was made. */
interface Waiting {
  readonly line: ItemLine
  readonly known: ReadonlyMap<Layer, number>
}

export const pushingItems = ({ set, layers, opened, warn, every }: ItemPushes): PushingItems => {
  const { writing, attempt, attemptNow } = layers
  const logs = new Map<Layer, ItemLog>()
  const different = new Map<Layer, number>()
  let waiting: Waiting[] = []
  let [size, sending] = [0, 0]
  let sent = performance.now()
  let running = Promise.resolve()

  const logFor = async (layer: Layer): Promise<ItemLog | undefined> => {
    const log = opened(layer) ?? logs.get(layer) ?? (await layer.store.items?.open(set))
    if (log !== undefined && opened(layer) === undefined) logs.set(layer, log)
    return log
  }
  const pushTo = async (layer: Layer, lines: readonly Waiting[]): Promise<void> => {
    const log = await logFor(layer)
    if (log === undefined) return
    await log.fetch?.()
    log.refresh()
    for (const one of lines)
      if (isKeptThere(log, one.line, one.known.get(layer)) === 'different')
        different.set(layer, (different.get(layer) ?? 0) + 1)
      else if (isKeptThere(log, one.line, one.known.get(layer)) === 'no') log.append(one.line)
    await log.sync()
  }
  const push = (): Promise<void> => {
    const lines = waiting
    const characters = size
    ;[waiting, size, sending, sent] = [[], 0, sending + characters, performance.now()]
    if (lines.length === 0) return running
    return (running = running.then(async () => {
      for (const layer of writing) await attempt(layer, () => pushTo(layer, lines), undefined)
      sending -= characters
    }))
  }
  return {
    add: (line) => {
      if (writing.length === 0 || !isShared(line)) return
      const heads = writing.flatMap((layer) => {
        const head = attemptNow(layer, () => opened(layer)?.head(line.key), undefined)
        return head?.kind === 'kept' ? [[layer, head.at] as const] : []
      })
      waiting.push({ line, known: new Map(heads) })
      size += line.text.length
      if (size >= enough || performance.now() - sent >= every) void push()
    },
    room: async () => {
      while (sending >= most) await running
    },
    close: async () => {
      await push()
      for (const [layer, log] of logs) await attempt(layer, () => log.close(), undefined)
      for (const [layer, count] of different)
        warn(
          `${layer.store.location} has other results for ${count} items of ${set.folder} (${set.name}): ` +
            'their calls do not give the same twice; what is there stays',
        )
    },
  }
}

/**
 * Whether a shared store keeps the result that it has. It is replaced if this process has read it and computed another
 * one all the same (it was too old, or of other code), and if other code has made it.
 */
const isKeptThere = (log: ItemLog, line: ItemLine, known: number | undefined): 'no' | 'same' | 'different' => {
  if (line.kind === 'asked') return log.read(line.key)?.text === line.text ? 'same' : 'no'
  if (line.kind !== 'kept' || log.head(line.key)?.kind !== 'kept') return 'no'
  const there = log.read(line.key)
  if (there?.kind !== 'kept') return 'no'
  const result = compared(there.text, line.text)
  if (there.at === known) return there.at >= line.at ? 'same' : 'no'
  return result === 'other code' ? 'no' : result
}
