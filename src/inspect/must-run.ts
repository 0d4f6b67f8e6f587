import type { Plan } from '../plan/plan-types.js'
import type { NodeState } from '../runtime/chain/chain-types.js'

/**
 * Kept nodes that would have to be computed to obtain one value; empty if loading (and computing in-memory nodes) is
 * enough.
 *
 * @example
 * const states = new Map(planned.nodes.map(({ id }) => [id, 'to_run' as const]))
 * mustRun(planned, states, 'movies:filtered') // => ['movies:all_movies', 'movies:filtered']
 */
export const mustRun = (plan: Plan, states: ReadonlyMap<string, NodeState>, wanted: string): readonly string[] => {
  const nodes = new Map(plan.nodes.map((node) => [node.id, node]))
  const seen = new Set<string>()
  const missing: string[] = []
  const waiting = [wanted]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id) || states.get(id) === 'cached' || states.get(id) === 'undecided') continue
    seen.add(id)
    const node = nodes.get(id)
    if (node === undefined) continue
    if (node.storage !== 'memory') missing.push(id)
    for (const bound of Object.values(node.inputs)) {
      if (typeof bound === 'string') waiting.push(bound)
      else if (bound !== null) for (const one of Object.values(bound)) waiting.push(one)
    }
  }
  return plan.nodes.map((node) => node.id).filter((id) => missing.includes(id))
}
