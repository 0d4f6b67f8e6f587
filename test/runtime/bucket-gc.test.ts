// gc of a bucket: several keys at once, few requests, and whole beside who reads and writes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { storeOfObjects, type ObjectStore } from '../../src/adapters/object-store/store-of-objects.js'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import { collectGarbage, removeDeadLeases, surveyGarbage } from '../../src/runtime/upkeep/gc.js'
import { everythingIn, transfer } from '../../src/runtime/upkeep/transfer/transfer.js'
import { verifyStore } from '../../src/runtime/upkeep/verify.js'
import { get, put, runInfoFor } from '../adapters/artifacts.js'
import { mapBucket, type MapBucket } from '../adapters/map-bucket.js'

const at = (number: number): Address => ({
  folder: number % 2 === 0 ? 'movies/even' : 'movies/odd',
  key: String(number).padStart(32, '0'),
  extension: 'json',
})
const numbers = Array.from({ length: 40 }, (_, number) => number)
const textOf = (number: number): string => (number % 5 === 0 ? 'x'.repeat(100_000) : 'text ') + number
const nothingReached = { has: () => false }
const quiet = { signal: new AbortController().signal, waiting: () => undefined }

let folder: string
let bucket: MapBucket
let count = 0
/** As another process opens it. */
const open = (): ObjectStore =>
  storeOfObjects({ bucket, cache: { folder: join(folder, String(count++)), maxBytes: 1e9 }, times: { look: 5 } })
const make = async (store: ObjectStore, number: number): Promise<void> => {
  const lease = await store.lease(at(number), quiet)
  if ((await get(store, at(number))).startsWith('miss')) await compute(store, number)
  await lease.release()
}
/** No two end at the same time. */
const compute = async (store: ObjectStore, number: number): Promise<void> => {
  const staging = await store.stage(at(number), 'file')
  const saved = await staging.write(Buffer.from(textOf(number)))
  await staging.commit(`${runInfoFor(at(number), saved)}ended: run ${count++}\ntime: 1\n`)
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-gc-'))
  bucket = mapBucket()
  const store = open()
  for (const number of numbers) await make(store, number)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a key takes few requests, several are under way at once, and all are reported in order', async () => {
  const store = open()
  bucket.calls.length = 0
  const { unreachable } = await surveyGarbage(store, nothingReached)
  expect(unreachable).toHaveLength(numbers.length)
  expect(bucket.calls.length).toBeLessThan(numbers.length * 1.5) // of these, the commits: each is read once
  bucket.calls.length = 0
  let [now, most] = [0, 0]
  bucket.before = async (method, name) => {
    if (method === 'putNew' && name.startsWith('x/')) most = Math.max(most, ++now)
    if (method === 'remove' && name.startsWith('x/')) now--
    if (method === 'copy' && name.includes(at(7).key)) throw new Error('no room')
    await new Promise(setImmediate)
  }
  const victims = unreachable.toReversed()
  const { moved, busy, failed } = await collectGarbage(store, victims, 'now')
  expect(most).toBe(16)
  expect(bucket.calls.length / numbers.length).toBeLessThan(8.5)
  expect(busy).toEqual([])
  expect(moved).toEqual(victims.filter(({ key }) => key !== at(7).key))
  expect(failed).toMatchObject([{ artifact: { key: at(7).key }, cause: { message: 'no room' } }])
  expect(await get(open(), at(7))).toBe(textOf(7))
  expect([...bucket.objects.keys()].filter((name) => name.startsWith('x/'))).toEqual([])
})

test('what somebody computes, or has computed anew since the survey, is left alone', async () => {
  const [store, other] = [open(), open()]
  const { unreachable } = await surveyGarbage(store, nothingReached)
  const lease = await other.lease(at(3), quiet)
  await compute(other, 4)
  const { moved, busy } = await collectGarbage(store, unreachable, 'now')
  expect(busy.map(({ key }) => key).toSorted()).toEqual([at(3).key, at(4).key])
  expect(moved).toHaveLength(numbers.length - 2)
  expect((await surveyGarbage(store, nothingReached)).unreachable).toMatchObject([
    { key: at(4).key, heldBy: undefined },
    { key: at(3).key, heldBy: { pid: process.pid } },
  ])
  await lease.release()
})

test('beside pulls and runs of the same keys, all is whole or absent', async () => {
  const tidying = async (): Promise<void> => {
    for (let round = 0; round < 4; round++) {
      const store = open()
      const { unreachable, leases } = await surveyGarbage(store, nothingReached)
      await removeDeadLeases(store, leases)
      expect((await collectGarbage(store, unreachable, `${round}`)).failed).toEqual([])
      await store.upkeep.aside({ remove: true })
    }
  }
  const running = async (step: number): Promise<void> => {
    const store = open()
    for (let at = 0; at < 3 * numbers.length; at++) await make(store, (at * step) % numbers.length)
  }
  const outcomes = new Set<string>()
  const pulling = async (name: string): Promise<void> => {
    for (let round = 0; round < 4; round++) {
      const [source, target] = [open(), fileStore(join(folder, name))]
      const { outcomes: done } = await transfer(source, target, await everythingIn(source))
      for (const { outcome } of done) outcomes.add(outcome._tag)
    }
  }
  const pushing = async (): Promise<void> => {
    const source = fileStore(join(folder, 'pushed'))
    for (const number of numbers) await put(source, at(number), textOf(number))
    const wanted = await everythingIn(source)
    for (let round = 0; round < 3; round++) await transfer(source, open(), wanted)
  }
  bucket.before = () => new Promise(setImmediate)
  await Promise.all([tidying(), tidying(), running(7), running(11), pulling('a'), pulling('b'), pushing()])
  const { damage, unsure } = await verifyStore(open(), { label: 'verify' })
  expect([damage, unsure]).toEqual([[], []])
  expect([...outcomes].filter((tag) => !['copied', 'there', 'gone'].includes(tag))).toEqual([])
  for (const store of [open(), fileStore(join(folder, 'a')), fileStore(join(folder, 'b'))])
    for (const number of numbers) expect(['miss: absent', textOf(number)]).toContain(await get(store, at(number)))
  const last = open()
  for (const number of numbers) await make(last, number)
  for (const number of numbers) expect(await get(open(), at(number))).toBe(textOf(number))
})

test('a purge removes what an interrupted removal has left, but no log of a failed run', async () => {
  const store = open()
  const [first, second] = [at(0), at(1)].map(({ folder, key }) => `m/${folder}/${key}/`)
  await store.markStale(at(0))
  const log = store.log(at(0))
  log.write('a line')
  await log.close('kept')
  const failed = store.log(at(1))
  failed.write('a line')
  await failed.close('failed')
  for (const name of [`${first}0000000001!json`, `${second}0000000001!json`])
    expect(bucket.objects.delete(name)).toBe(true)
  const left = () =>
    [...bucket.objects.keys()].filter((name) => [first, second].some((one) => name.startsWith(one ?? '')))
  expect(left()).toEqual([`${first}0000000001.stale`, `${first}0000000001.log`, `${second}failed.log`])
  await open().upkeep.aside({ remove: true })
  expect(left()).toHaveLength(3) // of today
  for (const [name, object] of bucket.objects) bucket.objects.set(name, { ...object, modified: 1 })
  await open().upkeep.aside({ remove: true })
  expect(left()).toEqual([`${second}failed.log`])
  for (const number of numbers.slice(2)) expect(await get(open(), at(number))).toBe(textOf(number))
})
