import type { PreImage } from '../key.js'
import type { Origin, Plan } from '../plan-types.js'
import { countDifferences, sideOfNode, type Side } from './differences.js'

/** A candidate for comparison with a node: a stored artifact, or a node of another plan. */
export interface Candidate {
  readonly key: string
  readonly preImage: PreImage
  /** When it was computed, as sortable text; undefined for a node of a plan. */
  readonly ended?: string
  /** Duration of its computation in seconds. */
  readonly seconds?: number
  /** Pre-images of its in-memory inputs, by key. */
  readonly inMemory?: { readonly [key: string]: PreImage }
  /** Origins of its param values, for a node of a plan. */
  readonly origins?: { readonly [param: string]: Origin }
}

/** Candidates of one task, by key. */
export type Candidates = ReadonlyMap<string, Candidate>

export const noCandidates: Candidates = new Map()

/**
 * The nodes of a plan as candidates, by task, for comparing two plans.
 *
 * @example
 * candidatesIn(planned)('movies:filtered').size // => 1
 */
export const candidatesIn = (plan: Plan): ((task: string) => Candidates) => {
  const byTask = new Map<string, Map<string, Candidate>>()
  for (const node of plan.nodes) {
    const candidates = byTask.get(node.task) ?? new Map<string, Candidate>()
    byTask.set(node.task, candidates)
    const { node: _, ...side } = sideOfNode(plan, node)
    candidates.set(node.key, { key: node.key, ...side })
  }
  return (task) => byTask.get(task) ?? noCandidates
}

/** The candidate with the fewest differences; on ties the latest, so that the answer refers to the last change. */
export const nearestOf = (side: Side, candidates: Candidates): Candidate | undefined => {
  let best: Candidate | undefined
  let fewest = Infinity
  for (const candidate of candidates.values()) {
    const count = countDifferences(candidate, side, fewest)
    const better = count < fewest || (count === fewest && best !== undefined && isLater(candidate, best))
    if (!better) continue
    best = candidate
    fewest = count
  }
  return best
}

/** Whether a candidate was computed later; on ties the smaller key counts as later, for a unique answer. */
export const isLater = (left: Candidate, right: Candidate): boolean => {
  const [a, b] = [left.ended ?? '', right.ended ?? '']
  return a > b || (a === b && left.key < right.key)
}
