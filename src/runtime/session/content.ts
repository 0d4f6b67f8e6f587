/**
 * The content of a value, wherever it came from: passed to its readers, and recorded in the run info of results that
 * are computed from it.
 */
export interface Content {
  /** SHA-256 of the artifact; undefined if it was never computed. */
  readonly digest?: string
  /** Of a value in memory: a hash of the contents that it was computed from. */
  readonly identity?: string
  /** Of a value in memory: digests of the artifacts that it was computed from, by key. */
  readonly behind?: ReadonlyMap<string, ReadArtifact>
}

export interface ReadArtifact {
  readonly task: string
  readonly digest: string
}

/** Nothing is known of it. */
export const unknownContent: Content = {}
