import type { InWords, Result, SeenStanding } from '../ports/node-words.js'
import type { RunError } from '../../errors.js'
import type { NodeOutline, Plan, PlanOutline } from '../../plan/plan-types.js'
import type { RunEvent, RunReport } from '../ports/events.js'
import type { Content } from '../session/content.js'
import type { Reading } from '../session/reading-types.js'
import type { Want } from './schedule-types.js'

/** What a run is asked for: nodes of one or several plans, each as a value or only to be there. */
export interface RunRequest extends RunOptions {
  readonly targets: readonly Target[]
}

/** How a run goes, whatever it is asked for. */
export interface RunOptions {
  readonly signal?: AbortSignal
  readonly failFast?: boolean
  /** Nodes at once in this run alone; else the session's limit. */
  readonly concurrency?: number
  readonly onEvent?: (event: RunEvent) => void
  /** The values that are asked for stay in the session's memory. */
  readonly keepValues?: boolean
  /** False: what the store should have and has not is an error; only what is kept in memory is made. */
  readonly compute?: false
  /** The report says how long what is used again took. */
  readonly tellSaved?: true
  /** False: nothing is taken over from artifacts of equal content. */
  readonly adopt?: boolean
  /**
   * Keys that whoever asks knows to be stored: nobody looks again. He has judged as well whether what is stored was
   * made from the contents of now: it is used as it is.
   */
  readonly stored?: ReadonlySet<string>
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

/** What became of one target. */
export type Outcome = InWords<
  Result,
  | { readonly _tag: 'value'; readonly value: unknown; readonly readings: readonly Reading[] }
  | { readonly _tag: 'kept'; readonly digest?: string | undefined }
  | Lost
>

/** Why there is no value. */
export type Lost =
  | { readonly _tag: 'failed'; readonly error: RunError }
  | { readonly _tag: 'skipped'; readonly because: readonly string[]; readonly errors: readonly RunError[] }
  | { readonly _tag: 'unfinished'; readonly reason: string }
  | { readonly _tag: 'stopped' }

/** A node of a plan, both without values. */
export interface Item {
  readonly plan: PlanOutline
  readonly node: NodeOutline
}

/** A unit of the schedule as the interpreter knows it; its value is among the run's. */
export interface RunUnit extends Item {
  readonly id: number
  /** Of its node in the work graph. */
  readonly position: number
  standing: SeenStanding
  inputs: readonly RunUnit[]
  /** What is read through the value, by who reads it: the node's own artifact, or what a node in memory was made of. */
  readings: readonly Reading[]
  /** What its value is by content. */
  content: Content
  /** Why it has no value; undefined as long as it may have one. */
  lost: Lost | undefined
  /** It was computed and committed elsewhere in this run. */
  madeElsewhere: boolean
  /** What was found damaged in what it has read, and who else holds it. */
  damage: { readonly readings: readonly Reading[]; readonly holders: readonly RunUnit[] } | undefined
  /** Why what the store had could not be loaded. */
  missed: string | undefined
  /** Keys that it waits for outside the schedule: made by another run, or held by whoever has their lease. */
  waitsFor: Set<string> | undefined
}
