import { oncePer } from '../base/once-per.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { byCodeUnit } from '../base/code-unit-order.js'
import { findCycles } from './plan-cycles.js'
import type { BoundInput, NodeOutline, Plan, PlannedNode, PlanNode, PlanOutline, RunPlan } from './plan-types.js'
import { itemAt, nonEmpty, valueIn } from '../base/present.js'

/** Order and reachability in a graph of nodes. Nothing here recurses: paths of 100,000 nodes are fine. */

type Nodes = { readonly nodes: readonly PlanNode[] }

/** Full names that an input is bound to. */
export const boundIds = (bound: BoundInput): readonly string[] =>
  bound === null ? [] : typeof bound === 'string' ? [bound] : Object.values(bound)

/** Full names that a node reads, each once, in order of declaration. */
export const inputIds = (node: Pick<PlanNode, 'inputs'>): readonly string[] => {
  const ids: string[] = []
  for (const bound of Object.values(node.inputs))
    if (typeof bound === 'string') ids.push(bound)
    else for (const id of boundIds(bound)) ids.push(id)
  return ids.length < 2 ? ids : [...new Set(ids)]
}

/**
 * Edges of a graph by position, packed: the inputs of node `at` are `positions` from `ends[at - 1]` (0 for the first)
 * up to `ends[at]`.
 */
export interface Edges {
  readonly ends: Int32Array
  readonly positions: Int32Array
}

/** Collects the edges of one node after another. */
export const collectEdges = (
  count: number,
): { readonly add: (position: number) => void; readonly endNode: () => void; readonly edges: () => Edges } => {
  const ends = new Int32Array(count)
  let positions = new Int32Array(3 * count + 8)
  let [size, node] = [0, 0]
  return {
    add: (position) => {
      if (size === positions.length) {
        const larger = new Int32Array(2 * size)
        larger.set(positions)
        positions = larger
      }
      positions[size++] = position
    },
    endNode: () => (ends[node++] = size),
    edges: () => ({ ends, positions: positions.subarray(0, size) }),
  }
}

/**
 * Positions in run order: inputs before their readers, ties by smallest full name.
 * Left: cycles, each as a path in which every name reads the next, ending with its first.
 */
export const topologicalOrder = (
  ids: readonly string[],
  edges: Edges,
): E.Either<NonEmptyArray<readonly string[]>, Int32Array> => {
  const count = ids.length
  // sorted as an array: names mostly come in long sorted runs, which only the sort of plain arrays exploits
  const byRank = Int32Array.from(
    [...ids.keys()].sort((left, right) => byCodeUnit(itemAt(ids, left), itemAt(ids, right))),
  )
  const rank = new Int32Array(count)
  byRank.forEach((at, position) => (rank[at] = position))
  const waiting = new Int32Array(count)
  const { starts, readers } = readersOf(edges)
  const ready = makeHeap(count)
  for (let at = 0; at < count; at++) {
    waiting[at] = int(edges.ends, at) - startOf(edges, at)
    if (waiting[at] === 0) ready.push(int(rank, at))
  }
  const order = new Int32Array(count)
  let done = 0
  for (let next = ready.pop(); next >= 0; next = ready.pop()) {
    const at = int(byRank, next)
    order[done++] = at
    for (let index = int(starts, at), end = int(starts, at + 1); index < end; index++) {
      const reader = int(readers, index)
      const left = int(waiting, reader) - 1
      waiting[reader] = left
      if (left === 0) ready.push(int(rank, reader))
    }
  }
  if (done === count) return E.right(order)
  const inputs = (at: number): readonly number[] =>
    Array.from(edges.positions.subarray(startOf(edges, at), edges.ends[at]))
  const left = Array.from(byRank.filter((at) => int(waiting, at) > 0))
  const namesOf = (path: readonly number[]): readonly string[] => path.map((at) => itemAt(ids, at))
  return E.left(nonEmpty(findCycles(left, inputs).map(namesOf))) // nodes left over contain a cycle
}

/** An unchecked read of an integer array: generic accessors are slow in these long loops, which keep within bounds. */
const int = (list: Int32Array, at: number): number => list[at] as number

const startOf = ({ ends }: Edges, at: number): number => (at === 0 ? 0 : int(ends, at - 1))

/** Reversed edges: the readers of node `at` are `readers` from `starts[at]` up to `starts[at + 1]`. */
const readersOf = ({ ends, positions }: Edges): { readonly starts: Int32Array; readonly readers: Int32Array } => {
  const starts = new Int32Array(ends.length + 1)
  for (let edge = 0; edge < positions.length; edge++) {
    const after = int(positions, edge) + 1
    starts[after] = int(starts, after) + 1
  }
  for (let at = 0; at < ends.length; at++) starts[at + 1] = int(starts, at + 1) + int(starts, at)
  const readers = new Int32Array(positions.length)
  const filled = starts.slice()
  for (let reader = 0, edge = 0; reader < ends.length; reader++)
    for (const end = int(ends, reader); edge < end; edge++) {
      const input = int(positions, edge)
      const free = int(filled, input)
      readers[free] = reader
      filled[input] = free + 1
    }
  return { starts, readers }
}

/** A min-heap of integers. */
const makeHeap = (capacity: number): { readonly push: (value: number) => void; readonly pop: () => number } => {
  const items = new Int32Array(capacity + 1)
  let size = 0
  return {
    push: (value) => {
      let at = size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        const above = int(items, parent)
        if (above <= value) break
        items[at] = above
        at = parent
      }
      items[at] = value
    },
    pop: () => {
      if (size === 0) return -1
      const smallest = int(items, 0)
      const last = int(items, --size)
      let at = 0
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && int(items, child + 1) < int(items, child)) child++
        const least = int(items, child)
        if (least >= last) break
        items[at] = least
        at = child
      }
      items[at] = last
      return smallest
    },
  }
}

const byId = new WeakMap<object, ReadonlyMap<string, NodeOutline>>()

/** A node of a plan by full name; it must exist. */
export const nodeIn = <Node extends NodeOutline>(plan: { readonly nodes: readonly Node[] }, id: string): Node => {
  const node = nodesById(plan).get(id)
  if (node === undefined) throw new RangeError(`the plan has no node ${id}`)
  return node
}

/** Nodes of a plan by full name, indexed once. */
export const nodesById = <Node extends NodeOutline>(plan: {
  readonly nodes: readonly Node[]
}): ReadonlyMap<string, Node> => {
  const known = byId.get(plan)
  if (known !== undefined) return known as ReadonlyMap<string, Node> // created below from this plan's nodes
  const made = new Map(plan.nodes.map((node) => [node.id, node]))
  byId.set(plan, made)
  return made
}

/** The outline of a plan, created once per plan. */
export const outlineOf = (plan: Plan): RunPlan => {
  const known = outlines.get(plan)
  if (known !== undefined) return known
  return rememberOutline(plan, plan.nodes.map(nodeOutline))
}

/** Associates a plan with its outline, made from these nodes. */
export const rememberOutline = (plan: Plan, nodes: readonly NodeOutline[]): RunPlan => {
  const outline: RunPlan = { nodes }
  outlines.set(plan, outline)
  plans.set(outline, plan)
  return outline
}

const outlines = new WeakMap<Plan, RunPlan>()
const plans = new WeakMap<PlanOutline, Plan>()

/** The plan that an outline was made from, with all values. */
export const wholePlan = (outline: PlanOutline): Plan => valueIn(plans, outline)

/** A node of an outline with its values, which only what computes or records it needs. */
export const plannedOf = ({ plan, node }: { readonly plan: PlanOutline; readonly node: NodeOutline }): PlannedNode => {
  const whole = wholePlan(plan)
  return { plan: whole, node: nodeIn(whole, node.id) }
}

const nodeOutline = ({ id, task, group, name, namespace, key, inputs, extension, storage }: PlanNode): NodeOutline => ({
  id,
  task,
  group,
  name,
  namespace,
  key,
  inputs,
  extension,
  storage,
})

/** Full names of a node's direct readers, by full name; indexed once. */
export const readersById = oncePer((plan: Nodes): ReadonlyMap<string, readonly string[]> => {
  const made = new Map<string, string[]>(plan.nodes.map((node) => [node.id, []]))
  for (const node of plan.nodes) for (const id of inputIds(node)) made.get(id)?.push(node.id)
  return made
})

/**
 * Full names of all nodes that a node reads, directly or indirectly, in run order. Empty for an unknown name.
 *
 * @example
 * ancestors(planned, 'movies:counted') // => ['movies:all_movies', 'movies:filtered']
 */
export const ancestors = (plan: Nodes, id: string): readonly string[] => {
  const nodes = nodesById(plan)
  return reach(plan, id, (at) => {
    const node = nodes.get(at)
    return node === undefined ? [] : inputIds(node)
  })
}

/**
 * Full names of all nodes that read a node, directly or indirectly, in run order. Empty for an unknown name.
 *
 * @example
 * descendants(planned, 'movies:filtered') // => ['movies:counted', 'rating_model:test_metrics']
 */
export const descendants = (plan: Nodes, id: string): readonly string[] => {
  const readers = readersById(plan)
  return reach(plan, id, (at) => readers.get(at) ?? [])
}

const reach = (plan: Nodes, id: string, next: (id: string) => readonly string[]): readonly string[] => {
  const seen = new Set<string>()
  const waiting = [...next(id)]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    for (const further of next(at)) if (!seen.has(further)) waiting.push(further)
  }
  return seen.size === 0 ? [] : plan.nodes.filter((node) => seen.has(node.id)).map((node) => node.id)
}
