import { makePriorityQueue } from '../../base/priority-queue.js'

/** A limit on how much runs at once. Who waits is let in by priority (higher first), then in order of arrival. */
export interface Slots {
  /** Resolves when there is room. */
  enter(priority: number): Promise<void>
  leave(): void
}

/** Makes a limit of `size` at once. */
export const makeSlots = (size: number): Slots => {
  let free = Math.max(1, Math.floor(size))
  const waiting = makePriorityQueue<() => void>()
  return {
    enter: (priority) => {
      if (free > 0) {
        free--
        return entered
      }
      return new Promise((start) => waiting.push(start, priority))
    },
    leave: () => {
      const start = waiting.pop()
      if (start === undefined) free++
      else start()
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
