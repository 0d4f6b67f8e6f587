import type { Answer, StateCounts, Trouble } from './words.js'

export type { Answer, Cell, Failure, Json, NodeState, PlaceInFile, StaleBecause } from './words.js'
export type { StateCounts, Trouble } from './words.js'

/** `project`: basic facts, answered quickly, without planning anything. */
export interface ProjectAnswer extends Answer {
  readonly name: string
  /** Version of taskchain. */
  readonly version: string
  /** Folder of the project; for people. */
  readonly root: string
  readonly store: StoreState
  /**
   * Paths of configs relative to the root, sorted; these are `config` in all requests. Parts of a config, `path#part`,
   * are known only after planning: the overview lists them.
   */
  readonly configs: readonly string[]
  /** The folder that contains them. */
  readonly configsFolder: string
  /** Names of all groups of the project, sorted; a group's colour is its index here, the same in every config. */
  readonly groups: readonly string[]
  /** What overrides every config: names of contexts, and `--set` (secrets hidden). */
  readonly context: readonly string[]
  readonly set: readonly string[]
  /** Changes whenever the project is read again because one of its files has changed. */
  readonly generation: number
  /** Whether the server accepts actions; not in a report, nor with `--read-only`. */
  readonly actions: boolean
  /** Why the project cannot be read now (a syntax error, for example): then the lists are empty. */
  readonly trouble: readonly Trouble[]
}

/** `readonly`: it exists but cannot be written. `unusable`: missing, unreadable, or of a later schema. */
export interface StoreState {
  readonly location: string
  /** What opens it, if it is not a folder: an address in S3. */
  readonly address?: string
  readonly state: 'usable' | 'readonly' | 'empty' | 'unusable'
  readonly trouble?: Trouble
}

/** `overview`: every config, planned and compared with the store, and all problems by cause. */
export interface OverviewAnswer extends Answer {
  /** In the order of `ProjectAnswer.configs`, with their parts. */
  readonly configs: readonly ConfigRow[]
  /** Errors first, then by number of affected configs, as in `taskchain check`. */
  readonly problems: readonly ProblemRow[]
}

/**
 * `partial`: lacks what configs that use it provide; `values`: contributes no tasks, like a context. Neither is an
 * error, and neither has a chain to show.
 */
export interface ConfigRow {
  readonly config: string
  readonly outcome: 'fine' | 'wrong' | 'partial' | 'values'
  readonly nodes: number
  /** Only of fine ones, and only if the store can be read. */
  readonly states?: StateCounts
  readonly errors: number
  readonly warnings: number
  readonly usedBy?: string
  /** Its latest run, if there was one. */
  readonly lastRun?: { readonly id: string; readonly state: string; readonly started: string }
}

/** One cause of errors or warnings, with message, hint and place of one occurrence. */
export interface ProblemRow extends Trouble {
  readonly severity: 'error' | 'warning'
  readonly tasks: readonly string[]
  readonly configs: readonly string[]
  /** By file and line, the first hundred; `placesInAll` is their total. */
  readonly places: readonly Trouble[]
  readonly placesInAll: number
}
