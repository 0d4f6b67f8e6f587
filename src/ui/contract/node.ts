import type { Answer, Json, NodeState, PlaceInFile, StaleBecause, Trouble } from './words.js'

/** `node`: everything known about one node except its value and its log. */
export interface NodeAnswer extends Answer {
  readonly id: string
  readonly task: string
  readonly group: string
  readonly name: string
  readonly namespace: string
  readonly config: string
  readonly key: string
  readonly state: NodeState
  readonly because?: StaleBecause
  readonly format: string
  readonly storage: 'file' | 'folder' | 'checkpoint' | 'memory'
  readonly version?: string
  readonly params: readonly ParamRow[]
  readonly inputs: readonly InputRow[]
  /** Full names of its readers. */
  readonly consumers: readonly string[]
  /** Number of direct and indirect dependents. */
  readonly dependents: number
  readonly artifact?: ArtifactRow
  /** Why it is or is not recomputed, as `taskchain why` prints it, one line each; places are not links. */
  readonly why: readonly string[]
  /** Available logs. `running`: of the current run. */
  readonly logs: readonly LogName[]
  /** Stored results of its task's items. */
  readonly items: readonly ItemSetRow[]
  readonly warnings: readonly Trouble[]
}

export type LogName = 'kept' | 'failed' | 'running'

export interface ParamRow {
  readonly name: string
  /** In one line, of limited length; `•••` for a secret. */
  readonly text: string
  /** The whole value if it is small and not a secret. */
  readonly value?: Json
  readonly secret: boolean
  /** `default`: not set by any config. `overridden`: set by a context or `--set`, over a value of a config. */
  readonly from: 'default' | 'config' | 'context' | 'set'
  /** Where it was read, and which place that overrides. */
  readonly place?: PlaceInFile
  readonly overrides?: PlaceInFile
  /** False if it is not part of the key. */
  readonly inKey: boolean
}

/** An input by role. An absent optional input has no nodes. */
export interface InputRow {
  readonly role: string
  /** Full names; several for inputs that match a pattern, with their record keys in the same order in `record`. */
  readonly nodes: readonly string[]
  readonly record?: readonly string[]
}

/** The stored artifact of a node. */
export interface ArtifactRow {
  /** For people; undefined if the store has no paths. */
  readonly path?: string
  readonly size?: number
  readonly started?: string
  readonly ended?: string
  readonly seconds?: number
  readonly host?: string
  readonly user?: string
  readonly attempts?: number
  /** SHA-256 of the content. */
  readonly digest?: string
  /** Key of the artifact that has the data, if it was adopted instead of computed. */
  readonly adopted?: string
  /** The notes of the task, of limited size. */
  readonly notes: readonly Json[]
  /** The rest of the run info as YAML text, of limited size. */
  readonly runInfo: string
}

/** Results stored by `mapItems`. */
export interface ItemSetRow {
  readonly name: string
  readonly kept: number
  readonly failed: number
  readonly refused: number
  readonly bytes: number
}

/**
 * `log`: a piece of a log, in whole lines where possible. Continue from `next` to follow it; if `size` shrinks, another
 * run has begun: start again from 0.
 */
export interface LogAnswer extends Answer {
  readonly which: LogName
  /** In bytes: offset of this piece, offset of the next one, and total size. */
  readonly offset: number
  readonly next: number
  readonly size: number
  readonly text: string
  /** Whether a run is still writing it. */
  readonly growing: boolean
}
