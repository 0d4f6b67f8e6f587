import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/adapters/file-store/file-store.js'
import type { ItemContext } from '../../../src/declare/items.js'
import { itemsToDo } from '../../../src/runtime/items/forecast/items-to-do.js'
import type { ItemsProgress } from '../../../src/runtime/ports/items.js'
import { during, itemsTask } from './items-task.js'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

/** A task over a store; what it tells of its items comes last. */
const taskWith = (more: Parameters<typeof itemsTask>[0] = {}) => {
  const told: ItemsProgress[] = []
  return { told, ...itemsTask({ progress: (_, __, items) => void told.push(items), ...more }) }
}
/** Costs 2 and takes a second; every fifth fails at the first attempt, and costs as much. */
const askIn =
  (clock: ReturnType<typeof itemsTask>['clock']) =>
  async (item: number, { usage, attempt, signal }: ItemContext): Promise<number> => {
    await clock.wait(1000, signal)
    usage({ cost: 2 })
    if (item % 5 === 4 && attempt === 1) throw new Error('429')
    return item
  }

describe('while items are computed', () => {
  it('each attempt counts: what was used, how fast it goes, how long it lasts, what all will use', async () => {
    const { mapItems, told, clock } = taskWith()
    const retry = { attempts: 2, delay: 0 }
    await during(clock, mapItems(upTo(10), askIn(clock), { concurrency: 1, retry }), 500)
    const last = told.at(-1)
    expect(last).toMatchObject({ kept: 0, computed: 10, attempts: 12, toDo: 10, usage: { cost: 24 }, secondsLeft: 0 })
    expect(last?.expected).toEqual({ cost: 24 })
    const half = told.find(({ computed }) => computed === 5)
    expect(half).toMatchObject({ attempts: 6, usage: { cost: 12 }, expected: { cost: 24 } })
    expect(half?.secondsLeft).toBeCloseTo(5 / (half?.perSecond ?? 0))
  })

  it('what is kept is not to do: it is known before the first call how many are', async () => {
    const { mapItems, told, clock, parts } = taskWith()
    await during(clock, mapItems(upTo(4), askIn(clock)))
    const next = taskWith({ items: parts.items, clock })
    await during(clock, next.mapItems([...upTo(4), 5, 6], askIn(clock), { expectedCost: 3 }))
    expect(told[0]).toMatchObject({ toDo: 4 })
    expect(next.told[0]).toMatchObject({ kept: 1, computed: 0, toDo: 2, perSecond: null, expected: { cost: 6 } })
  })

  it('of what comes one after the other nobody knows how many are to do', async () => {
    const { mapItems, told, clock } = taskWith()
    await during(clock, mapItems(new Set([1, 2]), askIn(clock)))
    expect(told.at(-1)).toMatchObject({
      computed: 2,
      toDo: null,
      secondsLeft: null,
      expected: null,
      usage: { cost: 4 },
    })
  })
})

describe('before items are computed', () => {
  const of = async ({ parts, clock }: ReturnType<typeof taskWith>, key = parts.key) => {
    const items = parts.items ?? expect.fail()
    return itemsToDo(items, await items.sets(), key, clock.now())
  }

  it('what replaces a result from the future is not to do, for the next run as for a plan', async () => {
    const root = mkdtempSync(join(tmpdir(), 'taskchain-items-'))
    const task = taskWith({ items: fileStore(root).items })
    const { clock, parts } = task
    const firstTold = async () => {
      const { mapItems, told } = taskWith({ items: parts.items, clock })
      await during(clock, mapItems(upTo(2), askIn(clock), { expires: 3_600_000 }))
      return told[0]
    }
    clock.set(Date.UTC(2030, 0, 1))
    await firstTold()
    clock.set(Date.UTC(2026, 0, 1))
    expect(await of(task)).toMatchObject([{ toDo: 2 }])
    expect(await firstTold()).toMatchObject({ toDo: 2 })
    expect(await of(task)).toMatchObject([{ toDo: 0 }])
    expect(await firstTold()).toMatchObject({ toDo: 0 })
    rmSync(root, { recursive: true })
  })

  it('a plan tells from a run that did not get to its end how many are to do, and what they use', async () => {
    const task = taskWith()
    const { mapItems, clock } = task
    expect(await of(task)).toEqual([])
    const limited = mapItems(upTo(10), askIn(clock), { concurrency: 1, maxCost: 8 })
    await expect(during(clock, limited)).rejects.toThrow('maxCost 8')
    const known = { name: 'items', items: 10, toDo: 6, atLeast: false, expected: { cost: 12 } }
    expect(await of(task)).toEqual([{ ...known, known: 'run' }])
    expect(await of(task, 'of another config')).toEqual([{ ...known, known: 'other' }])
  })

  it('several calls of one name are told apart; a stream that was left has more items than are known', async () => {
    const task = taskWith()
    const { mapItems, clock } = task
    await during(clock, mapItems([1, 2], askIn(clock)))
    await during(clock, mapItems([3], askIn(clock)))
    const first = mapItems.stream(upTo(50)[Symbol.iterator](), askIn(clock), { name: 'other', concurrency: 1 })
    await during(clock, first[Symbol.asyncIterator]().next())
    await expect(during(clock, mapItems(failing(), askIn(clock), { name: 'third' }))).rejects.toThrow('no more')
    expect(await of(task)).toMatchObject([
      { name: 'items', items: 2, toDo: 0 },
      { name: 'items', items: 1, toDo: 0 },
      { name: 'other', known: 'nothing', items: null, toDo: null },
      { name: 'third', items: 2, toDo: 0, atLeast: true, known: 'run' },
    ])
  })

  it('what has expired is to do again, and configs that ask the same keep one list', async () => {
    const task = taskWith()
    const { mapItems, clock, parts } = task
    await during(clock, mapItems([1, 2], askIn(clock), { expires: 60_000 }))
    const lines = async (): Promise<number> =>
      [...((await parts.items?.lines({ folder: parts.folder, name: 'items' }, 'all')) ?? [])].length
    const before = await lines()
    await mapItemsOf(task, 'another key')([1, 2], askIn(clock), { expires: 60_000 })
    expect(await lines()).toBe(before + 1)
    expect(await of(task)).toMatchObject([{ toDo: 0 }])
    await clock.advance(60_000)
    expect(await of(task)).toMatchObject([{ items: 2, toDo: 2 }])
  })
})

const mapItemsOf = ({ parts }: ReturnType<typeof taskWith>, key: string) => itemsTask({ ...parts, key }).mapItems

async function* failing(): AsyncGenerator<number> {
  yield* [1, 2]
  throw new Error('no more')
}
