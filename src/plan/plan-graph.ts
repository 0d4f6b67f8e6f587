import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { byCodeUnit } from '../base/code-unit-order.js'
import { findCycles } from './plan-cycles.js'
import type { BoundInput, PlanNode } from './plan-types.js'

/** Order and reach in a graph of nodes. Nothing here recurses: paths of 100,000 nodes are fine. */

type Nodes = { readonly nodes: readonly PlanNode[] }

/** Full names that an input is bound to. */
export const boundIds = (bound: BoundInput): readonly string[] =>
  bound === null ? [] : typeof bound === 'string' ? [bound] : Object.values(bound)

/** Full names that a node reads, each once, in order of declaration. */
export const inputIds = (node: Pick<PlanNode, 'inputs'>): readonly string[] => {
  const ids: string[] = []
  for (const role of Object.keys(node.inputs)) {
    const bound = node.inputs[role] as BoundInput
    if (typeof bound === 'string') ids.push(bound)
    else if (bound !== null) for (const recordKey of Object.keys(bound)) ids.push(bound[recordKey] as string)
  }
  return ids.length < 2 ? ids : [...new Set(ids)]
}

/**
 * Who reads whom, by position, packed: what `at` reads is `ends[at - 1]` (0 for the first) up to `ends[at]` of
 * `positions`.
 */
export interface Edges {
  readonly ends: Int32Array
  readonly positions: Int32Array
}

/** Collects what one node after the other reads. */
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
 * Positions in run order: inputs before what reads them, the smallest full name first where there is a choice.
 * Left: cycles, each as a path in which every name reads the next, its first again at the end.
 */
export const topologicalOrder = (
  ids: readonly string[],
  edges: Edges,
): E.Either<NonEmptyArray<readonly string[]>, Int32Array> => {
  const count = ids.length
  const byRank = Array.from(ids.keys()).sort((left, right) => byCodeUnit(ids[left] as string, ids[right] as string))
  const rank = new Int32Array(count)
  byRank.forEach((at, position) => (rank[at] = position))
  const waiting = new Int32Array(count)
  const { starts, readers } = readersOf(edges)
  const ready = makeHeap(count)
  for (let at = 0; at < count; at++) {
    waiting[at] = (edges.ends[at] as number) - startOf(edges, at)
    if (waiting[at] === 0) ready.push(rank[at] as number)
  }
  const order = new Int32Array(count)
  let done = 0
  for (let next = ready.pop(); next >= 0; next = ready.pop()) {
    const at = byRank[next] as number
    order[done++] = at
    for (let index = starts[at] as number; index < (starts[at + 1] as number); index++) {
      const reader = readers[index] as number
      const left = (waiting[reader] as number) - 1
      waiting[reader] = left
      if (left === 0) ready.push(rank[reader] as number)
    }
  }
  if (done === count) return E.right(order)
  const inputs = (at: number): readonly number[] =>
    Array.from(edges.positions.subarray(startOf(edges, at), edges.ends[at]))
  const left = byRank.filter((at) => (waiting[at] as number) > 0)
  // what is left over has a cycle
  return E.left(findCycles(left, inputs).map((path) => path.map((at) => ids[at] as string)) as never)
}

const startOf = ({ ends }: Edges, at: number): number => (at === 0 ? 0 : (ends[at - 1] as number))

/** Turned round: readers of `at` are `starts[at]` up to `starts[at + 1]` of `readers`. */
const readersOf = ({ ends, positions }: Edges): { readonly starts: Int32Array; readonly readers: Int32Array } => {
  const starts = new Int32Array(ends.length + 1)
  for (const input of positions) starts[input + 1] = (starts[input + 1] as number) + 1
  for (let at = 0; at < ends.length; at++) starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number)
  const readers = new Int32Array(positions.length)
  const filled = starts.slice()
  for (let reader = 0, edge = 0; reader < ends.length; reader++)
    for (; edge < (ends[reader] as number); edge++) {
      const input = positions[edge] as number
      readers[filled[input] as number] = reader
      filled[input] = (filled[input] as number) + 1
    }
  return { starts, readers }
}

/** The smallest of a set of integers first. */
const makeHeap = (capacity: number): { readonly push: (value: number) => void; readonly pop: () => number } => {
  const items = new Int32Array(capacity + 1)
  let size = 0
  return {
    push: (value) => {
      let at = size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        if ((items[parent] as number) <= value) break
        items[at] = items[parent] as number
        at = parent
      }
      items[at] = value
    },
    pop: () => {
      if (size === 0) return -1
      const smallest = items[0] as number
      const last = items[--size] as number
      let at = 0
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && (items[child + 1] as number) < (items[child] as number)) child++
        if ((items[child] as number) >= last) break
        items[at] = items[child] as number
        at = child
      }
      items[at] = last
      return smallest
    },
  }
}

const byId = new WeakMap<object, ReadonlyMap<string, PlanNode>>()

/** Nodes of a plan by full name, indexed once. */
export const nodesById = (plan: Nodes): ReadonlyMap<string, PlanNode> => {
  const known = byId.get(plan)
  if (known !== undefined) return known
  const made = new Map(plan.nodes.map((node) => [node.id, node]))
  byId.set(plan, made)
  return made
}

const readersByPlan = new WeakMap<object, ReadonlyMap<string, readonly string[]>>()

/** Full names of what reads a node directly, by full name; indexed once. */
export const readersById = (plan: Nodes): ReadonlyMap<string, readonly string[]> => {
  const known = readersByPlan.get(plan)
  if (known !== undefined) return known
  const made = new Map<string, string[]>(plan.nodes.map((node) => [node.id, []]))
  for (const node of plan.nodes) for (const id of inputIds(node)) made.get(id)?.push(node.id)
  readersByPlan.set(plan, made)
  return made
}

/**
 * Full names of all that a node reads, directly or not, in run order. Empty for an unknown name.
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
 * Full names of all that reads a node, directly or not, in run order. Empty for an unknown name.
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
