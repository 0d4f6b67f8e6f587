import { hash } from 'node:crypto'
import type { ItemLine, ItemLog } from '../ports/items.js'
import type { ItemParts } from './item-parts.js'
import { recordIn, type ProviderRecord } from './item-record.js'

/** A provider's batch as recorded in the log. */
export interface KnownBatch extends ProviderRecord {
  /** Its key in the log, which is also the idempotency key of its submission. */
  readonly key: string
}

export const batchUnder = (log: ItemLog, key: string): KnownBatch | undefined => {
  const line = log.read(key)
  const batch = line?.kind === 'batch' ? recordIn(line.text)?.batch : undefined
  return batch === undefined ? undefined : { ...batch, key }
}

/** Records the state of a batch durably, before anything else happens. */
export const noteBatch = async (
  { log, clock }: Pick<ItemParts, 'log' | 'clock'>,
  { key, ...batch }: KnownBatch,
): Promise<void> => {
  log.append({ key, kind: 'batch', at: clock.now(), text: JSON.stringify({ schema: 1, batch }) })
  await log.sync()
}

/**
 * A request that a batch is cancelled, for the run that waits for it, or else for the next one: only they have the
 * provider. Its line has a key of its own, so that no later state of the batch replaces it.
 */
export const cancelRequest = (key: string, at: number): ItemLine => ({
  key: cancelKey(key),
  kind: 'batch',
  at,
  text: JSON.stringify({ schema: 1, cancels: key }),
})

const cancelKey = (key: string): string => hash('sha256', `cancel ${key}`, 'hex').slice(0, 32)

export const isCancelRequested = (log: Pick<ItemLog, 'read'>, key: string): boolean =>
  recordIn(log.read(cancelKey(key))?.text ?? '')?.cancels === key

/** For each item, the unfinished batch that will bring its result. */
export const openBatches = (log: ItemLog): Map<string, KnownBatch> => {
  const open = new Map<string, KnownBatch>()
  for (const line of log.batches()) {
    const batch = recordIn(line.text)?.batch
    if (batch === undefined || !isOpen(batch)) continue
    const known: KnownBatch = { ...batch, key: line.key }
    for (const item of batch.keys) open.set(item, known)
  }
  return open
}

/** What is known about its progress, cost and end. */
export const termsOf = ({ done, expectedCost, expires, until }: ProviderRecord): readonly string[] => [
  ...(done === undefined ? [] : [`${done} done`]),
  ...(expectedCost === undefined ? [] : [`about cost ${Number(expectedCost.toPrecision(3))}`]),
  ...(expires === undefined ? [] : [`expires ${timeText(expires)}`]),
  ...(until === undefined ? [] : [`is cancelled ${timeText(until)} unless it has ended`]),
]

/** A provider, or a foreign log, may give an invalid time. */
export const timeText = (at: number): string => {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString()
}

/** What a provider says may be of any length: messages, and records of single items, hold its beginning. */
export const beginningOf = (text: string, longest = 200): string =>
  text.length > longest ? `${text.slice(0, longest)}…` : text

export const isOpen = ({ state }: ProviderRecord): boolean => state === 'submitting' || state === 'running'

/**
 * Derived from the items alone, so that a second submission of a batch is recognised; a later batch of the same items
 * has another key.
 */
export const batchKey = (log: ItemLog, items: readonly string[]): string => {
  for (let times = 0; ; times++) {
    const key = hash('sha256', JSON.stringify(['batch', times, items.toSorted()]), 'hex').slice(0, 32)
    const known = batchUnder(log, key)
    if (known === undefined || known.state === 'submitting') return key
  }
}
