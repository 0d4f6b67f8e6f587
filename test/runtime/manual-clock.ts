import type { Clock } from '../../src/runtime/ports/clock.js'
import { onAbort } from '../../src/runtime/session/on-abort.js'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Moves time and ends the waits that are due, earliest first. Resolves when what they woke up had its turn. */
  advance(milliseconds: number): Promise<void>
  /** Sets the time of the machine, as an administrator may; durations and waits are not affected. */
  set(milliseconds: number): void
  /** Waits that have not ended. */
  readonly waiting: number
}

/** Starts at a time in milliseconds since 1970 (default 2026-01-01). */
export const manualClock = (began = Date.UTC(2026, 0, 1)): ManualClock => {
  let start = began
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
    set: (milliseconds) => {
      start = milliseconds - passed
    },
    get waiting() {
      return waits.size
    },
  }
}

/** Lets everything that is ready have its turn. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
