import { isGroupBelow } from '../../names/group-names.js'
import { inputIds } from '../../plan-graph.js'
import type { Plan, PlanNode } from '../../plan-types.js'

/** Selection of the nodes to draw, and the direction of the drawing. */

/** Which nodes are drawn. */
export interface DrawnPart {
  /** Only nodes of these groups and their subgroups; default: all. */
  readonly groups?: readonly string[]
  /** Also draw their inputs and readers. */
  readonly neighbours?: boolean
}

/** The selected nodes, in the order of the plan. */
export const drawnNodes = (
  { nodes }: Pick<Plan, 'nodes'>,
  { groups, neighbours = false }: DrawnPart = {},
): readonly PlanNode[] => {
  if (groups === undefined) return nodes
  const isChosen = ({ group }: PlanNode): boolean => groups.some((one) => isGroupBelow(group, one))
  const chosen = new Set(nodes.filter(isChosen).map(({ id }) => id))
  const read = new Set(neighbours ? nodes.filter(isChosen).flatMap(inputIds) : [])
  const reads = (node: PlanNode): boolean => neighbours && inputIds(node).some((id) => chosen.has(id))
  return nodes.filter((node) => chosen.has(node.id) || read.has(node.id) || reads(node))
}

/** Size of a node with its gap, in inches: in a left-to-right drawing and in a top-down one. */
const box = { across: { width: 1.9, height: 0.7 }, down: { width: 1.6, height: 1 } } as const
/** Maximum length of a left-to-right drawing that fits a page, in inches. */
const longest = 20

/** `LR` for drawings that fit a page; for deeper graphs the direction closer to the shape of a screen. */
export const directionOf = (nodes: readonly PlanNode[]): 'LR' | 'TB' => {
  const ranks = new Map<string, number>()
  const counts: number[] = []
  for (const node of nodes) {
    const rank = inputIds(node).reduce((most, id) => Math.max(most, (ranks.get(id) ?? -1) + 1), 0)
    ranks.set(node.id, rank)
    counts[rank] = (counts[rank] ?? 0) + 1
  }
  const [depth, width] = [counts.length, counts.reduce((most, count) => Math.max(most, count), 0)]
  if (depth * box.across.width <= longest) return 'LR'
  const size = (wide: number, high: number): number => Math.max(wide / 16, high / 10)
  const across = size(depth * box.across.width, width * box.across.height)
  const down = size(width * box.down.width, depth * box.down.height)
  return across <= down ? 'LR' : 'TB'
}

/** A name wrapped into lines of at most `most` characters, broken after `_`, `-` or `.`. */
export const wrapped = (name: string, most = 22): readonly string[] => {
  const lines: string[] = []
  for (const part of name.match(/[^_.-]*[_.-]*/g) ?? []) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + part.length <= most) lines[lines.length - 1] = last + part
    else if (part !== '') lines.push(part)
  }
  return lines.length === 0 ? [name] : lines
}
