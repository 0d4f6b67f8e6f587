import type { BatchProvider, BatchStatus, FetchedItem, ProviderOptions } from '../../../declare/items.js'
import { delayAfter } from '../../../declare/retry.js'
import { messageOf } from '../../../base/thrown.js'
import type { Gate } from '../gate.js'
import type { ItemParts, ItemTotals } from '../item-parts.js'
import { beginningOf, isCancelRequested, noteBatch, termsOf, type KnownBatch } from '../provider-record.js'
import { retryAfterOf } from '../retry-after.js'

/** The calls of a provider: failed ones are retried, and what they return is checked. */

/** Shared by everything that works with the batches of one `mapItems`. */
export interface Providing {
  readonly parts: ItemParts
  readonly totals: ItemTotals
  readonly provider: BatchProvider<unknown, unknown>
  readonly options: ProviderOptions<unknown>
  readonly gate: Gate
}

/** A batch that the provider has accepted. */
export type Submitted = KnownBatch & { readonly id: string }
export type Ended = BatchStatus & {
  readonly state: Exclude<BatchStatus['state'], 'running'>
  /** Cancelled by a user, although its provider cannot cancel: it continues there. */
  readonly isAbandoned?: boolean
}
export type Results = ReadonlyMap<string, FetchedItem<unknown>>

/** The id of a batch in messages. */
export const shownId = ({ mask }: Pick<ItemParts, 'mask'>, id: string): string => beginningOf(mask(id))

/** Wording of a final batch state in messages. */
export const stateText = {
  ended: 'ended',
  expired: 'expired',
  cancelled: 'was cancelled',
  failed: 'failed',
} as const

/**
 * Submits a batch. Returns a message if the call failed: the batch may still have arrived, which the next run finds out
 * through `find`, or by submitting under the same key.
 */
export const submitBatch = async (
  { parts, totals, provider }: Providing,
  batch: KnownBatch,
  items: readonly unknown[],
): Promise<Submitted | string> => {
  const { signal, mask } = parts
  totals.attempts++
  try {
    const { key: idempotencyKey, keys } = batch
    const id: unknown = await withRetries(parts, () => provider.submit(items, { signal, keys, idempotencyKey }))
    if (typeof id !== 'string' || id === '') throw new TypeError('submit of the provider gave no id')
    return { ...batch, id, state: 'running' }
  } catch (problem) {
    if (signal.aborted) throw problem
    return mask(`the batch could not be submitted: ${messageOf(problem)}`)
  }
}

/** Polls until the batch has ended; cancels it once `within` has elapsed, or when a user requests it. */
export const untilEnded = async (providing: Providing, batch: Submitted): Promise<Ended> => {
  const { parts, provider, options } = providing
  const { clock, signal, log } = parts
  const { pollDelay = 10_000, pollMaxDelay = 600_000, within = Infinity } = options
  const { id, submitted } = batch
  let isCancelled = false
  let last: BatchStatus = { state: 'running' }
  for (let delay = pollDelay; ; delay = Math.min(delay * 1.5, Math.max(pollDelay, pollMaxDelay))) {
    const status = statusOf(await callAbout(providing, id, () => provider.poll(id, { signal })))
    const { state } = status
    if (state !== 'running') return { ...status, state }
    await reportProgress(parts, batch, status, last)
    last = status
    const isRequested = isCancelRequested(log, batch.key)
    if (isRequested && provider.cancel === undefined) {
      parts.warn(`batch ${shownId(parts, id)} is cancelled here, but continues: its provider has no \`cancel\``)
      return { state: 'cancelled', isAbandoned: true }
    }
    if (!isCancelled && (isRequested || clock.now() - submitted >= within) && provider.cancel !== undefined) {
      isCancelled = true
      const why = isRequested ? 'is cancelled by a user' : `has not ended within ${within} ms: it is cancelled`
      parts.info(`batch ${shownId(parts, id)} ${why}`)
      await callAbout(providing, id, () => provider.cancel?.(id, { signal }))
      delay = pollDelay // results of a cancelled batch are usually available soon
    }
    const left = isCancelled ? Infinity : submitted + within - clock.now()
    await waitFor(providing, left > 0 ? Math.min(delay, left) : delay, batch.key, isCancelled)
  }
}

/** How often a wait is interrupted to see whether a user has requested that the batch is cancelled. */
const lookEvery = 10_000

const waitFor = async (
  { parts }: Providing,
  milliseconds: number,
  key: string,
  isCancelled: boolean,
): Promise<void> => {
  const { log, clock, signal } = parts
  if (isCancelled) return clock.wait(milliseconds, signal)
  for (let left = milliseconds; left > 0; left -= lookEvery) {
    await clock.wait(Math.min(left, lookEvery), signal)
    await log.fetch?.().catch(() => undefined) // the batch is polled, even if the store does not answer
    log.refresh()
    if (isCancelRequested(log, key)) return
  }
}

/**
 * The expiry is stored as well, since other commands show it; the number of finished items changes too often for that.
 */
const reportProgress = async (
  parts: ItemParts,
  batch: Submitted,
  { expires, done }: BatchStatus,
  last: BatchStatus,
): Promise<void> => {
  if (expires === last.expires && done === last.done) return
  const known = { ...batch, ...(expires === undefined ? {} : { expires }), ...(done === undefined ? {} : { done }) }
  if (expires !== last.expires) await noteBatch(parts, known)
  parts.info(`batch ${shownId(parts, batch.id)}: ${termsOf(known).join(', ')}`)
}

/** The results of a batch that has ended, by item key. */
export const fetchResults = (providing: Providing, id: string): Promise<Results> =>
  callAbout(providing, id, async () => {
    const results = new Map<string, FetchedItem<unknown>>()
    const given = await providing.provider.fetch(id, { signal: providing.parts.signal })
    for await (const one of given) results.set(keyOf(one), one)
    return results
  })

/** A call about a submitted batch: if it fails, the run ends but the batch continues. */
const callAbout = async <A>({ parts }: Providing, id: string, call: () => A): Promise<Awaited<A>> => {
  const { signal, mask } = parts
  try {
    return await withRetries(parts, call)
  } catch (problem) {
    if (signal.aborted) throw problem
    throw new BatchGoesOn(
      `batch ${shownId(parts, id)}: ${mask(messageOf(problem))}; it continues, another run will wait for it`,
    )
  }
}

/** The provider could not be reached about a batch, which continues. */
class BatchGoesOn extends Error {
  override readonly name = 'BatchGoesOn'
}

/** Retries calls that cost nothing, up to three attempts unless `retry` says otherwise. */
const withRetries = async <A>({ options: { retry }, clock, signal }: ItemParts, call: () => A): Promise<Awaited<A>> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (problem) {
      if (signal.aborted) throw signal.reason
      if (attempt >= (retry?.attempts ?? 3) || retry?.when?.(problem, attempt) === false) throw problem
      const asked = retryAfterOf(problem, clock.now()) ?? 0
      await clock.wait(Math.max(asked, delayAfter(attempt, retry)), signal)
    }
  }
}

const statusOf = (given: unknown): BatchStatus => {
  const status = (typeof given === 'string' ? { state: given } : given) as BatchStatus | undefined // checked below
  const isNumber = (value: unknown): boolean => value === undefined || (typeof value === 'number' && value >= 0)
  if (status?.state === 'running' || (status !== undefined && Object.hasOwn(stateText, status.state))) {
    if (isNumber(status.expires) && isNumber(status.done)) return status
    throw new TypeError('poll of the provider: expires must be milliseconds since 1970, done a number of items')
  }
  throw new TypeError(
    `poll of the provider gave ${JSON.stringify(given)}, not one of running, ${Object.keys(stateText).join(', ')}`,
  )
}

const keyOf = (one: unknown): string => {
  const key: unknown = typeof one === 'object' && one !== null ? Reflect.get(one, 'key') : undefined
  if (typeof key === 'string') return key
  throw new TypeError(
    `fetch of the provider gave ${String(JSON.stringify(one))}, not { key, value } or { key, problem }`,
  )
}
