import type { Answer, Trouble } from './words.js'

/** Bodies of POST requests, as JSON; `content-type: application/json`. */

/** `ask`: what an action would do. Shown before it is done; changes nothing. */
export interface AskRequest {
  readonly action: 'run' | 'force'
  readonly config: string
  /** Full names; empty for all that is kept. */
  readonly tasks: readonly string[]
}

export interface AskAnswer extends Answer {
  readonly action: 'run' | 'force'
  readonly config: string
  /** What would be computed (`run`), or computed again by the next run (`force`), in run order. */
  readonly nodes: readonly string[]
  /** Of these kept in memory only. */
  readonly inMemory: number
  /** What is stored of them now: these results would be replaced or deleted. */
  readonly stored: readonly string[]
  readonly seconds: number
  readonly timed: number
  /** Results of other configs that were made from these; stale once contents change. The first hundred. */
  readonly elsewhere: readonly { readonly task: string; readonly config: string }[]
  readonly elsewhereInAll: number
  /** Why it cannot be done now: a run of this config goes on, say. */
  readonly refused?: Trouble
}

/** `start`: runs tasks of a config and what they need. */
export interface StartRequest {
  readonly config: string
  readonly tasks: readonly string[]
  /** Full names of tasks to compute again though they are stored, with what depends on them. */
  readonly force?: readonly string[]
}

/** Its events come by `events`, under this number; `run` of its record follows there as soon as there is one. */
export interface StartAnswer extends Answer {
  readonly started: number
}

/** `force`: marks results, and what depends on them, as to be computed again; or deletes them. */
export interface ForceRequest {
  readonly config: string
  readonly tasks: readonly string[]
  readonly delete: boolean
}

export interface ForceAnswer extends Answer {
  /** Full names of all that was marked or deleted. */
  readonly forced: readonly string[]
  /** What could not be deleted, since somebody reads or computes it. */
  readonly busy: readonly string[]
}

/** `abort`: stops a run that this server started; what was saved stays. */
export interface AbortRequest {
  readonly started: number
}

export interface AbortAnswer extends Answer {
  /** False where it had ended already. */
  readonly stopping: boolean
}
