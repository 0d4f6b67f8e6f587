import type { Retry } from './retry.js'
import type { Awaitable } from './types.js'

/** Items of a task: each result is kept by itself. What `mapItems` takes and gives. */

/** How many calls a minute an interface takes. */
export interface RateLimit {
  /** Calls a minute. */
  readonly requests?: number
  /** Tokens a minute, of which `tokensOf` says how many an item takes. */
  readonly tokens?: number
}

/** What the function of an item gets besides the item. */
export interface ItemContext {
  /** Aborted when the run is to stop, and when the item's time is over. */
  readonly signal: AbortSignal
  /** From 1. */
  readonly attempt: number
  /** Where the item stands among all. */
  readonly index: number
  /** What this attempt has used: numbers by name, added up. `cost` counts against `maxCost`. */
  readonly usage: (amounts: Readonly<Record<string, number>>) => void
}

/** How items are computed and kept. */
export interface MapItemsOptions<Item = never, Result = never> {
  /** Tells several `mapItems` of one task apart. Default `items`. */
  readonly name?: string
  /** What an item is known by; JSON-like. Default: the item. */
  readonly key?: (item: Item) => unknown
  /** What the results depend on besides the item: a model, a prompt. JSON-like. Nothing else of the task counts. */
  readonly params?: unknown
  /** Changed when the function changes what it computes. */
  readonly version?: string | number
  /** Which of several results of one item is meant: with another number it is asked again. */
  readonly trial?: number | string
  /** Items that are equal: refused (default), or computed once and given several times. */
  readonly duplicates?: 'refuse' | 'share'
  /** Items at once. Default 8. */
  readonly concurrency?: number
  readonly rateLimit?: RateLimit
  /** How many tokens of `rateLimit` an item takes; what `usage` says of `tokens` counts instead. Default 1. */
  readonly tokensOf?: (item: Item) => number
  /** How a failed call is tried again. `Retry-After` of an answer is honoured. Default: once, that is not again. */
  readonly retry?: Retry & { readonly when?: (problem: unknown, attempt: number) => boolean }
  /** Milliseconds for one attempt. */
  readonly timeout?: number
  /**
   * Whether a result may be used again; a text says why not. What is refused is kept, counts as failed, and is asked
   * again.
   */
  readonly accept?: (result: Result, item: Item) => boolean | string
  /** `throw` (default): when all have ended, the task fails if any has. `keep`: what became of each is given. */
  readonly onError?: 'throw' | 'keep'
  /** Milliseconds after which a kept result is asked again. */
  readonly expires?: number
  /** No call is begun that could bring the cost of this run above it. */
  readonly maxCost?: number
  /** What one item costs, as long as no call has told. */
  readonly expectedCost?: number
  /** Whether kept results are used. Default true. */
  readonly read?: boolean
  /** Whether results are kept. Default true. */
  readonly write?: boolean
}

/** What became of an item, with `onError: 'keep'`. */
export type ItemOutcome<Result> =
  | { readonly _tag: 'done'; readonly value: Result /** It was there before. */; readonly kept: boolean }
  | { readonly _tag: 'failed'; readonly problem: string; readonly attempts: number }
  | { readonly _tag: 'refused'; readonly value: Result; readonly reason: string }

/** What `mapItems` goes through: a list, or what comes one after the other. */
export type Items<Item> = Iterable<Item> | AsyncIterable<Item>
/** What is called for an item. */
export type ItemFunction<Item, Result> = (item: Item, context: ItemContext) => Awaitable<Result>

/** How items are asked for many at once. */
export interface BatchOptions<Item = never> {
  /** Items of one call, at most. The last ones may be fewer. */
  readonly size: number
  /** Items of one batch give the same here: an interface that takes one language a call, say. */
  readonly by?: (item: Item) => string | number
}

/** What the function of a batch gets besides the items. */
export interface BatchContext {
  /** Aborted when the run is to stop, and when the time of the batch is over. */
  readonly signal: AbortSignal
  /** From 1. */
  readonly attempt: number
  /** A text for each item, its own for ever: what results are given by in a map. */
  readonly keys: readonly string[]
  /**
   * What this attempt has used: numbers by name, added up. Of all items of the batch in equal parts, or of the one at
   * the position that is said.
   */
  readonly usage: (amounts: Readonly<Record<string, number>>, of?: number) => void
}

/** Results in the order of the items, or by the keys of the context; an `Error` where an item failed. */
export type BatchResults<Result> = readonly (Result | Error)[] | ReadonlyMap<string, Result | Error>
/** What is called for a batch. */
export type BatchFunction<Item, Result> = (
  items: readonly Item[],
  context: BatchContext,
) => Awaitable<BatchResults<Result>>

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
  /** What became of its items once it has ended, expired or was cancelled; in any order, some may be missing. */
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

/** What `submit` gets besides the items. */
export interface SubmitContext extends CallSignal {
  /** A text for each item, to be handed over with it (`custom_id`): results are known by it. */
  readonly keys: readonly string[]
  /** The same when the same batch is submitted again because nobody knows whether it has arrived. */
  readonly idempotencyKey: string
}

/** `failed`: as a whole, there is nothing to fetch. */
export type BatchState = 'running' | 'ended' | 'failed' | 'expired' | 'cancelled'
/** How far a batch is. */
export interface BatchStatus {
  readonly state: BatchState
  /** Why it failed. */
  readonly problem?: string
  /** When the provider gives it up; milliseconds since 1970. Shown while it is waited for. */
  readonly expires?: number
  /** How many of its items have ended. */
  readonly done?: number
}

/** What became of one item; `usage` are numbers by name, `cost` among them. */
export type FetchedItem<Result> = {
  readonly key: string
  readonly usage?: Readonly<Record<string, number>>
} & ({ readonly value: Result; readonly problem?: undefined } | { readonly problem: string })

/** How the batches of a provider are asked about. */
export interface ProviderOptions<Item = never> extends BatchOptions<Item> {
  /** Milliseconds between the first questions how far a batch is; they grow by half. Default 10,000. */
  readonly pollDelay?: number
  /** The longest of them. Default 600,000. */
  readonly pollMaxDelay?: number
  /** Milliseconds after which a batch that has not ended is cancelled; what it has come to is kept. */
  readonly within?: number
}

/**
 * Calls a function for each item and keeps each result by itself, under the item and what `params`, `version` and
 * `trial` say: an interrupted run goes on with what is missing, whatever config asks for it. Results come in the order
 * of the items; they are JSON, and what JSON gives back.
 *
 * @example
 * const params = { words: t.array(t.string) }
 * const scored = defineTask({ params, data: t.array(t.number) }).run(({ words }, { mapItems }) =>
 *   mapItems(words, async (word) => word.length, { params: { model: 'small' }, concurrency: 16 }),
 * )
 * await testTask(scored, { params: { words: ['one', 'three'] } }) // => [3, 5]
 */
export interface MapItems {
  /** With a provider that computes batches in its own time in place of the function. */
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
  /** With `batch` the function gets many items at once; each result is kept by itself all the same. */
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
  /** The same one after the other, for more than fits into memory: as the items come, as many ahead as are at work. */
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
