/**
 * What a value is by content, wherever it came from: told to whoever reads it, and kept in the run info of what is made
 * from it.
 */
export interface Content {
  /** SHA-256 of the artifact; undefined where nobody has digested it. */
  readonly digest?: string
  /** Of a value in memory: a hash of what it was made from, by content. */
  readonly identity?: string
  /** Of a value in memory: digests of the artifacts that it was made from, by key. */
  readonly behind?: ReadonlyMap<string, ReadArtifact>
}

export interface ReadArtifact {
  readonly task: string
  readonly digest: string
}

/** Nothing is known of it. */
export const unknownContent: Content = {}
