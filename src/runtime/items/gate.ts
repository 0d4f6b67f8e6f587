import { begun, budgetOf, endedWith, mayBegin, type Budget } from './budget.js'
import type { ItemParts } from './item-parts.js'
import { atRest, corrected, notBefore, reserve, type RateState } from './rate-limit.js'

/** The cost limit is reached; stored results are kept. */
export class CostLimitReached extends Error {
  override readonly name = 'CostLimitReached'
}

/** Admits calls within the limits of rate and cost. A call has one item, or those of a batch. */
export interface Gate {
  readonly enter: (items: readonly unknown[]) => Promise<Entered>
  /** No call starts for so many milliseconds. */
  readonly holdFor: (milliseconds: number) => void
}

/** Called at the end of a call with its cost and the tokens it reports to have used. */
export type Entered = (cost: number, tokens: number | undefined) => void

export const gateOf = ({ options, clock, signal }: ItemParts): Gate => {
  const { rateLimit = {} } = options
  let rate: RateState = atRest
  let budget: Budget = budgetOf(options.maxCost, options.expectedCost)
  let waiting: (() => void)[] = []
  const wakeAll = (): void => {
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }
  const begin = async (items: number): Promise<void> => {
    for (let may = mayBegin(budget, items); may !== 'now'; may = mayBegin(budget, items)) {
      signal.throwIfAborted()
      if (may === 'never')
        throw new CostLimitReached(
          `the next call could bring the cost above maxCost ${budget.limit}: ${rounded(budget.spent)} spent so far`,
        )
      await new Promise<void>((resolve) => void waiting.push(resolve))
    }
    budget = begun(budget, items)
  }
  return {
    enter: async (items) => {
      const tokens = items.reduce<number>((sum, item) => sum + tokensOf(options.tokensOf?.(item)), 0)
      await begin(items.length)
      const reserved = reserve(rate, clock.elapsed(), rateLimit, tokens)
      rate = reserved.state
      const pause = reserved.at - clock.elapsed()
      if (pause > 0)
        try {
          await clock.wait(pause, signal)
        } catch (reason) {
          budget = { ...budget, inFlight: budget.inFlight - items.length }
          wakeAll()
          throw reason
        }
      return (cost, used) => {
        if (used !== undefined) rate = corrected(rate, rateLimit, tokens, used)
        budget = endedWith(budget, cost, items.length)
        wakeAll()
      }
    },
    holdFor: (milliseconds) => {
      rate = notBefore(rate, clock.elapsed() + milliseconds)
    },
  }
}

/** Removes binary rounding errors from a sum of floats. */
const rounded = (sum: number): number => Number(sum.toPrecision(12))

const tokensOf = (given: number | undefined): number => {
  const tokens = given ?? 1
  if (tokens >= 0 && tokens < Infinity) return tokens
  throw new TypeError(`mapItems: tokensOf must give a number from 0, not ${String(tokens)}`)
}
