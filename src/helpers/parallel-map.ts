import { availableParallelism } from 'node:os'
import type { Awaitable } from '../declare/types.js'
import { messageOf } from '../base/thrown.js'

/** Concurrency, progress and cancellation. */
export interface ParallelMapOptions {
  /** Number of items processed at once. Default: number of processors. */
  readonly concurrency?: number
  /** Called after each item; `context.progress` can be passed. Exceptions it throws are ignored. */
  readonly progress?: (done: number, total: number) => void
  /**
   * Once aborted, no item is started; items in progress are awaited, then the call rejects with the signal's reason.
   */
  readonly signal?: AbortSignal
}

/** One item that failed. */
export interface FailedItem<out A = unknown> {
  readonly index: number
  readonly item: A
  readonly cause: unknown
}

/**
 * The rejection of `parallelMap`: every item that failed, in order. Recognise it by `_tag`.
 *
 * @example
 * try {
 *   await parallelMap(['1', 'x'], async (text) => BigInt(text))
 * } catch (cause) {
 *   if (cause instanceof ItemsFailed) console.log(cause.failures.map(({ index }) => index))
 * }
 */
export class ItemsFailed<A = unknown> extends AggregateError {
  readonly _tag = 'ItemsFailed'
  override readonly name = 'ItemsFailed'
  readonly failures: readonly FailedItem<A>[]
  /** Number of items that were not started because of the failure. */
  readonly notStarted: number
  constructor(failures: readonly FailedItem<A>[], notStarted: number) {
    super(
      failures.map(({ cause }) => cause),
      sentence(failures, notStarted),
    )
    this.failures = failures
    this.notStarted = notStarted
  }
}

const sentence = (failures: readonly FailedItem[], notStarted: number): string => {
  const shown = failures
    .slice(0, 3)
    .map(({ index, item, cause }) => `item ${index} (${short(item)}): ${messageOf(cause)}`)
  const more = failures.length > 3 ? [`and ${failures.length - 3} more`] : []
  const rest = notStarted > 0 ? `; ${notStarted} not started` : ''
  return (
    `${failures.length === 1 ? '1 item' : `${failures.length} items`}` +
    ` failed${rest}: ${[...shown, ...more].join('; ')}`
  )
}

const short = (item: unknown): string => {
  try {
    const text = JSON.stringify(item) ?? String(item)
    return text.length > 60 ? `${text.slice(0, 59)}…` : text
  } catch {
    return Object.prototype.toString.call(item)
  }
}

/**
 * Maps items with several in progress at once; results are in item order.
 * After a failure nothing new is started; once all items in progress have ended, it rejects with `ItemsFailed`.
 *
 * @example
 * await parallelMap([1, 2, 3], async (n) => n * n, { concurrency: 2 }) // => [1, 4, 9]
 */
export const parallelMap = async <A, B>(
  items: Iterable<A>,
  fn: (item: A, index: number) => Awaitable<B>,
  options: ParallelMapOptions = {},
): Promise<B[]> => {
  const { concurrency = availableParallelism(), progress, signal } = options
  if (!(concurrency >= 1)) throw new RangeError(`concurrency must be at least 1, got ${concurrency}`)
  const all = [...items]
  const results: B[] = Array.from({ length: all.length })
  const failures: FailedItem<A>[] = []
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    while (next < all.length && failures.length === 0 && signal?.aborted !== true) {
      const index = next++
      const item = all[index]!
      try {
        results[index] = await fn(item, index)
        done++
        report(progress, done, all.length)
      } catch (cause) {
        failures.push({ index, item, cause })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, worker))
  const inOrder = failures.toSorted((a, b) => a.index - b.index)
  if (signal?.aborted === true && done < all.length) throw signal.reason
  if (inOrder.length > 0) throw new ItemsFailed(inOrder, all.length - next)
  return results
}

/** A failing listener must not fail the work. */
const report = (progress: ParallelMapOptions['progress'], done: number, total: number): void => {
  try {
    progress?.(done, total)
  } catch {
    // the listener's own problem
  }
}
