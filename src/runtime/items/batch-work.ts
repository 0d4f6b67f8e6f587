import type { BatchFunction, BatchOptions } from '../../declare/items.js'
import { attempts, type CallContext, type Tried } from './attempts.js'
import { batchAnswers } from './batch-answers.js'
import { gateOf } from './gate.js'
import { endWith, gatheredWork, type Ask, type Missing } from './gathered-work.js'
import type { ItemParts, ItemTotals } from './item-parts.js'
import { settled, stopped } from './item-results.js'
import type { Work } from './item-work.js'
import type { Slots } from './slots.js'

/** Batches with fewer items are not worth halving. */
const leastHalved = 4

/**
 * Items passed to a function in batches. An item that fails within a batch is retried alone; a batch that fails as a
 * whole is halved, so that one bad item among many costs a few extra calls rather than one for each of the others.
 */
export const batchWork = (
  parts: ItemParts,
  totals: ItemTotals,
  fn: BatchFunction<unknown, unknown>,
  batch: BatchOptions<unknown>,
  slots: Slots,
): Work => {
  const gate = gateOf(parts)

  /** Returns the items that failed in a batch and are to be retried. */
  const ask: Ask = async (missing) => {
    const answers = await answersOf(missing)
    const isWhole = missing.length >= leastHalved && answers.every((one) => one === answers[0])
    if (answers[0]?._tag === 'failed' && isWhole) {
      const half = Math.ceil(missing.length / 2)
      return { smaller: [missing.slice(0, half), missing.slice(half)], again: [] }
    }
    const alone: Missing[] = []
    for (const [at, one] of missing.entries()) {
      const answer = answers[at]
      if (answer === undefined) continue
      if (answer._tag === 'failed' && missing.length > 1) alone.push(one)
      else await endWith(one, settled(parts, totals, one.asked, { ...answer, attempts: one.attempts }, one))
    }
    totals.alone += alone.length
    return { smaller: alone.map((one) => [one]), again: [] }
  }
  const answersOf = async (missing: readonly Missing[]): Promise<readonly Tried[]> => {
    const asked = missing.map((one) => one.asked)
    const begin = parts.clock.elapsed()
    const usages = missing.map((one) => one.usage)
    const keys = asked.map(({ key }) => key)
    const items = asked.map(({ item }) => item)
    const call = (context: CallContext) => fn(items, { ...context, keys })
    const tried = await attempts(parts, totals, gate, asked, usages, call).catch((reason: unknown) => {
      for (const one of missing) stopped(parts, one.asked, one, reason)
      throw reason
    })
    for (const one of missing) {
      one.attempts += tried.attempts
      one.seconds += (parts.clock.elapsed() - begin) / 1000
    }
    const answers = batchAnswers(tried, keys, parts.mask)
    totals.batchProblem ??= missing.length > 1 ? answers.find((one) => one._tag === 'failed')?.problem : undefined
    return answers
  }

  return gatheredWork(parts, totals, batch, slots, ask)
}
