import type { RunEventBody } from '../runtime/ports/events.js'
import type { NodeJob, NodeOutcome } from '../runtime/ports/node-job.js'
import type { Plan } from '../plan/plan-types.js'
import type { Address } from '../runtime/ports/artifact.js'
import type { LogLine } from '../runtime/ports/log.js'

/**
 * Messages between a pool and its threads or processes about one node; `errorToData` converts the errors in them.
 */

/**
 * The first message for a node: it refers to the plan only by number, since a plan may be large and the same for
 * thousands of nodes.
 */
export interface NodeTask {
  /** Absolute path of the project's file. */
  readonly project: string
  readonly planNumber: number
  readonly job: Omit<NodeJob, 'plan' | 'secrets'>
}

/** From a thread. */
export type FromThread =
  | { readonly _tag: 'PlanWanted' }
  | { readonly _tag: 'Event'; readonly event: RunEventBody }
  | { readonly _tag: 'Log'; readonly line: LogLine }
  | { readonly _tag: 'LeaseWanted'; readonly id: number; readonly address: Address }
  | { readonly _tag: 'LeaseReleased'; readonly id: number }
  | { readonly _tag: 'Dying'; readonly how: Dying }
  | { readonly _tag: 'Ended'; readonly outcome: NodeOutcome }

/** How a task ends its thread. `stack`: of the call, or of the thrown error. */
export type Dying =
  | { readonly _tag: 'exit'; readonly code: string; readonly stack: string | undefined }
  | { readonly _tag: 'rejection' | 'exception'; readonly problem: unknown }

/** To a thread. */
export type ToThread =
  | { readonly _tag: 'Plan'; readonly plan: Plan; readonly secrets: NodeJob['secrets'] }
  | { readonly _tag: 'Leased'; readonly id: number; readonly problem?: unknown }
  | { readonly _tag: 'Stop'; readonly reason: unknown }
