/** What a run of items may cost: calls in flight are reserved for, so that what they come to stays below the limit. */
export interface Budget {
  readonly limit: number
  readonly spent: number
  readonly inFlight: number
  /** Calls that have ended, for the mean. */
  readonly ended: number
  /** What a call costs as long as none has ended. */
  readonly expected: number | undefined
}

export const budgetOf = (limit: number | undefined, expected: number | undefined): Budget => ({
  limit: limit ?? Infinity,
  spent: 0,
  inFlight: 0,
  ended: 0,
  expected,
})

/** What one call is taken to cost; undefined where nobody knows yet. */
export const costOfOne = ({ ended, spent, expected }: Budget): number | undefined =>
  ended > 0 ? Math.max(spent / ended, expected ?? 0) : expected

/** Whether another call may begin now, later when others have told what they cost, or not at all. */
export const mayBegin = (budget: Budget): 'now' | 'later' | 'never' => {
  if (budget.limit === Infinity) return 'now'
  const one = costOfOne(budget)
  if (one === undefined) return budget.inFlight === 0 ? (budget.spent < budget.limit ? 'now' : 'never') : 'later'
  if (budget.spent + (budget.inFlight + 1) * one <= budget.limit) return 'now'
  return budget.inFlight > 0 ? 'later' : 'never'
}

export const begun = (budget: Budget): Budget => ({ ...budget, inFlight: budget.inFlight + 1 })

export const endedWith = (budget: Budget, cost: number): Budget => ({
  ...budget,
  inFlight: budget.inFlight - 1,
  ended: budget.ended + 1,
  spent: budget.spent + cost,
})
