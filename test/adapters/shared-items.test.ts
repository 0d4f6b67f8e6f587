// Results of items in a project's own store, with shared ones behind it.
import { generateKeyPairSync } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { layeredItems } from '../../src/adapters/shared-store/layered-items.js'
import { layeredStore } from '../../src/adapters/shared-store/layered-store.js'
import { makeLayers } from '../../src/adapters/shared-store/layers.js'
import type { MapItemsOptions } from '../../src/declare/items.js'
import type { StoreMode } from '../../src/declare/shared-store.js'
import { recordIn } from '../../src/runtime/items/item-record.js'
import { itemsToDo } from '../../src/runtime/items/forecast/items-to-do.js'
import type { ItemLine, StoreItems } from '../../src/runtime/ports/items.js'
import type { FullStore, Store } from '../../src/runtime/ports/store.js'
import { systemClock } from '../../src/runtime/session/system-clock.js'
import { itemsTask } from '../runtime/items/items-task.js'
import { bucket, folder, objects, own, told } from './shared-set-up.js'

const set = { folder: 'shop/scored', name: 'items' }
const keyPair = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

const shared = { bucket: objects, folder: (): Store => fileStore(join(folder, 'shared')) }
const behind = (store: Store, mode: StoreMode = 'read-write', front: FullStore = own): StoreItems =>
  itemsOf(layeredStore(front, [{ store: store as FullStore, mode }], (problem) => told.push(problem)))

const itemsOf = ({ items }: Pick<Store, 'items'>): StoreItems => {
  if (items === undefined) throw new Error('a store without items')
  return items
}
const double = (calls: unknown[] = [], plus = 0) =>
  [calls, (n: number): number => (calls.push(n), 2 * n + plus)] as const

/** Runs a task with these items; returns its result, and what was computed. */
const run = async (
  items: StoreItems,
  given: readonly number[],
  { plus = 0, ...options }: Partial<MapItemsOptions<number, number>> & { readonly plus?: number } = {},
  more: Parameters<typeof itemsTask>[0] = {},
): Promise<readonly [readonly unknown[], readonly unknown[]]> => {
  const [calls, fn] = double([], plus)
  const all = await itemsTask({ items, clock: systemClock, codeOf: () => 'f', ...more }).mapItems(
    given,
    fn,
    options as object,
  )
  return [all, calls]
}
const values = async (store: Pick<Store, 'items'>): Promise<readonly unknown[]> =>
  Array.from(await itemsOf(store).lines(set))
    .filter(({ kind }) => kind === 'kept')
    .map(({ text }) => recordIn(text)?.value)
    .toSorted()
const keyOf = (letter: string): string => letter.repeat(32)
const add = async (store: Store, line: Partial<ItemLine> & { readonly key: string }): Promise<void> => {
  const log = await itemsOf(store).open(set)
  log.append({ kind: 'kept', at: Date.now(), text: '{"schema":1,"value":1}', ...line }, 'as it is')
  await log.close()
}

for (const [name, make] of Object.entries(shared)) {
  test(`in a ${name}: what a colleague has computed is not computed again, and is here from then on`, async () => {
    expect(await run(itemsOf(make()), [1, 2, 3])).toEqual([
      [2, 4, 6],
      [1, 2, 3],
    ])
    expect(await run(behind(make(), 'read-only'), [2, 3, 4])).toEqual([[4, 6, 8], [4]])
    expect(await values(own)).toEqual([4, 6, 8])
    expect(await values(make())).toEqual([2, 4, 6])
    expect(await run(itemsOf(own), [2, 3, 4])).toEqual([[4, 6, 8], []])
  })

  test(`in a ${name}: what is computed here is there for colleagues, as soon as the task has ended`, async () => {
    await run(itemsOf(make()), [1])
    expect(await run(behind(make()), [1, 2])).toEqual([[2, 4], [2]])
    expect(await run(itemsOf(make()), [1, 2])).toEqual([[2, 4], []])
    const [writing, other] = [behind(make(), 'write-only', fileStore(join(folder, 'third'))), make()]
    expect(await run(writing, [2, 3])).toEqual([
      [4, 6],
      [2, 3],
    ])
    expect(await values(other)).toEqual([2, 4, 6])
    expect(told).toEqual([])
  })

  test(`in a ${name}: reader and pull request put nothing there`, async () => {
    await run(itemsOf(make()), [1])
    const before = [...bucket.objects.keys(), ...namesBelow('shared')]
    await run(behind(make(), 'read-only'), [1, 2])
    expect([...bucket.objects.keys(), ...namesBelow('shared')]).toEqual(before)
  })

  test(`in a ${name}: a plan knows which items are there, and writes nothing`, async () => {
    await run(itemsOf(make()), [1, 2, 3, 4], {}, { key: 'k' })
    await run(itemsOf(own), [1], {}, { key: 'other' })
    const names = namesBelow('own')
    const items = behind(make(), 'read-only', own)
    expect(await items.sets()).toEqual([set])
    expect(await itemsToDo(items, await items.sets(), 'k', Date.now())).toMatchObject([
      { known: 'run', items: 4, toDo: 0, atLeast: false },
    ])
    expect(namesBelow('own')).toEqual(names)
  })
}

const namesBelow = (name: string): readonly string[] => {
  try {
    return readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).toSorted()
  } catch {
    return []
  }
}

test('a store that fails at any moment is said once; the items are computed and kept here', async () => {
  await run(itemsOf(objects()), [1, 2])
  for (const failing of ['list', 'get', 'put', 'putNew'] as const) {
    const items = behind(objects(), 'read-write', fileStore(join(folder, `own ${failing}`)))
    told.length = 0
    bucket.before = (method, object) => {
      if (method === failing && object !== '') throw new Error('the network is down')
    }
    expect((await run(items, [1, 2, 3]))[0]).toEqual([2, 4, 6])
    bucket.before = () => undefined
    expect(told).toEqual(['the shared store s3://map/tasks is left out from here on: the network is down'])
    expect(await values(fileStore(join(folder, `own ${failing}`)))).toEqual([2, 4, 6])
  }
})

test('items that no trusted writer has signed are computed again, as artifacts are', async () => {
  const [ours, theirs] = [keyPair(), keyPair()]
  await run(itemsOf(objects({ signWith: ours.privateKey })), [1])
  await run(itemsOf(objects({ signWith: theirs.privateKey })), [2], { plus: 100 })
  await run(itemsOf(objects()), [3], { plus: 100 })
  const reader = behind(objects({ trust: [ours.publicKey] }), 'read-only')
  expect(await run(reader, [1, 2, 3])).toEqual([
    [2, 4, 6],
    [2, 3],
  ])
})

test('what is forgotten here is computed again, whether or not a shared store has it', async () => {
  await run(itemsOf(objects()), [1, 2])
  const items = behind(objects(), 'read-only')
  await items.remove(set)
  expect(await run(items, [1, 2], { plus: 1 })).toEqual([
    [3, 5],
    [1, 2],
  ])
  await items.remove(set)
  const log = await items.open(set)
  const [one] = Array.from(await itemsOf(objects()).lines(set)).filter(({ kind }) => kind === 'kept')
  log.append({ key: one!.key, kind: 'gone', at: 1, text: '{"schema":1}' })
  await log.close()
  expect((await run(behind(objects(), 'read-only'), [1, 2], { plus: 3 }))[1]).toEqual([1, 2])
  expect(await values(objects())).toEqual([2, 4])
})

test('a result that is too old here, or of other code, is taken from a store that has a usable one', async () => {
  const old = systemClock.now() - 10_000
  const clock = { ...systemClock, now: () => old }
  await run(itemsOf(own), [1], {}, { clock })
  await run(itemsOf(objects()), [1], { plus: 5 })
  expect(await run(behind(objects()), [1], { plus: 9, expires: 5000 })).toEqual([[7], []])
  await run(itemsOf(own), [2], {}, { codeOf: () => 'older' })
  await run(itemsOf(objects()), [2], { plus: 5 })
  const strict = { onCodeChange: 'recompute', isOtherCode: (one: unknown, other: unknown) => one !== other } as const
  expect(await run(behind(objects()), [2], { plus: 9 }, strict)).toEqual([[9], []])
})

test('a result there that is too old, or of other code, is replaced; another one by the same code stays', async () => {
  const old = systemClock.now() - 10_000
  const clock = { ...systemClock, now: () => old }
  await run(itemsOf(objects()), [1], {}, { clock })
  expect(await run(behind(objects()), [1], { plus: 1, expires: 5000 })).toEqual([[3], [1]])
  expect(await values(objects())).toEqual([3])
  await run(behind(objects(), 'write-only', fileStore(join(folder, 'b'))), [1], { plus: 2 })
  expect(told).toEqual([expect.stringMatching(/s3:\/\/map\/tasks has other results for 1 items of shop\/scored/)])
  expect(await values(objects())).toEqual([3])
  await run(behind(objects(), 'write-only', fileStore(join(folder, 'c'))), [1], { plus: 4 }, { codeOf: () => 'g' })
  expect(await values(objects())).toEqual([6])
})

test('a batch that another machine waits for is known here; one that it has not yet submitted is not', async () => {
  const batch = { submitted: 1, items: 1, keys: [keyOf('e')] }
  const textOf = (state: string) => JSON.stringify({ schema: 1, batch: { ...batch, id: 'b', state } })
  await add(objects(), { key: keyOf('a'), kind: 'batch', text: textOf('submitting') })
  await add(objects(), { key: keyOf('b'), kind: 'batch', text: textOf('running') })
  const log = await behind(objects()).open(set)
  expect(Array.from(log.batches(), ({ key }) => key)).toEqual([keyOf('b')])
  expect([log.read(keyOf('a')), log.read(keyOf('b'))?.kind]).toEqual([undefined, 'batch'])
  // the other machine requests that it is cancelled
  await add(objects(), { key: keyOf('c'), kind: 'batch', text: JSON.stringify({ schema: 1, cancels: keyOf('b') }) })
  await log.fetch?.()
  expect(recordIn(log.read(keyOf('c'))?.text ?? '')?.cancels).toBe(keyOf('b'))
  log.append({ key: keyOf('d'), kind: 'batch', at: 2, text: textOf('submitting') })
  log.append({ key: keyOf('b'), kind: 'batch', at: 2, text: textOf('ended') })
  await log.close()
  const other = await itemsOf(objects()).open(set)
  expect([other.read(keyOf('d')), recordIn(other.read(keyOf('b'))?.text ?? '')?.batch?.state]).toEqual([
    undefined,
    'ended',
  ])
})

test('what others compute during a run is seen, and what this run computes is seen by others', async () => {
  const layers = makeLayers([{ store: objects() as FullStore, mode: 'read-write' }], (problem) => told.push(problem))
  const items = layeredItems(itemsOf(own), layers, (problem) => told.push(problem), 0)
  const calls: number[] = []
  const elsewhere = itemsOf(objects())
  const compute = async (n: number): Promise<number> => {
    calls.push(n)
    if (n === 1) await run(elsewhere, [3, 4])
    if (n === 5) calls.push(...((await run(elsewhere, [1, 2]))[1] as number[]))
    return 2 * n
  }
  const { mapItems } = itemsTask({ items, clock: systemClock, codeOf: () => 'f' })
  expect(await mapItems([1, 2, 3, 4, 5], compute, { concurrency: 1 })).toEqual([2, 4, 6, 8, 10])
  expect(calls).toEqual([1, 2, 5])
})

test('lines of the future, and of a changed store, do no harm', async () => {
  await add(objects(), { key: keyOf('a'), at: Date.now() + 1e12 })
  await add(objects(), { key: keyOf('b'), kind: 'gone' })
  await add(own, { key: keyOf('b'), at: 5 })
  const log = await behind(objects(), 'read-only').open(set)
  expect([log.read(keyOf('a')), log.read(keyOf('b'))?.kind]).toEqual([undefined, 'kept'])
  log.append({ key: keyOf('a'), kind: 'kept', at: Date.now(), text: '{"schema":1,"value":2}' })
  await log.close()
  expect(recordIn((await itemsOf(own).open(set)).read(keyOf('a'))?.text ?? '')?.value).toBe(2)
})

test('a store that hangs holds up no item', async () => {
  const layers = makeLayers([{ store: objects() as FullStore, mode: 'read-only' }], (problem) => told.push(problem))
  const log = await layeredItems(itemsOf(own), layers, (problem) => told.push(problem), 0).open(set)
  let hangs = false
  bucket.before = () => {
    hangs = true
    return new Promise(() => undefined)
  }
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const claim = log.claim(keyOf('a'), { signal: new AbortController().signal, waiting: () => undefined })
    while (!hangs) await new Promise((resolve) => void setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(1000)
    await (await claim).release()
    await log.close()
  } finally {
    vi.useRealTimers()
  }
})
