import { suggester } from '../../base/suggest.js'

/** How many comparisons of names one planning may still spend on suggestions. */
export interface SuggestionBudget {
  left: number
}

/**
 * Enough for a thousand slips in a config of twenty thousand names; after that errors come without suggestions, but
 * they come.
 */
export const fullBudget = (): SuggestionBudget => ({ left: 20_000_000 })

/**
 * Suggests names as `suggester` does while there is something left to spend; the names are gathered when first asked.
 */
export const thriftySuggester = (
  names: () => Iterable<string>,
  budget: SuggestionBudget,
): ((name: string, max?: number) => readonly string[]) => {
  let made: { readonly near: ReturnType<typeof suggester>; readonly cost: number } | undefined
  return (name, max) => {
    if (made === undefined) {
      const all = [...names()]
      made = { near: suggester(all), cost: all.length }
    }
    if (budget.left < made.cost) return []
    budget.left -= made.cost
    return made.near(name, max)
  }
}
