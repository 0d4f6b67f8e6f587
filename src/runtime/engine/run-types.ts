import type { Item } from '../code-drift/contents.js'
import type { InWords, Result, SeenStanding } from '../ports/node-words.js'
import type { RunError } from '../../errors.js'
import type { RunPlan } from '../../plan/plan-types.js'
import type { RunEvent, RunReport } from '../ports/events.js'
import type { Content } from '../session/content.js'
import type { Reading } from '../session/reading-types.js'
import type { Want } from './schedule-types.js'

/** The targets of a run: nodes of one or several plans, each wanted as a value or only as stored. */
export interface RunRequest extends RunOptions {
  readonly targets: readonly Target[]
}

/** Options of a run that do not depend on its targets. */
export interface RunOptions {
  readonly signal?: AbortSignal
  readonly failFast?: boolean
  /** How many nodes may run at the same time in this run; by default the session's limit. */
  readonly concurrency?: number
  readonly onEvent?: (event: RunEvent) => void
  /** Requested values stay in the session's memory. */
  readonly keepValues?: boolean
  /** False: a missing artifact is an error; only values in memory are computed. */
  readonly compute?: false
  /** The report includes the compute time of reused artifacts. */
  readonly tellSaved?: true
  /** False: no artifact of equal content is adopted. */
  readonly adopt?: boolean
  /**
   * Keys that the caller knows to be stored: they are not looked up again. The caller has also checked that they were
   * computed from the current contents: they are used as they are.
   */
  readonly stored?: ReadonlySet<string>
}

export interface Target {
  readonly plan: RunPlan
  readonly id: string
  readonly want: Want
}

export interface RunResult {
  readonly report: RunReport
  /** The outcome of each target, in the order of the request. */
  readonly outcomes: readonly Outcome[]
}

/** The outcome of one target. */
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

/** A unit of the schedule as the interpreter sees it; its value is in the run's values. */
export interface RunUnit extends Item {
  readonly id: number
  /** Of its node in the work graph. */
  readonly position: number
  standing: SeenStanding
  inputs: readonly RunUnit[]
  /** The artifacts behind the value: the node's own, or those that a value in memory was computed from. */
  readings: readonly Reading[]
  /** The content that its value has. */
  content: Content
  /** Why it has no value; undefined as long as it may get one. */
  lost: Lost | undefined
  /** It was computed and committed elsewhere in this run. */
  madeElsewhere: boolean
  /** Damage found in what it has read, and the other units that hold it. */
  damage: { readonly readings: readonly Reading[]; readonly holders: readonly RunUnit[] } | undefined
  /** Why the stored artifact could not be loaded. */
  missed: string | undefined
  /** Keys that it waits for outside the schedule: computed by another run, or by the holder of their lease. */
  waitsFor: Set<string> | undefined
}
