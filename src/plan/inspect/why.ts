import { nodeIn, nodesById } from '../plan-graph.js'
import type { Plan, PlanNode } from '../plan-types.js'
import { candidatesIn, isLater, noCandidates, type Candidate, type Candidates } from './candidates.js'
import { comparing, rootCauses, type CandidatesOf, type Cause, type Compared, type Comparing } from './root-causes.js'
import { isInherited, type Difference } from './differences.js'

/**
 * Why a node's key differs from those of stored artifacts, or from its key in another plan: the differences, followed
 * through inputs to their root causes.
 */

/** The nearest candidate of a node, and the causes of its differences. */
export interface Comparison {
  readonly node: string
  readonly key: string
  /** The nearest candidate: the one with the fewest root causes in itself and its ancestors; on ties the latest. */
  readonly nearest: Compared | undefined
  /** Number of candidates. */
  readonly candidates: number
  /** Root causes, the nearest first; empty if a candidate has the node's key. */
  readonly causes: readonly Cause[]
}

/** Options of a comparison. */
export interface WhyOptions {
  /** Key of the candidate to compare with, instead of the nearest one. */
  readonly against?: string
}

/**
 * Explains a node's key: root causes compared with the candidates that `of` returns for a task (`group:name`). If `of`
 * returns undefined because candidates are not known yet, call `why` again once they are.
 *
 * @example
 * const later = planOf({ tasks: project, configs: { model: { tasks: '*.*', min_votes: 50 } } })
 * why(later, 'movies:filtered', candidatesIn(planned))?.causes.length // => 1
 */
export const why = (plan: Plan, id: string, of: CandidatesOf, options: WhyOptions = {}): Comparison => {
  const asked = nodeIn(plan, id)
  const candidates = of(asked.task) ?? noCandidates
  const compare = comparing(plan, of)
  const isKnown = candidates.has(asked.key)
  const against = options.against ?? (isKnown ? undefined : nearestAbove(compare, asked, candidates))
  const { causes, first } = rootCauses(compare, asked, against)
  return { node: id, key: asked.key, nearest: first, candidates: candidates.size, causes }
}

/**
 * Why a node's key differs from that of the node with the same full name in an earlier plan; undefined if either plan
 * lacks it.
 *
 * @example
 * const later = planOf({ tasks: project, configs: { model: { tasks: '*.*', min_votes: 50 } } })
 * whyBetween(planned, later, 'movies:all_movies')?.causes // => []
 */
export const whyBetween = (before: Plan, after: Plan, id: string): Comparison | undefined => {
  const [then, now] = [nodesById(before).get(id), nodesById(after).get(id)]
  if (then === undefined || now === undefined) return undefined
  return then.key === now.key
    ? { node: id, key: now.key, nearest: undefined, candidates: 0, causes: [] }
    : why(after, id, candidatesIn(before), { against: then.key })
}

/** Maximum number of comparisons; after that, the nearest candidate so far is used. */
const maxSteps = 50_000

/**
 * Key of the candidate with the fewest changes in itself and its ancestors; on ties the latest. Undefined without
 * candidates.
 */
const nearestAbove = (compare: Comparing, asked: PlanNode, candidates: Candidates): string | undefined => {
  const ranked = [...candidates.values()]
    .map((candidate) => ({ candidate, least: leastDistance(compare.differences(asked, candidate)) }))
    .sort((left, right) => left.least - right.least || (isLater(left.candidate, right.candidate) ? -1 : 1))
  let best: { readonly candidate: Candidate; readonly distance: number } | undefined
  let steps = 0
  for (const { candidate, least } of ranked) {
    if (best !== undefined && (least > best.distance || steps > maxSteps)) break
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
