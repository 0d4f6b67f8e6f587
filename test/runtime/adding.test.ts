// Small results that a bucket has nothing of are added in few requests, and replace nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { storeOfObjects, type ObjectStore } from '../../src/adapters/object-store/store-of-objects.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
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
const open = (name: string): ObjectStore =>
  storeOfObjects({ bucket, cache: { folder: join(folder, name), maxBytes: 1e9 } })
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
const all = numbers.map((number) => `${number} copied`)

test('each takes a request for itself and one for its log', async () => {
  const target = open('a')
  expect(await push(target)).toHaveLength(count)
  expect(bucket.calls.length).toBeLessThan(2 * count + 10)
  expect(await get(open('b'), at(7))).toBe('text 7')
  expect(await open('b').log(at(7)).read('kept')).toBe('a line\n')
  expect(await push(open('c'))).toEqual([])
})

test('two pushes at once copy each artifact once', async () => {
  const both = (await Promise.all([push(open('a')), push(open('b'))])).flat()
  expect(both.filter((line) => line.endsWith('copied')).toSorted()).toEqual(all.toSorted())
})

test('what somebody commits meanwhile stays, and is reported where it differs', async () => {
  const other = open('b')
  let isDone = false
  bucket.before = async (method, name) => {
    if (isDone || method !== 'putNew' || !name.startsWith('m/')) return
    isDone = true
    await put(other, at(0), 'text 0')
    await put(other, at(1), 'something else')
  }
  const found = await push(open('a'), { concurrency: 1 })
  expect(found.filter((line) => !line.endsWith('copied'))).toEqual(['0 there', '1 differs'])
  expect(await get(open('c'), at(1))).toBe('something else')
})

test('what is being computed there comes last', async () => {
  const other = open('b')
  const lease = await other.lease(at(3), { signal: new AbortController().signal, waiting: () => undefined })
  const told: string[] = []
  const found = await push(open('a'), {
    waiting: ({ key }) => {
      told.push(String(Number(key)))
      void put(other, at(3), 'text 3').then(() => lease.release())
    },
  })
  expect([told, found.at(-1), found.length]).toEqual([['3'], '3 there', count])
})

test('large ones are sent under a lease', async () => {
  await put(source, at(count), 'x'.repeat(100_000))
  const leased: string[] = []
  bucket.before = (_, name) => {
    if (name.startsWith('x/') && name.length > 2) leased.push(name)
  }
  await push(open('a'))
  expect(new Set(leased.map((name) => Number(name.split('/')[3])))).toEqual(new Set([count]))
})
