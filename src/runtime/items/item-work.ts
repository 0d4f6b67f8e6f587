import type { ItemFunction, ItemOutcome } from '../../declare/items.js'
import { attempts } from './attempts.js'
import { gateOf, type Gate } from './gate.js'
import type { Asked, ItemParts, ItemTotals } from './item-parts.js'
import { keptOutcome, settled, stopped } from './item-results.js'
import type { Slot, Slots } from './slots.js'

/** Computes the results of items. */
export interface Work {
  readonly start: (asked: Asked) => Promise<ItemOutcome<unknown>>
  /**
   * Called when the result of this item is needed, and when no more items come: from then on it must not wait for
   * others.
   */
  readonly need: (index: number) => void
}

/** One item from its key to its result: looked up, claimed, computed, stored. */
export const itemWork = (
  parts: ItemParts,
  totals: ItemTotals,
  fn: ItemFunction<unknown, unknown>,
  slots: Slots,
): Work => {
  const gate = gateOf(parts)
  const work = async (asked: Asked, slot: Slot): Promise<ItemOutcome<unknown>> => {
    const { log, options, signal } = parts
    const { key } = asked
    const before = keptOutcome(parts, totals, key)
    if (before !== undefined) return before
    signal.throwIfAborted()
    const claim = options.write === false ? undefined : await log.claim(key, { signal, waiting: slot.leave })
    try {
      if (claim !== undefined) {
        log.refresh() // another process may have computed it during the wait
        const meanwhile = keptOutcome(parts, totals, key)
        if (meanwhile !== undefined) return meanwhile
        await slot.enter() // the slot was left to others, so that two processes do not compute the items in lockstep
        signal.throwIfAborted()
      }
      return await computed(parts, totals, gate, fn, asked)
    } finally {
      await claim?.release()
    }
  }
  return { start: (asked) => slots((slot) => work(asked, slot)), need: () => undefined }
}

const computed = async (
  parts: ItemParts,
  totals: ItemTotals,
  gate: Gate,
  fn: ItemFunction<unknown, unknown>,
  asked: Asked,
): Promise<ItemOutcome<unknown>> => {
  const { item, index } = asked
  const usage: Record<string, number> = {}
  const begin = parts.clock.elapsed()
  const took = () => ({ seconds: (parts.clock.elapsed() - begin) / 1000, usage })
  try {
    const tried = await attempts(parts, totals, gate, [asked], [usage], (context) => fn(item, { ...context, index }))
    return settled(parts, totals, asked, tried, took())
  } catch (reason) {
    stopped(parts, asked, took(), reason)
    throw reason
  }
}
