import { onAbort } from './on-abort.js'
import type { Clock } from '../ports/clock.js'

/** Timers count in 31 bits; a longer one would end at once. */
const longest = 2 ** 31 - 1

/**
 * Calls back after a number of milliseconds of any size; `Infinity` never ends. Returns a function that cancels it.
 *
 * @example const forget = after(40 * 24 * 3_600_000, () => abort())
 */
export const after = (milliseconds: number, action: () => void): (() => void) => {
  let timer: NodeJS.Timeout
  const start = (left: number): void => {
    timer = setTimeout(() => (left > longest ? start(left - longest) : action()), Math.min(left, longest))
  }
  start(milliseconds)
  return () => clearTimeout(timer)
}

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  wait: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      const end = (): void => {
        forgetTime()
        reject(signal?.reason)
      }
      const forgetTime = after(milliseconds, () => {
        forget?.()
        resolve()
      })
      const forget = signal && onAbort(signal, end)
    }),
}
