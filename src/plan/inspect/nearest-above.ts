import type { PlanNode } from '../plan-types.js'
import { isLater, type Candidate, type Candidates } from './candidates.js'
import { isInherited, type Difference } from './differences.js'
import { rootCauses, type Comparing } from './root-causes.js'

/** Maximum number of comparisons; after that, the nearest candidate so far is used. */
const mostSteps = 50_000

/**
 * Key of the candidate with the fewest changes in itself and its ancestors; on ties the latest. Undefined without
 * candidates.
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

/** Lower bound of the distance: own differences count in full; all inherited ones may have a single cause. */
const leastDistance = (found: readonly Difference[]): number => {
  const inherited = found.filter(isInherited).length
  return found.length - inherited + Math.min(inherited, 1)
}
