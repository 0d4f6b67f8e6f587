import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'

/**
 * One cycle for every knot of nodes that read each other; each path's first is at its end again.
 * `among` are the nodes to look at, smallest name first; the smallest of a knot starts its path. Tarjan's algorithm
 * without recursion.
 */
export const findCycles = (
  among: readonly number[],
  inputs: (at: number) => readonly number[],
): NonEmptyArray<readonly number[]> => {
  const allowed = new Set(among)
  const number = new Map<number, number>()
  const low = new Map<number, number>()
  const onStack = new Set<number>()
  const stack: number[] = []
  const knots: (readonly number[])[] = []
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
        else if (onStack.has(next)) low.set(at, Math.min(low.get(at) as number, number.get(next) as number))
        continue
      }
      path.pop()
      const above = path[path.length - 1]
      if (above !== undefined) low.set(above.at, Math.min(low.get(above.at) as number, low.get(at) as number))
      if (low.get(at) !== number.get(at)) continue
      const knot = stack.splice(stack.lastIndexOf(at))
      for (const member of knot) onStack.delete(member)
      if (knot.length > 1 || readBy(at).includes(at)) knots.push(knot)
    }
  }
  const position = new Map(among.map((at, index) => [at, index]))
  const rank = (at: number): number => position.get(at) as number
  return knots.map((knot) =>
    shortestCircle(
      knot.reduce((least, at) => (rank(at) < rank(least) ? at : least)),
      new Set(knot),
      inputs,
    ),
  ) as never // nodes are left over only where there is a cycle
}

/** Breadth first from a node back to itself, inside its knot. */
const shortestCircle = (
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
  for (let at = cameFrom.get(start) as number; at !== start; at = cameFrom.get(at) as number) path.push(at)
  return [...path, start].reverse()
}
