/**
 * The cost limit of a run of items: cost is reserved for calls in flight, so that their total stays below the limit.
 */
export interface Budget {
  readonly limit: number
  readonly spent: number
  /** Items of calls that have started: one per call, or those of its batch. */
  readonly inFlight: number
  /** Items whose calls have ended, for the mean cost. */
  readonly ended: number
  /** Estimated cost of an item until the first call has ended. */
  readonly expected: number | undefined
}

export const budgetOf = (limit: number | undefined, expected: number | undefined): Budget => ({
  limit: limit ?? Infinity,
  spent: 0,
  inFlight: 0,
  ended: 0,
  expected,
})

/** Estimated cost of one item; undefined if unknown. */
export const costOfOne = ({ ended, spent, expected }: Budget): number | undefined =>
  ended > 0 ? Math.max(spent / ended, expected ?? 0) : expected

/** Whether a call for `items` items may start now, later when others have reported their cost, or never. */
export const mayBegin = (budget: Budget, items = 1): 'now' | 'later' | 'never' => {
  if (budget.limit === Infinity) return 'now'
  const one = costOfOne(budget)
  if (one === undefined) return budget.inFlight === 0 ? (budget.spent < budget.limit ? 'now' : 'never') : 'later'
  if (budget.spent + (budget.inFlight + items) * one <= budget.limit) return 'now'
  return budget.inFlight > 0 ? 'later' : 'never'
}

export const begun = (budget: Budget, items = 1): Budget => ({ ...budget, inFlight: budget.inFlight + items })

export const endedWith = (budget: Budget, cost: number, items = 1): Budget => ({
  ...budget,
  inFlight: budget.inFlight - items,
  ended: budget.ended + items,
  spent: budget.spent + cost,
})
