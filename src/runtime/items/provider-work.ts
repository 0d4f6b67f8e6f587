import type { BatchProvider, BatchStatus, FetchedItem, ProviderOptions } from '../../declare/items.js'
import { delayAfter } from '../../declare/retry.js'
import { pushTo } from '../../base/grouping.js'
import { messageOf } from '../../base/thrown.js'
import type { Lease } from '../ports/lease.js'
import type { Tried } from './attempts.js'
import { gateOf, rounded } from './gate.js'
import { endWith, gatheredWork, release, type Ask, type Missing, type Together } from './gathered-work.js'
import type { Asked, ItemParts, ItemTotals } from './item-parts.js'
import { addUsage } from './item-record.js'
import { keptOutcome, settled } from './item-results.js'
import type { Work } from './item-work.js'
import { batchKey, batchUnder, isOpen, openBatches, termsOf, type KnownBatch } from './provider-record.js'
import { retryAfterOf } from './retry-after.js'
import type { Slots } from './slots.js'

type Provider = BatchProvider<unknown, unknown>

/** A batch that a provider has. */
type Submitted = KnownBatch & { readonly id: string }

/**
 * Items in batches that a provider computes in its own time. What is submitted is kept before anybody waits, under a
 * key made of the items: who comes later, or after a kill, waits for the same batch.
 */
export const providerWork = (
  parts: ItemParts,
  totals: ItemTotals,
  provider: Provider,
  options: ProviderOptions<unknown>,
  slots: Slots,
): Work => {
  const { log, clock, signal, mask } = parts
  const gate = gateOf(parts)
  /** What earlier runs have submitted is gathered as it was. */
  const before = openBatches(log)

  const ask: Ask = async (missing) => {
    const now = openBatches(log)
    const byBatch = new Map<string | undefined, Missing[]>()
    for (const one of missing) pushTo(byBatch, now.get(one.asked.key)?.key, one)
    const again = await Promise.all(
      [...byBatch].map(([key, some]) => (key === undefined ? submitNew(some) : goOn(key, some))),
    )
    for (const one of missing) before.delete(one.asked.key)
    return { smaller: [], again: again.flat() }
  }

  /** Keeps a batch's state, for good, before anything else happens. */
  const note = async ({ key, ...batch }: KnownBatch): Promise<void> => {
    log.append({ key, kind: 'batch', at: clock.now(), text: JSON.stringify({ schema: 1, batch }) })
    await log.sync()
  }
  const claimed = async <A>(key: string, work: () => Promise<A>): Promise<A> => {
    const claim: Lease = await log.claim(key, { signal, waiting: () => undefined })
    try {
      log.refresh()
      return await work()
    } finally {
      await claim.release()
    }
  }

  const submitNew = (missing: readonly Missing[]): Promise<readonly Missing[]> => {
    const keys = missing.map((one) => one.asked.key)
    const key = batchKey(log, keys)
    const submitted = clock.now()
    const { expectedCost } = parts.options
    const batch: KnownBatch = {
      key,
      state: 'submitting',
      submitted,
      items: keys.length,
      keys,
      ...(expectedCost === undefined ? {} : { expectedCost: expectedCost * keys.length }),
      ...(options.within === undefined || provider.cancel === undefined ? {} : { until: submitted + options.within }),
    }
    return claimed(key, () => submit(batch, missing))
  }
  const submit = async (batch: KnownBatch, missing: readonly Missing[]): Promise<readonly Missing[]> => {
    const items = missing.map((one) => one.asked.item)
    const leave = await gate.enter(items)
    try {
      await note(batch)
      const submitted = await handedOver(batch, items)
      if (typeof submitted === 'string') {
        for (const one of missing) await end(one, { _tag: 'failed', problem: submitted, attempts: 1 }, batch)
        return []
      }
      await note(submitted)
      for (const one of missing) await release(one) // from now on the batch's own claim says that they are under way
      parts.tell(`batch ${mask(submitted.id)}: ${[`${items.length} items submitted`, ...termsOf(batch)].join(', ')}`)
      return await finish(submitted, missing)
    } finally {
      leave(
        missing.reduce((sum, { usage }) => sum + (usage['cost'] ?? 0), 0),
        undefined,
      )
    }
  }
  /** The problem, where it was not taken: or nobody knows, which the next run finds out by `find` or by the key. */
  const handedOver = async (batch: KnownBatch, items: readonly unknown[]): Promise<Submitted | string> => {
    totals.attempts++
    try {
      const { key: idempotencyKey, keys } = batch
      const id: unknown = await patiently(parts, () => provider.submit(items, { signal, keys, idempotencyKey }))
      if (typeof id !== 'string' || id === '') throw new TypeError('submit of the provider gave no id')
      return { ...batch, id, state: 'running' }
    } catch (problem) {
      if (signal.aborted) throw problem
      return mask(`the batch could not be submitted: ${messageOf(problem)}`)
    }
  }

  /** Waits for a batch of an earlier run, or of another process. */
  const goOn = async (key: string, missing: readonly Missing[]): Promise<readonly Missing[]> => {
    for (const one of missing) await release(one)
    return claimed(key, async () => {
      const batch = batchUnder(log, key)
      const wanted = await withoutKept(missing)
      if (batch === undefined || !isOpen(batch)) return wanted
      const mine = wanted.filter(({ asked }) => batch.keys.includes(asked.key))
      const left = wanted.filter((one) => !mine.includes(one))
      if (mine.length === 0) return left
      const id = batch.id ?? (await provider.find?.(key, { signal }))
      if (id !== undefined) {
        parts.tell(`batch ${mask(id)} of before goes on`)
        const submitted: Submitted = { ...batch, id, state: 'running' }
        if (batch.id === undefined) await note(submitted)
        return [...left, ...(await finish(submitted, mine))]
      }
      if (mine.length === batch.keys.length) return [...left, ...(await submit(batch, inOrderOf(batch.keys, mine)))]
      const problem = `nobody knows whether a batch of ${batch.items} items was submitted`
      if (provider.find === undefined) parts.warn(`${problem}; its items are submitted in another one`)
      await note({ ...batch, state: 'failed', problem })
      return wanted
    })
  }
  const withoutKept = async (missing: readonly Missing[]): Promise<readonly Missing[]> => {
    const wanted: Missing[] = []
    for (const one of missing) {
      const outcome = keptOutcome(parts, totals, one.asked.key)
      if (outcome === undefined) wanted.push(one)
      else await endWith(one, outcome)
    }
    return wanted
  }

  /** Waits until a batch has ended, and keeps what it brings. Its claim is held. */
  const finish = async (batch: Submitted, missing: readonly Missing[]): Promise<readonly Missing[]> => {
    try {
      const { state, problem } = await waited(batch)
      const found = state === 'failed' ? new Map<string, FetchedItem<unknown>>() : await fetched(batch.id)
      const lacking = mask(
        `batch ${batch.id} ${
          state === 'failed' ? `failed: ${problem ?? 'no reason is given'}` : `${was[state]} without a result for it`
        }`,
      )
      for (const one of missing) await endFetched(one, found.get(one.asked.key), lacking, batch)
      const failed = missing.filter(
        ({ asked }) => (found.get(asked.key) ?? { problem: lacking }).problem !== undefined,
      ).length
      const usage: Record<string, number> = {}
      for (const one of missing) for (const [name, sum] of Object.entries(one.usage)) addUsage(usage, name, sum)
      const used = Object.entries(usage).map(([name, sum]) => mask(`${name} ${rounded(sum)}`))
      const results = [`${missing.length - failed} results`, `${failed} without`, ...used].join(', ')
      parts.tell(`batch ${mask(batch.id)} ${was[state]}: ${results}`)
      totals.batches.push({ id: mask(batch.id), state, items: batch.items, failed, usage })
      const answered = new Set(missing.map((one) => one.asked.key))
      const keys = batch.keys.filter((key) => !answered.has(key)) // this run has not asked for them; another one will
      const why = problem === undefined ? {} : { problem: mask(problem) }
      await note({ ...batch, ...why, keys, state: keys.length === 0 ? state : 'running' })
      return []
    } catch (problem) {
      if (signal.aborted) parts.tell(`batch ${mask(batch.id)} goes on; another run waits for it`)
      throw problem
    }
  }
  const endFetched = async (
    one: Missing,
    given: FetchedItem<unknown> | undefined,
    lacking: string,
    batch: Submitted,
  ): Promise<void> => {
    for (const [name, amount] of Object.entries(given?.usage ?? {})) {
      if (!Number.isFinite(amount)) continue
      addUsage(one.usage, name, amount)
      addUsage(totals.usage, name, amount)
    }
    await end(one, answerOf(given, lacking, mask), batch)
  }
  const end = (one: Missing, answer: Tried, { submitted }: KnownBatch): Promise<void> => {
    const seconds = Math.max(0, clock.now() - submitted) / 1000
    return endWith(one, settled(parts, totals, one.asked, answer, { seconds, usage: one.usage }))
  }

  const waited = async (batch: Submitted): Promise<Ended> => {
    const { pollDelay = 10_000, pollMaxDelay = 600_000, within = Infinity } = options
    const { id, submitted } = batch
    let isCancelled = false
    let told: BatchStatus = { state: 'running' }
    for (let delay = pollDelay; ; delay = Math.min(delay * 1.5, Math.max(pollDelay, pollMaxDelay))) {
      const status = statusOf(await followed(id, () => provider.poll(id, { signal })))
      const { state, expires, done } = status
      if (state !== 'running') return { ...status, state }
      if (expires !== told.expires || done !== told.done) {
        const known = {
          ...batch,
          ...(expires === undefined ? {} : { expires }),
          ...(done === undefined ? {} : { done }),
        }
        if (expires !== told.expires) await note(known)
        parts.tell(`batch ${mask(id)}: ${termsOf(known).join(', ')}`)
        told = status
      }
      if (!isCancelled && clock.now() - submitted >= within && provider.cancel !== undefined) {
        isCancelled = true
        parts.tell(`batch ${mask(id)} has not ended within ${within} ms: it is cancelled`)
        await followed(id, () => provider.cancel?.(id, { signal }))
        delay = pollDelay
      }
      const left = isCancelled ? Infinity : submitted + within - clock.now()
      await clock.wait(left > 0 ? Math.min(delay, left) : delay, signal)
    }
  }
  const fetched = (id: string): Promise<ReadonlyMap<string, FetchedItem<unknown>>> =>
    followed(id, async () => {
      const found = new Map<string, FetchedItem<unknown>>()
      for await (const one of await provider.fetch(id, { signal })) found.set(keyOf(one), one)
      return found
    })
  /** What goes wrong here ends the run, not the batch. */
  const followed = async <A>(id: string, call: () => A): Promise<Awaited<A>> => {
    try {
      return await patiently(parts, call)
    } catch (problem) {
      if (signal.aborted) throw problem
      throw new BatchGoesOn(`batch ${mask(id)}: ${mask(messageOf(problem))}; it goes on, another run waits for it`)
    }
  }

  const together = ({ key }: Asked): Together | undefined => {
    const batch = before.get(key)
    return batch && { group: batch, size: batch.keys.length }
  }
  return gatheredWork(parts, totals, { ...options, together }, slots, ask)
}

/** The provider could not be asked about a batch, which has not ended by that. */
class BatchGoesOn extends Error {
  override readonly name = 'BatchGoesOn'
}

type Ended = BatchStatus & { readonly state: Exclude<BatchStatus['state'], 'running'> }
const was = { ended: 'ended', expired: 'expired', cancelled: 'was cancelled', failed: 'failed' } as const

const statusOf = (given: unknown): BatchStatus => {
  const status = (typeof given === 'string' ? { state: given } : given) as BatchStatus | undefined // looked at below
  const isNumber = (value: unknown): boolean => value === undefined || (typeof value === 'number' && value >= 0)
  if (status?.state === 'running' || (status !== undefined && Object.hasOwn(was, status.state))) {
    if (isNumber(status.expires) && isNumber(status.done)) return status
    throw new TypeError('poll of the provider: expires must be milliseconds since 1970, done a number of items')
  }
  throw new TypeError(
    `poll of the provider gave ${JSON.stringify(given)}, not one of running, ${Object.keys(was).join(', ')}`,
  )
}

/** Calls that cost nothing are tried again, three times unless `retry` says otherwise. */
const patiently = async <A>({ options: { retry }, clock, signal }: ItemParts, call: () => A): Promise<Awaited<A>> => {
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

const inOrderOf = (keys: readonly string[], missing: readonly Missing[]): readonly Missing[] => {
  const byKey = new Map(missing.map((one) => [one.asked.key, one]))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}

/** Neither a value nor a problem is a mistake of `fetch`, not a result. */
const answerOf = (given: FetchedItem<unknown> | undefined, lacking: string, mask: (text: string) => string): Tried => {
  if (given !== undefined && given.problem === undefined && 'value' in given)
    return { _tag: 'value', value: given.value, attempts: 1 }
  const without = given === undefined ? lacking : 'fetch of the provider gave neither a value nor a problem for it'
  return { _tag: 'failed', problem: mask(given?.problem ?? without), attempts: 1 }
}

const keyOf = (one: unknown): string => {
  const key: unknown = typeof one === 'object' && one !== null ? Reflect.get(one, 'key') : undefined
  if (typeof key === 'string') return key
  throw new TypeError(
    `fetch of the provider gave ${String(JSON.stringify(one))}, not { key, value } or { key, problem }`,
  )
}
