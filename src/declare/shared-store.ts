/** What a shared store is used for: what is in it is read, what is computed is put there on commit, both or neither. */
export type StoreMode = 'read-write' | 'read-only' | 'write-only' | 'off'

/** A store that others use too, behind a project's own. */
export interface SharedStore {
  /** `s3://bucket/prefix`, or a folder. */
  readonly at: string
  /** Default `read-only`. `write-only` and `read-write` put results there as they are committed. */
  readonly mode?: StoreMode
  /**
   * Files with public keys (Ed25519, PEM) of writers that are trusted: results that none of them has signed do not
   * count. Default: all count. Stores in S3 alone are signed.
   */
  readonly trust?: readonly string[]
}
