/** A limit on how much runs at once. Who waits is let in by priority (higher first), then in order of arrival. */
export interface Slots {
  /** Resolves when there is room. */
  enter(priority: number): Promise<void>
  leave(): void
}

interface Waiting {
  readonly priority: number
  readonly arrival: number
  readonly start: () => void
}

/** Makes a limit of `size` at once. */
export const makeSlots = (size: number): Slots => {
  let free = Math.max(1, Math.floor(size))
  let arrivals = 0
  const heap: Waiting[] = []
  return {
    enter: (priority) => {
      if (free > 0) {
        free--
        return entered
      }
      return new Promise((start) => push(heap, { priority, arrival: arrivals++, start }))
    },
    leave: () => {
      const next = pop(heap)
      if (next === undefined) free++
      else next.start()
    },
  }
}

/**
 * Lets one holder of a slot wait for others: while it waits for one thing or several, its slot is free; then it gets
 * one before all who have none.
 */
export const slotFreeing = (slots: Slots): (<A>(wait: () => Promise<A>) => Promise<A>) => {
  let waits = 0
  return async (wait) => {
    if (waits++ === 0) slots.leave()
    try {
      return await wait()
    } finally {
      if (--waits === 0) await slots.enter(Number.MAX_SAFE_INTEGER)
    }
  }
}

const entered = Promise.resolve()

const before = (left: Waiting, right: Waiting): boolean =>
  left.priority === right.priority ? left.arrival < right.arrival : left.priority > right.priority

const push = (heap: Waiting[], entry: Waiting): void => {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(entry, heap[parent] as Waiting)) break
    heap[at] = heap[parent] as Waiting
    at = parent
  }
  heap[at] = entry
}

const pop = (heap: Waiting[]): Waiting | undefined => {
  const top = heap[0]
  const last = heap.pop()
  if (top === undefined || last === undefined || heap.length === 0) return top
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    if (left >= heap.length) break
    const right = left + 1
    const best = right < heap.length && before(heap[right] as Waiting, heap[left] as Waiting) ? right : left
    if (!before(heap[best] as Waiting, last)) break
    heap[at] = heap[best] as Waiting
    at = best
  }
  heap[at] = last
  return top
}
