import type { PlanNode } from '../plan/types.js'

/** So often one artifact is computed anew for one consumer; a disk that damages everything must not keep a run for ever. */
const mostRepairs = 3

/** Counts repairs for one consumer: whether another one of an artifact is worth its time. Each may be damaged, or taken away by another process, more than once. */
export const countRepairs = (noRepair: boolean): ((node: PlanNode) => boolean) => {
  const made = new Map<string, number>() // by key
  return ({ key }) => {
    const before = made.get(key) ?? 0
    made.set(key, before + 1)
    return !noRepair && before < mostRepairs
  }
}
