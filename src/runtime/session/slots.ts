import { makePriorityQueue } from '../../base/priority-queue.js'
import { lackingOf, type Needs } from '../../base/resource-lines.js'

/**
 * A limit on how much runs at the same time. Waiters are admitted by priority (higher first), then in order of arrival.
 */
export interface Slots {
  /** Resolves when there is room; undefined if there is room already. */
  enter(priority: number): Promise<void> | undefined
  leave(): void
}

/** Creates a limit of `size`. */
export const makeSlots = (size: number): Slots => {
  let free = Math.max(1, Math.floor(size))
  const waiting = makePriorityQueue<() => void>()
  return {
    enter: (priority) => {
      if (free > 0) {
        free--
        return undefined
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
 * Lets the holder of a slot wait for other things: its slot is free as long as it waits for any of them; then it gets
 * one before all waiters that have none.
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

/** Resources that several runs of one session share: each run stays within the total, but knows only itself. */
export interface Tokens {
  /** Resolves when all of them are free; in order of arrival. */
  take(needs: Needs): Promise<void>
  give(needs: Needs): void
}

export const makeTokens = (resources: Needs): Tokens => {
  const free = new Map(Object.entries(resources))
  const waiting: { readonly needs: Needs; readonly start: () => void }[] = []
  const add = (needs: Needs, sign: 1 | -1): void => {
    for (const [name, amount] of Object.entries(needs)) free.set(name, (free.get(name) ?? 0) + sign * amount)
  }
  const serve = (): void => {
    const reserved = new Set<string>()
    for (const one of waiting.slice()) {
      if (lackingOf(one.needs, free, reserved).length === 0) {
        waiting.splice(waiting.indexOf(one), 1)
        add(one.needs, -1)
        one.start()
      } else for (const name of Object.keys(one.needs)) reserved.add(name)
    }
  }
  return {
    take: (needs) =>
      new Promise((start) => {
        waiting.push({ needs, start })
        serve()
      }),
    give: (needs) => {
      add(needs, 1)
      serve()
    },
  }
}
