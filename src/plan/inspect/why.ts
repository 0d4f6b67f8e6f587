import { nodeIn, nodesById } from '../plan-graph.js'
import type { Plan } from '../plan-types.js'
import { candidatesIn, noCandidates } from './candidates.js'
import { nearestAbove } from './nearest-above.js'
import { comparing, rootCauses, type CandidatesOf, type Cause, type Compared } from './root-causes.js'

/**
 * Why a node has another key than what is stored, or than in another plan: what differs, followed up through inputs to
 * where it began.
 */

/** What a node differs from, and why. */
export interface Comparison {
  readonly node: string
  readonly key: string
  /** The nearest candidate: that with the fewest root causes, over all that is above it; of these the latest. */
  readonly nearest: Compared | undefined
  /** How many there were to choose from. */
  readonly candidates: number
  /** Root causes, the nearest first; none where a candidate has the key of the node. */
  readonly causes: readonly Cause[]
}

/** What a node is compared with. */
export interface WhyOptions {
  /** Key of the candidate to compare with, instead of the nearest one. */
  readonly against?: string
}

/**
 * Why a node has the key that it has: root causes against the candidates that `of` gives for a task (`group:name`).
 * Where `of` does not know a task yet it gives undefined, and the answer is to be asked for again once it does.
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
 * Why a node of a plan has another key than under the same full name in an earlier one; undefined where one of them
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
