import type { Answer, Json, NodeState, PlaceInFile, StaleBecause, Trouble } from './words.js'

/** `node`: all that is known of one node but its value and its log. */
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
  /** Full names of what reads it. */
  readonly consumers: readonly string[]
  /** What depends on it, directly or not. */
  readonly dependents: number
  readonly artifact?: ArtifactRow
  /** Why it is or is not computed again, as `taskchain why` says it, a line each; places are links to nothing. */
  readonly why: readonly string[]
  /** Which logs there are. `running`: of a run that goes on. */
  readonly logs: readonly LogName[]
  /** Results of items that its task keeps. */
  readonly items: readonly ItemSetRow[]
  readonly warnings: readonly Trouble[]
}

export type LogName = 'kept' | 'failed' | 'running'

export interface ParamRow {
  readonly name: string
  /** In one line, bounded; `•••` for a secret. */
  readonly text: string
  /** The whole value where it is small and no secret. */
  readonly value?: Json
  readonly secret: boolean
  /** `default`: no config says it. `overridden`: a context or `--set` says it, over what a config says. */
  readonly from: 'default' | 'config' | 'context' | 'set'
  /** Where it was read; and what that has overridden. */
  readonly place?: PlaceInFile
  readonly overrides?: PlaceInFile
  /** False where it has no influence on the key. */
  readonly inKey: boolean
}

/** An input by role. An absent optional input has no nodes. */
export interface InputRow {
  readonly role: string
  /** Full names; of matching inputs several, `record` has their record keys in the same order. */
  readonly nodes: readonly string[]
  readonly record?: readonly string[]
}

/** What the store has of a node. */
export interface ArtifactRow {
  /** For people; undefined where the store has no paths. */
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
  /** Key of the artifact whose data it has, where it was not computed but taken over. */
  readonly adopted?: string
  /** What the task noted, bounded. */
  readonly notes: readonly Json[]
  /** The rest of the run info as text, YAML, bounded. */
  readonly runInfo: string
}

/** Results that `mapItems` keeps. */
export interface ItemSetRow {
  readonly name: string
  readonly kept: number
  readonly failed: number
  readonly refused: number
  readonly bytes: number
}

/**
 * `log`: a piece of a log, in whole lines where it can be. Ask again from `next` to follow; `size` shrinks when another
 * run has begun: ask from 0 then.
 */
export interface LogAnswer extends Answer {
  readonly which: LogName
  /** Bytes: where this piece begins, where the next one does, and how much there is. */
  readonly offset: number
  readonly next: number
  readonly size: number
  readonly text: string
  /** Whether a run is still writing it. */
  readonly growing: boolean
}
