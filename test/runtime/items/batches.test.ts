import { describe, expect, it } from 'vitest'
import { memoryItems } from '../../../src/adapters/memory-store/memory-items.js'
import type { BatchContext } from '../../../src/declare/items.js'
import type { ItemLog, ItemSet } from '../../../src/runtime/ports/items.js'
import { during, itemsTask as task } from './items-task.js'

/** Squares in batches; says which were asked for. */
const squares =
  (asked: (readonly number[])[]) =>
  async (items: readonly number[]): Promise<number[]> => {
    asked.push(items)
    return items.map((item) => item * item)
  }
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

describe('items in batches', () => {
  it('are asked for many at once, the last ones in a smaller batch, and are kept one by one', async () => {
    const { mapItems, notes, parts } = task()
    const asked: (readonly number[])[] = []
    expect(await mapItems(upTo(7), squares(asked), { batch: { size: 3 } })).toEqual([0, 1, 4, 9, 16, 25, 36])
    expect(asked).toEqual([[0, 1, 2], [3, 4, 5], [6]])
    expect(await mapItems([9, 5, 8, 1], squares(asked), { batch: { size: 3 } })).toEqual([81, 25, 64, 1])
    expect(asked.slice(3)).toEqual([[9, 8]])
    expect(notes).toMatchObject([
      { kept: 0, computed: 7, attempts: 3 },
      { kept: 2, computed: 2, attempts: 1 },
    ])
    expect(parts.items?.list()).toMatchObject([{ kept: 9 }])
  })

  it('have the results that the same function without batches has kept', async () => {
    const { mapItems } = task()
    const asked: (readonly number[])[] = []
    await mapItems(upTo(3), async (item) => item * item)
    await mapItems(upTo(4), squares(asked), { batch: { size: 3 } })
    expect(asked).toEqual([[3]])
  })

  it('have of their items what single ones have: the shortened text, without secrets, and no more', async () => {
    const { mapItems, parts } = task({ mask: (text) => text.replaceAll('hidden', '***') })
    const item = { text: `hidden ${'x'.repeat(200)}` }
    await mapItems([item], async () => [1], { batch: { size: 2 } })
    const [line] = [...((await parts.items?.lines({ folder: parts.folder, name: 'items' })) ?? [])]
    const record = JSON.parse(line?.text ?? '') as object
    expect(Object.keys(record).toSorted()).toEqual(['attempts', 'code', 'item', 'schema', 'seconds', 'usage', 'value'])
    expect(line?.text).not.toContain('hidden')
  })

  it('have usage under names without secrets', async () => {
    const { mapItems, parts } = task({ mask: (text) => text.replaceAll(/hidden\d/g, '***') })
    const call = async (_: readonly number[], { usage }: { usage: (sums: Record<string, number>) => void }) => {
      usage({ 'of hidden1': 2, 'of hidden2': 3, tokens: 1 })
      return [1]
    }
    await mapItems([1], call, { batch: { size: 1 } })
    const [line] = [...((await parts.items?.lines({ folder: parts.folder, name: 'items' })) ?? [])]
    expect(JSON.parse(line?.text ?? '')).toMatchObject({ usage: { 'of ***': 5, tokens: 1 } })
    expect(line?.text).not.toContain('hidden')
  })

  it('are grouped as by says, and flow through a window though groups are never full', async () => {
    const { mapItems } = task()
    const asked: (readonly number[])[] = []
    await mapItems(upTo(6), squares(asked), { batch: { size: 2, by: (item) => (item % 2 === 0 ? 'even' : 'odd') } })
    expect(asked).toEqual([[0, 2], [1, 3], [4], [5]])
    asked.length = 0
    const many = upTo(3000).map((item) => item + 10)
    expect(await mapItems(many, squares(asked), { batch: { size: 100, by: (item) => item } })).toHaveLength(3000)
    expect(asked).toHaveLength(3000)
  })

  it('are tried alone when their batch fails, and when they fail in it; those that do not are kept at once', async () => {
    const { mapItems, warnings, notes } = task()
    const asked: (readonly number[])[] = []
    const ask = async (items: readonly number[]) => {
      asked.push(items)
      if (items.includes(1) && items.length > 1) throw new Error('400 item 1 is too long')
      return items.map((item) =>
        item === 1 ? new Error('too long') : item === 4 && items.length > 1 ? new Error('busy') : item,
      )
    }
    expect(await mapItems(upTo(6), ask, { batch: { size: 3 }, onError: 'keep' })).toMatchObject([
      { _tag: 'done', value: 0 },
      { _tag: 'failed', problem: 'too long', attempts: 2 },
      { _tag: 'done', value: 2 },
      { _tag: 'done', value: 3 },
      { _tag: 'done', value: 4 },
      { _tag: 'done', value: 5 },
    ])
    expect(asked.map((items) => [...items].toSorted())).toEqual([[0, 1, 2], [3, 4, 5], [0], [1], [2], [4]])
    expect(warnings).toEqual(['4 items of items failed in a batch and were retried alone (400 item 1 is too long)'])
    expect(notes).toMatchObject([{ computed: 5, failed: 1, alone: 4, attempts: 6 }])
  })

  it('of a larger batch that fails are tried in halves: a bad one costs a few calls, not one for each other', async () => {
    const { mapItems, warnings, notes } = task()
    const sizes: number[] = []
    const ask = async (items: readonly number[]) => {
      sizes.push(items.length)
      if (items.includes(37)) throw new Error('400 a word that is not allowed')
      return [...items]
    }
    const outcomes = await mapItems(upTo(64), ask, { batch: { size: 64 }, onError: 'keep', concurrency: 1 })
    expect(outcomes.filter(({ _tag }) => _tag !== 'done')).toEqual([
      { _tag: 'failed', problem: '400 a word that is not allowed', attempts: 7 },
    ])
    expect(sizes.toSorted((one, other) => other - one)).toEqual([64, 32, 32, 16, 16, 8, 8, 4, 4, 2, 2, 1, 1])
    expect(warnings).toEqual([expect.stringContaining('2 items of items failed in a batch and were retried alone')])
    expect(notes).toMatchObject([{ computed: 63, failed: 1, attempts: 13 }])
  })

  it.each<[string, (items: readonly number[]) => unknown, string]>([
    ['fewer results than items', () => [], 'the batch gave 0 results for 2 items: which belongs to which is unknown'],
    ['more', (items) => [...items, 1, 2], 'the batch gave 4 results for 2 items'],
    ['no list', () => 'busy', 'the batch gave string for 2 items'],
    ['nothing', () => null, 'the batch gave null for 2 items'],
    ['a map without them', () => new Map(), 'the batch of 2 items gave no result for this one'],
  ])('of a batch that gives %s are told so, and asked for alone', async (_, wrong, problem) => {
    const { mapItems, warnings } = task()
    const ask = async (items: readonly number[]) => (items.length > 1 ? wrong(items) : items) as number[]
    expect(await mapItems([5, 6], ask, { batch: { size: 2 } })).toEqual([5, 6])
    expect(warnings).toEqual([expect.stringContaining(problem)])
    await expect(mapItems([7, 8], async () => wrong([7, 8]) as number[], { batch: { size: 2 } })).rejects.toThrow(
      /2 of 2 items have no result \(item 0: the batch/,
    )
  })

  it('are given by key, whatever the order', async () => {
    const { mapItems } = task()
    const ask = async (items: readonly number[], { keys }: BatchContext) =>
      new Map(keys.map((key, at) => [key, items[at]] as const).toReversed()) as Map<string, number>
    expect(await mapItems([3, 1, 2], ask, { batch: { size: 2 } })).toEqual([3, 1, 2])
  })

  it('share what their batch has used, and have what is said to be theirs; failed batches count', async () => {
    const { mapItems, parts, notes, clock } = task()
    const ask = async (items: readonly number[], { usage, attempt }: BatchContext): Promise<number[]> => {
      usage({ cost: 1 })
      usage({ tokens: 7 }, 1)
      if (attempt === 1) throw Object.assign(new Error('busy'), { retryAfter: 5 })
      return [...items]
    }
    await during(clock, mapItems([1, 2], ask, { batch: { size: 2 }, retry: { attempts: 2 } }))
    expect(notes).toMatchObject([{ attempts: 2, usage: { cost: 2, tokens: 14 } }])
    const lines = [...((await parts.items?.lines({ folder: parts.folder, name: 'items' })) ?? [])]
    expect(lines.map(({ text }) => JSON.parse(text) as object)).toMatchObject([
      { attempts: 2, usage: { cost: 1 } },
      { attempts: 2, usage: { cost: 1, tokens: 14 } },
    ])
  })

  it('count as one request, and as the tokens that they say they have used', async () => {
    const { mapItems, clock } = task()
    const at: number[] = []
    const ask = async (items: readonly number[], { usage }: BatchContext): Promise<number[]> => {
      at.push(clock.elapsed())
      usage({ tokens: 1000 })
      return [...items]
    }
    const options = { batch: { size: 10 }, concurrency: 1, tokensOf: () => 1 }
    await during(clock, mapItems(upTo(30), ask, { ...options, rateLimit: { requests: 60 } }), 500)
    await during(clock, mapItems(upTo(50).slice(30), ask, { ...options, rateLimit: { tokens: 1000 } }), 500)
    expect(at.map((one, index) => one - (at[index < 3 ? 0 : 3] ?? 0))).toEqual([0, 1000, 2000, 0, 60_000])
  })

  it('stop before they cost more than they may; what is kept stays', async () => {
    const { mapItems, parts } = task()
    const ask = async (items: readonly number[], { usage }: BatchContext): Promise<number[]> => {
      usage({ cost: items.length })
      return [...items]
    }
    const options = { batch: { size: 10 }, maxCost: 25, concurrency: 4 }
    await expect(mapItems(upTo(100), ask, options)).rejects.toThrow(/maxCost 25: 20 spent so far; 20 results are kept/)
    expect(parts.items?.list()).toMatchObject([{ kept: 20 }])
  })

  it('that somebody else computes are left out of a batch, and found when they have ended', async () => {
    const { mapItems, parts } = task()
    const asked: (readonly number[])[] = []
    let go = (): void => undefined
    const isOpen = new Promise<void>((resolve) => (go = resolve))
    const slow = async (items: readonly number[]): Promise<number[]> => {
      asked.push(items)
      await isOpen
      return [...items]
    }
    const one = mapItems([1, 2], slow, { batch: { size: 2 } })
    const other = task({ items: parts.items }).mapItems([3, 2, 1, 4, 5], squares(asked), { batch: { size: 3 } })
    while (asked.length < 3) await new Promise(setImmediate)
    expect(asked).toEqual([[1, 2], [3], [4, 5]])
    go()
    expect([await one, await other]).toEqual([
      [1, 2],
      [9, 2, 1, 16, 25],
    ])
    expect(asked).toHaveLength(3)
  })

  it('are asked for again, together, when who had them has failed', async () => {
    const { mapItems, parts } = task()
    const asked: (readonly number[])[] = []
    const failing = mapItems([1, 2], () => Promise.reject(new Error('down')), { batch: { size: 2 }, onError: 'keep' })
    const other = task({ items: parts.items }).mapItems([1, 2], squares(asked), { batch: { size: 2 } })
    expect(await failing).toMatchObject([{ _tag: 'failed' }, { _tag: 'failed' }])
    expect(await other).toEqual([1, 4])
  })

  it('end with the run: what is under way is kept, what was gathered is not asked for', async () => {
    const abort = new AbortController()
    const { mapItems, parts } = task({ signal: abort.signal })
    const asked: (readonly number[])[] = []
    const ask = async (items: readonly number[]): Promise<number[]> => {
      asked.push(items)
      abort.abort(new Error('stop'))
      return [...items]
    }
    await expect(mapItems(upTo(9), ask, { batch: { size: 2 }, concurrency: 1 })).rejects.toThrow('stop')
    expect(asked).toEqual([[0, 1]])
    expect(parts.items?.list()).toMatchObject([{ kept: 2 }])
    const again = task({ items: parts.items }).mapItems(upTo(3), squares(asked), { batch: { size: 2 } })
    expect(await again).toEqual([0, 1, 4])
  })

  it.each([{ size: 0 }, { size: 1.5 }, { by: () => 1 }, { size: NaN }, 3])('are refused with %j', async (batch) => {
    const { mapItems } = task()
    await expect(mapItems([1], squares([]), { batch: batch as { size: number } })).rejects.toThrow(/mapItems.*batch/)
  })

  it('whose by throws stop the run by its name', async () => {
    const { mapItems } = task()
    const by = (): string => {
      throw new Error('no language')
    }
    await expect(mapItems([1, 2], squares([]), { batch: { size: 2, by } })).rejects.toThrow(
      'mapItems: by of batch threw: no language',
    )
  })

  it('end with the problem where those of another process cannot be read when it has ended', async () => {
    const items = memoryItems()
    let isBroken = false
    const open = (set: ItemSet): ItemLog => {
      const log = items.open(set)
      const refresh = (): void => {
        if (isBroken) throw new Error('EIO: no disk')
      }
      const claim: ItemLog['claim'] = async (key, options) => {
        options.waiting({ host: 'other', pid: 1 })
        const lease = await log.claim(key, options)
        await new Promise(setImmediate) // the rest of the batch goes on meanwhile
        isBroken = true
        return lease
      }
      return { ...log, refresh, claim }
    }
    const { mapItems } = task({ items: { ...items, open } })
    await expect(mapItems([1], squares([]), { batch: { size: 2 } })).rejects.toThrow('EIO: no disk')
  })
})
