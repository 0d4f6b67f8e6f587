import type { BatchFunction, ItemFunction, ItemOutcome, MapItems } from '../../declare/items.js'
import { doorOf } from '../../base/items/item-door.js'
import type { Awaitable } from '../../declare/types.js'
import { keyTable } from '../../base/items/key-table.js'
import { messageOf } from '../../base/thrown.js'
import type { Clock } from '../ports/clock.js'
import type { ItemLog, ItemSet, ItemsProgress, StoreItems } from '../ports/items.js'
import { askedItems } from './forecast/asked-items.js'
import { askedKey } from './forecast/asked-key.js'
import { itemKeys } from './item-key.js'
import { checkFunction, checkItemOptions, checkItems, setName } from './item-options.js'
import { batchWork } from './batch-work.js'
import { CostLimitReached } from './gate.js'
import {
  noTotals,
  type AnyFunction,
  type AnyOptions,
  type AnyProvider,
  type ItemParts,
  type ItemTotals,
} from './item-parts.js'
import { itemWork, type Work } from './item-work.js'
import { providerWork } from './provider/provider-work.js'
import { itemsProgress, type ItemsAhead } from './forecast/items-progress.js'
import { slotsOf } from './slots.js'

/** `mapItems` of a running task: computes results in item order and stores each separately. */

export interface MapItemsParts {
  /** Undefined if the store does not support items. */
  readonly items: StoreItems | undefined
  /** Shown in the error for such a store. */
  readonly location: string
  readonly folder: string
  /** `group:name`. */
  readonly task: string
  /** Key of the result that the task is computing. */
  readonly key: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly codeOf: (fn: AnyFunction | AnyProvider['submit']) => string | null
  readonly isOtherCode: ItemParts['isOtherCode']
  readonly onCodeChange: ItemParts['onCodeChange']
  readonly mask: ItemParts['mask']
  readonly progress: (done: number, total: number | undefined, items: ItemsProgress) => void
  readonly note: (record: unknown) => void
  readonly warn: (message: string) => void
  readonly info: (message: string) => void
}

/** Some items have no result. */
export class ItemsFailed extends Error {
  override readonly name = 'ItemsFailed'
}

type Source = Iterable<unknown> | AsyncIterable<unknown>

export const makeMapItems = (given: MapItemsParts): MapItems => {
  const calls = new Map<string, number>()
  /** Distinguishes several calls with one name. */
  const nth = (name: string): number => {
    const before = calls.get(name) ?? 0
    calls.set(name, before + 1)
    return before
  }
  const parts: CallParts = { ...given, nth }
  const collect = async (
    items: Source,
    fn: AnyFunction | AnyProvider,
    options: AnyOptions = {},
  ): Promise<readonly unknown[]> => {
    const total = Array.isArray(items) ? items.length : undefined
    const outcomes: ItemOutcome<unknown>[] = []
    for await (const outcome of outcomesOf(parts, items, fn, options, { total, inMemory: true })) outcomes.push(outcome)
    return options.onError === 'keep' ? outcomes : outcomes.map(valueOf)
  }
  async function* stream(items: Source, fn: AnyFunction | AnyProvider, options: AnyOptions = {}): AsyncGenerator {
    for await (const outcome of outcomesOf(parts, items, fn, options, { total: undefined, inMemory: false }))
      if (options.onError === 'keep') yield outcome
      else if (outcome._tag === 'done') yield outcome.value
  }
  return Object.assign(collect, { stream }) as unknown as MapItems // its overloads say which options go together
}

const valueOf = (outcome: ItemOutcome<unknown>): unknown => {
  if (outcome._tag === 'done') return outcome.value
  throw new Error('an item without a result') // already reported
}

/** Upper limit of items that are started but not finished; higher if needed to fill batches. */
const aheadOf = ({ batch, concurrency = 8 }: AnyOptions): number =>
  Math.max(1000, (batch?.size ?? 0) * (concurrency + 1))

/** An item that was started. */
interface Running {
  readonly outcome: Promise<ItemOutcome<unknown> | undefined>
  hasEnded: boolean
}

/** Counts unfinished items; `room` waits while there are too many, and calls `full` before it does. */
const counting = (most: number) => {
  let count = 0
  let wake = (): void => undefined
  return {
    add: (outcome: Running['outcome']): Running => {
      const one = { outcome, hasEnded: false }
      count++
      void outcome.then(() => {
        one.hasEnded = true
        count--
        wake()
      })
      return one
    },
    room: async (full: () => void): Promise<void> => {
      if (count >= most) full()
      while (count >= most) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

interface CallParts extends MapItemsParts {
  readonly nth: (name: string) => number
}

async function* outcomesOf(
  parts: CallParts,
  items: Source,
  fn: AnyFunction | AnyProvider,
  options: AnyOptions,
  { total, inMemory }: { readonly total: number | undefined; readonly inMemory: boolean },
): AsyncGenerator<ItemOutcome<unknown>> {
  checkItemOptions(options)
  checkFunction(fn, options)
  checkItems(items)
  const name = setName(options)
  const { version, params, trial } = options
  const keyOf = itemKeys({ task: parts.task, name, version, params, trial })
  const ofItem = (item: unknown, at: number): string => keyOf(knownBy(options, item, at), at)
  const called = typeof fn === 'function' ? fn : fn.submit
  const code = await (doorOf(called)?.code() ?? parts.codeOf(called))
  const log = await openLog(parts, { folder: parts.folder, name })
  const totals = noTotals()
  const first: Failures = { problems: [], stop: undefined }
  const work = workOf({ ...parts, log, options, code }, totals, fn, first)
  const shared = sharing(options)
  const ahead = aheadOf(options)
  const unfinished = counting(ahead)
  const running = new Set<Running>()
  const asked = askedItems(log, parts.clock, askedKey(parts.key, parts.nth(name)), options, parts.signal)
  let index = 0
  let isWhole = false
  try {
    const listed = Array.isArray(items)
      ? await asked.list(items, (item, at) => shared.checked(ofItem(item, at), at))
      : undefined
    const report = reporterOf(parts, totals, total, { name, toDo: listed?.toDo, expectedCost: options.expectedCost })
    for await (const item of items) {
      parts.signal.throwIfAborted()
      if (first.stop !== undefined) break
      const at = index++
      const key = listed?.at(at) ?? asked.add(shared.checked(ofItem(item, at), at))
      const start = shared.start(key, () => work.start({ item, index: at, key }))
      const outcome = start
        .then((ended) => (noteFailure(first, at, ended), report(), ended))
        .catch((problem: unknown) => void (first.stop ??= { problem }))
      running.add(unfinished.add(outcome))
      if (inMemory) {
        await unfinished.room(() => work.need(at)) // a slow item holds up no others
        while (firstOf(running)?.hasEnded === true) yield* shifted(running)
      } else if (running.size >= ahead) {
        work.need(at + 1 - running.size)
        yield* shifted(running)
      }
    }
    isWhole = first.stop === undefined
    work.need(Infinity)
    while (running.size > 0) yield* shifted(running)
    report(true)
    if (first.stop !== undefined) throw stopOf(first.stop.problem, totals)
    if (options.onError !== 'keep' && first.problems.length > 0) throw failureOf(first, totals)
  } finally {
    first.stop ??= { problem: undefined } // nothing more is paid for after the caller left early or an item was refused
    work.need(Infinity)
    await Promise.all(Array.from(running, (one) => one.outcome)) // calls in flight finish, and their results are stored
    asked.end(isWhole)
    await log.close()
    if (totals.otherCode > 0)
      parts.warn(
        `${totals.otherCode} kept results of ${name} were computed by other code; change 'version' to recompute them`,
      )
    if (totals.alone > 0)
      parts.warn(
        `${totals.alone} items of ${name} failed in a batch and were retried alone (${totals.batchProblem ?? ''})`,
      )
    parts.note({ items: name, ...summaryOf(totals) })
  }
}

const knownBy = ({ key }: AnyOptions, item: unknown, at: number): unknown => {
  if (key === undefined) return item
  try {
    return key(item)
  } catch (problem) {
    throw new TypeError(`mapItems: key threw for item ${at}: ${messageOf(problem)}`)
  }
}

async function* shifted(running: Set<Running>): AsyncGenerator<ItemOutcome<unknown>> {
  const one = firstOf(running)
  if (one === undefined) return
  running.delete(one)
  const outcome = await one.outcome
  if (outcome !== undefined) yield outcome
}

const firstOf = <A>(some: ReadonlySet<A>): A | undefined => some.values().next().value

interface Failures {
  readonly problems: string[]
  /** Once set, nothing more is started. */
  stop: { readonly problem: unknown } | undefined
}

/** Work still waiting for a slot after a stop is not started: it would be paid for but could not be stored. */
const workOf = (parts: ItemParts, totals: ItemTotals, fn: AnyFunction | AnyProvider, first: Failures): Work => {
  const { batch } = parts.options
  const atOnce = doorOf(fn)?.atOnce ?? Infinity
  const slots = slotsOf(Math.min(atOnce, parts.options.concurrency ?? (atOnce === Infinity ? 8 : atOnce)), () => {
    if (first.stop !== undefined) throw first.stop.problem
  })
  if (typeof fn === 'object') return providerWork(parts, totals, fn, batch ?? { size: 1 }, slots)
  return batch === undefined
    ? itemWork(parts, totals, fn as ItemFunction<unknown, unknown>, slots) // by its overloads: no batch
    : batchWork(parts, totals, fn as BatchFunction<unknown, unknown>, batch, slots) // by its overloads: a batch
}

const noteFailure = (first: Failures, index: number, outcome: ItemOutcome<unknown>): void => {
  if (outcome._tag === 'done' || first.problems.length >= 3) return
  const { _tag } = outcome
  first.problems.push(`item ${index}: ${_tag === 'failed' ? outcome.problem : `refused, ${outcome.reason}`}`)
}

const failureOf = ({ problems }: Failures, { kept, computed, failed, refused }: ItemTotals): ItemsFailed => {
  const bad = failed + refused
  const more = bad > problems.length ? ', …' : ''
  return new ItemsFailed(
    `${bad} of ${kept + computed + bad} items have no result (${problems.join('; ')}${more}); ` +
      'the others are kept, the next run requests only these',
  )
}

const stopOf = (problem: unknown, { kept, computed }: ItemTotals): unknown =>
  problem instanceof CostLimitReached
    ? new CostLimitReached(`${problem.message}; ${kept + computed} results are kept, another run continues from there`)
    : problem

const summaryOf = ({ kept, computed, failed, refused, attempts, alone, batches, usage }: ItemTotals): object => ({
  kept,
  computed,
  ...(failed > 0 ? { failed } : {}),
  ...(refused > 0 ? { refused } : {}),
  attempts,
  ...(alone > 0 ? { alone } : {}),
  ...(batches.length > 0 ? { batches: batches.slice(0, 1000) } : {}),
  ...(Object.keys(usage).length > 0 ? { usage: { ...usage } } : {}),
})

/** Equal items are either refused, or share one result. */
const sharing = ({ duplicates = 'refuse' }: AnyOptions) => {
  const seen = keyTable()
  const results = new Map<string, Promise<ItemOutcome<unknown>>>()
  return {
    checked: (key: string, index: number): string => {
      if (duplicates === 'share') return key
      const before = seen.add(key)
      if (before !== index)
        throw new TypeError(
          `items ${before} and ${index} have the same key; 'key' can distinguish them, ` +
            "'trial' requests another result, duplicates: 'share' gives both the same",
        )
      return key
    },
    start: (key: string, start: () => Promise<ItemOutcome<unknown>>): Promise<ItemOutcome<unknown>> => {
      if (duplicates === 'refuse') return start()
      const known = results.get(key) ?? start()
      results.set(key, known)
      return known
    },
  }
}

/** Reports progress, no more often than people can see. */
const reporterOf = (parts: MapItemsParts, totals: ItemTotals, total: number | undefined, ahead: ItemsAhead) => {
  let lastTime = -Infinity
  const begin = parts.clock.elapsed()
  let lastDone = 0
  return (isEnd = false): void => {
    const now = parts.clock.elapsed()
    const done = totals.kept + totals.computed + totals.failed + totals.refused
    if (isEnd ? done === lastDone : now - lastTime < 100 && done !== total) return
    lastTime = now
    lastDone = done
    parts.progress(done, total, itemsProgress(totals, ahead, (now - begin) / 1000))
  }
}

const openLog = ({ items, location }: MapItemsParts, set: ItemSet): Awaitable<ItemLog> => {
  if (items === undefined) throw new Error(`mapItems: the store ${location} keeps no items`)
  return items.open(set)
}
