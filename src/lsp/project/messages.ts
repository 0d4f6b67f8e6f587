import type { CheckFacts, ConfigView, ProjectFacts } from '../facts.js'

/** What the language server and the process that has loaded a project say to each other, as JSON. */

/** Said to the process. */
export type ToProject =
  | { readonly say: 'open'; readonly origin: string; readonly text: string | null }
  /** On disk; null: anything. */
  | { readonly say: 'changed'; readonly origins: readonly string[] | null }
  | { readonly say: 'check'; readonly id: number }
  | { readonly say: 'view'; readonly id: number; readonly config: string }

/** What the process is started with. */
export interface ProjectStart {
  /** The project's file, as an absolute path. */
  readonly file: string
  readonly contexts: readonly string[]
  readonly set: readonly string[]
  readonly store: string | undefined
  /** The working folder of the one who named contexts. */
  readonly folder: string
}

/** Said by the process. */
export type FromProject =
  | { readonly say: 'loaded'; readonly facts: ProjectFacts }
  | { readonly say: 'failed'; readonly failure: LoadFailure }
  /** A run has begun or ended, here or elsewhere. */
  | { readonly say: 'ran' }
  /** Null: something has changed meanwhile. */
  | { readonly say: 'checked'; readonly id: number; readonly found: CheckFacts | null }
  | { readonly say: 'viewed'; readonly id: number; readonly view: ConfigView | null }

/** Why a project could not be loaded. */
export interface LoadFailure {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  /** The innermost place in the project's own code, as an absolute path; undefined where none is known. */
  readonly at: { readonly file: string; readonly line: number; readonly column: number } | undefined
  /** Files that had been loaded by then. */
  readonly modules: readonly string[]
}
