import type { Edge } from './layout-types.js'

export type Way = 'inputs' | 'readers' | 'both'

/** A node with its neighbours: within `steps` edges upstream, downstream or both; Infinity for all. */
export const around = (start: number, edges: readonly Edge[], way: Way, steps: number): ReadonlySet<number> => {
  const found = new Set([start])
  if (way !== 'readers') reach(found, start, edges, 1, steps)
  if (way !== 'inputs') reach(found, start, edges, 0, steps)
  return found
}

const reach = (found: Set<number>, start: number, edges: readonly Edge[], from: 0 | 1, steps: number): void => {
  const next = new Map<number, number[]>()
  for (const edge of edges) {
    const others = next.get(edge[from])
    if (others === undefined) next.set(edge[from], [edge[1 - from] ?? 0])
    else others.push(edge[1 - from] ?? 0)
  }
  const seen = new Set([start])
  let front = [start]
  for (let step = 0; step < steps && front.length > 0; step += 1) {
    front = [...new Set(front.flatMap((node) => next.get(node) ?? []))].filter((node) => !seen.has(node))
    for (const node of front) {
      seen.add(node)
      found.add(node)
    }
  }
}
