import type { BatchOptions } from './items.js'
import type { Awaitable } from './types.js'

/** Batches that a provider takes and computes in its own time, hours often: submitted, asked for, fetched. */

/**
 * How a provider's batches are worked with. Their ids are kept before anybody waits, so that a run that was killed goes
 * on with the same batch.
 *
 * @example
 * const provider: BatchProvider<string, number> = {
 *   submit: async (words, { keys }) => `${words.length} words, the first is ${keys[0]?.length}`,
 *   poll: () => 'ended',
 *   fetch: () => [],
 * }
 */
export interface BatchProvider<Item, Result> {
  /** Hands a batch over; gives its id. */
  readonly submit: (items: readonly Item[], context: SubmitContext) => Awaitable<string>
  /**
   * The id of a batch that was submitted under this key: for a run that was killed before it had been told the id.
   * Without it the same batch is submitted again under the same key.
   */
  readonly find?: (idempotencyKey: string, context: CallSignal) => Awaitable<string | undefined>
  readonly poll: (id: string, context: CallSignal) => Awaitable<BatchState | BatchStatus>
  /** What became of its items, of a batch that has ended, expired or was cancelled; in any order, some may be missing. */
  readonly fetch: (
    id: string,
    context: CallSignal,
  ) => Awaitable<Iterable<FetchedItem<Result>> | AsyncIterable<FetchedItem<Result>>>
  /** Called once `within` is over. */
  readonly cancel?: (id: string, context: CallSignal) => Awaitable<unknown>
}

/** What calls of a provider get: aborted when the run is to stop. The batch itself goes on. */
export interface CallSignal {
  readonly signal: AbortSignal
}

export interface SubmitContext extends CallSignal {
  /** A text for each item, to be handed over with it (`custom_id`): results are known by it. */
  readonly keys: readonly string[]
  /** The same when the same batch is submitted again because nobody knows whether it has arrived. */
  readonly idempotencyKey: string
}

/** `failed`: as a whole, there is nothing to fetch. */
export type BatchState = 'running' | 'ended' | 'failed' | 'expired' | 'cancelled'
export interface BatchStatus {
  readonly state: BatchState
  /** Why it failed. */
  readonly problem?: string
}

/** What became of one item; `usage` are numbers by name, `cost` among them. */
export type FetchedItem<Result> = {
  readonly key: string
  readonly usage?: Readonly<Record<string, number>>
} & ({ readonly value: Result; readonly problem?: undefined } | { readonly problem: string })

export interface ProviderOptions<Item = never> extends BatchOptions<Item> {
  /** Milliseconds between the first questions how far a batch is; they grow by half. Default 10,000. */
  readonly pollDelay?: number
  /** The longest of them. Default 600,000. */
  readonly pollMaxDelay?: number
  /** Milliseconds after which a batch that has not ended is cancelled; what it has come to is kept. */
  readonly within?: number
}
