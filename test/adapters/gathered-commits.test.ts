// Small commits that a reader finds gathered in few objects.
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { segmentLines } from '../../src/adapters/object-store/contents/segment-lines.js'
import { storeOfObjects } from '../../src/adapters/object-store/store-of-objects.js'
import { put } from './artifacts.js'
import { mapBucket, type MapBucket } from './map-bucket.js'

let folder: string
let bucket: MapBucket
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-gathered-'))
  bucket = mapBucket()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (machine: string) => storeOfObjects({ bucket, cache: { folder: join(folder, machine), maxBytes: 1e9 } })
const keyOf = (n: number): string => n.toString(16).padStart(32, '0')
const place = 'movies/all'
const keysFrom = (first: number, count: number) => Array.from({ length: count }, (_, at) => keyOf(first + at))
const filesIn = (machine: string): readonly string[] =>
  readdirSync(join(folder, machine, 'texts'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('/'))
    .map((name) => join(folder, machine, 'texts', name))

const write = async (): Promise<void> => {
  for (const part of [0, 1, 2]) {
    const writer = open('writer')
    for (const key of keysFrom(part * 30, 30))
      await put(writer, { folder: place, key, extension: 'json' }, `text of ${key} é`)
    await writer.flush()
  }
}
const sizesOf = async (reader: ReturnType<typeof open>, keys: readonly string[]): Promise<readonly unknown[]> => {
  const facts = (await reader.facts.read(new Map([[place, new Set(keys)]]))).get(place)
  return keys.map((key) => facts?.get(key)?.size)
}

test('are read part by part, each object once, whichever part of them is asked for', async () => {
  await write()
  const reader = open('reader')
  bucket.calls.length = 0
  const sizes = keysFrom(0, 90).map((key) => Buffer.byteLength(`text of ${key} é`))
  expect(await sizesOf(reader, keysFrom(0, 20))).toEqual(sizes.slice(0, 20))
  const read = bucket.calls.filter((call) => call === 'get').length
  expect(read).toBe(3)
  expect(await sizesOf(reader, keysFrom(20, 70))).toEqual(sizes.slice(20))
  expect(bucket.calls.filter((call) => call === 'get')).toHaveLength(read)
})

test('are read again, or one by one, where the cache has lost or changed them meanwhile', async () => {
  await write()
  const reader = open('reader')
  await sizesOf(reader, keysFrom(0, 20))
  for (const path of filesIn('reader')) truncateSync(path, 700)
  const sizes = keysFrom(20, 70).map((key) => Buffer.byteLength(`text of ${key} é`))
  expect(await sizesOf(reader, keysFrom(20, 20))).toEqual(sizes.slice(0, 20))
  rmSync(join(folder, 'reader'), { recursive: true })
  expect(await sizesOf(reader, keysFrom(40, 50))).toEqual(sizes.slice(20))
})

test('lines are found by name, also where names share a hash, are absent, or a line has none', () => {
  const text = 'a 1\nno\nß 2\n\na 3\nb 4'
  const nameOf = (line: string): string | undefined => (line.includes(' ') ? line.split(' ')[0] : undefined)
  const bytes = Buffer.from(text)
  const lines = segmentLines(bytes, nameOf)
  const found = (names: readonly string[]): readonly string[] =>
    lines.of(names).map(({ start, end }) => bytes.toString('utf8', start, end))
  expect(found(['a'])).toEqual(['a 1', 'a 3'])
  expect(found(['b', 'c', 'a'])).toEqual(['a 1', 'a 3', 'b 4'])
  expect(found([])).toEqual([])
  const alike = Buffer.from('liquid 1\nother 2\ncostarring 3') // two names with one hash
  expect(
    segmentLines(alike, nameOf)
      .of(['liquid'])
      .map(({ start, end }) => alike.toString('utf8', start, end)),
  ).toEqual(['liquid 1', 'costarring 3'])
  expect(segmentLines(Buffer.from(''), nameOf).of(['a'])).toEqual([])
})
