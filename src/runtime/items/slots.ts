/** Runs work when a slot is free, first come first served. */
export type Slots = <A>(work: () => Promise<A>) => Promise<A>

/** As many at once as there are slots. What waits for a slot is not begun when `check` throws. */
export const slotsOf = (most: number, check: () => void): Slots => {
  let free = most
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => void waiting.push(resolve))
    try {
      check()
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
