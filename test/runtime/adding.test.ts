// Small results that a bucket has nothing of are added in packs, in few requests, and replace nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { storeOfObjects, type ObjectStore } from '../../src/adapters/object-store/store-of-objects.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
import { listFolder } from '../../src/runtime/run-info/one-folder.js'
import { everythingIn, transfer } from '../../src/runtime/upkeep/transfer/transfer.js'
import { get, put } from '../adapters/artifacts.js'
import { mapBucket, type MapBucket } from '../adapters/map-bucket.js'

const count = 40
const at = (number: number): Address => ({
  folder: 'movies/all',
  key: String(number).padStart(32, '0'),
  extension: 'json',
})
const numbers = Array.from({ length: count }, (_, number) => number)

let folder: string
let source: FullStore
let bucket: MapBucket
/** As another machine opens it; what a lease may know is a moment old. */
const open = (name: string, look = 5): ObjectStore =>
  storeOfObjects({ bucket, cache: { folder: join(folder, name), maxBytes: 1e9 }, times: { look } })
const quiet = { signal: new AbortController().signal, waiting: () => undefined }
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-adding-'))
  source = fileStore(join(folder, 'source'))
  bucket = mapBucket()
  for (const number of numbers) {
    await put(source, at(number), `text ${number}`)
    const log = source.log(at(number))
    log.write('a line')
    await log.close('kept')
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const push = async (target: ObjectStore, options: Parameters<typeof transfer>[3] = {}): Promise<readonly string[]> =>
  (await transfer(source, target, await everythingIn(source), options)).outcomes.map(
    ({ artifact, outcome }) => `${Number(artifact.key)} ${outcome._tag}`,
  )
const storedKey = async (number: number) => {
  const { folder, key } = at(number)
  const names = (await listFolder(open('walk'), folder)).get(key)
  return {
    folder,
    key,
    bytes: 0,
    written: 0,
    names: names ?? { extensions: [], runInfo: false, log: false, stale: false, unfinished: false },
  }
}
const all = numbers.map((number) => `${number} copied`)
const packs = (): readonly string[] => [...bucket.objects.keys()].filter((name) => name.includes('/__packs__/'))

test('all of them, with their logs, are one object', async () => {
  expect(await push(open('a'))).toHaveLength(count)
  expect([packs().length, bucket.calls.length < 20]).toEqual([1, true])
  expect([...bucket.objects.keys()].filter((name) => name.startsWith('m/'))).toEqual(packs())
})

test('others list, open, read logs and facts as if each had been put by itself', async () => {
  await push(open('a'))
  const other = open('b')
  const listing = await listFolder(other, 'movies/all')
  expect([listing.size, listing.get(at(7).key)]).toEqual([
    count,
    { extensions: ['json'], runInfo: true, log: true, stale: false, unfinished: false },
  ])
  bucket.calls.length = 0
  expect(await get(other, at(7))).toBe('text 7')
  expect(bucket.calls).toEqual(['list', 'get'])
  expect(await open('c').log(at(7)).read('kept')).toBe('a line\n')
  expect(await other.readRunInfo(at(8))).toBe(await source.readRunInfo(at(8)))
  const asked = new Map([['movies/all', undefined]])
  expect((await open('d').facts.read(asked)).get('movies/all')?.size).toBe(count)
  expect(await push(open('e'))).toEqual([])
})

test('all are pulled, and what was fetched for one is not fetched for another', async () => {
  await push(open('a'))
  const back = fileStore(join(folder, 'back'))
  const other = open('b')
  const wanted = await everythingIn(other)
  bucket.calls.length = 0
  const { outcomes } = await transfer(other, back, wanted)
  expect(outcomes.filter(({ outcome }) => outcome._tag === 'copied')).toHaveLength(count)
  expect(bucket.calls.length).toBeLessThan(6)
  expect([await get(back, at(39)), await back.log(at(39)).read('kept')]).toEqual(['text 39', 'a line\n'])
})

test.each(['stream', 'get'])(
  'what is tidied away, or packed anew, while it is pulled (%s) is no damage',
  async (when) => {
    await push(open('a'))
    await put(open('c'), { ...at(count), extension: 'txt' }, 'x'.repeat(200_000))
    const [other, tidying] = [open('b'), open('d')]
    const wanted = [...numbers.map(at), { ...at(count), extension: 'txt' }]
    bucket.before = async (method, name) => {
      if (method !== when || (when === 'get' && !name.includes('/__packs__/'))) return
      bucket.before = () => undefined
      for (const number of [...numbers.slice(8), count])
        await tidying.upkeep.setAside(await storedKey(number), 'trash', 'x')
      await tidying.upkeep.aside({ remove: true })
    }
    const { outcomes } = await transfer(other, fileStore(join(folder, 'back')), wanted)
    const left = outcomes.filter(({ outcome }) => outcome._tag === 'copied').map(({ artifact }) => Number(artifact.key))
    expect(outcomes.map(({ outcome }) => outcome._tag).filter((tag) => tag !== 'copied' && tag !== 'gone')).toEqual([])
    expect(left.toSorted((one, two) => one - two).slice(0, 8)).toEqual(numbers.slice(0, 8))
  },
)

test('two pushes at once copy each artifact once', async () => {
  const both = (await Promise.all([push(open('a')), push(open('b'))])).flat()
  expect(both.filter((line) => line.endsWith('copied')).toSorted()).toEqual(all.toSorted())
  expect(packs()).toHaveLength(1)
})

describe('somebody else', () => {
  test.each(['before the pack', 'after the pack'])(
    'who commits meanwhile, %s is put, has what stays, and what differs is reported',
    async (when) => {
      // knows nothing of the pack, as who has listed the folder a moment ago
      const other = open('b', 600_000)
      await other.open(at(0))
      let isDone = false
      bucket.before = async (method, name) => {
        const isPut = method === 'putNew' && name.includes('/__packs__/') && name.startsWith('m/')
        const isNow = when.startsWith('before') ? isPut : method === 'remove' && name.includes('/__packs__/')
        if (isDone || !isNow) return
        isDone = true
        for (const [number, text] of [
          [0, 'text 0'],
          [1, 'something else'],
        ] as const) {
          const lease = await other.lease(at(number), quiet)
          await put(other, at(number), text)
          await lease.release()
        }
      }
      const found = await push(open('a'))
      const changed = found.filter((line) => !line.endsWith('copied'))
      expect(changed.toSorted()).toEqual(['0 there', '1 differs'])
      expect(await get(open('c'), at(1))).toBe('something else')
      expect(await get(open('c'), at(2))).toBe('text 2')
    },
  )

  test('who computes a key there just now is waited for, last', async () => {
    const other = open('b')
    const lease = await other.lease(at(3), quiet)
    const told: string[] = []
    const found = await push(open('a'), {
      waiting: ({ key }) => {
        told.push(String(Number(key)))
        void put(other, at(3), 'text 3').then(() => lease.release())
      },
    })
    expect([told, found.at(-1), found.length]).toEqual([['3'], '3 there', count])
  })

  test('who takes a lease of what was pushed knows of it', async () => {
    const other = open('b')
    await other.open(at(3))
    await push(open('a'))
    const lease = await other.lease(at(3), quiet)
    expect(await get(other, at(3))).toBe('text 3')
    await put(other, at(3), 'text 3, again')
    await lease.release()
    expect(await get(open('c'), at(3))).toBe('text 3, again')
  })
})

test('large ones are sent under a lease', async () => {
  await put(source, at(count), 'x'.repeat(100_000))
  const leased: string[] = []
  bucket.before = (method, name) => {
    if (method === 'putNew' && name.startsWith('x/')) leased.push(name.split('/')[3] ?? '')
  }
  await push(open('a'))
  expect(leased.toSorted()).toEqual([at(count).key, '__packs__'].toSorted())
})

describe('what is in a pack', () => {
  beforeEach(async () => void (await push(open('a'))))
  const keys = async (): Promise<readonly number[]> => {
    const listing = await listFolder(open(`reader ${Math.random()}`), 'movies/all')
    return [...listing].filter(([, { runInfo, stale }]) => runInfo && !stale).map(([key]) => Number(key))
  }
  const without = (...gone: readonly number[]): readonly number[] => numbers.filter((one) => !gone.includes(one))

  test('can be marked as stale, removed, set aside and computed again', async () => {
    const store = open('b')
    await store.markStale(at(0), 'because')
    await store.remove(at(1))
    const stored = { ...at(2), names: { extensions: [], runInfo: true, log: true, stale: false, unfinished: false } }
    await store.upkeep.setAside({ ...stored, bytes: 0, written: 0 }, 'trash', 'today')
    expect(await keys()).toEqual(without(0, 1, 2))
    expect(await get(open('c'), at(0))).toBe('miss: stale')
    expect([...bucket.objects.keys()].filter((name) => name.startsWith('t/'))).toEqual([
      `t/trash/today/m/movies/all/${at(2).key}/0000000001!json`,
      `t/trash/today/m/movies/all/${at(2).key}/0000000001!json.log`,
    ])
    for (const number of [0, 1, 2]) await put(store, at(number), `anew ${number}`)
    expect((await keys()).toSorted((left, right) => left - right)).toEqual(numbers)
    expect(await get(open('d'), at(1))).toBe('anew 1')
    await store.remove(at(1))
    expect(await keys()).not.toContain(1)
  })

  test('is pushed again after it was removed', async () => {
    await open('b').remove(at(1))
    expect(await push(open('c'))).toEqual(['1 copied'])
    expect(await get(open('d'), at(1))).toBe('text 1')
  })

  test('leaves its pack when most of the pack is gone, under the eyes of who reads it', async () => {
    const [reader, store] = [open('reader'), open('b')]
    await listFolder(reader, 'movies/all')
    const before = packs()
    for (const number of numbers.slice(5)) await store.remove(at(number))
    await store.upkeep.aside({ remove: true })
    expect([packs().length, packs()[0] === before[0]]).toEqual([1, false])
    expect([...bucket.objects.keys()].filter((name) => name.startsWith('m/'))).toEqual(packs())
    expect(await get(reader, at(3))).toBe('text 3')
    expect(await reader.log(at(3)).read('kept')).toBe('a line\n')
    expect(await get(reader, at(30))).toBe('miss: absent')
    expect(await keys()).toEqual([0, 1, 2, 3, 4])
    for (const number of numbers.slice(0, 5)) await store.remove(at(number))
    await store.upkeep.aside({ remove: true })
    expect([...bucket.objects.keys()].filter((name) => name.startsWith('m/'))).toEqual([])
  })

  test('counts for gc and verify as any other does', async () => {
    const walked: string[] = []
    for await (const { key, bytes, names } of open('b').upkeep.walk()) if (bytes > 100 && names.log) walked.push(key)
    expect(walked).toEqual(numbers.map((number) => at(number).key))
  })

  test.each([
    ['cut short', (bytes: Uint8Array) => bytes.slice(0, bytes.length - 10)],
    ['an index that is none', (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, index) => (index < 5 ? 0 : byte))],
    [
      'sizes that are not its own',
      (bytes: Uint8Array) =>
        Buffer.from(
          Buffer.from(bytes)
            .toString()
            .replace(/,\d(\d*),7\]/, ',9$1,7]'),
        ),
    ],
  ])('is absent where the pack is damaged: %s', async (_, damage) => {
    const [name = ''] = packs()
    const object = bucket.objects.get(name)
    bucket.objects.set(name, { bytes: damage(object?.bytes ?? new Uint8Array()), modified: 0 })
    const outcomes = new Set<string>()
    for (const number of numbers) outcomes.add((await get(open('b'), at(number))).replace(/text \d+/, 'text'))
    expect([...outcomes].filter((one) => one !== 'text' && !/^miss: (absent|unreadable run info)$/.test(one))).toEqual(
      [],
    )
    expect(outcomes.has('miss: absent')).toBe(true)
  })
})
