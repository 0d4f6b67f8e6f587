/** A stored result of a task that reads the world and declares `refresh`. */
export interface Refreshed {
  readonly node: string
  readonly key: string
  /** Whether it is computed again when it is requested. */
  readonly due: boolean
  /** When it was computed, as in its run info. */
  readonly ended: string
  /** The time from which it is due, ISO 8601; absent if not before another session is opened. */
  readonly next?: string
}
