/** How often a failed `run` is retried, and how long to wait in between. */
export interface Retry {
  /** Total number of attempts, including the first. */
  readonly attempts: number
  /** Milliseconds before the second attempt; default 200. */
  readonly delay?: number
  /** Factor by which the delay grows after each failure; default 2. */
  readonly factor?: number
  /** Maximum delay in milliseconds; default 30,000. */
  readonly maxDelay?: number
}

/**
 * Milliseconds to wait after a failed attempt, counted from 1: `delay` (200), growing by `factor` (2) each time up to
 * `maxDelay` (30,000).
 */
export const delayAfter = (attempt: number, retry: Omit<Retry, 'attempts'> | undefined): number => {
  const { delay = 200, factor = 2, maxDelay = 30_000 } = retry ?? {}
  return delay === 0 ? 0 : Math.min(maxDelay, delay * factor ** (attempt - 1)) // zero times infinity is NaN
}
