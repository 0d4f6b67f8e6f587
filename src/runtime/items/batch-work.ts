import type { BatchFunction, BatchOptions, ItemOutcome } from '../../declare/items.js'
import { messageOf } from '../../base/thrown.js'
import type { Lease } from '../ports/lease.js'
import { attempts, type Tried } from './attempts.js'
import { batchAnswers } from './batch-answers.js'
import { gateOf } from './gate.js'
import type { Asked, ItemParts, ItemTotals } from './item-parts.js'
import { keptOutcome, settled } from './item-results.js'
import type { Work } from './item-work.js'
import type { Slots } from './slots.js'

/** An item that has no result yet. */
interface Missing {
  readonly asked: Asked
  readonly end: (outcome: ItemOutcome<unknown>) => void
  readonly fail: (problem: unknown) => void
  /** Whoever else wants it waits. */
  claim: Lease | undefined
  /** Calls it was in, and what they took: a batch that failed counts too. */
  attempts: number
  seconds: number
  readonly usage: Record<string, number>
}

/**
 * Items in batches: what is missing is gathered until a batch is full, or nothing more comes; each item is claimed and
 * kept by itself. Nobody holds claims while waiting for another's: what somebody else computes is left out of the
 * batch, and looked at again when they have ended.
 */
export const batchWork = (
  parts: ItemParts,
  totals: ItemTotals,
  fn: BatchFunction<unknown, unknown>,
  { size, by }: BatchOptions<unknown>,
  slots: Slots,
): Work => {
  const gate = gateOf(parts)
  const groups = new Map<unknown, Missing[]>()
  let needed = -1

  const groupOf = ({ item }: Asked): unknown => by?.(item)
  const add = (one: Missing): void => {
    const group = groupOf(one.asked)
    const gathered = [...(groups.get(group) ?? []), one]
    groups.set(group, gathered)
    if (gathered.length >= size) flush(group)
    else if (one.asked.index <= needed) setImmediate(flush, group) // others may come at the same moment
  }
  const flush = (group: unknown): void => {
    const gathered = groups.get(group) ?? []
    groups.delete(group)
    if (gathered.length > 0) void send(gathered)
  }
  const send = async (missing: readonly Missing[]): Promise<void> => {
    try {
      const alone = await slots(() => ask(missing))
      await Promise.all(alone.map((one) => send([one])))
    } catch (problem) {
      for (const one of missing) {
        await release(one)
        one.fail(problem)
      }
    }
  }
  const end = async (one: Missing, outcome: ItemOutcome<unknown>): Promise<void> => {
    await release(one)
    one.end(outcome)
  }

  /** Gives those that failed among others, and are to be tried alone. */
  const ask = async (all: readonly Missing[]): Promise<readonly Missing[]> => {
    parts.signal.throwIfAborted()
    const missing = await claimed(all)
    if (missing.length === 0) return []
    const answers = await answersOf(missing)
    const alone: Missing[] = []
    for (const [at, one] of missing.entries()) {
      const answer = answers[at]
      if (answer === undefined) continue
      if (answer._tag === 'failed' && missing.length > 1) alone.push(one)
      else await end(one, settled(parts, totals, one.asked, { ...answer, attempts: one.attempts }, one))
    }
    totals.alone += alone.length
    return alone
  }
  const answersOf = async (missing: readonly Missing[]): Promise<readonly Tried[]> => {
    const asked = missing.map((one) => one.asked)
    const begin = parts.clock.elapsed()
    const usages = missing.map((one) => one.usage)
    const keys = asked.map(({ key }) => key)
    const items = asked.map(({ item }) => item)
    const tried = await attempts(parts, totals, gate, asked, usages, (context) => fn(items, { ...context, keys }))
    for (const one of missing) {
      one.attempts += tried.attempts
      one.seconds += (parts.clock.elapsed() - begin) / 1000
    }
    const answers = batchAnswers(tried, keys, parts.mask)
    totals.batchProblem ??= missing.length > 1 ? answers.find((one) => one._tag === 'failed')?.problem : undefined
    return answers
  }

  /** Those of them that nobody else computes and that have no result yet. */
  const claimed = async (missing: readonly Missing[]): Promise<readonly Missing[]> => {
    if (parts.options.write === false) return missing
    const claims = await Promise.allSettled(missing.map(async (one) => one.claim !== undefined || claimOf(one)))
    for (const claim of claims) if (claim.status === 'rejected') throw claim.reason
    parts.log.refresh()
    return missing.filter((one, at) => claims[at]?.status === 'fulfilled' && claims[at].value && !isKept(one))
  }
  const isKept = (one: Missing): boolean => {
    const outcome = keptOutcome(parts, totals, one.asked.key)
    if (outcome !== undefined) void end(one, outcome).catch(one.fail)
    return outcome !== undefined
  }
  /** False as soon as somebody else turns out to have it. */
  const claimOf = (one: Missing): Promise<boolean> =>
    new Promise((resolve, reject) => {
      let isLeftOut = false
      const waiting = (): void => {
        isLeftOut = true
        resolve(false)
      }
      parts.log.claim(one.asked.key, { signal: parts.signal, waiting }).then(
        (lease) => {
          one.claim = lease
          if (!isLeftOut) return resolve(true)
          parts.log.refresh()
          if (!isKept(one)) add(one)
        },
        (problem: unknown) => (isLeftOut ? one.fail(problem) : reject(problem as Error)),
      )
    })

  return {
    start: async (asked) => {
      const before = keptOutcome(parts, totals, asked.key)
      if (before !== undefined) return before
      parts.signal.throwIfAborted()
      return new Promise((resolve, reject) => {
        const begun = { claim: undefined, attempts: 0, seconds: 0, usage: {} }
        try {
          add({ asked, end: resolve, fail: reject, ...begun })
        } catch (problem) {
          reject(new TypeError(`mapItems: by of batch threw: ${messageOf(problem)}`))
        }
      })
    },
    need: (index) => {
      needed = index
      for (const [group, gathered] of groups) if (gathered.some(({ asked }) => asked.index <= index)) flush(group)
    },
  }
}

const release = async (one: Missing): Promise<void> => {
  const { claim } = one
  one.claim = undefined
  await claim?.release()
}
