import type { Retry } from './retry.js'
import type { Awaitable } from './types.js'

/** Options and results of `mapItems`, which stores the result of each item separately. */

/** The rate that an API allows. */
export interface RateLimit {
  /** Calls per minute. */
  readonly requests?: number
  /** Tokens per minute; `tokensOf` gives the number an item takes. */
  readonly tokens?: number
}

/** What the function of an item receives in addition to the item. */
export interface ItemContext {
  /** Aborted when the run has to stop, and when the item times out. */
  readonly signal: AbortSignal
  /** Counted from 1. */
  readonly attempt: number
  /** Position of the item in the sequence. */
  readonly index: number
  /** Reports what this attempt has used, as amounts by name, which are added up. `cost` counts towards `maxCost`. */
  readonly usage: (amounts: Readonly<Record<string, number>>) => void
}

/** How items are computed and stored. */
export interface MapItemsOptions<Item = never, Result = never> {
  /** Distinguishes several `mapItems` calls of one task. Default `items`. */
  readonly name?: string
  /** What identifies an item; JSON-like. Default: the item itself. */
  readonly key?: (item: Item) => unknown
  /**
   * What the results depend on besides the item, such as a model or a prompt; JSON-like. The task's own params and
   * inputs do not count.
   */
  readonly params?: unknown
  /** Change it when the function starts computing something else. */
  readonly version?: string | number
  /** Distinguishes several results for the same item: a new value requests a new result. */
  readonly trial?: number | string
  /** Equal items are refused (default), or computed once and their result shared. */
  readonly duplicates?: 'refuse' | 'share'
  /** Number of items or batches computed at once. Default 8. */
  readonly concurrency?: number
  readonly rateLimit?: RateLimit
  /** Number of `rateLimit` tokens an item takes, until `usage` reports the actual `tokens`. Default 1. */
  readonly tokensOf?: (item: Item) => number
  /** How a failed call is retried. A `Retry-After` in the response is respected. Default: one attempt, no retry. */
  readonly retry?: Retry & { readonly when?: (problem: unknown, attempt: number) => boolean }
  /** Milliseconds after which an attempt times out. */
  readonly timeout?: number
  /**
   * Whether a result may be used; a string is the reason why not. A refused result is stored, counts as failed, and its
   * item is computed again by the next run.
   */
  readonly accept?: (result: Result, item: Item) => boolean | string
  /**
   * `throw` (default): once all items have ended, the task fails if any failed. `keep`: returns the outcome of each
   * item.
   */
  readonly onError?: 'throw' | 'keep'
  /** Milliseconds after which a stored result expires and its item is computed again. */
  readonly expires?: number
  /** No call is started that could push the cost of this run above this limit. */
  readonly maxCost?: number
  /** Estimated cost of one item, used until the first call reports its cost. */
  readonly expectedCost?: number
  /** Whether stored results are used. Default true. */
  readonly read?: boolean
  /** Whether results are stored. Default true. */
  readonly write?: boolean
}

/** The outcome of an item, with `onError: 'keep'`. */
export type ItemOutcome<Result> =
  | { readonly _tag: 'done'; readonly value: Result /** It was stored before this run. */; readonly kept: boolean }
  | { readonly _tag: 'failed'; readonly problem: string; readonly attempts: number }
  | { readonly _tag: 'refused'; readonly value: Result; readonly reason: string }

/** What `mapItems` iterates over: a list or any other iterable, synchronous or asynchronous. */
export type Items<Item> = Iterable<Item> | AsyncIterable<Item>
/** The function called for each item. */
export type ItemFunction<Item, Result> = (item: Item, context: ItemContext) => Awaitable<Result>

/** How items are grouped into calls. */
export interface BatchOptions<Item = never> {
  /** Maximum number of items per call. The last calls may have fewer. */
  readonly size: number
  /** Items are batched only with items of equal value here, for example for an API that takes one language per call. */
  readonly by?: (item: Item) => string | number
}

/** What the function of a batch receives in addition to the items. */
export interface BatchContext {
  /** Aborted when the run has to stop, and when the batch times out. */
  readonly signal: AbortSignal
  /** Counted from 1. */
  readonly attempt: number
  /** A permanent key for each item: a map of results uses these keys. */
  readonly keys: readonly string[]
  /**
   * Reports what this attempt has used, as amounts by name, which are added up. They are split equally among the items
   * of the batch, or count for the item at position `of`.
   */
  readonly usage: (amounts: Readonly<Record<string, number>>, of?: number) => void
}

/** Results in item order, or by the keys of the context; an `Error` for an item that failed. */
export type BatchResults<Result> = readonly (Result | Error)[] | ReadonlyMap<string, Result | Error>
/** The function called for each batch. */
export type BatchFunction<Item, Result> = (
  items: readonly Item[],
  context: BatchContext,
) => Awaitable<BatchResults<Result>>

/**
 * How to work with the batches of a provider. A batch's id is stored before anything waits for it, so that a run that
 * was killed resumes the same batch.
 *
 * @example
 * const provider: BatchProvider<string, number> = {
 *   submit: async (words, { keys }) => `${words.length} words, the first is ${keys[0]?.length}`,
 *   poll: () => 'ended',
 *   fetch: () => [],
 * }
 */
export interface BatchProvider<Item, Result> {
  /** Submits a batch and returns its id. */
  readonly submit: (items: readonly Item[], context: SubmitContext) => Awaitable<string>
  /**
   * Finds the id of a batch submitted under this key, for a run that was killed before it received the id. Without it,
   * the same batch is submitted again under the same key.
   */
  readonly find?: (idempotencyKey: string, context: CallSignal) => Awaitable<string | undefined>
  readonly poll: (id: string, context: CallSignal) => Awaitable<BatchState | BatchStatus>
  /**
   * The results of the items once the batch has ended, expired or been cancelled; in any order, some may be missing.
   */
  readonly fetch: (
    id: string,
    context: CallSignal,
  ) => Awaitable<Iterable<FetchedItem<Result>> | AsyncIterable<FetchedItem<Result>>>
  /** Called once `within` has elapsed. */
  readonly cancel?: (id: string, context: CallSignal) => Awaitable<unknown>
}

/** What every provider call receives: a signal aborted when the run has to stop. The batch itself continues. */
export interface CallSignal {
  readonly signal: AbortSignal
}

/** What `submit` receives in addition to the items. */
export interface SubmitContext extends CallSignal {
  /** A key for each item, to be submitted with it (`custom_id`): results are matched by these keys. */
  readonly keys: readonly string[]
  /** Stays the same when a batch is submitted again because it is unknown whether the first submission arrived. */
  readonly idempotencyKey: string
}

/** `failed`: the batch failed as a whole, there is nothing to fetch. */
export type BatchState = 'running' | 'ended' | 'failed' | 'expired' | 'cancelled'
/** The state of a batch. */
export interface BatchStatus {
  readonly state: BatchState
  /** Why the batch failed. */
  readonly problem?: string
  /** When the provider gives up on the batch, in milliseconds since 1970. Shown while waiting. */
  readonly expires?: number
  /** Number of its items that have ended. */
  readonly done?: number
}

/** The result of one item; `usage` holds amounts by name, including `cost`. */
export type FetchedItem<Result> = {
  readonly key: string
  readonly usage?: Readonly<Record<string, number>>
} & ({ readonly value: Result; readonly problem?: undefined } | { readonly problem: string })

/** How the batches of a provider are polled. */
export interface ProviderOptions<Item = never> extends BatchOptions<Item> {
  /** Milliseconds before the second poll; the delay grows by half each time. Default 10,000. */
  readonly pollDelay?: number
  /** Maximum delay between polls in milliseconds. Default 600,000. */
  readonly pollMaxDelay?: number
  /** Milliseconds after which a batch that has not ended is cancelled; results it already has are kept. */
  readonly within?: number
}

/**
 * Calls a function for each item and stores each result separately, keyed by the item, `params`, `version` and `trial`:
 * an interrupted run computes only what is missing, whichever config requests it. Results are returned in item order,
 * as they come back from JSON.
 *
 * @example
 * const params = { words: t.array(t.string) }
 * const scored = defineTask({ params, data: t.array(t.number) }).run(({ words }, { mapItems }) =>
 *   mapItems(words, async (word) => word.length, { params: { model: 'small' }, concurrency: 16 }),
 * )
 * await testTask(scored, { params: { words: ['one', 'three'] } }) // => [3, 5]
 */
export interface MapItems {
  /** With a provider that computes batches asynchronously, in place of the function. */
  <Item, Result>(
    items: Items<Item>,
    provider: BatchProvider<Item, Result>,
    options: MapItemsOptions<Item, Result> & { readonly batch: ProviderOptions<Item>; readonly onError: 'keep' },
  ): Promise<ItemOutcome<Result>[]>
  <Item, Result>(
    items: Items<Item>,
    provider: BatchProvider<Item, Result>,
    options: MapItemsOptions<Item, Result> & { readonly batch: ProviderOptions<Item>; readonly onError?: 'throw' },
  ): Promise<Result[]>
  /** With `batch` the function receives many items per call; each result is still stored separately. */
  <Item, Result>(
    items: Items<Item>,
    fn: BatchFunction<Item, Result>,
    options: MapItemsOptions<Item, Result> & { readonly batch: BatchOptions<Item>; readonly onError: 'keep' },
  ): Promise<ItemOutcome<Result>[]>
  <Item, Result>(
    items: Items<Item>,
    fn: BatchFunction<Item, Result>,
    options: MapItemsOptions<Item, Result> & { readonly batch: BatchOptions<Item>; readonly onError?: 'throw' },
  ): Promise<Result[]>
  <Item, Result>(
    items: Items<Item>,
    fn: ItemFunction<Item, Result>,
    options: MapItemsOptions<Item, Result> & { readonly onError: 'keep' },
  ): Promise<ItemOutcome<Result>[]>
  <Item, Result>(
    items: Items<Item>,
    fn: ItemFunction<Item, Result>,
    options?: MapItemsOptions<Item, Result> & { readonly onError?: 'throw' },
  ): Promise<Result[]>
  /** Yields the results one at a time, for more items than fit into memory: only a limited number are read ahead. */
  readonly stream: StreamItems
}

/** `mapItems.stream`. */
export interface StreamItems {
  <Item, Result>(
    items: Items<Item>,
    provider: BatchProvider<Item, Result>,
    options: MapItemsOptions<Item, Result> & { readonly batch: ProviderOptions<Item> },
  ): AsyncIterable<Result>
  <Item, Result>(
    items: Items<Item>,
    fn: BatchFunction<Item, Result>,
    options: MapItemsOptions<Item, Result> & { readonly batch: BatchOptions<Item> },
  ): AsyncIterable<Result>
  <Item, Result>(
    items: Items<Item>,
    fn: ItemFunction<Item, Result>,
    options?: MapItemsOptions<Item, Result>,
  ): AsyncIterable<Result>
}
