import { valueIn } from '../base/present.js'

/**
 * One cycle for every strongly connected component; each path ends with its first node.
 * `among` are the nodes to search, smallest name first; the smallest of a component starts its path. Tarjan's algorithm
 * without recursion.
 */
export const findCycles = (
  among: readonly number[],
  inputs: (at: number) => readonly number[],
): readonly (readonly number[])[] => {
  const allowed = new Set(among)
  const number = new Map<number, number>()
  const low = new Map<number, number>()
  const onStack = new Set<number>()
  const stack: number[] = []
  const knots: (readonly number[])[] = []
  const lower = (at: number, to: number): void => void low.set(at, Math.min(valueIn(low, at), to))
  const readBy = (at: number): readonly number[] => inputs(at).filter((input) => allowed.has(input))
  for (const root of among) {
    if (number.has(root)) continue
    const path: { readonly at: number; readonly next: readonly number[]; index: number }[] = []
    const enter = (at: number): void => {
      number.set(at, number.size)
      low.set(at, number.size - 1)
      stack.push(at)
      onStack.add(at)
      path.push({ at, next: readBy(at), index: 0 })
    }
    enter(root)
    for (let top = path[path.length - 1]; top !== undefined; top = path[path.length - 1]) {
      const { at } = top
      const next = top.next[top.index++]
      if (next !== undefined) {
        if (!number.has(next)) enter(next)
        else if (onStack.has(next)) lower(at, valueIn(number, next))
        continue
      }
      path.pop()
      const above = path[path.length - 1]
      if (above !== undefined) lower(above.at, valueIn(low, at))
      if (low.get(at) !== number.get(at)) continue
      const knot = stack.splice(stack.lastIndexOf(at))
      for (const member of knot) onStack.delete(member)
      if (knot.length > 1 || readBy(at).includes(at)) knots.push(knot)
    }
  }
  const position = new Map(among.map((at, index) => [at, index]))
  const rank = (at: number): number => valueIn(position, at)
  return knots.map((knot) =>
    shortestCycle(
      knot.reduce((least, at) => (rank(at) < rank(least) ? at : least)),
      new Set(knot),
      inputs,
    ),
  )
}

/** Breadth-first search from a node back to itself within its component. */
const shortestCycle = (
  start: number,
  knot: ReadonlySet<number>,
  inputs: (at: number) => readonly number[],
): readonly number[] => {
  const cameFrom = new Map<number, number>()
  const waiting = [start]
  for (const at of waiting)
    for (const input of inputs(at)) {
      if (!knot.has(input) || cameFrom.has(input)) continue
      cameFrom.set(input, at)
      if (input === start) return pathBack(start, cameFrom)
      waiting.push(input)
    }
  return [start, start]
}

const pathBack = (start: number, cameFrom: ReadonlyMap<number, number>): readonly number[] => {
  const path = [start]
  for (let at = valueIn(cameFrom, start); at !== start; at = valueIn(cameFrom, at)) path.push(at)
  return [...path, start].reverse()
}
