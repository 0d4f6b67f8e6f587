import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { byCodeUnit } from './compare.js'
import { findCycles } from './cycles.js'
import type { BoundInput, PlanNode } from './types.js'

/** Order and reach in a graph of nodes. Nothing here recurses: paths of 100,000 nodes are fine. */

type Nodes = { readonly nodes: readonly PlanNode[] }

/** Full names that an input is bound to. */
export const boundIds = (bound: BoundInput): readonly string[] => (bound === null ? [] : typeof bound === 'string' ? [bound] : Object.values(bound))

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
 * Positions in run order: inputs before what reads them, the smallest full name first where there is a choice.
 * `ids[i]` reads `inputs[i]`. Left: circles, each as a path in which every name reads the next, its first again at the end.
 */
export const topologicalOrder = (ids: readonly string[], inputs: readonly (readonly number[])[]): E.Either<NonEmptyArray<readonly string[]>, Int32Array> => {
  const count = ids.length
  const byRank = Array.from(ids.keys()).sort((left, right) => byCodeUnit(ids[left] as string, ids[right] as string))
  const rank = new Int32Array(count)
  byRank.forEach((at, position) => (rank[at] = position))
  const waiting = new Int32Array(count)
  const { starts, readers } = readersOf(inputs)
  const ready = makeHeap(count)
  for (let at = 0; at < count; at++) {
    waiting[at] = (inputs[at] as readonly number[]).length
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
  return done === count ? E.right(order) : E.left(findCycles(byRank.filter((at) => (waiting[at] as number) > 0), inputs).map((path) => path.map((at) => ids[at] as string)) as never) // what is left over has a circle
}

/** Who reads whom, turned round: readers of `at` are `readers[starts[at]]` up to `readers[starts[at + 1]]`. */
const readersOf = (inputs: readonly (readonly number[])[]): { readonly starts: Int32Array; readonly readers: Int32Array } => {
  const starts = new Int32Array(inputs.length + 1)
  let edges = 0
  for (const list of inputs) {
    for (const input of list) starts[input + 1] = (starts[input + 1] as number) + 1
    edges += list.length
  }
  for (let at = 0; at < inputs.length; at++) starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number)
  const readers = new Int32Array(edges)
  const filled = starts.slice()
  inputs.forEach((list, reader) => {
    for (const input of list) {
      readers[filled[input] as number] = reader
      filled[input] = (filled[input] as number) + 1
    }
  })
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

/** Full names of all that a node reads, directly or not, in run order. Empty for an unknown name. */
export const ancestors = (plan: Nodes, id: string): readonly string[] => {
  const nodes = nodesById(plan)
  return reach(plan, id, (at) => {
    const node = nodes.get(at)
    return node === undefined ? [] : inputIds(node)
  })
}

/** Full names of all that reads a node, directly or not, in run order. Empty for an unknown name. */
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
