import type { PoolName } from '../../base/resource-amounts.js'
import type { ConfigValue } from '../../config/config-types.js'
import type { RunError } from '../../errors.js'
import type { Plan } from '../../plan/plan-types.js'
import type { RunEventBody } from './events.js'
import type { Address } from './artifact.js'
import type { Lease } from './lease.js'
import type { LogLine } from './log.js'
import type { StoreOpening } from './store.js'

/** The messages that are exchanged with another thread or process when a node is computed there: plain data. */

/**
 * One node to compute: its inputs are in the store. The receiver looks up the task by name, loads, runs and commits.
 */
export interface NodeJob {
  readonly plan: Plan
  /** Full name. */
  readonly node: string
  readonly key: string
  /** Earlier attempts, which count against the task's `retry`. */
  readonly attempted: number
  readonly store: StoreOpening
  /** The base of relative paths; absolute. */
  readonly root: string
  readonly noRepair: boolean
  readonly checkMutation: boolean
  /** Fingerprint of the task's code; null if it has none. For executors that take leases. */
  readonly code?: string | null
  /** Generation of the artifact that this one will replace; undefined if there is none. Likewise. */
  readonly replaces?: string | undefined
  /** The queue that the task names, if any. Likewise. */
  readonly queue?: string
  /** The pool in which it runs, for an executor with several pools. */
  readonly pool?: PoolName
  /** More urgent nodes have a higher number and go first. Likewise for executors that take leases. */
  readonly urgency?: number
  /**
   * Values of secrets that configs give directly, by node: no plan contains them. They must never be written to disk.
   */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, ConfigValue>>>
}

/** The calls that a node computed elsewhere makes to its session. */
export interface NodeCalls {
  /** Aborts as a request to stop. */
  readonly stop: AbortSignal
  /** Aborts if it has not stopped: the thread or process is killed. */
  readonly kill: AbortSignal
  emit(event: RunEventBody): void
  log(line: LogLine): void
  /** Hides the session's secrets in later messages about a thread or process. */
  hide?(text: string): string
  /** Takes the lease of another node than its own, whose lease the session holds already. */
  lease(address: Address): Promise<Lease>
}

/**
 * The outcome, by `Result`. A rejection means that the thread or process is dead: the task ended it, it ran out of
 * memory, or it was killed. `digest`: that of the stored data.
 */
export type NodeOutcome =
  | { readonly _tag: 'kept'; readonly digest?: string | undefined }
  | { readonly _tag: 'failed'; readonly error: RunError }
  | { readonly _tag: 'unfinished'; readonly reason: string }
  | { readonly _tag: 'stopped' }
