/** A stored result whose code has changed since it was computed. */
export interface Drifted {
  readonly node: string
  readonly key: string
  /** It is used (`kept`) or computed again (`recompute`), as the task says. */
  readonly action: 'kept' | 'recompute'
  /** When it was computed, as in its run info. */
  readonly ended: string
  /** True where its own code is the same, and only that of tasks above it has changed. */
  readonly above: boolean
}
