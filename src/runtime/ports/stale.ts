/** A stored result that was computed from other contents than the current ones of its inputs. */
export interface Stale {
  readonly node: string
  readonly key: string
  /** Whether it is used (`kept`) or computed again (`recompute`), as the project's `onStale` says. */
  readonly action: 'kept' | 'recompute'
  /** Inputs, by full name, with the digest that was read and the current one. */
  readonly because: readonly { readonly input: string; readonly read: string; readonly now: string }[]
}
