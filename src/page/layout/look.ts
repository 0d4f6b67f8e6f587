import type { Edge, Engine, LayoutRequest } from './layout-types.js'

/** What a graph is like, which says how it is laid out and what of it is shown at first. */
export interface Look {
  readonly nodes: number
  readonly edges: number
  /** Nodes on the longest path. */
  readonly depth: number
}

export const lookAt = (nodes: number, edges: readonly Edge[]): Look => {
  const ranks = ranksOf(nodes, edges)
  return {
    nodes,
    edges: edges.length,
    depth: nodes === 0 ? 0 : ranks.reduce((most, rank) => Math.max(most, rank), 0) + 1,
  }
}

/** Longest distance from a node without inputs. Edges that do not lead to a higher index are passed over: no cycles. */
export const ranksOf = (nodes: number, edges: readonly Edge[]): Int32Array => {
  const ranks = new Int32Array(nodes)
  const forward = edges.filter(([from, to]) => from < to).toSorted(([left], [right]) => left - right)
  for (const [from, to] of forward) ranks[to] = Math.max(ranks[to] ?? 0, (ranks[from] ?? 0) + 1)
  return ranks
}

/** Above this a graph is shown with its groups closed at first. */
export const groupedFrom = 300

/** Measured: 120 nodes take dagre a quarter of a second, 300 take it two. A long path is folded, which it cannot. */
export const engineFor = ({ nodes, edges, depth }: Look): Engine =>
  nodes <= 120 && edges <= 240 && depth <= 24 ? 'dagre' : 'layered'

export const lookAtRequest = ({ items, edges }: LayoutRequest): Look => lookAt(items.length, edges)
