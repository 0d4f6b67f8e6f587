import type { RunError } from '../errors.js'
import type { Plan, PlanNode } from '../plan/types.js'
import type { RunEvent, RunReport } from './events.js'
import type { Reading } from './reading-types.js'
import type { Mode, Want } from './survey.js'

/** What a run is asked for: nodes of one or several plans, each as a value or only to be there. */
export interface RunRequest {
  readonly targets: readonly Target[]
  readonly signal?: AbortSignal
  readonly failFast?: boolean
  /** Nodes at once in this run alone; else the session's limit. */
  readonly concurrency?: number
  readonly onEvent?: (event: RunEvent) => void
  /** The values that are asked for stay in the session's memory. */
  readonly keepValues?: boolean
  /** False: what the store should have and has not is an error; only what is kept in memory is made. */
  readonly compute?: false
}

export interface Target {
  readonly plan: Plan
  readonly id: string
  readonly want: Want
}

export interface RunResult {
  readonly report: RunReport
  /** What became of each target, in the order they were asked for. */
  readonly outcomes: readonly Outcome[]
}

export type Outcome =
  | { readonly _tag: 'value'; readonly value: unknown; readonly readings: readonly Reading[] }
  | { readonly _tag: 'kept' }
  | { readonly _tag: 'failed'; readonly error: RunError }
  | { readonly _tag: 'skipped'; readonly because: readonly string[]; readonly errors: readonly RunError[] }
  | { readonly _tag: 'unfinished'; readonly reason: string }
  | { readonly _tag: 'stopped' }

/** One key in this run. The value hangs here and nowhere else, so that it can be dropped. */
export interface Unit {
  readonly node: PlanNode
  readonly plan: Plan
  mode: Mode
  /** Readers that still need the value; at none it is dropped. */
  readers: number
  value: { readonly value: unknown } | undefined
  /** What is read through the value, by who reads it: the node's own artifact, or what a node in memory was made of. */
  readings: readonly Reading[]
  /** Resolves when the node has ended, without its value. */
  ended: Promise<Ended>
  depth: number
  inputs: readonly Unit[]
}

/** What became of a key, without its value. */
export type Ended = Exclude<Outcome, { readonly _tag: 'value' }> | { readonly _tag: 'there' }
