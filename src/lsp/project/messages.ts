import type { CheckFacts, ConfigView, ProjectFacts } from '../facts.js'

/** Messages between the language server and the process that has loaded a project, as JSON. */

/** Messages to the process. */
export type ToProject =
  | { readonly say: 'open'; readonly origin: string; readonly text: string | null }
  /** Changed on disk; null: anything. */
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
  /** The working folder, relative to which contexts were named. */
  readonly folder: string
}

/** Messages from the process. */
export type FromProject =
  | { readonly say: 'loaded'; readonly facts: ProjectFacts }
  | { readonly say: 'failed'; readonly failure: LoadFailure }
  /** A run has begun or ended, here or in another process. */
  | { readonly say: 'ran' }
  /** Null: something has changed in the meantime. */
  | { readonly say: 'checked'; readonly id: number; readonly found: CheckFacts | null }
  | { readonly say: 'viewed'; readonly id: number; readonly view: ConfigView | null }

/** Why a project could not be loaded. */
export interface LoadFailure {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  /** The innermost place in the project's own code, as an absolute path; undefined if unknown. */
  readonly at: { readonly file: string; readonly line: number; readonly column: number } | undefined
  /** Files that had been loaded before the failure. */
  readonly modules: readonly string[]
}
