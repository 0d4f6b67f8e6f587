// What a run is held against: whenever a worker is free, the node with the longest way to the end starts.
import type { Dag } from './dag.js'
import { next, submit, type Workers } from './workers.js'

/** Virtual seconds that list scheduling needs on the same workers. */
export const listScheduled = (dag: Dag, workers: Workers): number => {
  const pending = Int32Array.from({ length: dag.size }, (_, node) => dag.inputCount(node))
  const release = (node: number): void => submit(workers, node, dag.ways[node] ?? 0)
  for (const [node, count] of pending.entries()) if (count === 0) release(node)
  for (let left = dag.size; left > 0; ) {
    const happening = next(workers)
    if (happening === undefined) break
    if (happening._tag === 'timer') continue
    left--
    for (const node of dag.dependents(happening.node)) {
      const count = (pending[node] ?? 0) - 1
      pending[node] = count
      if (count === 0) release(node)
    }
  }
  return workers.time
}
