import type { ItemLog, ItemSet, StoreItems } from '../../ports/items.js'
import { askedKey, keyBytes } from './asked-items.js'
import { addUsage, recordIn, type AskedRecord } from '../item-record.js'

/** What a plan can tell of the items of a task that is to be computed. */
export interface ItemsToDo {
  /** Of its `mapItems`. */
  readonly name: string
  /**
   * `run`: a run of this very result has told, which did not get to its end; `other`: one of another result of the
   * task, which may have other items; `nothing`: it has items, and nobody has noted which.
   */
  readonly known: 'run' | 'other' | 'nothing'
  readonly items: number | null
  /** Of these without a result that may be used. */
  readonly toDo: number | null
  /** There may be more of them: whoever looked at them was stopped. */
  readonly atLeast: boolean
  /** What these will use, by name, told from what others have; null where nothing is known. */
  readonly expected: Readonly<Record<string, number>> | null
}

/** As the runs before tell of the sets of a task; empty where none has asked for items. */
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

/** What was asked for last, by whatever result of the task. */
const lastAsked = (log: ItemLog): AskedRecord | undefined => {
  let last: { readonly at: number; readonly asked: AskedRecord } | undefined
  for (const { at, text } of log.asked()) {
    const asked = recordIn(text)?.askedFor
    if (asked !== undefined && at >= (last?.at ?? -Infinity)) last = { at, asked }
  }
  return last?.asked
}

/** Of so many items what they used is read: enough for a forecast. */
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
    const isKept = head?.kind === 'kept' && !(asked.expires !== undefined && now - head.at >= asked.expires)
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
