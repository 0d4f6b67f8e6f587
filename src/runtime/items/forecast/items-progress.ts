import type { ItemsProgress } from '../../ports/items.js'
import type { ItemTotals } from '../item-parts.js'

/** What is known before the first call. */
export interface ItemsAhead {
  readonly name: string
  /** Items without a usable result; undefined if the number of items is unknown. */
  readonly toDo: number | undefined
  /** Declared cost of one item, used until a call has reported its cost. */
  readonly expectedCost: number | undefined
}

/** How far the items are, how fast they advance, and the projected total. */
export const itemsProgress = (
  { kept, computed, failed, refused, attempts, usage }: ItemTotals,
  { name, toDo, expectedCost }: ItemsAhead,
  seconds: number,
): ItemsProgress => {
  const ended = computed + failed + refused
  const all = toDo === undefined ? undefined : Math.max(toDo, ended)
  const perSecond = ended > 0 && seconds > 0 ? ended / seconds : null
  return {
    name,
    kept,
    computed,
    failed,
    refused,
    attempts,
    toDo: all ?? null,
    perSecond,
    secondsLeft: secondsLeft(all, ended, perSecond),
    usage: { ...usage },
    expected: all === undefined ? null : expectedOf(all, ended, usage, expectedCost),
  }
}

const secondsLeft = (all: number | undefined, ended: number, perSecond: number | null): number | null => {
  if (all === ended) return 0
  return all === undefined || perSecond === null ? null : (all - ended) / perSecond
}

const expectedOf = (
  all: number,
  ended: number,
  usage: Readonly<Record<string, number>>,
  expectedCost: number | undefined,
): ItemsProgress['expected'] => {
  if (ended > 0) return Object.fromEntries(Object.entries(usage).map(([unit, sum]) => [unit, (sum / ended) * all]))
  if (all === 0) return {}
  return expectedCost === undefined ? null : { cost: expectedCost * all }
}
