/** The highest priority first, then first in, first out. A binary heap over plain arrays. */
export interface PriorityQueue<A> {
  readonly size: () => number
  readonly push: (item: A, priority: number) => void
  /** The next item; undefined if the queue is empty. */
  readonly pop: () => A | undefined
  /** What `pop` would return, with its priority. */
  readonly first: () => { readonly item: A; readonly priority: number } | undefined
}

interface Entry<A> {
  readonly item: A
  readonly priority: number
  readonly arrival: number
}

export const makePriorityQueue = <A>(): PriorityQueue<A> => {
  const heap: Entry<A>[] = []
  let arrivals = 0
  return {
    size: () => heap.length,
    push: (item, priority) => siftUp(heap, { item, priority, arrival: arrivals++ }),
    pop: () => takeFirst(heap)?.item,
    first: () => heap[0],
  }
}

const isBefore = (left: Entry<unknown>, right: Entry<unknown>): boolean =>
  left.priority === right.priority ? left.arrival < right.arrival : left.priority > right.priority

const siftUp = <A>(heap: Entry<A>[], entry: Entry<A>): void => {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !isBefore(entry, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = entry
}

const takeFirst = <A>(heap: Entry<A>[]): Entry<A> | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) return first
  let at = 0
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    const [left, right] = [heap[child], heap[child + 1]]
    const isRight = left !== undefined && right !== undefined && isBefore(right, left)
    const best = isRight ? right : left
    if (best === undefined || !isBefore(best, last)) break
    heap[at] = best
    at = isRight ? child + 1 : child
  }
  heap[at] = last
  return first
}
