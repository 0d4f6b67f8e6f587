import type { BatchProvider, FetchedItem, ItemOutcome, ProviderOptions } from '../../../declare/items.js'
import { pushTo } from '../../../base/grouping.js'
import type { Tried } from '../attempts.js'
import { gateOf } from '../gate.js'
import { endWith, gatheredWork, release, type Ask, type Missing, type Together } from '../gathered-work.js'
import type { Asked, ItemParts, ItemTotals } from '../item-parts.js'
import { addUsage } from '../item-record.js'
import { keptOutcome, settled } from '../item-results.js'
import type { Work } from '../item-work.js'
import {
  batchKey,
  batchUnder,
  beginningOf,
  isCancelRequested,
  isOpen,
  noteBatch,
  openBatches,
  termsOf,
  type KnownBatch,
} from '../provider-record.js'
import type { Slots } from '../slots.js'
import {
  fetchResults,
  shownId,
  stateText,
  submitBatch,
  untilEnded,
  type Ended,
  type Providing,
  type Results,
  type Submitted,
} from './provider-calls.js'

/**
 * Items in batches that a provider computes asynchronously. A submission is stored before anything waits for it, under
 * a key derived from its items: a later run, or one after a kill, waits for the same batch.
 */
export const providerWork = (
  parts: ItemParts,
  totals: ItemTotals,
  provider: BatchProvider<unknown, unknown>,
  options: ProviderOptions<unknown>,
  slots: Slots,
): Work => {
  const providing: Providing = { parts, totals, provider, options, gate: gateOf(parts) }
  /** Items submitted by earlier runs are grouped as they were then, so that each batch is looked up once. */
  const before = openBatches(parts.log)
  const together = ({ key }: Asked): Together | undefined => {
    const batch = before.get(key)
    return batch && { group: batch, size: batch.keys.length }
  }
  const ask: Ask = async (missing) => {
    const open = openBatches(parts.log)
    const byBatch = new Map<string | undefined, Missing[]>()
    for (const one of missing) pushTo(byBatch, open.get(one.asked.key)?.key, one)
    const again = await Promise.all(
      [...byBatch].map(([key, some]) =>
        key === undefined ? submitNew(providing, some) : resume(providing, key, some),
      ),
    )
    for (const one of missing) before.delete(one.asked.key)
    return { smaller: [], again: again.flat() }
  }
  return gatheredWork(parts, totals, { ...options, together }, slots, ask)
}

const submitNew = (providing: Providing, missing: readonly Missing[]): Promise<readonly Missing[]> => {
  const { parts, provider, options } = providing
  const { expectedCost } = parts.options
  const keys = missing.map((one) => one.asked.key)
  const key = batchKey(parts.log, keys)
  const submitted = parts.clock.now()
  const batch: KnownBatch = {
    key,
    state: 'submitting',
    submitted,
    items: keys.length,
    keys,
    ...(expectedCost === undefined ? {} : { expectedCost: expectedCost * keys.length }),
    ...(options.within === undefined || provider.cancel === undefined ? {} : { until: submitted + options.within }),
  }
  return withClaim(parts, key, async () => {
    await submit(providing, batch, missing)
    return []
  })
}

/** Other processes that want to submit or await this batch wait until the work has finished. */
const withClaim = async <A>({ log, signal }: ItemParts, key: string, work: () => Promise<A>): Promise<A> => {
  const claim = await log.claim(key, { signal, waiting: () => undefined })
  try {
    log.refresh()
    return await work()
  } finally {
    await claim.release()
  }
}

/** Submits a batch whose claim is held, and ends its items. */
const submit = async (providing: Providing, batch: KnownBatch, missing: readonly Missing[]): Promise<void> => {
  const { parts, gate } = providing
  const items = missing.map((one) => one.asked.item)
  const leave = await gate.enter(items)
  try {
    await noteBatch(parts, batch)
    const submitted = await submitBatch(providing, batch, items)
    if (typeof submitted === 'string') {
      for (const one of missing) await end(providing, one, { _tag: 'failed', problem: submitted, attempts: 1 }, batch)
      return
    }
    await noteBatch(parts, submitted)
    for (const one of missing) await release(one) // from now on the claim of the batch shows that they are in progress
    parts.info(
      `batch ${shownId(parts, submitted.id)}: ${[`${items.length} items submitted`, ...termsOf(batch)].join(', ')}`,
    )
    await finish(providing, submitted, missing)
  } finally {
    leave(
      missing.reduce((sum, { usage }) => sum + (usage['cost'] ?? 0), 0),
      undefined,
    )
  }
}

/** Waits for a batch of an earlier run or another process. Returns the items that it does not answer. */
const resume = async (providing: Providing, key: string, missing: readonly Missing[]): Promise<readonly Missing[]> => {
  const { parts, provider } = providing
  for (const one of missing) await release(one)
  return withClaim(parts, key, async () => {
    const batch = batchUnder(parts.log, key)
    const wanted = await withoutKept(providing, missing)
    if (batch === undefined || !isOpen(batch)) return wanted
    const mine = wanted.filter(({ asked }) => batch.keys.includes(asked.key))
    const left = wanted.filter((one) => !mine.includes(one))
    if (mine.length === 0) return left
    const id = batch.id ?? (await provider.find?.(key, { signal: parts.signal }))
    const isCancelled = isCancelRequested(parts.log, key)
    if (id !== undefined) {
      parts.info(`batch ${shownId(parts, id)} of an earlier run continues`)
      const submitted: Submitted = { ...batch, id, state: 'running' }
      if (batch.id === undefined) await noteBatch(parts, submitted)
      const again = await finish(providing, submitted, mine, isCancelled)
      return [...left, ...again]
    }
    if (isCancelled) {
      await noteBatch(parts, { ...batch, state: 'cancelled' })
      return wanted
    }
    if (mine.length === batch.keys.length) {
      await submit(providing, batch, inOrderOf(batch.keys, mine))
      return left
    }
    const problem = `it is unknown whether a batch of ${batch.items} items was submitted`
    if (provider.find === undefined) parts.warn(`${problem}; its items are submitted in a new batch`)
    await noteBatch(parts, { ...batch, state: 'failed', problem })
    return wanted
  })
}

/** Ends the items that have got a result in the meantime; returns the others. */
const withoutKept = async ({ parts, totals }: Providing, missing: readonly Missing[]): Promise<readonly Missing[]> => {
  const wanted: Missing[] = []
  for (const one of missing) {
    const outcome = keptOutcome(parts, totals, one.asked.key)
    if (outcome === undefined) wanted.push(one)
    else await endWith(one, outcome)
  }
  return wanted
}

/** The order of the first submission: one key always stands for one identical batch. */
const inOrderOf = (keys: readonly string[], missing: readonly Missing[]): readonly Missing[] => {
  const byKey = new Map(missing.map((one) => [one.asked.key, one]))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}

/**
 * Waits until a batch has ended, and stores its results. Its claim is held. `isCancelled`: a user has cancelled it
 * before this run, which therefore requests anew what it has not answered: returns these items.
 */
const finish = async (
  providing: Providing,
  batch: Submitted,
  missing: readonly Missing[],
  isCancelled = false,
): Promise<readonly Missing[]> => {
  const { parts } = providing
  const { signal, mask } = parts
  try {
    const ended = await untilEnded(providing, batch)
    const { state } = ended
    const problem = ended.problem === undefined ? undefined : beginningOf(mask(ended.problem), longestProblem)
    const hasResults = state !== 'failed' && ended.isAbandoned !== true
    const results: Results = hasResults ? await fetchResults(providing, batch.id) : new Map()
    const again = isCancelled && state === 'cancelled' ? missing.filter(({ asked }) => !results.has(asked.key)) : []
    const answered = missing.filter((one) => !again.includes(one))
    const what =
      state === 'failed' ? `failed: ${problem ?? 'no reason is given'}` : `${stateText[state]} without a result for it`
    const lacking = `batch ${shownId(parts, batch.id)} ${what}`
    const outcomes: ItemOutcome<unknown>[] = []
    for (const one of answered)
      outcomes.push(await endFetched(providing, one, results.get(one.asked.key), lacking, batch))
    reportEnd(providing, batch, ended, answered, outcomes)
    const ours = new Set(missing.map((one) => one.asked.key))
    const keys = batch.keys.filter((key) => !ours.has(key)) // not requested in this run; a later run will do so
    const why = problem === undefined ? {} : { problem }
    await noteBatch(parts, { ...batch, ...why, keys, state: keys.length === 0 ? state : 'running' })
    return again
  } catch (problem) {
    if (signal.aborted) parts.info(`batch ${shownId(parts, batch.id)} continues; another run will wait for it`)
    throw problem
  }
}

/** It is stored with each item of the batch. */
const longestProblem = 2000

const endFetched = async (
  providing: Providing,
  one: Missing,
  given: FetchedItem<unknown> | undefined,
  lacking: string,
  batch: Submitted,
): Promise<ItemOutcome<unknown>> => {
  for (const [name, amount] of Object.entries(given?.usage ?? {})) {
    if (!Number.isFinite(amount)) continue
    addUsage(one.usage, name, amount)
    addUsage(providing.totals.usage, name, amount)
  }
  return end(providing, one, answerOf(given, lacking, providing.parts.mask), batch)
}

/** An answer with neither a value nor a problem is a bug in `fetch`, not a result. */
const answerOf = (given: FetchedItem<unknown> | undefined, lacking: string, mask: (text: string) => string): Tried => {
  if (given !== undefined && given.problem === undefined && 'value' in given)
    return { _tag: 'value', value: given.value, attempts: 1 }
  const without = given === undefined ? lacking : 'fetch of the provider gave neither a value nor a problem for it'
  return { _tag: 'failed', problem: mask(given?.problem ?? without), attempts: 1 }
}

const end = async (
  { parts, totals }: Providing,
  one: Missing,
  answer: Tried,
  { submitted }: KnownBatch,
): Promise<ItemOutcome<unknown>> => {
  const seconds = Math.max(0, parts.clock.now() - submitted) / 1000 // clocks of machines differ
  const outcome = settled(parts, totals, one.asked, answer, { seconds, usage: one.usage })
  await endWith(one, outcome)
  return outcome
}

/** Reports in the task's log and in the totals what a batch has yielded for this run. */
const reportEnd = (
  { parts, totals }: Providing,
  { id, items }: Submitted,
  { state }: Ended,
  missing: readonly Missing[],
  outcomes: readonly ItemOutcome<unknown>[],
): void => {
  const { mask } = parts
  const failed = outcomes.filter(({ _tag }) => _tag !== 'done').length // includes results that `accept` refused
  const usage: Record<string, number> = {}
  for (const one of missing) for (const [name, sum] of Object.entries(one.usage)) addUsage(usage, name, sum)
  const used = Object.entries(usage).map(([name, sum]) => mask(`${name} ${sum}`))
  const done = missing.length - failed
  const counts = [`${done} ${done === 1 ? 'result' : 'results'}`, `${failed} without`, ...used].join(', ')
  parts.info(`batch ${shownId(parts, id)} ${stateText[state]}: ${counts}`)
  totals.batches.push({ id: shownId(parts, id), state, items, failed, usage })
}
