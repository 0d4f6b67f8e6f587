/** A stored result that was made from other contents than those that its inputs have by now. */
export interface Stale {
  readonly node: string
  readonly key: string
  /** It is used (`kept`) or computed again (`recompute`), as the project says under `onStale`. */
  readonly action: 'kept' | 'recompute'
  /** Inputs, by full name, with the digest that was read and that of now. */
  readonly because: readonly { readonly input: string; readonly read: string; readonly now: string }[]
}
