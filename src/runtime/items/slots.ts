/** Work in a slot may leave it while waiting for another process, and enter one again later. */
export interface Slot {
  readonly leave: () => void
  readonly enter: () => Promise<void>
}

/** Runs work when a slot is free, first come first served. */
export type Slots = <A>(work: (slot: Slot) => Promise<A>) => Promise<A>

/** A semaphore with `most` slots. Work that is waiting for a slot does not start if `check` throws. */
export const slotsOf = (most: number, check: () => void): Slots => {
  let free = most
  const waiting: (() => void)[] = []
  return async (work) => {
    let isInside = false
    const leave = (): void => {
      if (!isInside) return
      isInside = false
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
    const enter = async (): Promise<void> => {
      if (isInside) return
      if (free > 0) free--
      else await new Promise<void>((resolve) => void waiting.push(resolve))
      isInside = true
      check()
    }
    try {
      await enter()
      return await work({ leave, enter })
    } finally {
      leave()
    }
  }
}
