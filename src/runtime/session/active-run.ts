/** A run that goes on, as far as other runs of its session have to know it. Nodes are named by key. */
export interface ActiveRun {
  /** Values that running tasks have asked for and do not have yet. */
  readonly questions: () => Iterable<OpenQuestion>
  readonly hasQuestions: () => boolean
  /** Keys that a key waits for in this run; empty where the run has nothing to do with it. */
  readonly waitsOf: (key: string) => readonly string[]
  /** Full name of a key's node; undefined where the run has not come across the key. */
  readonly nameOf: (key: string) => string | undefined
}

/** One value that a running task has asked for. */
export interface OpenQuestion {
  /** Who asks. */
  readonly asker: { readonly id: string; readonly key: string }
  /** Key of what is asked for. */
  readonly wanted: string
  /** Has it refused. `path`: full names, the one that asks first and last. */
  readonly refuse: (path: readonly string[]) => void
}
