import type { Retry } from '../declare/task.js'

/** Milliseconds to wait after a failed attempt, counted from 1: `delay` (200), which grows by `factor` (2) each time up to `maxDelay` (30,000). */
export const delayAfter = (attempt: number, retry: Omit<Retry, 'attempts'> | undefined): number =>
  Math.min(retry?.maxDelay ?? 30_000, (retry?.delay ?? 200) * (retry?.factor ?? 2) ** (attempt - 1))
