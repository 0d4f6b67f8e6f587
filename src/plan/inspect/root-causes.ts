import { nodesById } from '../plan-graph.js'
import type { Plan, PlanNode } from '../plan-types.js'
import { nearestOf, noCandidates, type Candidate, type Candidates } from './candidates.js'
import { differences, isInherited, sideOfNode, textOf, type Difference, type Side } from './differences.js'

/** Follows the differences of a node through its inputs, each compared with the former input, to their root causes. */

/** Why a chain of differences began. */
export type Reason =
  | Difference
  /** No artifact of the task is known. */
  | { readonly _tag: 'NeverComputed' }
  /** The input was a different artifact whose pre-image is no longer known. */
  | { readonly _tag: 'Forgotten'; readonly before: string }

/** A root cause: a change of a node itself, not one inherited from its inputs. */
export interface Cause {
  /** Full name. */
  readonly node: string
  readonly reason: Reason
  /** Full names from the requested node to this one, inclusive. */
  readonly via: readonly string[]
  /** Key of the candidate it was compared with. */
  readonly against: string | undefined
}

/** Candidates of a task (`group:name`); undefined if they are not known yet. */
export type CandidatesOf = (task: string) => Candidates | undefined

/** Memoized comparisons of a plan's nodes with candidates. */
export interface Comparing {
  readonly nodes: ReadonlyMap<string, PlanNode>
  readonly candidates: CandidatesOf
  readonly side: (node: PlanNode) => Side
  readonly differences: (node: PlanNode, candidate: Candidate) => readonly Difference[]
}

export const comparing = (plan: Plan, candidates: CandidatesOf): Comparing => {
  const sides = new Map<string, Side>()
  const found = new Map<string, readonly Difference[]>()
  const side = (node: PlanNode): Side => {
    const known = sides.get(node.id) ?? sideOfNode(plan, node)
    sides.set(node.id, known)
    return known
  }
  return {
    nodes: nodesById(plan),
    candidates,
    side,
    differences: (node, candidate) => {
      const pair = `${node.id} ${candidate.key}`
      const known = found.get(pair) ?? [...differences(candidate, side(node))]
      found.set(pair, known)
      return known
    },
  }
}

/** The candidate that a node was compared with. */
export type Compared = Candidate & { readonly differences: readonly Difference[] }

export interface RootCauses {
  /** The nearest first. */
  readonly causes: readonly Cause[]
  /** The candidate that the node itself was compared with; undefined if there is none, or it has the same key. */
  readonly first: Compared | undefined
  /** The number of distinct changes, plus one for each candidate that was unknown. */
  readonly distance: number
  /** Number of comparisons. */
  readonly steps: number
}

/**
 * Root causes of a node's key compared with one candidate, or if `against` is undefined with the nearest by direct
 * differences. Stops once the distance exceeds `enough`.
 */
export const rootCauses = (
  compare: Comparing,
  asked: PlanNode,
  against: string | undefined,
  enough = Infinity,
): RootCauses => {
  const collected = collectCauses()
  const seen = new Set<string>()
  let first: Compared | undefined
  let unsure = 0
  const waiting: Step[] = [{ node: asked, against, remembered: undefined, reader: undefined }]
  for (const step of waiting) {
    if (collected.changes() + unsure > enough) break
    const visited = `${step.node.id} ${step.against ?? ''}`
    if (seen.has(visited)) continue
    seen.add(visited)
    const candidate = candidateFor(compare, step)
    if (candidate === 'same') continue
    if (step.against !== undefined && keyOf(candidate) !== step.against) unsure++
    const found = typeof candidate === 'string' ? [] : compare.differences(step.node, candidate)
    if (typeof candidate !== 'string' && step.node === asked) first = { ...candidate, differences: found }
    const reasons = typeof candidate === 'string' ? [missing(candidate, step)] : found
    for (const reason of reasons) {
      const next = typeof candidate === 'string' ? undefined : stepAbove(compare, step, candidate, reason)
      if (next !== undefined) waiting.push(next)
      else collected.add({ node: step.node.id, reason, via: wayTo(step), against: keyOf(candidate) })
    }
  }
  return { causes: collected.causes, first, distance: collected.changes() + unsure, steps: seen.size }
}

/** Collects distinct causes; a config value that many nodes read counts as one change. */
const collectCauses = () => {
  const causes: Cause[] = []
  const changes = new Set<string>()
  const known = new Set<string>()
  return {
    causes,
    changes: () => changes.size,
    add: (cause: Cause): void => {
      const change = textOf(cause.reason)
      const text = `${cause.node} ${change}`
      changes.add(cause.reason._tag === 'Param' && cause.reason.origin !== undefined ? change : text)
      if (!known.has(text)) causes.push(cause)
      known.add(text)
    },
  }
}

interface Step {
  readonly node: PlanNode
  /** Key of the candidate to compare with. */
  readonly against: string | undefined
  /** Pre-images of in-memory inputs, stored with the reader's artifact. */
  readonly remembered: Candidate['inMemory']
  /** The step of the node that reads this one; undefined for the requested node. */
  readonly reader: Step | undefined
}

/** Full names from the requested node to this one. Built only for causes: paths of 100,000 nodes are fine. */
const wayTo = (step: Step): readonly string[] => {
  const way: string[] = []
  for (let at: Step | undefined = step; at !== undefined; at = at.reader) way.push(at.node.id)
  return way.reverse()
}

/** For a difference inherited from an input in the plan: compares that input with the result read at the time. */
const stepAbove = (compare: Comparing, reader: Step, candidate: Candidate, reason: Reason): Step | undefined => {
  if (reason._tag !== 'Input' || !isInherited(reason)) return undefined
  const node = compare.nodes.get(reason.node ?? '')
  return node && { node, against: reason.before?.key, remembered: candidate.inMemory, reader }
}

/** `none`: no artifact of the task is known. `forgotten`: the artifact that its reader used is no longer known. */
type Missing = 'none' | 'forgotten'

const missing = (what: Missing, { against }: Step): Reason =>
  what === 'none' ? { _tag: 'NeverComputed' } : { _tag: 'Forgotten', before: against ?? '' }

const keyOf = (candidate: Candidate | Missing): string | undefined =>
  typeof candidate === 'string' ? undefined : candidate.key

/** The candidate to compare a node with. `same`: an artifact with the node's own key is known. */
const candidateFor = (compare: Comparing, { node, against, remembered }: Step): Candidate | Missing | 'same' => {
  const candidates = compare.candidates(node.task) ?? noCandidates
  const nearest = (): Candidate | 'none' => nearestOf(compare.side(node), candidates) ?? 'none'
  if (against === undefined) return candidates.has(node.key) ? 'same' : nearest()
  const exact = candidates.get(against)
  if (exact !== undefined) return exact
  const before = remembered !== undefined && Object.hasOwn(remembered, against) ? remembered[against] : undefined
  if (before !== undefined)
    return { key: against, preImage: before, ...(remembered === undefined ? {} : { inMemory: remembered }) }
  return candidates.has(node.key) || node.storage === 'memory' ? 'forgotten' : nearest()
}
