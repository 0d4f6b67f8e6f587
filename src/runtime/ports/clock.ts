/** Time, replaceable in tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds that only grow, for durations. */
  elapsed(): number
  /** Resolves after a number of milliseconds; rejects when the signal aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>
}
