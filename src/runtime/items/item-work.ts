import type { ItemContext, ItemOutcome, MapItemsOptions } from '../../declare/items.js'
import type { OnCodeChange } from '../../declare/task.js'
import type { Awaitable } from '../../declare/types.js'
import { delayAfter } from '../../declare/retry.js'
import { messageOf } from '../../base/thrown.js'
import type { Clock } from '../ports/clock.js'
import type { ItemLine, ItemLog } from '../ports/items.js'
import { begun, budgetOf, endedWith, mayBegin, type Budget } from './budget.js'
import { addUsage, recordIn, type ItemRecord } from './item-record.js'
import { atRest, notBefore, reserve, type RateState } from './rate-limit.js'
import { retryAfterOf } from './retry-after.js'

/** One item from its key to its result: looked up, claimed, computed, kept. */

/** Anything: what users give and get. */
export type AnyOptions = MapItemsOptions<unknown, unknown>
export type AnyFunction = (item: unknown, context: ItemContext) => Awaitable<unknown>

export interface ItemParts {
  readonly log: ItemLog
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly fn: AnyFunction
  readonly options: AnyOptions
  /** Fingerprint of the function; null where it has none. */
  readonly code: string | null
  readonly isOtherCode: (before: string | null | undefined, now: string | null | undefined) => boolean
  /** What becomes of kept results of other code: of the task. */
  readonly onCodeChange: OnCodeChange
  readonly mask: (text: string) => string
}

/** What a run of items has come to so far. */
export interface ItemTotals {
  kept: number
  computed: number
  failed: number
  refused: number
  attempts: number
  otherCode: number
  damaged: number
  readonly usage: Record<string, number>
}

/** The limit of cost is reached: what is kept stays. */
export class CostLimitReached extends Error {
  override readonly name = 'CostLimitReached'
}

export const itemWork = (parts: ItemParts, totals: ItemTotals) => {
  const gate = gateOf(parts)
  return async (item: unknown, index: number, key: string): Promise<ItemOutcome<unknown>> => {
    const { log, options, signal } = parts
    const before = usable(parts, totals, log.read(key))
    if (before !== undefined) return keptOutcome(totals, before)
    signal.throwIfAborted()
    const claim = options.write === false ? undefined : await log.claim(key, { signal, waiting: () => undefined })
    try {
      if (claim !== undefined) {
        log.refresh() // somebody else may have computed it while it was waited for
        const meanwhile = usable(parts, totals, log.read(key))
        if (meanwhile !== undefined) return keptOutcome(totals, meanwhile)
      }
      return await computed(parts, totals, gate, { item, index, key })
    } finally {
      await claim?.release()
    }
  }
}

const keptOutcome = (totals: ItemTotals, { value }: ItemRecord): ItemOutcome<unknown> => {
  totals.kept++
  return { _tag: 'done', value, kept: true }
}

/** A kept result that may be used. */
const usable = (parts: ItemParts, totals: ItemTotals, line: ItemLine | undefined): ItemRecord | undefined => {
  const { options, clock, isOtherCode, onCodeChange, code } = parts
  if (line === undefined || line.kind !== 'kept' || options.read === false) return undefined
  if (options.expires !== undefined && clock.now() - line.at >= options.expires) return undefined
  const record = recordIn(line.text)
  if (record === undefined || !('value' in record)) return undefined
  if (onCodeChange === 'ignore' || !isOtherCode(record.code, code)) return record
  if (onCodeChange === 'recompute') return undefined
  totals.otherCode++
  return record
}

interface Asked {
  readonly item: unknown
  readonly index: number
  readonly key: string
}

const computed = async (
  parts: ItemParts,
  totals: ItemTotals,
  gate: Gate,
  asked: Asked,
): Promise<ItemOutcome<unknown>> => {
  const { clock, options, code } = parts
  const usage: Record<string, number> = {}
  const begin = clock.elapsed()
  const tried = await attempts(parts, totals, gate, asked, usage)
  const took = {
    attempts: tried.attempts,
    seconds: (clock.elapsed() - begin) / 1000,
    usage,
    code,
    item: shortened(parts, asked.item),
  }
  if (tried._tag === 'failed') {
    keep(parts, asked.key, 'failed', { ...took, problem: tried.problem })
    totals.failed++
    return { _tag: 'failed', problem: tried.problem, attempts: tried.attempts }
  }
  const accepted = verdict(options, tried.value, asked.item)
  if (accepted === true) {
    keep(parts, asked.key, 'kept', { ...took, value: tried.value })
    totals.computed++
    return { _tag: 'done', value: tried.value, kept: false }
  }
  const reason = parts.mask(accepted === false ? 'not accepted' : accepted)
  keep(parts, asked.key, 'refused', { ...took, value: tried.value, reason })
  totals.refused++
  return { _tag: 'refused', value: tried.value, reason }
}

/** What was paid for is kept, whatever becomes of the question whether it may be used. */
const verdict = ({ accept }: AnyOptions, value: unknown, item: unknown): boolean | string => {
  try {
    return accept?.(value, item) ?? true
  } catch (problem) {
    return `accept threw: ${messageOf(problem)}`
  }
}

const keep = (
  { log, clock, options }: ItemParts,
  key: string,
  kind: ItemLine['kind'],
  record: Omit<ItemRecord, 'schema'>,
): void => {
  if (options.write === false) return
  log.append({ key, kind, at: clock.now(), text: JSON.stringify({ schema: 1, ...record }) })
}

type Tried =
  | { readonly _tag: 'value'; readonly value: unknown; readonly attempts: number }
  | { readonly _tag: 'failed'; readonly problem: string; readonly attempts: number }

/** Calls the function as often as it may be; rejects only when the run is to stop. */
const attempts = async (
  parts: ItemParts,
  totals: ItemTotals,
  gate: Gate,
  { item, index }: Asked,
  usage: Record<string, number>,
): Promise<Tried> => {
  const { options, signal, clock, fn, mask } = parts
  const { retry, timeout } = options
  for (let attempt = 1; ; attempt++) {
    await gate.enter(item)
    let cost = 0
    const add = (amounts: Readonly<Record<string, number>>): void => {
      for (const [name, amount] of Object.entries(amounts)) {
        if (typeof amount !== 'number' || !Number.isFinite(amount))
          throw new TypeError(`usage: ${name} must be a number`)
        addUsage(usage, name, amount)
        addUsage(totals.usage, name, amount)
        if (name === 'cost') cost += amount
      }
    }
    totals.attempts++
    const call = (one: AbortSignal) => fn(item, { signal: one, attempt, index, usage: add })
    const answer = await answerOf(() => withTime(timeout, signal, call)).finally(() => gate.leave(cost))
    if (answer._tag === 'answered') return jsonOf(parts, answer.value, attempt)
    if (signal.aborted) throw signal.reason
    const { problem } = answer
    const now = clock.now()
    const asked = retryAfterOf(problem, now)
    if (asked !== undefined) gate.waitUntil(now + asked)
    if (attempt >= (retry?.attempts ?? 1) || retry?.when?.(problem, attempt) === false)
      return { _tag: 'failed', problem: mask(messageOf(problem)), attempts: attempt }
    await clock.wait(Math.max(asked ?? 0, delayAfter(attempt, retry)), signal)
  }
}

type Answer =
  | { readonly _tag: 'answered'; readonly value: unknown }
  | { readonly _tag: 'threw'; readonly problem: unknown }

const answerOf = async (call: () => Promise<unknown>): Promise<Answer> => {
  try {
    return { _tag: 'answered', value: await call() }
  } catch (problem) {
    return { _tag: 'threw', problem }
  }
}

/** An answer that JSON cannot hold would be no other the next time, and is paid for. */
const jsonOf = ({ mask }: ItemParts, value: unknown, attempts: number): Tried => {
  try {
    return { _tag: 'value', value: asJson(value), attempts }
  } catch (problem) {
    return { _tag: 'failed', problem: mask(messageOf(problem)), attempts }
  }
}

/** What is kept is what JSON gives back: the same in this run and in the next. */
const asJson = (value: unknown): unknown => {
  if (value === undefined) return null
  const text = JSON.stringify(value, refused) as string | undefined
  if (text === undefined) throw new TypeError(`a result that JSON cannot hold: ${typeof value}`)
  return JSON.parse(text)
}

function refused(this: unknown, name: string, value: unknown): unknown {
  const given: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, name) : value
  const what =
    typeof given === 'number' && !Number.isFinite(given)
      ? String(given)
      : typeof given === 'bigint' || typeof given === 'function' || typeof given === 'symbol'
        ? typeof given
        : typeof given === 'object' && given !== null && !Array.isArray(given) && !isPlain(given)
          ? (given.constructor?.name ?? 'an object of a class')
          : undefined
  if (what !== undefined)
    throw new TypeError(`a result that JSON cannot hold: ${what}${name === '' ? '' : ` at ${name}`}`)
  return value
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** One attempt, which ends when its time is over, whether or not the function minds. */
const withTime = async <A>(
  timeout: number | undefined,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Awaitable<A>,
): Promise<A> => {
  if (timeout === undefined) return call(signal)
  const limit = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new Error(`timed out after ${timeout} ms`)
      limit.abort(reason)
      reject(reason)
    }, timeout)
  })
  try {
    return await Promise.race([call(AbortSignal.any([signal, limit.signal])), late])
  } finally {
    clearTimeout(timer)
  }
}

/** What lets calls begin: rates and cost. */
interface Gate {
  readonly enter: (item: unknown) => Promise<void>
  readonly leave: (cost: number) => void
  readonly waitUntil: (at: number) => void
}

const gateOf = ({ options, clock, signal }: ItemParts): Gate => {
  let rate: RateState = atRest
  let budget: Budget = budgetOf(options.maxCost, options.expectedCost)
  let waiting: (() => void)[] = []
  const wakeAll = (): void => {
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }
  const begin = async (): Promise<void> => {
    for (let may = mayBegin(budget); may !== 'now'; may = mayBegin(budget)) {
      signal.throwIfAborted()
      if (may === 'never')
        throw new CostLimitReached(
          `the next call could bring the cost above maxCost ${budget.limit}: ${budget.spent} were spent`,
        )
      await new Promise<void>((resolve) => void waiting.push(resolve))
    }
    budget = begun(budget)
  }
  return {
    enter: async (item) => {
      const tokens = options.tokensOf?.(item) ?? 1
      if (!(tokens >= 0 && tokens < Infinity))
        throw new TypeError(`mapItems: tokensOf must give a number from 0, not ${String(tokens)}`)
      await begin()
      const reserved = reserve(rate, clock.now(), options.rateLimit ?? {}, tokens)
      rate = reserved.state
      const pause = reserved.at - clock.now()
      if (pause <= 0) return
      try {
        await clock.wait(pause, signal)
      } catch (reason) {
        budget = { ...budget, inFlight: budget.inFlight - 1 }
        wakeAll()
        throw reason
      }
    },
    leave: (cost) => {
      budget = endedWith(budget, cost)
      wakeAll()
    },
    waitUntil: (at) => {
      rate = notBefore(rate, at)
    },
  }
}

const shortened = ({ mask }: ItemParts, item: unknown): string => {
  const text = mask(typeof item === 'string' ? item : (JSON.stringify(item) ?? String(item)))
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
