/** How often a failed `run` is tried again, and how long to wait in between. */
export interface Retry {
  /** Runs in all, the first one counted. */
  readonly attempts: number
  /** Milliseconds before the second run; default 200. */
  readonly delay?: number
  /** What the delay is multiplied by after each failure; default 2. */
  readonly factor?: number
  /** Longest wait in milliseconds; default 30,000. */
  readonly maxDelay?: number
}

/**
 * Milliseconds to wait after a failed attempt, counted from 1: `delay` (200), which grows by `factor` (2) each time up
 * to `maxDelay` (30,000).
 */
export const delayAfter = (attempt: number, retry: Omit<Retry, 'attempts'> | undefined): number => {
  const { delay = 200, factor = 2, maxDelay = 30_000 } = retry ?? {}
  return delay === 0 ? 0 : Math.min(maxDelay, delay * factor ** (attempt - 1)) // nothing times infinity is no number
}
