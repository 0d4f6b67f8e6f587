import type {
  BatchFunction,
  BatchProvider,
  ItemFunction,
  MapItemsOptions,
  ProviderOptions,
} from '../../declare/items.js'
import type { OnCodeChange } from '../../declare/task.js'
import type { Clock } from '../ports/clock.js'
import type { ItemLog } from '../ports/items.js'

/** The untyped form of what users pass in and get back. */
export type AnyOptions = MapItemsOptions<unknown, unknown> & { readonly batch?: ProviderOptions<unknown> }
export type AnyFunction = ItemFunction<unknown, unknown> | BatchFunction<unknown, unknown>
export type AnyProvider = BatchProvider<unknown, unknown>

/** Shared by the items of one `mapItems`. */
export interface ItemParts {
  readonly log: ItemLog
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly options: AnyOptions
  /** Fingerprint of the function; null where it has none. */
  readonly code: string | null
  readonly isOtherCode: (before: string | null | undefined, now: string | null | undefined) => boolean
  /** What happens to results computed by other code, from the task's declaration. */
  readonly onCodeChange: OnCodeChange
  readonly mask: (text: string) => string
  readonly warn: (message: string) => void
  /** Writes to the task's log. */
  readonly info: (message: string) => void
}

/** Running totals of a `mapItems`. */
export interface ItemTotals {
  kept: number
  computed: number
  failed: number
  refused: number
  attempts: number
  otherCode: number
  damaged: number
  /** Items that failed in a batch and were retried alone. */
  alone: number
  /** Why the first of them failed. */
  batchProblem: string | undefined
  /** Batches of a provider that have ended. */
  readonly batches: {
    readonly id: string
    readonly state: string
    readonly items: number
    readonly failed: number
    readonly usage: object
  }[]
  readonly usage: Record<string, number>
}

export const noTotals = (): ItemTotals => ({
  kept: 0,
  computed: 0,
  failed: 0,
  refused: 0,
  attempts: 0,
  otherCode: 0,
  damaged: 0,
  alone: 0,
  batchProblem: undefined,
  batches: [],
  usage: {},
})

/** An item that needs a result. */
export interface Asked {
  readonly item: unknown
  readonly index: number
  readonly key: string
}
