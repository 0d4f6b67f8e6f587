import { suggester } from '../../base/suggest.js'

/** The number of name comparisons that planning may still spend on suggestions. */
export interface SuggestionBudget {
  left: number
}

/**
 * Enough for a thousand typos in a config of twenty thousand names; further errors are reported without suggestions.
 */
export const fullBudget = (): SuggestionBudget => ({ left: 20_000_000 })

/** Suggests names like `suggester` while the budget lasts; the names are gathered on first use. */
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
