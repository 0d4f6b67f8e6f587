/** A stored result whose code has changed since it was computed. */
export interface Drifted {
  readonly node: string
  readonly key: string
  /** Whether it is used (`kept`) or computed again (`recompute`), as the task declares. */
  readonly action: 'kept' | 'recompute'
  /** When it was computed, as in its run info. */
  readonly ended: string
  /** True if its own code is unchanged, and only that of upstream tasks has changed. */
  readonly above: boolean
}
