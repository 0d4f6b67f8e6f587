/** A stored result of a task that reads the world, which says `refresh`. */
export interface Refreshed {
  readonly node: string
  readonly key: string
  /** It is computed again where it is asked for. */
  readonly due: boolean
  /** When it was computed, as in its run info. */
  readonly ended: string
  /** From when on it is due, ISO 8601; absent where not before another session is opened. */
  readonly next?: string
}
