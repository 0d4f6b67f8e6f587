import type { ChainAnswer } from '../../ui/contract.js'
import type { Boxes } from './boxes-of.js'
import type { Edge } from './layout-types.js'

/** What is drawn of a chain: nodes, and closed boxes in place of their contents. */
export interface Visible {
  readonly items: readonly VisibleItem[]
  /** Open boxes that are not empty, by their index in `Boxes`. */
  readonly open: readonly number[]
  /** Indexes of items. */
  readonly edges: readonly Edge[]
  /** By edge: how many edges of the chain it represents. */
  readonly weights: readonly number[]
}

/** `in`: index in `Boxes` of the open box that contains it, -1 for none. */
export type VisibleItem =
  | { readonly kind: 'node'; readonly node: number; readonly in: number }
  | { readonly kind: 'box'; readonly box: number; readonly in: number; readonly nodes: readonly number[] }

/** `closed`: ids of boxes. `shown`: indexes of nodes; undefined for all. */
export interface Choice {
  readonly closed: ReadonlySet<string>
  readonly shown?: ReadonlySet<number> | undefined
}

export const visibleOf = (
  { nodes, edges }: ChainAnswer,
  { boxes, boxOf }: Boxes,
  { closed, shown }: Choice,
): Visible => {
  /** The outermost closed box that contains each box, or -1. */
  const coverOf: number[] = []
  boxes.forEach(({ id, parent }, index) => {
    const above = parent < 0 ? -1 : (coverOf[parent] ?? -1)
    coverOf.push(above >= 0 ? above : closed.has(id) ? index : -1)
  })
  const items: VisibleItem[] = []
  const itemOfBox = new Map<number, { readonly at: number; readonly nodes: number[] }>()
  const itemOfNode = nodes.map((_, node) => {
    if (shown?.has(node) === false) return -1
    const box = boxOf[node] ?? -1
    const cover = box < 0 ? -1 : (coverOf[box] ?? -1)
    if (cover < 0) return items.push({ kind: 'node', node, in: box }) - 1
    const there = itemOfBox.get(cover)
    if (there !== undefined) {
      there.nodes.push(node)
      return there.at
    }
    const held = [node]
    const at = items.push({ kind: 'box', box: cover, in: boxes[cover]?.parent ?? -1, nodes: held }) - 1
    itemOfBox.set(cover, { at, nodes: held })
    return at
  })
  const weights = new Map<number, number>()
  for (const [from, to] of edges) {
    const [start, end] = [itemOfNode[from] ?? -1, itemOfNode[to] ?? -1]
    if (start < 0 || end < 0 || start === end) continue
    const pair = start * items.length + end
    weights.set(pair, (weights.get(pair) ?? 0) + 1)
  }
  const open = new Set<number>()
  for (const item of items) for (let at = item.in; at >= 0; at = boxes[at]?.parent ?? -1) open.add(at)
  return {
    items,
    open: [...open].toSorted((left, right) => left - right),
    edges: [...weights.keys()].map((pair) => [Math.floor(pair / items.length), pair % items.length]),
    weights: [...weights.values()],
  }
}

/** Boxes that are closed at first: none in a small graph; in a large one all groups, and namespaces that do not fit. */
export const closedAtFirst = (nodes: number, { boxes, boxOf }: Boxes, limit: number): ReadonlySet<string> => {
  if (nodes <= limit) return new Set()
  const members = boxes.map(() => 0)
  const add = (box: number): void => {
    if (box >= 0) members[box] = (members[box] ?? 0) + 1
  }
  for (const box of boxOf) add(box)
  for (const { parent } of boxes) add(parent)
  let seen = boxOf.filter((box) => box < 0).length + boxes.filter(({ parent }) => parent < 0).length
  const closed = new Set<string>()
  boxes.forEach(({ id, kind, parent }, index) => {
    const more = (members[index] ?? 0) - 1
    const reachable = parent < 0 || !closed.has(boxes[parent]?.id ?? '')
    if (kind === 'namespace' && reachable && seen + more <= limit / 2) seen += more
    else closed.add(id)
  })
  return closed
}
