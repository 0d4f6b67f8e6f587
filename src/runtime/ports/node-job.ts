import type { PoolName } from '../../base/resource-amounts.js'
import type { ConfigValue } from '../../config/config-types.js'
import type { RunError } from '../../errors.js'
import type { Plan } from '../../plan/plan-types.js'
import type { RunEventBody } from './events.js'
import type { Address } from './artifact.js'
import type { Lease } from './lease.js'
import type { LogLine } from './log.js'
import type { StoreOpening } from './store.js'

/** What crosses to another thread or process when a node is computed there, and what comes back: plain data. */

/** One node to compute: its inputs are in the store. Who takes it looks the task up by name, loads, runs, commits. */
export interface NodeJob {
  readonly plan: Plan
  /** Full name. */
  readonly node: string
  readonly key: string
  /** Attempts that were made before; they count against the task's `retry`. */
  readonly attempted: number
  readonly store: StoreOpening
  /** What relative paths start from; absolute. */
  readonly root: string
  readonly noRepair: boolean
  readonly checkMutation: boolean
  /** Fingerprint of the task's code; null where it has none. For those that take leases. */
  readonly code?: string | null
  /** Generation of the artifact that this one is to replace, undefined where none is there. For those likewise. */
  readonly replaces?: string | undefined
  /** The queue that the task names, where it names one. For those likewise. */
  readonly queue?: string
  /** Where it runs, for an executor that has several places. */
  readonly pool?: PoolName
  /** What is more urgent has a higher number: what goes first where many wait. For those likewise. */
  readonly urgency?: number
  /** Values of secrets that configs give directly, by node: they are in no plan. Never to be written down. */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, ConfigValue>>>
}

/** What a node that is computed elsewhere asks of its session. */
export interface NodeCalls {
  /** Aborts: it is asked to stop. */
  readonly stop: AbortSignal
  /** Aborts: it has not stopped; whatever runs it is ended. */
  readonly kill: AbortSignal
  tell(event: RunEventBody): void
  log(line: LogLine): void
  /** Hides the session's secrets in what is told of a thread or process later. */
  hide?(text: string): string
  /** The right to compute another node than its own, which the session holds already. */
  lease(address: Address): Promise<Lease>
}

/**
 * What became of it, by `Result`. A rejection means that whatever ran it is dead: the task ended it, ran out of memory,
 * or was killed. `digest`: of the data that was kept.
 */
export type NodeOutcome =
  | { readonly _tag: 'kept'; readonly digest?: string | undefined }
  | { readonly _tag: 'failed'; readonly error: RunError }
  | { readonly _tag: 'unfinished'; readonly reason: string }
  | { readonly _tag: 'stopped' }
