/**
 * Units that are ready to run: the highest priority first, then the first that came. A binary heap over plain arrays.
 */
export interface ReadyQueue {
  readonly size: () => number
  readonly push: (unit: number, priority: number) => void
  /** The next unit; undefined where none waits. */
  readonly pop: () => number | undefined
}

interface Entry {
  readonly unit: number
  readonly priority: number
  readonly arrival: number
}

export const makeReadyQueue = (): ReadyQueue => {
  const heap: Entry[] = []
  let arrivals = 0
  return {
    size: () => heap.length,
    push: (unit, priority) => siftUp(heap, { unit, priority, arrival: arrivals++ }),
    pop: () => takeFirst(heap)?.unit,
  }
}

const isBefore = (left: Entry, right: Entry): boolean =>
  left.priority === right.priority ? left.arrival < right.arrival : left.priority > right.priority

const siftUp = (heap: Entry[], entry: Entry): void => {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent] as Entry
    if (!isBefore(entry, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = entry
}

const takeFirst = (heap: Entry[]): Entry | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) return first
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    if (left >= heap.length) break
    const right = left + 1
    const best = right < heap.length && isBefore(heap[right] as Entry, heap[left] as Entry) ? right : left
    if (!isBefore(heap[best] as Entry, last)) break
    heap[at] = heap[best] as Entry
    at = best
  }
  heap[at] = last
  return first
}
