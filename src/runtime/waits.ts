import type { PlanNode } from '../plan/types.js'

/** Who waits for whom in a session, by key: what waits for itself would do so for ever. Plans have no cycles, but objects and handles ask while a task runs. */
export interface Waits {
  /** Notes that a node waits for others; gives a function that forgets it. `asking`: while it runs. */
  add(who: PlanNode, on: readonly { readonly node: PlanNode }[], asking: boolean): () => void
  /** The way from a node back to itself, by full names; undefined where there is none. */
  cycle(who: PlanNode): readonly string[] | undefined
}

interface Wait {
  readonly on: readonly { readonly node: PlanNode }[]
}

export const makeWaits = (): Waits => {
  const waits = new Map<string, Set<Wait>>()
  let asked = 0
  return {
    add: (who, on, asking) => {
      const own = waits.get(who.key) ?? new Set()
      waits.set(who.key, own)
      const wait: Wait = { on }
      own.add(wait)
      if (asking) asked++
      return () => {
        if (!own.delete(wait)) return
        if (asking) asked--
        if (own.size === 0 && waits.get(who.key) === own) waits.delete(who.key)
      }
    },
    cycle: (who) => (asked === 0 ? undefined : wayBack(waits, who)), // what inputs alone would close, planning has refused
  }
}

/** Depth first, every key once. */
const wayBack = (waits: ReadonlyMap<string, ReadonlySet<Wait>>, who: PlanNode): readonly string[] | undefined => {
  const from = new Map<string, PlanNode>()
  const open: PlanNode[] = [who]
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const { on } of waits.get(at.key) ?? [])
      for (const { node } of on) {
        if (node.key === who.key) return pathTo(at, from, who)
        if (from.has(node.key)) continue
        from.set(node.key, at)
        open.push(node)
      }
  return undefined
}

const pathTo = (last: PlanNode, from: ReadonlyMap<string, PlanNode>, who: PlanNode): readonly string[] => {
  const names = [who.id]
  for (let at: PlanNode | undefined = last; at !== undefined && at.key !== who.key; at = from.get(at.key)) names.unshift(at.id)
  return [who.id, ...names]
}

/** Waits while a node runs. Rejects at once where what is waited for waits for the node itself. */
export const waitingFor = async <A>(waits: Waits, who: PlanNode, on: { readonly node: PlanNode }, wait: () => Promise<A>): Promise<A> => {
  const forget = waits.add(who, [on], true)
  try {
    const cycle = waits.cycle(who)
    if (cycle !== undefined) throw cycleError(cycle)
    return await wait()
  } finally {
    forget()
  }
}

/** What a task that waits for itself fails with. */
export const cycleError = (path: readonly string[]): Error =>
  new Error(path.length === 2 ? `${path[0]} asks for its own value` : `tasks wait for each other in a circle: ${path.join(' → ')}`)
