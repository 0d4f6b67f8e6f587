import { openArtifact } from '../runtime/run-info/hit-or-miss.js'
import { addressOf } from '../plan/names/artifact-address.js'
import { nodesById } from '../plan/plan-graph.js'
import type { Plan, PlanNode } from '../plan/plan-types.js'
import type { NodeState } from '../runtime/chain/chain-types.js'
import type { Store } from '../runtime/ports/store.js'

/** One number that two chains have computed. */
export interface MetricPair {
  /** Full name. */
  readonly node: string
  /** Path of the number in the value: `test.rmse`. */
  readonly name: string
  readonly before: number
  readonly after: number
}

/** A plan with the states of its nodes in the store. */
export interface StoredPlan {
  readonly plan: Plan
  readonly states: ReadonlyMap<string, NodeState>
}

/** Larger results are data, not metrics. */
const largest = 64 * 1024
const maxNodes = 200

/**
 * Pairs of numbers from nodes that are in both plans with different stored results, if the value is a JSON record of
 * numbers (or of records of numbers). Unreadable results are left out.
 *
 * @example
 * const states = await chain.states()
 * const [before, after] = [{ plan: planned, states }, { plan: chain.plan, states }]
 * await metricPairs(fileStore('data/tasks'), before, after) // the numbers of metrics that are stored on both sides
 */
export const metricPairs = async (
  store: Store,
  before: StoredPlan,
  after: StoredPlan,
): Promise<readonly MetricPair[]> => {
  const then = nodesById(before.plan)
  const pairs: MetricPair[] = []
  let read = 0
  for (const node of after.plan.nodes) {
    const earlier = then.get(node.id)
    if (earlier === undefined || earlier.key === node.key || read >= maxNodes) continue
    if (![node, earlier].every(isJson) || !isThere(after.states.get(node.id)) || !isThere(before.states.get(node.id)))
      continue
    read++
    const [left, right] = await Promise.all([numbersIn(store, earlier), numbersIn(store, node)])
    for (const [name, value] of right) {
      const other = left.get(name)
      if (other !== undefined) pairs.push({ node: node.id, name, before: other, after: value })
    }
  }
  return pairs
}

const isJson = (node: PlanNode): boolean => node.storage === 'file' && node.extension === 'json'

/** Numbers of a stored JSON record by path; empty if it is large, damaged, or not a record of numbers. */
export const numbersIn = async (store: Store, node: PlanNode): Promise<ReadonlyMap<string, number>> => {
  try {
    const found = await openArtifact(store, addressOf(node))
    if ('_tag' in found || found.source === undefined || found.source.size > largest) return new Map()
    return numbersOf(JSON.parse(Buffer.from(await found.source.bytes()).toString('utf8')))
  } catch {
    return new Map()
  }
}

/**
 * Numbers of a record by path; empty if the value is not a record, contains a list, or has no number in it. Texts,
 * booleans and null next to them are ignored.
 */
export const numbersOf = (value: unknown): ReadonlyMap<string, number> => {
  const numbers = new Map<string, number>()
  const visit = (part: unknown, path: string): boolean => {
    if (typeof part === 'number') numbers.set(path, part)
    if (typeof part !== 'object' || part === null) return true
    if (Array.isArray(part)) return false
    return Object.entries(part).every(([name, inner]) => visit(inner, path === '' ? name : `${path}.${name}`))
  }
  return isRecord(value) && visit(value, '') ? numbers : new Map()
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

const isThere = (state: NodeState | undefined): boolean => state === 'cached' || state === 'undecided'
