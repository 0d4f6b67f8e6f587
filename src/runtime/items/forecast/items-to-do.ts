import type { ItemLog, ItemSet, StoreItems } from '../../ports/items.js'
import { askedKey, keyBytes } from './asked-key.js'
import { addUsage, isExpired, madeAt, recordIn, type AskedRecord } from '../item-record.js'

/** What a plan knows about the items of a task that has to be computed. */
export interface ItemsToDo {
  /** Of its `mapItems`. */
  readonly name: string
  /**
   * `run`: recorded by an unfinished run of this very result; `other`: recorded for another result of the task, which
   * may have other items; `nothing`: there are items, but no record of which.
   */
  readonly known: 'run' | 'other' | 'nothing'
  readonly items: number | null
  /** How many of these have no usable result. */
  readonly toDo: number | null
  /** There may be more items: the run that recorded them was stopped. */
  readonly atLeast: boolean
  /** Projected usage of these by name, derived from that of other items; null if unknown. */
  readonly expected: Readonly<Record<string, number>> | null
}

/** Derived from earlier runs, for each item set of a task; empty if none has requested items. */
export const itemsToDo = async (
  store: Pick<StoreItems, 'open'>,
  sets: readonly ItemSet[],
  key: string,
  now: number,
): Promise<readonly ItemsToDo[]> => {
  const all: ItemsToDo[] = []
  for (const set of sets) {
    const log = await store.open(set)
    try {
      for (const one of itemsOfSet(log, set, key, now)) all.push(one)
    } finally {
      await log.close()
    }
  }
  return all
}

const itemsOfSet = (log: ItemLog, { name }: ItemSet, key: string, now: number): readonly ItemsToDo[] => {
  const ofRun: AskedRecord[] = []
  for (let nth = 0; ; nth++) {
    const line = log.read(askedKey(key, nth))
    const asked = line?.kind === 'asked' ? recordIn(line.text)?.askedFor : undefined
    if (asked === undefined) break
    ofRun.push(asked)
  }
  if (ofRun.length > 0) return ofRun.map((asked) => ({ name, known: 'run', ...stateOf(log, asked, now) }))
  const last = lastAsked(log)
  return last === undefined
    ? [{ name, known: 'nothing', items: null, toDo: null, atLeast: false, expected: null }]
    : [{ name, known: 'other', ...stateOf(log, last, now) }]
}

/** The latest request, for any result of the task. */
const lastAsked = (log: ItemLog): AskedRecord | undefined => {
  let last: { readonly at: number; readonly asked: AskedRecord } | undefined
  for (const { at, text } of log.asked()) {
    const asked = recordIn(text)?.askedFor
    if (asked !== undefined && at >= (last?.at ?? -Infinity)) last = { at, asked }
  }
  return last?.asked
}

/** Usage is read from about this many items: enough for a forecast. */
const sample = 200

const stateOf = (log: ItemLog, asked: AskedRecord, now: number): Omit<ItemsToDo, 'name' | 'known'> => {
  const used: Record<string, number> = {}
  let toDo = 0
  let counted = 0
  let results = 0
  const every = Math.max(1, Math.floor(asked.items / sample))
  let at = 0
  for (const key of keysOf(log, asked)) {
    const head = log.head(key)
    const isKept = head?.kind === 'kept' && !isExpired(madeAt(log, key, head.at, now), asked.expires, now)
    if (!isKept) toDo++
    if (head === undefined || at++ % every !== 0) continue
    counted++
    if (head.kind === 'kept') results++
    for (const [unit, amount] of Object.entries(recordIn(log.read(key)?.text ?? '')?.usage ?? {}))
      addUsage(used, unit, amount)
  }
  const each = Object.entries(used).map(([unit, sum]) => [unit, sum / Math.max(1, results)] as const)
  const expected =
    counted > 0
      ? Object.fromEntries(each.map(([unit, mean]) => [unit, mean * toDo]))
      : asked.expectedCost === undefined
        ? null
        : { cost: asked.expectedCost * toDo }
  return { items: asked.items, toDo, atLeast: asked.atLeast === true, expected }
}

function* keysOf(log: ItemLog, { lists }: AskedRecord): Generator<string> {
  for (const list of lists) {
    const keys = Buffer.from(recordIn(log.read(list)?.text ?? '')?.keys ?? '', 'base64')
    for (let at = 0; at + keyBytes <= keys.length; at += keyBytes) yield keys.toString('hex', at, at + keyBytes)
  }
}
