import { delayAfter } from '../../declare/retry.js'
import type { Awaitable } from '../../declare/types.js'
import { messageOf } from '../../base/thrown.js'
import type { Gate } from './gate.js'
import type { Asked, ItemParts, ItemTotals } from './item-parts.js'
import { addUsage } from './item-record.js'
import { retryAfterOf } from './retry-after.js'

/** What each call receives in addition to its items. `usage` applies to one of the items, or to all in equal parts. */
export interface CallContext {
  readonly signal: AbortSignal
  readonly attempt: number
  readonly usage: (amounts: Readonly<Record<string, number>>, of?: number) => void
}

export type Tried =
  | { readonly _tag: 'value'; readonly value: unknown; readonly attempts: number }
  | { readonly _tag: 'failed'; readonly problem: string; readonly attempts: number }

/** Sums by name, for each item of a call. */
export type Usages = readonly Record<string, number>[]

/** Calls the function for these items, with retries as configured; rejects only when the run has to stop. */
export const attempts = async (
  parts: ItemParts,
  totals: ItemTotals,
  gate: Gate,
  asked: readonly Asked[],
  usages: Usages,
  call: (context: CallContext) => Awaitable<unknown>,
): Promise<Tried> => {
  const { options, signal, clock, mask } = parts
  const { retry, timeout } = options
  for (let attempt = 1; ; attempt++) {
    const leave = await gate.enter(asked.map(({ item }) => item))
    const used: Record<string, number> = {}
    const usage = usageOf(usages, (name, amount) => {
      addUsage(totals.usage, name, amount)
      addUsage(used, name, amount)
    })
    totals.attempts++
    const answer = await answerOf(() =>
      withTime(timeout, signal, (one) => call({ signal: one, attempt, usage })),
    ).finally(() => leave(used['cost'] ?? 0, used['tokens']))
    if (answer._tag === 'answered') return { _tag: 'value', value: answer.value, attempts: attempt }
    if (signal.aborted) throw signal.reason
    const { problem } = answer
    const wanted = retryAfterOf(problem, clock.now())
    if (wanted !== undefined) gate.holdFor(wanted)
    if (attempt >= (retry?.attempts ?? 1) || retry?.when?.(problem, attempt) === false)
      return { _tag: 'failed', problem: mask(messageOf(problem)), attempts: attempt }
    await clock.wait(Math.max(wanted ?? 0, delayAfter(attempt, retry)), signal)
  }
}

const usageOf =
  (usages: Usages, add: (name: string, amount: number) => void): CallContext['usage'] =>
  (amounts, of) => {
    const those = of === undefined ? usages : usages.slice(of, of + 1)
    if (those.length === 0) throw new TypeError(`usage: there is no item ${String(of)} in this call`)
    for (const [name, amount] of Object.entries(amounts)) {
      if (typeof amount !== 'number' || !Number.isFinite(amount)) throw new TypeError(`usage: ${name} must be a number`)
      add(name, amount)
      for (const one of those) addUsage(one, name, amount / those.length)
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

/** One attempt, which ends at its timeout whether or not the function reacts to the signal. */
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
