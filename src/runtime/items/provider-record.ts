import { hash } from 'node:crypto'
import type { ItemLog } from '../ports/items.js'
import type { ItemParts } from './item-parts.js'
import { recordIn, type ProviderRecord } from './item-record.js'

/** What the log knows of the batches that providers compute. */
export interface KnownBatch extends ProviderRecord {
  /** What it is known by here, and what a provider knows a submission by. */
  readonly key: string
}

export const batchUnder = (log: ItemLog, key: string): KnownBatch | undefined => {
  const line = log.read(key)
  const batch = line?.kind === 'batch' ? recordIn(line.text)?.batch : undefined
  return batch === undefined ? undefined : { ...batch, key }
}

/** Keeps the state of a batch for good, before anything else happens. */
export const noteBatch = async (
  { log, clock }: Pick<ItemParts, 'log' | 'clock'>,
  { key, ...batch }: KnownBatch,
): Promise<void> => {
  log.append({ key, kind: 'batch', at: clock.now(), text: JSON.stringify({ schema: 1, batch }) })
  await log.sync()
}

/** By item: the batch that is to bring its result. */
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

/** What is known of what it costs and until when it goes on. */
export const termsOf = ({ done, expectedCost, expires, until }: ProviderRecord): readonly string[] => [
  ...(done === undefined ? [] : [`${done} done`]),
  ...(expectedCost === undefined ? [] : [`about cost ${Number(expectedCost.toPrecision(3))}`]),
  ...(expires === undefined ? [] : [`expires ${timeText(expires)}`]),
  ...(until === undefined ? [] : [`is cancelled ${timeText(until)} unless it has ended`]),
]

/** A time that is none comes from a provider, or from a log of somebody else. */
const timeText = (at: number): string => {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString()
}

export const isOpen = ({ state }: ProviderRecord): boolean => state === 'submitting' || state === 'running'

/** Made of the items alone, so that one batch that is submitted twice is known; a later one of them has another key. */
export const batchKey = (log: ItemLog, items: readonly string[]): string => {
  for (let times = 0; ; times++) {
    const key = hash('sha256', JSON.stringify(['batch', times, items.toSorted()]), 'hex').slice(0, 32)
    const known = batchUnder(log, key)
    if (known === undefined || known.state === 'submitting') return key
  }
}
