import { onAbort } from './on-abort.js'
import type { Clock } from '../ports/clock.js'

/** Timers count in 31 bits; a longer one would end at once. */
const longest = 2 ** 31 - 1

/**
 * Calls back after so many milliseconds, however many; `Infinity` never ends. Gives a function that forgets.
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

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Moves time and ends the waits that are due, earliest first. Resolves when what they woke up had its turn. */
  advance(milliseconds: number): Promise<void>
  /** Waits that have not ended. */
  readonly waiting: number
}

/** For tests: starts at a time in milliseconds since 1970 (default 2026-01-01). */
export const manualClock = (start = Date.UTC(2026, 0, 1)): ManualClock => {
  interface Wait {
    readonly until: number
    readonly end: () => void
  }
  let passed = 0
  const waits = new Set<Wait>()
  return {
    now: () => start + passed,
    elapsed: () => passed,
    wait: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason)
        const stop = (): void => {
          waits.delete(wait)
          reject(signal?.reason)
        }
        const wait: Wait = {
          until: passed + milliseconds,
          end: () => {
            waits.delete(wait)
            forget?.()
            resolve()
          },
        }
        const forget = signal && onAbort(signal, stop)
        waits.add(wait)
      }),
    advance: async (milliseconds) => {
      const target = passed + milliseconds
      for (;;) {
        const next = [...waits].filter(({ until }) => until <= target).sort((a, b) => a.until - b.until)[0]
        if (next === undefined) break
        passed = Math.max(passed, next.until)
        next.end()
        await turn()
      }
      passed = target
      await turn()
    },
    get waiting() {
      return waits.size
    },
  }
}

/** Lets everything that is ready have its turn. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
