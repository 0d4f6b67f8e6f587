import { describe, expect, it } from 'vitest'
import type { BatchProvider } from '../../../src/declare/items.js'
import type { ItemSet, StoreItems } from '../../../src/runtime/ports/items.js'
import { cancelRequest } from '../../../src/runtime/items/provider-record.js'
import { memoryItems } from '../../../src/adapters/memory-store/memory-items.js'
import { during, itemsTask } from './items-task.js'

/** A provider of squares whose first batch never ends by itself, and gives only its first item once cancelled. */
const provider = (polled: (id: string) => void | Promise<void> = () => undefined) => {
  const sent: { readonly id: string; readonly items: readonly number[]; readonly keys: readonly string[] }[] = []
  const cancelled: string[] = []
  const of: BatchProvider<number, number> = {
    submit: (items, { keys }) => {
      const id = `batch-${sent.length + 1}`
      sent.push({ id, items, keys })
      return id
    },
    poll: async (id) => {
      await polled(id)
      return cancelled.includes(id) ? 'cancelled' : id === 'batch-1' ? 'running' : 'ended'
    },
    fetch: (id) => {
      const { items = [], keys = [] } = sent.find((one) => one.id === id) ?? {}
      const given = items.map((item, at) => ({ key: keys[at] ?? '', value: item * item }))
      return cancelled.includes(id) ? given.slice(0, 1) : given
    },
    cancel: (id) => void cancelled.push(id),
  }
  return { of, sent, cancelled }
}

const set: ItemSet = { folder: 'shop/scored', name: 'items' }
/** As the command does it, in another process. */
const cancelAll = async (items: StoreItems): Promise<void> => {
  const log = await items.open(set)
  for (const { key } of log.batches()) log.append(cancelRequest(key, 1))
  await log.close()
}
const batch = { size: 3 }
const stopped = async (items: StoreItems, of: BatchProvider<number, number>): Promise<void> => {
  const abort = new AbortController()
  const { mapItems, said } = itemsTask({ items, signal: abort.signal })
  const given = mapItems([1, 2, 3], of, { batch })
  while (said.length === 0) await new Promise(setImmediate)
  abort.abort(new Error('killed'))
  await expect(given).rejects.toThrow('killed')
}

/** The next run has all results, and has requested only those that the cancelled batch had not given. */
const requestsTheRest = async (items: StoreItems, { of, sent }: Pick<ReturnType<typeof provider>, 'of' | 'sent'>) => {
  const next = itemsTask({ items })
  expect(await during(next.clock, next.mapItems([1, 2, 3], of, { batch }))).toEqual([1, 4, 9])
  expect(sent.map((one) => one.items)).toEqual([
    [1, 2, 3],
    [2, 3],
  ])
}

describe('a batch that a user cancels', () => {
  it('is cancelled by the run that waits for it, keeps what it has, and the next run requests only the rest', async () => {
    const items = memoryItems()
    let polls = 0
    const { of, sent, cancelled } = provider(async () => {
      if (++polls === 5) await cancelAll(items) // by now a poll comes after a minute
    })
    const { mapItems, clock, said } = itemsTask({ items })
    await expect(during(clock, mapItems([1, 2, 3], of, { batch }))).rejects.toThrow(
      'batch batch-1 was cancelled without a result for it',
    )
    expect(cancelled).toEqual(['batch-1'])
    expect(said).toContain('batch batch-1 is cancelled by a user')
    await requestsTheRest(items, { of, sent })
  })

  it('is noticed long before the next poll', async () => {
    const items = memoryItems()
    const { of, cancelled } = provider()
    const { mapItems, clock } = itemsTask({ items })
    const options = { batch: { size: 3, pollDelay: 600_000 }, onError: 'keep' } as const
    const outcome = mapItems([1, 2], of, options)
    await clock.advance(1000)
    await cancelAll(items)
    for (let second = 0; second < 15; second++) await clock.advance(1000)
    expect(cancelled).toEqual(['batch-1'])
    expect(await during(clock, outcome)).toMatchObject([{ _tag: 'done', value: 1 }, { _tag: 'failed' }])
  })

  it('while no run waits is cancelled by the next one, which requests anew what it has not answered', async () => {
    const items = memoryItems()
    const { of, sent, cancelled } = provider()
    await stopped(items, of)
    await cancelAll(items)
    await requestsTheRest(items, { of, sent })
    expect(cancelled).toEqual(['batch-1'])
  })

  it('whose provider cannot cancel is no longer waited for, and a warning says that it continues there', async () => {
    const items = memoryItems()
    const { of, sent } = provider()
    const { cancel: _, ...without } = of
    await stopped(items, without)
    await cancelAll(items)
    const next = itemsTask({ items })
    expect(await during(next.clock, next.mapItems([1, 2, 3], without, { batch }))).toEqual([1, 4, 9])
    expect(next.warnings).toEqual(['batch batch-1 is cancelled here, but continues: its provider has no `cancel`'])
    expect(sent.length).toBe(2)
  })

  it('that may not have been submitted is forgotten, and its items are submitted under another key', async () => {
    const items = memoryItems()
    const { of, sent } = provider()
    const failing: typeof of = {
      ...of,
      submit: () => {
        throw new Error('no connection')
      },
      find: () => undefined,
    }
    const first = itemsTask({ items })
    await expect(during(first.clock, first.mapItems([1, 2], failing, { batch }))).rejects.toThrow('no connection')
    await cancelAll(items)
    const next = itemsTask({ items })
    const given = next.mapItems([1, 2], { ...of, find: () => undefined, poll: () => 'ended' }, { batch })
    expect(await during(next.clock, given)).toEqual([1, 4])
    expect(sent.length).toBe(1)
  })
})
