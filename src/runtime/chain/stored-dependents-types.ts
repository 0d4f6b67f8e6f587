/** A stored result of another config, or of this one under other values, that was made from results of this chain. */
export interface StoredDependent {
  /** `group:name`. */
  readonly task: string
  readonly key: string
  /**
   * The config that had it computed; undefined where its run info does not say, and of those beyond the first thousand.
   */
  readonly config: string | undefined
  /** When, as in its run info. */
  readonly ended: string
}
