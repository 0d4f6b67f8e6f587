/** What a run of items may cost: calls in flight are reserved for, so that what they come to stays below the limit. */
export interface Budget {
  readonly limit: number
  readonly spent: number
  /** Items of calls that have begun; a call has one, or those of its batch. */
  readonly inFlight: number
  /** Items whose calls have ended, for the mean. */
  readonly ended: number
  /** What an item costs as long as no call has ended. */
  readonly expected: number | undefined
}

export const budgetOf = (limit: number | undefined, expected: number | undefined): Budget => ({
  limit: limit ?? Infinity,
  spent: 0,
  inFlight: 0,
  ended: 0,
  expected,
})

/** What one item is taken to cost; undefined where nobody knows yet. */
export const costOfOne = ({ ended, spent, expected }: Budget): number | undefined =>
  ended > 0 ? Math.max(spent / ended, expected ?? 0) : expected

/** Whether a call of so many items may begin now, later when others have told what they cost, or not at all. */
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
