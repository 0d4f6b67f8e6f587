import type { BatchFunction, BatchOptions, ItemFunction, MapItemsOptions } from '../../declare/items.js'
import type { OnCodeChange } from '../../declare/task.js'
import type { Clock } from '../ports/clock.js'
import type { ItemLog } from '../ports/items.js'

/** Anything: what users give and get. */
export type AnyOptions = MapItemsOptions<unknown, unknown> & { readonly batch?: BatchOptions<unknown> }
export type AnyFunction = ItemFunction<unknown, unknown> | BatchFunction<unknown, unknown>

/** What the items of one `mapItems` have in common. */
export interface ItemParts {
  readonly log: ItemLog
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly options: AnyOptions
  /** Fingerprint of the function; null where it has none. */
  readonly code: string | null
  readonly isOtherCode: (before: string | null | undefined, now: string | null | undefined) => boolean
  /** What becomes of kept results of other code: of the task. */
  readonly onCodeChange: OnCodeChange
  readonly mask: (text: string) => string
}

/** What a run of items has come to so far. */
export interface ItemTotals {
  kept: number
  computed: number
  failed: number
  refused: number
  attempts: number
  otherCode: number
  damaged: number
  /** Items that failed in a batch and were tried alone. */
  alone: number
  /** Why the first of them did. */
  batchProblem: string | undefined
  readonly usage: Record<string, number>
}

/** An item that is to have a result. */
export interface Asked {
  readonly item: unknown
  readonly index: number
  readonly key: string
}
