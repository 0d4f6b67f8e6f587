/** How a shared store is used: its results are read, new results are written to it on commit, both or neither. */
export type StoreMode = 'read-write' | 'read-only' | 'write-only' | 'off'

/** A store shared with others, behind the project's own. */
export interface SharedStore {
  /** `s3://bucket/prefix`, or a folder. */
  readonly at: string
  /** Default `read-only`. `write-only` and `read-write` write results to it as they are committed. */
  readonly mode?: StoreMode
  /**
   * Files with public keys (Ed25519, PEM) of trusted writers: results not signed by any of them are ignored. Default:
   * all results count. Only stores in S3 have signatures.
   */
  readonly trust?: readonly string[]
}
