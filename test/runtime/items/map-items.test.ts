import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { MapItems, MapItemsOptions } from '../../../src/declare/items.js'
import { fileStore } from '../../../src/adapters/file-store/file-store.js'
import { memoryItems } from '../../../src/adapters/memory-store/memory-items.js'
import { begun, budgetOf, costOfOne, endedWith, mayBegin } from '../../../src/runtime/items/budget.js'
import { makeMapItems, type MapItemsParts } from '../../../src/runtime/items/map-items.js'
import { atRest, reserve } from '../../../src/runtime/items/rate-limit.js'
import { during, itemsTask as task } from './items-task.js'
import { retryAfterOf } from '../../../src/runtime/items/retry-after.js'

const square = (asked: number[]) => async (item: number) => {
  asked.push(item)
  return item * item
}

describe('items of a task', () => {
  it('are given in order and asked once, whatever asks for them again', async () => {
    const { mapItems, notes } = task()
    const asked: number[] = []
    const items = [3, 1, 2]
    expect(await mapItems(items, square(asked))).toEqual([9, 1, 4])
    expect(await mapItems([1, 2, 3, 4], square(asked))).toEqual([1, 4, 9, 16])
    expect([asked, notes]).toEqual([
      [3, 1, 2, 4],
      [
        { items: 'items', kept: 0, computed: 3, attempts: 3 },
        { items: 'items', kept: 3, computed: 1, attempts: 1 },
      ],
    ])
  })

  it.each<[string, MapItemsOptions<number, number> & { readonly onError?: 'throw' }]>([
    ['params', { params: { model: 'large' } }],
    ['a version', { version: 2 }],
    ['a trial', { trial: 1 }],
    ['a name', { name: 'others' }],
    ['no reading', { read: false }],
  ])('are asked again with other %s', async (_, options) => {
    const { mapItems } = task()
    const asked: number[] = []
    await mapItems([1], square(asked))
    await mapItems([1], square(asked), options)
    expect(asked).toEqual([1, 1])
  })

  it('are asked again when they have expired, and are not kept where that is not wanted', async () => {
    const { mapItems, clock } = task()
    const asked: number[] = []
    await mapItems([1], square(asked), { expires: 1000 })
    await clock.advance(999)
    await mapItems([1], square(asked), { expires: 1000 })
    expect(asked).toEqual([1])
    await clock.advance(1)
    await mapItems([1], square(asked), { expires: 1000, write: false })
    await mapItems([1], square(asked), { expires: 1000 })
    expect(asked).toEqual([1, 1, 1])
  })

  it('that fail leave the others kept, are told with their problem, and are asked for alone by the next run', async () => {
    const { mapItems } = task()
    const asked: number[] = []
    const fn = (isUp: boolean) => async (item: number) => {
      asked.push(item)
      if (!isUp && item % 2 === 1) throw new Error(`no answer to ${item}`)
      return item
    }
    await expect(mapItems([1, 2, 3, 4], fn(false))).rejects.toThrow(
      '2 of 4 items have no result (item 0: no answer to 1; item 2: no answer to 3); the others are kept',
    )
    expect(await mapItems([1, 2, 3, 4], fn(true), { onError: 'keep' })).toEqual([
      { _tag: 'done', value: 1, kept: false },
      { _tag: 'done', value: 2, kept: true },
      { _tag: 'done', value: 3, kept: false },
      { _tag: 'done', value: 4, kept: true },
    ])
    expect(asked).toEqual([1, 2, 3, 4, 1, 3])
  })

  it('whose results are not accepted are visible, and asked for again', async () => {
    const { mapItems, parts } = task()
    const answers = ['I cannot', 'cut o', 'fine']
    const ask = async () => answers.shift()
    const accept = (answer: unknown): boolean | string => answer === 'fine' || (answer === 'cut o' ? 'cut off' : false)
    const options = { accept, onError: 'keep' } as const
    expect(await mapItems(['q'], ask, options)).toEqual([
      { _tag: 'refused', value: 'I cannot', reason: 'not accepted' },
    ])
    expect(await mapItems(['q'], ask, options)).toEqual([{ _tag: 'refused', value: 'cut o', reason: 'cut off' }])
    expect(parts.items?.list()).toMatchObject([{ kept: 0, refused: 1 }])
    expect(await mapItems(['q'], ask, options)).toEqual([{ _tag: 'done', value: 'fine', kept: false }])
  })

  it('of one key are refused, or share one result', async () => {
    const { mapItems } = task()
    const asked: number[] = []
    await expect(mapItems([1, 2, 1], square(asked))).rejects.toThrow('items 0 and 2 have the same key')
    asked.length = 0
    expect(await mapItems([5, 6, 5], square(asked), { duplicates: 'share' })).toEqual([25, 36, 25])
    expect(asked).toEqual([5, 6])
  })

  it('are tried again as a policy says; an answer that says when is not asked before', async () => {
    const { mapItems, clock } = task()
    const at: number[] = []
    const ask = async (_: number, { attempt }: { readonly attempt: number }) => {
      at.push(clock.elapsed())
      if (attempt === 1)
        throw Object.assign(new Error('429'), { response: { headers: new Headers({ 'retry-after': '7' }) } })
      if (attempt === 2) throw new Error('busy')
      return 1
    }
    expect(await during(clock, mapItems([1], ask, { retry: { attempts: 3, delay: 100 } }), 50)).toEqual([1])
    expect(at.map((one) => one - (at[0] ?? 0))).toEqual([0, 7000, 7200])
  })

  it.each([-3, 3])(
    'keep their rate, and what an answer asks for, when the clock of the machine jumps %d hours',
    async (hours) => {
      const { mapItems, clock } = task()
      const at: number[] = []
      const ask = async (item: number, { attempt }: { readonly attempt: number }) => {
        at.push(clock.elapsed())
        if (item === 1) clock.set(clock.now() + hours * 3_600_000)
        if (item === 3 && attempt === 1) {
          queueMicrotask(() => clock.set(clock.now() + hours * 3_600_000))
          throw Object.assign(new Error('429'), { retryAfter: 5000 })
        }
        return item
      }
      const options = { rateLimit: { requests: 60 }, concurrency: 1, retry: { attempts: 2, delay: 1 } }
      expect(await during(clock, mapItems([1, 2, 3, 4], ask, options), 500)).toEqual([1, 2, 3, 4])
      expect(at.map((one) => one - (at[0] ?? 0))).toEqual([0, 1000, 2000, 7000, 8000])
    },
  )

  it('expire also where a clock that was ahead has stored them', async () => {
    const { mapItems, clock } = task()
    const asked: number[] = []
    clock.set(Date.UTC(2030, 0, 1))
    await mapItems([1], square(asked), { expires: 1000 })
    clock.set(Date.UTC(2026, 0, 1))
    await mapItems([1], square(asked), { expires: 1000 })
    await mapItems([1], square(asked), { expires: 1000 })
    expect(asked).toEqual([1, 1])
  })

  it('expire in files as well, and what is stored after one from the future is kept for its time', async () => {
    const root = mkdtempSync(join(tmpdir(), 'taskchain-items-'))
    const { mapItems, clock } = task({ items: fileStore(root).items })
    const asked: number[] = []
    const ask = () => mapItems([1], square(asked), { expires: 5000 })
    clock.set(Date.UTC(2030, 0, 1))
    await ask()
    clock.set(Date.UTC(2026, 0, 1))
    await ask()
    await ask()
    expect(asked).toEqual([1, 1])
    await clock.advance(5000)
    await ask()
    await ask()
    expect(asked).toEqual([1, 1, 1])
    rmSync(root, { recursive: true })
  })

  it('add up what every attempt has used, failed ones too', async () => {
    const { mapItems, notes, clock } = task()
    const ask = async (item: number, { usage, attempt }: { usage: (used: object) => void; attempt: number }) => {
      usage({ cost: 0.5, tokens: 10 })
      if (attempt === 1 || item === 2) throw new Error('busy')
      return item
    }
    const all = mapItems([1, 2], ask as never, { retry: { attempts: 2, delay: 1 }, onError: 'keep' })
    await during(clock, all, 1)
    expect(notes).toEqual([
      { items: 'items', kept: 0, computed: 1, failed: 1, attempts: 4, usage: { cost: 2, tokens: 40 } },
    ])
  })

  it('may use what they call as every object calls something', async () => {
    const { mapItems, notes } = task()
    const ask = async (item: number, { usage }: { readonly usage: (amounts: Record<string, number>) => void }) => {
      usage({ constructor: 1, toString: 2 })
      return item
    }
    await mapItems([1, 2], ask)
    await mapItems([1, 2], ask)
    expect(notes).toEqual([
      { items: 'items', kept: 0, computed: 2, attempts: 2, usage: { constructor: 2, toString: 4 } },
      { items: 'items', kept: 2, computed: 0, attempts: 0 },
    ])
  })

  it('sums what items use to 15 digits', async () => {
    const { mapItems, notes } = task()
    const ask = async (item: number, { usage }: { usage: (used: Record<string, number>) => void }) => (
      usage({ cost: 0.1 }), item
    )
    await mapItems([1, 2, 3], ask)
    expect(notes).toMatchObject([{ usage: { cost: 0.3 } }])
  })

  it('say what was spent without what floats add to it', async () => {
    const ask = async (item: number, { usage }: { usage: (used: object) => void }) => (usage({ cost: 0.1 }), item)
    const asked = task().mapItems([1, 2, 3, 4], ask as never, { maxCost: 0.35, concurrency: 1 })
    await expect(asked).rejects.toThrow('above maxCost 0.35: 0.3 spent so far')
  })

  it('stop before they cost more than they may; what is kept is kept', async () => {
    const { mapItems, parts } = task()
    const ask = async (item: number, { usage }: { usage: (used: object) => void }) => (usage({ cost: 2 }), item)
    const items = Array.from({ length: 20 }, (_, at) => at)
    await expect(mapItems(items, ask as never, { maxCost: 9, concurrency: 8 })).rejects.toThrow(
      'could bring the cost above maxCost 9: 8 spent so far; 4 results are kept, another run continues from there',
    )
    expect(parts.items?.list()).toMatchObject([{ kept: 4 }])
  })

  it('end with the run, whose results so far are kept', async () => {
    const stop = new AbortController()
    const { mapItems, parts } = task({ signal: stop.signal })
    const ask = async (item: number) => {
      if (item === 5) stop.abort(new Error('stopped'))
      return item
    }
    const items = Array.from({ length: 100 }, (_, at) => at)
    await expect(mapItems(items, ask, { concurrency: 1 })).rejects.toThrow('stopped')
    expect(parts.items?.list()).toMatchObject([{ kept: 6 }])
  })

  it('that wait for what others cost end with the run, too', async () => {
    const stop = new AbortController()
    const { mapItems, clock } = task({ signal: stop.signal })
    const ask = async (item: number, { usage }: { usage: (used: object) => void }) => (usage({ cost: 1 }), item)
    const options = { maxCost: 2, rateLimit: { requests: 1 }, concurrency: 3 }
    const all = mapItems([1, 2, 3, 4], ask as never, options).catch((problem: unknown) => problem)
    await clock.advance(1000)
    stop.abort(new Error('stopped'))
    expect(await all).toMatchObject({ message: 'stopped' })
  })

  it('that take long hold up no others, though these are many; of a stream they do', async () => {
    for (const [isStream, begun] of [
      [false, 3000],
      [true, 1000],
    ] as const) {
      const { mapItems } = task()
      const asked: number[] = []
      let end = (): void => undefined
      const slow = new Promise<void>((resolve) => (end = resolve))
      const ask = async (n: number): Promise<number> => {
        asked.push(n)
        if (n === 0) await slow
        return n
      }
      const many = Array.from({ length: 3000 }, (_, at) => at)
      const all = async (): Promise<number[]> => {
        const found: number[] = []
        for await (const one of mapItems.stream(many, ask)) found.push(one)
        return found
      }
      const run = isStream ? all() : mapItems(many, ask)
      for (let turns = 0; asked.length < begun; turns++) {
        if (turns === 100_000) throw new Error(`${asked.length} were asked for`)
        await new Promise(setImmediate)
      }
      expect(asked).toHaveLength(begun)
      end()
      expect(await run).toEqual(many)
    }
  })

  it('are not asked for once results cannot be kept', async () => {
    const items = memoryItems()
    const append = (): never => {
      throw new Error('ENOSPC: no space left on device')
    }
    const { mapItems } = task({ items: { ...items, open: (set) => ({ ...items.open(set), append }) } })
    const asked: number[] = []
    const many = Array.from({ length: 100 }, (_, at) => at)
    await expect(mapItems(many, square(asked), { concurrency: 2 })).rejects.toThrow('ENOSPC')
    expect(asked.length).toBeLessThanOrEqual(4)
  })

  it('are kept where the question whether they may be used fails', async () => {
    const { mapItems, parts } = task()
    const accept = (): never => {
      throw new Error('no finish')
    }
    expect(await mapItems([3], square([]), { accept, onError: 'keep' })).toEqual([
      { _tag: 'refused', value: 9, reason: 'accept threw: no finish' },
    ])
    expect(parts.items?.list()).toMatchObject([{ refused: 1 }])
  })

  it('whose tokens are no number are not asked for', async () => {
    const { mapItems } = task()
    const asked: number[] = []
    const options = { rateLimit: { tokens: 100 }, tokensOf: () => Number.NaN, concurrency: 1 }
    await expect(mapItems([1, 2], square(asked), options)).rejects.toThrow(
      'tokensOf must give a number from 0, not NaN',
    )
    expect(asked).toEqual([])
  })

  it('that somebody else is asking for hold up no others', async () => {
    const { mapItems } = task()
    const asked: string[] = []
    let answer = (): void => undefined
    const elsewhere = mapItems([1], async () => {
      asked.push('1 elsewhere')
      await new Promise<void>((resolve) => (answer = resolve))
      return 1
    })
    const here = mapItems(
      [1, 2, 3],
      async (item) => {
        asked.push(`${item} here`)
        if (item === 3) answer()
        return item
      },
      { concurrency: 1 },
    )
    expect([await elsewhere, await here]).toEqual([[1], [1, 2, 3]])
    expect(asked).toEqual(['1 elsewhere', '2 here', '3 here'])
  })

  it('that somebody else gave up are not asked for by who was stopped while waiting for its turn', async () => {
    const control = new AbortController()
    const there = task()
    const here = task({ items: there.parts.items, signal: control.signal })
    let giveUp = (): void => undefined
    const elsewhere = there.mapItems(
      [1],
      () => new Promise<never>((_, reject) => (giveUp = () => reject(new Error('busy')))),
      {
        onError: 'keep',
      },
    )
    const asked: number[] = []
    const stopped = here.mapItems(
      [1, 2],
      (item, { signal }) => {
        asked.push(item)
        return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
      { concurrency: 1 },
    )
    const outcome = expect(stopped).rejects.toThrow('stopped')
    await vi.waitFor(() => expect(asked).toEqual([2]))
    giveUp()
    expect(await elsewhere).toMatchObject([{ _tag: 'failed' }])
    await new Promise((resolve) => void setImmediate(resolve))
    control.abort(new Error('stopped'))
    await outcome
    expect(asked).toEqual([2])
  })

  it('are asked for no more once nobody wants them, or one of them is refused', async () => {
    const asked: number[] = []
    const ask = async (item: number) => {
      asked.push(item)
      await new Promise((resolve) => void setImmediate(resolve))
      return item
    }
    const many = Array.from({ length: 500 }, (_, at) => at)
    for await (const first of task().mapItems.stream(many, ask, { concurrency: 2 })) {
      expect(first).toBe(0)
      break
    }
    expect(asked.length).toBeLessThan(10)
    asked.length = 0
    await expect(task().mapItems([...many, 0], ask, { concurrency: 2 })).rejects.toThrow('have the same key')
    expect(asked.length).toBeLessThan(10)
  })

  it('that take too long fail, though the function never minds', async () => {
    const { mapItems } = task()
    const outcomes = await mapItems([1], () => new Promise<number>(() => undefined), { timeout: 5, onError: 'keep' })
    expect(outcomes).toEqual([{ _tag: 'failed', problem: 'timed out after 5 ms', attempts: 1 }])
  })

  it('that JSON cannot hold are kept all the same, once they have a key: what is paid for is not lost', async () => {
    const { mapItems, parts } = task()
    const circle: { itself?: unknown } = {}
    circle.itself = circle
    const items: readonly unknown[] = [circle, 5n, () => 1, { big: 1n }]
    const key = (item: unknown): number => items.indexOf(item)
    expect(await mapItems(items, async (item) => typeof item, { key })).toEqual(items.map((item) => typeof item))
    const kept = [...((await parts.items?.lines({ folder: parts.folder, name: 'items' })) ?? [])]
    expect(kept.map(({ text }) => (JSON.parse(text) as { item: string }).item).toSorted()).toEqual(
      ['an item that JSON cannot hold', '"5"', 'function', '{"big":"1"}'].toSorted(),
    )
    expect(await mapItems([5n, 6n], async (item) => Number(item), { name: 'numbers' })).toEqual([5, 6])
  })

  it('are refused by name where they cannot be gone through, or their key cannot be told', async () => {
    const { mapItems } = task()
    const items = (given: unknown): number[] => given as number[] // as JavaScript may give it
    for (const [given, said] of [
      [null, 'null'],
      [undefined, 'undefined'],
      [5, 'number'],
      [{}, 'object'],
    ] as const)
      await expect(mapItems(items(given), async (one) => one)).rejects.toThrow(
        `items must be a list, or another iterable, not ${said}`,
      )
    const key = (): never => {
      throw new Error('no id')
    }
    await expect(mapItems([1], async (one) => one, { key })).rejects.toThrow('key threw for item 0: no id')
    const itself: unknown[] = []
    itself.push(itself)
    expect(await mapItems([1], async () => itself, { onError: 'keep' })).toMatchObject([
      { _tag: 'failed', problem: 'a result that JSON cannot hold: it contains itself' },
    ])
  })

  it('are what JSON gives back, at once; what it cannot hold is a failure of that item', async () => {
    const { mapItems } = task()
    const values: readonly unknown[] = [
      { a: undefined, b: [1] },
      undefined,
      new Date(0),
      1n,
      NaN,
      { deep: [new Map()] },
    ]
    const outcomes = await mapItems(values.keys(), (index) => values[index], { onError: 'keep' })
    expect(outcomes).toEqual([
      { _tag: 'done', value: { b: [1] }, kept: false },
      { _tag: 'done', value: null, kept: false },
      { _tag: 'failed', problem: 'a result that JSON cannot hold: Date', attempts: 1 },
      { _tag: 'failed', problem: 'a result that JSON cannot hold: bigint', attempts: 1 },
      { _tag: 'failed', problem: 'a result that JSON cannot hold: NaN', attempts: 1 },
      { _tag: 'failed', problem: 'a result that JSON cannot hold: Map at 0', attempts: 1 },
    ])
    const once: number[] = []
    const dates = (item: number) => (once.push(item), new Date(item))
    expect(
      await mapItems([1], dates, { name: 'once', retry: { attempts: 5, delay: 1 }, onError: 'keep' }),
    ).toMatchObject([{ _tag: 'failed', attempts: 1 }])
    expect(once).toEqual([1])
    await expect(mapItems([new Date(0)], async () => 1)).rejects.toThrow(/item 0 cannot be identified/)
    expect(await mapItems([new Date(0)], async () => 1, { name: 'dated', key: (date) => date.getTime() })).toEqual([1])
  })

  it.each<[object, RegExp]>([
    [{ concurrency: 0 }, /concurrency must be a number from 1, not 0/],
    [{ concurrency: NaN }, /concurrency/],
    [{ rateLimit: { requests: 0 } }, /rateLimit\/requests must be a number above 0/],
    [{ timeout: -1 }, /timeout/],
    [{ retry: { attempts: 0 } }, /retry/],
    [{ name: '../out' }, /a name is letters/],
    [{ onerror: 'keep' }, /no option 'onerror'/],
    [{ rateLimit: { request: 5 } }, /rateLimit has no 'request'; there are requests, tokens/],
    [{ retry: { attempts: 2, delays: 5 } }, /retry has no 'delays'/],
    [{ retry: { attempt: 2 } }, /retry has no 'attempt'; there are attempts/],
    [{ batch: { size: 2, sizes: 5 } }, /batch has no 'sizes'/],
    [{ batch: { size: 0 } }, /batch\/size must be a whole number from 1, not 0/],
    [{ batch: 2 }, /batch must be \{ size: a whole number from 1 \}, not 2/],
    [{ rateLimit: 3 }, /rateLimit must be \{ requests, tokens: numbers above 0 \}, not 3/],
    [{ params: { m: new Map() } }, /^params of mapItems cannot be identified: a Map at \/m$/],
    [{ accept: 1 }, /accept must be a function/],
  ])('refuse %j before anything is asked', async (options, message) => {
    const { mapItems } = task()
    const asked: number[] = []
    await expect(mapItems([1], square(asked), options)).rejects.toThrow(message)
    expect(asked).toEqual([])
  })

  it('are refused, with a reason that says so, by an accept that gives a promise', async () => {
    const { mapItems } = task()
    const accept = (() => Promise.reject(new Error('late'))) as never
    expect(await mapItems([1], async () => 1, { accept, onError: 'keep' })).toMatchObject([
      { _tag: 'refused', value: 1, reason: 'accept must give true, false or a reason, at once, not a Promise' },
    ])
  })

  it('may come one after the other; where they fail to come, those that came are kept', async () => {
    const { mapItems, parts } = task()
    async function* source() {
      yield 1
      yield 2
      throw new Error('the line is dead')
    }
    await expect(mapItems(source(), async (item) => item)).rejects.toThrow('the line is dead')
    expect(parts.items?.list()).toMatchObject([{ kept: 2 }])
    const seen: number[] = []
    for await (const value of mapItems.stream([4, 5, 6], async (item) => item * 2)) seen.push(value)
    expect(seen).toEqual([8, 10, 12])
  })

  it('made by other code are used and told, or asked again, as the task says', async () => {
    const run = async (onCodeChange: MapItemsParts['onCodeChange']) => {
      const { mapItems, parts, warnings } = task({ onCodeChange })
      await mapItems([1, 2], async (item) => item + 1)
      const values = await (makeMapItems(parts) as MapItems)([1, 2], async (item) => item + 100)
      return [values, warnings.length]
    }
    expect([await run('warn'), await run('ignore'), await run('recompute')]).toEqual([
      [[2, 3], 1],
      [[2, 3], 0],
      [[101, 102], 0],
    ])
  })
})

describe('the gate', () => {
  it('begins no more calls in any minute than the limit, and no fewer than it could', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 300 }),
        (requests, gaps) => {
          let [now, state] = [0, atRest]
          const starts = gaps.map((gap) => {
            now += gap
            const reserved = reserve(state, now, { requests }, 1)
            state = reserved.state
            return reserved.at
          })
          for (const [at, start] of starts.entries()) {
            const inMinute = starts.slice(at).filter((one) => one < start + 60_000 - 1e-6).length
            expect(inMinute).toBeLessThanOrEqual(requests)
          }
          expect(starts.at(-1)).toBeLessThanOrEqual(now + (gaps.length * 60_000) / requests)
        },
      ),
    )
  })

  it('never lets calls in flight cost more than the limit, where none costs more than was expected', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.nat(10), { maxLength: 200 }),
        (limit, expected, costs) => {
          let budget = budgetOf(limit, expected)
          for (const cost of costs) {
            if (mayBegin(budget) === 'now') budget = begun(budget)
            else if (budget.inFlight > 0) budget = endedWith(budget, Math.min(cost, expected))
            const one = costOfOne(budget) ?? 0
            expect(budget.spent + budget.inFlight * Math.min(one, expected)).toBeLessThanOrEqual(limit + 1e-9)
          }
        },
      ),
    )
  })

  it('hears when an answer says to come again', () => {
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' }
    expect([
      retryAfterOf({ retryAfter: 50 }, 0),
      retryAfterOf({ headers: { 'Retry-After': '2' } }, 0),
      retryAfterOf({ response: { headers: new Headers(headers) } }, Date.UTC(2026, 0, 1)),
      ...[undefined, null, 'x', {}, { headers: { 'retry-after': 'soon' } }].map((one) => retryAfterOf(one, 0)),
    ]).toEqual([50, 2000, 10_000, undefined, undefined, undefined, undefined, undefined])
  })
})
