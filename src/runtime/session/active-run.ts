/** A run in progress, as other runs of its session see it. Nodes are named by key. */
export interface ActiveRun {
  /** Values that running tasks have requested and not yet received. */
  readonly questions: () => Iterable<OpenQuestion>
  readonly hasQuestions: () => boolean
  /** Keys that a key waits for in this run; empty if the run has nothing to do with it. */
  readonly waitsOf: (key: string) => readonly string[]
  /** Full name of a key's node; undefined if the run does not know the key. */
  readonly nameOf: (key: string) => string | undefined
}

/** One value that a running task has requested. */
export interface OpenQuestion {
  /** The requesting node. */
  readonly asker: { readonly id: string; readonly key: string }
  /** Key of the requested node. */
  readonly wanted: string
  /** Refuses the request. `path`: full names, with the requesting one first and last. */
  readonly refuse: (path: readonly string[]) => void
}
