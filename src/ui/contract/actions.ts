import type { Answer, Trouble } from './words.js'

/** Bodies of POST requests, as JSON; `content-type: application/json`. */

/** `ask`: what an action would do, to be shown before it is confirmed; changes nothing. */
export interface AskRequest {
  readonly action: 'run' | 'force'
  readonly config: string
  /** Full names; empty for all tasks whose results are kept. */
  readonly tasks: readonly string[]
}

export interface AskAnswer extends Answer {
  readonly action: 'run' | 'force'
  readonly config: string
  /** What `run` would compute, or what the next run would recompute after `force`, in run order. */
  readonly nodes: readonly string[]
  /** How many of these are kept in memory only. */
  readonly inMemory: number
  /** Those that have stored results, which would be replaced or deleted. */
  readonly stored: readonly string[]
  readonly seconds: number
  readonly timed: number
  /** Results of other configs that were made from these; they become stale once contents change. The first hundred. */
  readonly elsewhere: readonly { readonly task: string; readonly config: string }[]
  readonly elsewhereInAll: number
  /** Why the action is not possible now, for example because this config is running. */
  readonly refused?: Trouble
}

/** `start`: runs tasks of a config and their dependencies. */
export interface StartRequest {
  readonly config: string
  readonly tasks: readonly string[]
  /** Full names of tasks to recompute although they are stored, with their dependents. */
  readonly force?: readonly string[]
}

/** Its events arrive through `events` under this number; they include the record's id in `run` once there is one. */
export interface StartAnswer extends Answer {
  readonly started: number
}

/** `force`: marks results and their dependents to be recomputed, or deletes them. */
export interface ForceRequest {
  readonly config: string
  readonly tasks: readonly string[]
  readonly delete: boolean
}

export interface ForceAnswer extends Answer {
  /** Full names of all tasks that were marked or deleted. */
  readonly forced: readonly string[]
  /** Tasks that could not be deleted because a process is reading or computing them. */
  readonly busy: readonly string[]
}

/** `abort`: stops a run that this server started; what was saved stays. */
export interface AbortRequest {
  readonly started: number
}

export interface AbortAnswer extends Answer {
  /** False if it had already ended. */
  readonly stopping: boolean
}
