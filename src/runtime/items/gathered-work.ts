import type { BatchOptions, ItemOutcome } from '../../declare/items.js'
import { pushTo } from '../../base/grouping.js'
import { messageOf } from '../../base/thrown.js'
import type { Lease } from '../ports/lease.js'
import type { Asked, ItemParts, ItemTotals } from './item-parts.js'
import { keptOutcome } from './item-results.js'
import type { Work } from './item-work.js'
import type { Slots } from './slots.js'

/** An item that has no result yet. */
export interface Missing {
  readonly asked: Asked
  readonly end: (outcome: ItemOutcome<unknown>) => void
  readonly fail: (problem: unknown) => void
  /** While claimed, other processes that want the item wait. */
  claim: Lease | undefined
  /** Totals over all calls that included the item, failed batches as well. */
  attempts: number
  seconds: number
  readonly usage: Record<string, number>
}

/** Items that are gathered together, at most `size`. */
export interface Together {
  readonly group: unknown
  readonly size: number
}

/** Computes a batch of claimed items; returns those without an outcome. */
export type Ask = (missing: readonly Missing[]) => Promise<Left>
export interface Left {
  /** To be retried in smaller batches, one per list. */
  readonly smaller: readonly (readonly Missing[])[]
  /** To be looked up again, and gathered for another batch. */
  readonly again: readonly Missing[]
}
const nothingLeft: Left = { smaller: [], again: [] }

/** Shared state of the batches. */
interface Gathering {
  readonly parts: ItemParts
  readonly totals: ItemTotals
  readonly slots: Slots
  readonly ask: Ask
  /** Gathers an item for the next batch. */
  readonly add: (one: Missing) => void
}

/**
 * Items in batches: missing items are gathered until a batch is full or no more come; each item is claimed and stored
 * separately. No process holds claims while it waits for another's: items that another process is computing are left
 * out of the batch, and looked up again once that process has finished.
 */
export const gatheredWork = (
  parts: ItemParts,
  totals: ItemTotals,
  { size, by, together }: BatchOptions<unknown> & { readonly together?: (asked: Asked) => Together | undefined },
  slots: Slots,
  ask: Ask,
): Work => {
  const groups = new Map<unknown, Missing[]>()
  let needed = -1

  const groupOf = (asked: Asked): Together => together?.(asked) ?? { group: by?.(asked.item), size }
  const add = (one: Missing): void => {
    const { group, size: most } = groupOf(one.asked)
    pushTo(groups, group, one)
    if ((groups.get(group)?.length ?? 0) >= most) flush(group)
    else if (one.asked.index <= needed) setImmediate(flush, group) // others may arrive in the same tick
  }
  const gathering: Gathering = { parts, totals, slots, ask, add }
  const flush = (group: unknown): void => {
    const gathered = groups.get(group) ?? []
    groups.delete(group)
    if (gathered.length > 0) void send(gathering, gathered)
  }

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

/** Computes a batch as soon as a slot is free, then what is left of it. An error fails all its items. */
const send = async (gathering: Gathering, missing: readonly Missing[]): Promise<void> => {
  const { parts, slots, ask, add } = gathering
  try {
    const { smaller, again } = await slots(async () => {
      parts.signal.throwIfAborted()
      const mine = await claimed(gathering, missing)
      return mine.length === 0 ? nothingLeft : ask(mine)
    })
    again.forEach(add)
    await Promise.all(smaller.map((some) => send(gathering, some)))
  } catch (problem) {
    for (const one of missing) await failWith(one, problem)
  }
}

/** The items that no other process is computing and that still have no result. */
const claimed = async (gathering: Gathering, missing: readonly Missing[]): Promise<readonly Missing[]> => {
  const { options, log } = gathering.parts
  if (options.write === false) return missing
  const claims = await Promise.allSettled(missing.map(async (one) => one.claim !== undefined || claim(gathering, one)))
  for (const one of claims) if (one.status === 'rejected') throw one.reason
  log.refresh()
  return missing.filter((one, at) => claims[at]?.status === 'fulfilled' && claims[at].value && !isKept(gathering, one))
}

/**
 * False as soon as another process turns out to be computing it: it is looked up again once that process has finished.
 */
const claim = (gathering: Gathering, one: Missing): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const { log, signal } = gathering.parts
    let isLeftOut = false
    const waiting = (): void => {
      isLeftOut = true
      resolve(false)
    }
    log.claim(one.asked.key, { signal, waiting }).then(
      (lease) => {
        one.claim = lease
        if (!isLeftOut) return resolve(true)
        try {
          log.refresh()
          if (!isKept(gathering, one)) gathering.add(one)
        } catch (problem) {
          void failWith(one, problem)
        }
      },
      (problem: unknown) => (isLeftOut ? one.fail(problem) : reject(problem as Error)), // rethrown unchanged
    )
  })

/** Ends the item if it has got a result in the meantime. */
const isKept = ({ parts, totals }: Gathering, one: Missing): boolean => {
  const outcome = keptOutcome(parts, totals, one.asked.key)
  if (outcome !== undefined) void endWith(one, outcome).catch(one.fail)
  return outcome !== undefined
}

/** Ends an item after releasing its claim, which other processes may be waiting for. */
export const endWith = async (one: Missing, outcome: ItemOutcome<unknown>): Promise<void> => {
  await release(one)
  one.end(outcome)
}

/** A claim that cannot be released soon counts as that of a dead process; the original problem is reported. */
const failWith = async (one: Missing, problem: unknown): Promise<void> => {
  await release(one).catch(() => undefined)
  one.fail(problem)
}

export const release = async (one: Missing): Promise<void> => {
  const { claim } = one
  one.claim = undefined
  await claim?.release()
}
