// A project's own store with shared ones behind it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { storeOfObjects } from '../../src/adapters/object-store/store-of-objects.js'
import { layeredStore } from '../../src/adapters/shared-store/layered-store.js'
import { isPullRequest, modeIn } from '../../src/adapters/shared-store/store-modes.js'
import type { StoreMode } from '../../src/declare/shared-store.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
import { factsInFolder, listFolder } from '../../src/runtime/run-info/one-folder.js'
import { factsContract, linksContract, storeContract, upkeepContract } from '../store.contract.js'
import { get, put, putFolder, runInfoFor } from './artifacts.js'
import { mapBucket } from './map-bucket.js'
import { bucket, folder, objects, own, told, useOwn } from './shared-set-up.js'

const layered = (mode: StoreMode = 'read-write') =>
  layeredStore(own, [{ store: objects(), mode }], (problem) => told.push(problem))
const at = (letter: string, extension: string | null = 'json') => ({
  folder: 'movies/all',
  key: letter.repeat(32),
  extension,
})
const quiet = { signal: new AbortController().signal, waiting: () => undefined }

for (const mode of ['read-write', 'read-only'] as const) {
  const make = () => {
    const place = mkdtempSync(join(tmpdir(), 'taskchain-layered-'))
    const cache = { folder: join(place, 'cache'), maxBytes: 1e9 }
    const behind = storeOfObjects({ bucket: mapBucket(), cache })
    const inFront = fileStore(join(place, 'own'))
    return {
      // it has the links of the store in front
      store: layeredStore(inFront, [{ store: behind, mode }], () => undefined) as FullStore,
      dispose: () => rmSync(place, { recursive: true, force: true }),
    }
  }
  const name = `a store with a ${mode} one behind it`
  storeContract(name, make)
  factsContract(name, make)
  linksContract(name, make)
  upkeepContract(name, make)
}

test('what is only there is listed, read, and here from then on', async () => {
  await put(objects(), at('a'), 'there')
  await putFolder(objects(), at('b', null), { x: '1' })
  const log = objects().log(at('a'))
  log.write('line')
  await log.close('kept')
  const store = layered()
  expect([...(await listFolder(store, 'movies/all')).keys()]).toEqual([at('a').key, at('b').key])
  expect([...(await factsInFolder(store.facts, 'movies/all', new Set([at('a').key]))).keys()]).toEqual([at('a').key])
  expect(await store.sizes?.([at('a'), at('c')])).toEqual([5, undefined])
  expect(await store.log(at('a')).read('kept')).toBe('line\n')
  expect(await get(store, at('a'))).toBe('there')
  expect(await get(store, at('b', null))).toMatch(/^folder: /)
  expect([await get(own, at('a')), await own.log(at('a')).read('kept')]).toEqual(['there', 'line\n'])
  expect((await listFolder(own, 'movies/all')).size).toBe(2)
})

test('what is committed here goes there, with its log, before a flush resolves', async () => {
  const store = layered()
  const lease = await store.lease(at('a'), quiet)
  const log = store.log(at('a'))
  log.write('line')
  await put(store, at('a'), 'here')
  await log.close('kept')
  await put(store, at('b'), 'here too')
  await store.flush()
  await lease.release()
  expect([await get(objects(), at('a')), await get(objects(), at('b'))]).toEqual(['here', 'here too'])
  expect(await objects().log(at('a')).read('kept')).toBe('line\n')
  expect([...bucket.objects.keys()].filter((name) => name.startsWith('x/'))).toEqual([])
})

test('modes: who may only read puts nothing there, who may only write reads nothing', async () => {
  await put(objects(), at('a'), 'there')
  const before = new Set(bucket.objects.keys())
  const reader = layered('read-only')
  await put(reader, at('b'), 'here')
  await reader.flush()
  expect(new Set(bucket.objects.keys())).toEqual(before)
  const writer = layered('write-only')
  expect(await get(writer, at('a'))).toBe('miss: absent')
  await put(writer, at('c'), 'here')
  await writer.flush()
  expect(await get(objects(), at('c'))).toBe('here')
})

test('what was marked as stale here is not read there, and stays there for others', async () => {
  await put(objects(), at('a'), 'there')
  const store = layered()
  await store.markStale(at('a'), 'forced')
  expect(await get(store, at('a'))).toBe('miss: stale')
  expect((await listFolder(store, 'movies/all')).get(at('a').key)?.stale).toBe(true)
  expect(await get(objects(), at('a'))).toBe('there')
})

test('two machines do not compute one key: the second waits, and reads what the first has put there', async () => {
  const one = layered()
  useOwn('of another machine')
  const two = layeredStore(
    own,
    [
      {
        store: storeOfObjects({
          bucket,
          cache: { folder: join(folder, 'two'), maxBytes: 1e9 },
          times: { every: 1e6, limit: 1e6, look: 2 },
        }),
        mode: 'read-write',
      },
    ],
    () => undefined,
  )
  const lease = await one.lease(at('a'), quiet)
  const order: string[] = []
  const second = two.lease(at('a'), {
    ...quiet,
    waiting: () => {
      order.push('waits')
      void put(one, at('a'), 'first')
        .then(() => one.flush())
        .then(() => lease.release())
    },
  })
  const held = await second
  expect([order, await get(two, at('a'))]).toEqual([['waits'], 'first'])
  await held.release()
})

test('other data under one key is said, and what is there stays', async () => {
  await put(objects(), at('a'), 'there')
  await put(own, at('a'), 'before')
  const store = layered()
  await put(store, at('a'), 'here')
  await store.flush()
  expect(told).toEqual([expect.stringContaining('the task does not give the same twice')])
  expect([await get(objects(), at('a')), await get(own, at('a'))]).toEqual(['there', 'here'])
})

test('a shared store that fails is said once and left out; the work goes on', async () => {
  bucket.before = () => {
    throw new Error('the network is down')
  }
  const store = layered()
  expect(await listFolder(store, 'movies/all')).toEqual(new Map())
  const lease = await store.lease(at('a'), quiet)
  await put(store, at('a'), 'here')
  await lease.release()
  await store.flush()
  expect(await get(store, at('a'))).toBe('here')
  expect(told).toEqual(['the shared store s3://map/tasks is left out from here on: the network is down'])
})

test('what is damaged there is no hit here', async () => {
  const staging = await objects().stage(at('a'), 'file')
  const saved = await staging.write(Buffer.from('there'))
  await staging.commit(runInfoFor(at('a'), { ...saved, checksum: '00000000' }))
  const store = layered()
  expect(await get(store, at('a'))).toBe('miss: absent')
  expect(await listFolder(own, 'movies/all')).toEqual(new Map())
})

describe('modes', () => {
  test('code of a pull request puts nothing into a shared store unless that is told', () => {
    const request = { GITHUB_EVENT_NAME: 'pull_request' }
    const modes = ['read-write', 'read-only', 'write-only', 'off'] as const
    expect(modes.map((mode) => modeIn(mode, {}))).toEqual(modes)
    expect(modes.map((mode) => modeIn(mode, request))).toEqual(['read-only', 'read-only', 'off', 'off'])
    expect(modeIn('read-only', { ...request, TASKCHAIN_SHARED: 'read-write' })).toBe('read-write')
    expect(modeIn('read-write', { TASKCHAIN_SHARED: 'off' })).toBe('off')
  })

  test('services for CI are known by what they set', () => {
    const requests = [
      { GITHUB_EVENT_NAME: 'pull_request_target' },
      { CI_MERGE_REQUEST_IID: '7' },
      { BUILDKITE_PULL_REQUEST: '7' },
      { TRAVIS_PULL_REQUEST: '7' },
      { CHANGE_ID: '7' },
    ]
    expect(requests.map(isPullRequest)).toEqual(requests.map(() => true))
    const others = [
      {},
      { GITHUB_EVENT_NAME: 'push' },
      { BUILDKITE_PULL_REQUEST: 'false' },
      { CI_MERGE_REQUEST_IID: '' },
    ]
    expect(others.map(isPullRequest)).toEqual(others.map(() => false))
  })
})
