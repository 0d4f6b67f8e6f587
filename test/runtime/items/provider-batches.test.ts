import { describe, expect, it } from 'vitest'
import type { BatchProvider, BatchState, FetchedItem } from '../../../src/declare/items.js'
import type { MapItemsParts } from '../../../src/runtime/items/map-items.js'
import { memoryItems } from '../../../src/adapters/memory-store/memory-items.js'
import { during, itemsTask } from './items-task.js'

interface Sent {
  readonly id: string
  readonly items: readonly number[]
  readonly keys: readonly string[]
  readonly idempotencyKey: string
}

/** A provider of squares: a batch has ended when it was asked about so often. */
const provider = ({ polls = 2, ended = 'ended' as BatchState } = {}) => {
  const sent: Sent[] = []
  const asked: string[] = []
  const left = new Map<string, number>()
  const found = (id: string): Sent =>
    sent.find((one) => one.id === id) ?? { id, items: [], keys: [], idempotencyKey: '' }
  const of: BatchProvider<number, number> = {
    submit: (items, { keys, idempotencyKey }) => {
      const id = `batch-${sent.length + 1}`
      sent.push({ id, items, keys, idempotencyKey })
      return id
    },
    poll: (id) => {
      asked.push(id)
      const more = left.get(id) ?? polls
      left.set(id, more - 1)
      return more > 0 ? 'running' : ended
    },
    fetch: (id) =>
      found(id)
        .items.map(
          (item, at): FetchedItem<number> => ({
            key: found(id).keys[at] ?? '',
            value: item * item,
            usage: { cost: 0.5 },
          }),
        )
        .toReversed(),
  }
  return { of, sent, asked }
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at)
const batch = { size: 3 }

/** A run that shares what is kept with others, and can be stopped. */
const run = (items: MapItemsParts['items']) => {
  const abort = new AbortController()
  return { ...itemsTask({ items, signal: abort.signal }), stop: () => abort.abort(new Error('killed')) }
}
/** Lets a run get as far as it does. */
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise(setImmediate)
}

describe('batches of a provider', () => {
  it('are submitted, asked about less and less often, and fetched; results are kept one by one', async () => {
    const { mapItems, clock, notes, said, parts } = itemsTask()
    const { of, sent, asked } = provider({ polls: 3 })
    expect(await during(clock, mapItems(upTo(4), of, { batch }))).toEqual([0, 1, 4, 9])
    expect(sent.map(({ items }) => items)).toEqual([[0, 1, 2], [3]])
    expect([asked.length, clock.elapsed()]).toEqual([8, 49_000]) // 10, 15 and 22.5 seconds, in steps of one
    expect(notes).toMatchObject([
      {
        computed: 4,
        batches: [
          { id: 'batch-1', state: 'ended', items: 3, failed: 0 },
          { id: 'batch-2', state: 'ended', items: 1, failed: 0 },
        ],
        usage: { cost: 2 },
      },
    ])
    expect(said).toEqual([
      'batch batch-1: 3 items submitted',
      'batch batch-2: 1 items submitted',
      'batch batch-1 ended: 3 results, 0 without, cost 1.5',
      'batch batch-2 ended: 1 result, 0 without, cost 0.5',
    ])
    expect(await mapItems([3, 2], of, { batch })).toEqual([9, 4])
    expect([sent.length, (await parts.items?.list())?.[0]?.kept]).toEqual([2, 4])
  })

  it('count what `accept` refuses among those without a result', async () => {
    const { mapItems, clock, said, notes } = itemsTask()
    const options = { batch, accept: (square: unknown) => square !== 4, onError: 'keep' } as const
    await during(clock, mapItems(upTo(3), provider().of, options))
    expect(said.at(-1)).toBe('batch batch-1 ended: 2 results, 1 without, cost 1.5')
    expect(notes).toMatchObject([{ computed: 2, refused: 1, batches: [{ items: 3, failed: 1 }] }])
  })

  it('are waited for by the next run when one was stopped while it waited, and are never submitted twice', async () => {
    const items = memoryItems()
    const { of, sent } = provider()
    const first = run(items)
    const given = first.mapItems(upTo(7), of, { batch })
    await until(() => first.said.length === 3)
    first.stop()
    await expect(given).rejects.toThrow('killed')
    const next = run(items)
    expect(await during(next.clock, next.mapItems(upTo(8), of, { batch }))).toEqual([0, 1, 4, 9, 16, 25, 36, 49])
    expect(sent.map((one) => one.items)).toEqual([[0, 1, 2], [3, 4, 5], [6], [7]])
    expect(next.said.slice(0, 1)).toEqual(['batch batch-1 of an earlier run continues'])
  })

  it('keep what another run has not asked for until one does', async () => {
    const items = memoryItems()
    const { of, sent } = provider({ polls: 1 })
    const first = run(items)
    const given = first.mapItems(upTo(3), of, { batch })
    await until(() => first.said.length === 1)
    first.stop()
    await expect(given).rejects.toThrow('killed')
    expect(await run(items).mapItems([1], of, { batch })).toEqual([1])
    expect(await run(items).mapItems([2, 0], of, { batch })).toEqual([4, 0])
    expect(sent).toHaveLength(1)
  })

  it('are submitted again under one key when nobody knows whether they were, or are found by it', async () => {
    const items = memoryItems()
    const { of, sent } = provider({ polls: 0 })
    const killed = {
      ...of,
      submit: (...args: Parameters<typeof of.submit>) => (of.submit(...args), first.stop(), never()),
    }
    const never = (): Promise<string> => Promise.reject(new Error('the connection was lost'))
    const first = run(items)
    await expect(first.mapItems(upTo(3), killed, { batch })).rejects.toThrow('killed')
    expect(await run(items).mapItems(upTo(3), of, { batch })).toEqual([0, 1, 4])
    expect(sent.map(({ idempotencyKey }) => idempotencyKey === sent[0]?.idempotencyKey)).toEqual([true, true])

    const others = upTo(3).map((one) => one + 10)
    const second = run(items)
    const lost = {
      ...of,
      submit: (...args: Parameters<typeof of.submit>) => (of.submit(...args), second.stop(), never()),
    }
    await expect(second.mapItems(others, lost, { batch })).rejects.toThrow('killed')
    const find = (key: string) => sent.find(({ idempotencyKey }) => idempotencyKey === key)?.id
    expect(await run(items).mapItems([12, 10, 11, 1], { ...of, find }, { batch })).toEqual([144, 100, 121, 1])
    expect(sent).toHaveLength(3)
  })

  it('are told when they may have been submitted, cannot be found, and their items are gathered otherwise', async () => {
    const items = memoryItems()
    const { of, sent } = provider({ polls: 0 })
    const failing = { ...of, submit: () => Promise.reject(new Error('400 no')) }
    const options = { batch, onError: 'keep', retry: { attempts: 1 } } as const
    expect(await run(items).mapItems(upTo(3), failing, options)).toMatchObject([
      { _tag: 'failed', problem: 'the batch could not be submitted: 400 no' },
      { _tag: 'failed' },
      { _tag: 'failed' },
    ])
    const next = run(items)
    expect(await next.mapItems([1, 2], of, { batch })).toEqual([1, 4])
    expect(next.warnings).toEqual([
      'it is unknown whether a batch of 3 items was submitted; its items are submitted in a new batch',
    ])
    expect(sent).toHaveLength(1)
  })

  it.each<[BatchState, string]>([
    ['expired', 'batch batch-1 expired without a result for it'],
    ['cancelled', 'batch batch-1 was cancelled without a result for it'],
    ['ended', 'batch batch-1 ended without a result for it'],
  ])('that have %s have the results that are there; the next run submits the others', async (ended, problem) => {
    const items = memoryItems()
    const { of, sent } = provider({ polls: 0, ended })
    const some = {
      ...of,
      fetch: async (id: string) => [...((await of.fetch(id, context)) as FetchedItem<number>[])].slice(1),
    }
    const context = { signal: new AbortController().signal }
    expect(await run(items).mapItems(upTo(3), some, { batch, onError: 'keep' })).toMatchObject([
      { _tag: 'done', value: 0 },
      { _tag: 'done', value: 1 },
      { _tag: 'failed', problem },
    ])
    expect(await run(items).mapItems(upTo(3), of, { batch })).toEqual([0, 1, 4])
    expect(sent.map((one) => one.items)).toEqual([[0, 1, 2], [2]])
  })

  it('whose items have neither a value nor a problem fail; what has no key is told', async () => {
    const { of, sent } = provider({ polls: 0 })
    const lacking = { ...of, fetch: () => (sent.at(-1)?.keys ?? []).map((key) => ({ key }) as FetchedItem<number>) }
    expect(await run(memoryItems()).mapItems([1], lacking, { batch, onError: 'keep' })).toEqual([
      { _tag: 'failed', problem: 'fetch of the provider gave neither a value nor a problem for it', attempts: 1 },
    ])
    const keyless = { ...of, fetch: () => [{ value: 1 } as FetchedItem<number>] }
    await expect(run(memoryItems()).mapItems([1], keyless, { batch, retry: { attempts: 1 } })).rejects.toThrow(
      'fetch of the provider gave {"value":1}, not { key, value } or { key, problem }; it continues',
    )
  })

  it('that failed as a whole are told with their reason; the same items are another batch then', async () => {
    const items = memoryItems()
    const { of, sent } = provider({ polls: 0 })
    const failing = { ...of, poll: () => ({ state: 'failed', problem: 'no such model' }) as const }
    await expect(run(items).mapItems(upTo(3), failing, { batch })).rejects.toThrow(
      '3 of 3 items have no result (item 0: batch batch-1 failed: no such model;',
    )
    expect(await run(items).mapItems(upTo(3), of, { batch })).toEqual([0, 1, 4])
    expect(new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2)
  })

  it('that take too long are cancelled, once, and give what they have', async () => {
    const { mapItems, clock, said } = itemsTask()
    const { of } = provider()
    const cancelled: string[] = []
    const slow: typeof of = {
      ...of,
      poll: (id) => (cancelled.includes(id) && clock.elapsed() > 100_000 ? 'cancelled' : 'running'),
      cancel: (id) => cancelled.push(id),
    }
    const options = { batch: { size: 3, within: 60_000 } }
    expect(await during(clock, mapItems(upTo(2), slow, options))).toEqual([0, 1])
    expect(cancelled).toEqual(['batch-1'])
    expect(said[1]).toBe('batch batch-1 has not ended within 60000 ms: it is cancelled')
  })

  it('say what they are expected to cost, how far they are, when they expire and when they are cancelled', async () => {
    const { mapItems, clock, said, parts, notes } = itemsTask()
    const { of } = provider({ polls: 2 })
    const begin = clock.now()
    const expires = begin + 3_600_000
    let polled = 0
    const told: BatchProvider<number, number> = {
      ...of,
      poll: async (id, context) => {
        const state = (await of.poll(id, context)) as BatchState
        return state === 'running' ? { state, expires, done: polled++ } : state
      },
      cancel: () => undefined,
    }
    const options = { batch: { size: 3, within: 7_200_000 }, expectedCost: 0.4 }
    const results = mapItems(upTo(2), told, options)
    await until(() => polled === 1)
    const lines = [...((await parts.items?.lines({ folder: parts.folder, name: 'items' })) ?? [])]
    expect(lines.map(({ text }) => JSON.parse(text) as object)).toMatchObject([
      { batch: { state: 'running', expectedCost: 0.8, until: begin + 7_200_000, expires, done: 0 } },
    ])
    await during(clock, results)
    const [cancelled, expired] = [begin + 7_200_000, expires].map((at) => new Date(at).toISOString())
    expect(said).toEqual([
      `batch batch-1: 2 items submitted, about cost 0.8, is cancelled ${cancelled} unless it has ended`,
      `batch batch-1: 0 done, about cost 0.8, expires ${expired}, is cancelled ${cancelled} unless it has ended`,
      `batch batch-1: 1 done, about cost 0.8, expires ${expired}, is cancelled ${cancelled} unless it has ended`,
      'batch batch-1 ended: 2 results, 0 without, cost 1',
    ])
    expect(notes).toMatchObject([{ batches: [{ id: 'batch-1', usage: { cost: 1 } }] }])
  })

  it('whose times are none stop the run by name, and are waited for by the next one', async () => {
    const { mapItems, clock } = itemsTask()
    const wrong = { ...provider().of, poll: () => ({ state: 'running' as const, expires: NaN }) }
    await expect(during(clock, mapItems(upTo(2), wrong, { batch }))).rejects.toThrow(
      /poll of the provider: expires must be milliseconds since 1970/,
    )
  })

  it('that cannot be asked about stop the run by name, and are waited for by the next one', async () => {
    const items = memoryItems()
    const { of, sent } = provider({ polls: 0 })
    const down = { ...of, poll: () => Promise.reject(new Error('502')) }
    const first = run(items)
    await expect(during(first.clock, first.mapItems(upTo(2), down, { batch }), 100)).rejects.toThrow(
      'batch batch-1: 502; it continues, another run will wait for it',
    )
    expect(await run(items).mapItems(upTo(2), of, { batch })).toEqual([0, 1])
    expect(sent).toHaveLength(1)
  })

  it('are waited for by everybody who wants their items, and submitted by one', async () => {
    const items = memoryItems()
    const { of, sent } = provider()
    const [one, other] = [run(items), run(items)]
    const results = Promise.all([
      during(one.clock, one.mapItems(upTo(6), of, { batch })),
      during(other.clock, other.mapItems([5, 0, 1, 2, 3, 4, 9], of, { batch })),
    ])
    expect(await results).toEqual([
      [0, 1, 4, 9, 16, 25],
      [25, 0, 1, 4, 9, 16, 81],
    ])
    expect(sent.flatMap((sub) => sub.items).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 9])
  })

  it.each<[string, object, object]>([
    ['fetch of the provider', { fetch: undefined }, { batch }],
    ['a provider needs batch', {}, {}],
    ['write: false', {}, { batch, write: false }],
    ['batch', {}, { batch: { size: 3, pollDelay: 0 } }],
  ])('are refused where %s is wrong', async (problem, change, options) => {
    const { mapItems } = itemsTask()
    const wrong = { ...provider().of, ...change }
    await expect(mapItems([1], wrong, options as { batch: { size: number } })).rejects.toThrow(problem)
  })
})
