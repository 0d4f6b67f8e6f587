import type { PlanNode } from '../plan-types.js'
import { isLater, type Candidate, type Candidates } from './candidates.js'
import { isInherited, type Difference } from './differences.js'
import { rootCauses, type Comparing } from './root-causes.js'

/** So many comparisons are made to find the nearest; after that the nearest of those that were looked at will do. */
const mostSteps = 50_000

/**
 * Key of the candidate with the fewest changes over all that is above it; of these the latest. Undefined where there is
 * none.
 */
export const nearestAbove = (compare: Comparing, asked: PlanNode, candidates: Candidates): string | undefined => {
  const ranked = [...candidates.values()]
    .map((candidate) => ({ candidate, least: leastDistance(compare.differences(asked, candidate)) }))
    .sort((left, right) => left.least - right.least || (isLater(left.candidate, right.candidate) ? -1 : 1))
  let best: { readonly candidate: Candidate; readonly distance: number } | undefined
  let steps = 0
  for (const { candidate, least } of ranked) {
    if (best !== undefined && (least > best.distance || steps > mostSteps)) break
    const found = rootCauses(compare, asked, candidate.key, best?.distance)
    steps += found.steps
    if (
      best === undefined ||
      found.distance < best.distance ||
      (found.distance === best.distance && isLater(candidate, best.candidate))
    )
      best = { candidate, distance: found.distance }
  }
  return best?.candidate.key
}

/** What is its own counts in full, and all that it reads may have changed for one reason. */
const leastDistance = (found: readonly Difference[]): number => {
  const inherited = found.filter(isInherited).length
  return found.length - inherited + Math.min(inherited, 1)
}
