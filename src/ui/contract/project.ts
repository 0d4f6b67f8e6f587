import type { Answer, StateCounts, Trouble } from './words.js'

export type { Answer, Cell, Failure, Json, NodeState, PlaceInFile, StaleBecause } from './words.js'
export type { StateCounts, Trouble } from './words.js'

/** `project`: what there is, quickly: nothing is planned for it. */
export interface ProjectAnswer extends Answer {
  readonly name: string
  /** Version of taskchain. */
  readonly version: string
  /** Folder of the project; for people. */
  readonly root: string
  readonly store: StoreState
  /**
   * Paths of configs relative to the root, sorted; what `config` is in every request. Parts of one, `path#part`, are
   * known when they are planned: the overview has them.
   */
  readonly configs: readonly string[]
  /** The folder that these are in. */
  readonly configsFolder: string
  /** Names of all groups of the project, sorted; a group's colour is its index here, the same in every config. */
  readonly groups: readonly string[]
  /** What is laid over every config: names of contexts, and `--set` (secrets hidden). */
  readonly context: readonly string[]
  readonly set: readonly string[]
  /** Changes when the project is read anew because a file of it has changed. */
  readonly generation: number
  /** Whether the server takes actions; a report does not, nor does `--read-only`. */
  readonly actions: boolean
  /** Why the project cannot be read just now (a syntax error, say): the lists are empty then. */
  readonly trouble: readonly Trouble[]
}

/** `readonly`: it is there and cannot be written. `unusable`: gone, of a later schema, or not to be read. */
export interface StoreState {
  readonly location: string
  readonly state: 'usable' | 'readonly' | 'empty' | 'unusable'
  readonly trouble?: Trouble
}

/** `overview`: every config planned and held against the store, and what is wrong in the tree, by cause. */
export interface OverviewAnswer extends Answer {
  /** In the order of `ProjectAnswer.configs`, with their parts. */
  readonly configs: readonly ConfigRow[]
  /** Errors first, then by how many configs they concern; as `taskchain check`. */
  readonly problems: readonly ProblemRow[]
}

/**
 * `partial`: lacks what configs that use it bring; `values`: brings no tasks, like a context. Neither is a fault, and
 * neither has a chain to show.
 */
export interface ConfigRow {
  readonly config: string
  readonly outcome: 'fine' | 'wrong' | 'partial' | 'values'
  readonly nodes: number
  /** Only of fine ones, and only where the store can be read. */
  readonly states?: StateCounts
  readonly errors: number
  readonly warnings: number
  readonly usedBy?: string
  /** The latest run of it, if there was one. */
  readonly lastRun?: { readonly id: string; readonly state: string; readonly started: string }
}

/** One cause of errors or warnings. Message, hint and place are those of one occurrence. */
export interface ProblemRow extends Trouble {
  readonly severity: 'error' | 'warning'
  readonly tasks: readonly string[]
  readonly configs: readonly string[]
  /** By file and line, the first hundred; `placesInAll` counts them. */
  readonly places: readonly Trouble[]
  readonly placesInAll: number
}
