// What a store of objects does between processes and when the service fails, on objects in a map.
import { generateKeyPairSync } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { manifestIn } from '../../src/adapters/object-store/contents/manifest.js'
import { removalOrder, stateOf } from '../../src/adapters/object-store/contents/object-names.js'
import { packed, unpack } from '../../src/adapters/object-store/contents/pack.js'
import type { SigningKeys } from '../../src/adapters/object-store/contents/signature.js'
import { s3AddressIn } from '../../src/adapters/object-store/s3/s3-address.js'
import { refusalOf } from '../../src/adapters/object-store/s3/s3-errors.js'
import { storeOfObjects, type ObjectStore } from '../../src/adapters/object-store/store-of-objects.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { factsInFolder, listFolder } from '../../src/runtime/run-info/one-folder.js'
import { verifyStore } from '../../src/runtime/upkeep/verify.js'
import { ObjectStoreFailed } from '../../src/adapters/object-store/bucket.js'
import { transfer, everythingIn } from '../../src/runtime/upkeep/transfer/transfer.js'
import { get, put, putFolder, runInfoFor } from './artifacts.js'
import { mapBucket, type MapBucket } from './map-bucket.js'

let folder: string
let bucket: MapBucket
let count = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-objects-'))
  bucket = mapBucket()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A store of another process: a cache of its own. */
const open = (options: Partial<Parameters<typeof storeOfObjects>[0]> = {}): ObjectStore =>
  storeOfObjects({ bucket, cache: { folder: join(folder, String(count++)), maxBytes: 1e9 }, ...options })
const at = (letter: string, extension: string | null = 'json'): Address => ({
  folder: 'movies/all',
  key: letter.repeat(32),
  extension,
})
const quiet = { signal: new AbortController().signal, waiting: () => undefined }
/** Never gives a sign of life: frozen. */
const frozen = { every: 1_000_000, limit: 1_000_000, look: 5 }
/** Believes in the death of a holder soon. */
const impatient = { every: 1_000_000, limit: 20, look: 5 }
const large = 'x'.repeat(200_000)

describe('names of objects', () => {
  const listed = (...names: string[]) => names.map((name) => ({ name: `m/f/k/${name}`, size: 1, tag: '', modified: 0 }))

  test('the highest generation counts; marks and logs of others do not', () => {
    const state = stateOf(listed('0000000001!json', '0000000001.stale', '0000000002!json!svg', '0000000001.log'))
    expect([state.generation, state.commit?.extensions, state.stale, state.log]).toEqual([
      2,
      ['json', 'svg'],
      undefined,
      undefined,
    ])
    expect(stateOf(listed('0000000003!', '0000000003.stale', 'what.is.this')).commit?.extensions).toEqual([''])
    expect(stateOf(listed('0000000003')).commit?.extensions).toBeUndefined()
  })

  test('an older commit never comes to count while a key is removed', () => {
    const state = stateOf(listed('0000000001!json', '0000000002!json', '0000000002.stale', '0000000002.log'))
    expect(removalOrder(state).map((name) => name.slice(6))).toEqual([
      '0000000001!json',
      '0000000002!json',
      '0000000002.stale',
      '0000000002.log',
    ])
  })
})

test('what is no commit, and what a later version wrote, are told apart', () => {
  for (const text of ['', '{', '[]', '{"schema":1}', '{"schema":"2"}'])
    expect(manifestIn(text)).toMatchObject({ left: 'damaged' })
  expect(manifestIn('{"schema":2}')).toMatchObject({ left: 'newer' })
})

test('addresses are read, and what is wrong with one is said', () => {
  expect(s3AddressIn('s3://team/a/b/?endpoint=http://127.0.0.1:9&region=eu')).toEqual({
    bucket: 'team',
    prefix: 'a/b/',
    endpoint: 'http://127.0.0.1:9',
    region: 'eu',
  })
  const wrong = ['s3://', 's3://ab', 's3://Team', 's3://key:secret@team/a', 's3://team/../x', 's3://team?color=red']
  for (const address of [...wrong, 's3://team?endpoint=ftp://x', 's3://team?endpoint=http://me:pw@host'])
    expect(typeof s3AddressIn(address), address).toBe('string')
})

test('what a service answers is put in words, without anything that is secret', () => {
  const error = (name: string, rest: object = {}): Error => Object.assign(new Error('AKIASECRET'), { name, ...rest })
  const names = ['NoSuchBucket', 'AccessDenied', 'InvalidAccessKeyId', 'ExpiredToken', 'RequestTimeTooSkewed']
  const said = [...names, 'SignatureDoesNotMatch'].map((name) => refusalOf(error(name), 'team').problem)
  expect(new Set(said).size).toBe(6)
  expect(said.join()).not.toContain('AKIA')
  expect(refusalOf(error('Error', { code: 'ECONNREFUSED' }), 'team').problem).toBe('nobody answers at the endpoint')
})

describe('two processes', () => {
  test('one sees what the other has committed, marked and removed', async () => {
    const [one, two] = [open(), open()]
    await put(one, at('a'), large)
    expect(await get(two, at('a'))).toBe(large)
    await two.markStale(at('a'), 'forced')
    expect(await openArtifact(one, at('a'))).toMatchObject({ reason: 'stale', detail: 'forced' })
    await put(two, at('a'), 'new')
    expect(await get(one, at('a'))).toBe('new')
    await one.remove(at('a'))
    expect([await get(two, at('a')), await listFolder(two, 'movies/all')]).toEqual(['miss: absent', new Map()])
    await put(two, at('a'), 'again')
    expect(await get(one, at('a'))).toBe('again')
  })

  test('a holder that gives no sign of life is replaced; its commit of equal data is as good', async () => {
    const [one, two] = [open({ times: frozen }), open({ times: impatient })]
    await one.lease(at('a'), quiet)
    const lease = await two.lease(at('a'), quiet)
    await put(two, at('a'), 'same')
    await lease.release()
    await put(one, at('a'), 'same')
    expect(await get(open(), at('a'))).toBe('same')
    expect([...bucket.objects.keys()].filter((name) => name.startsWith('m/')).length).toBe(1)
  })

  test('a holder that was replaced never replaces other data; it is told that the task does not give the same', async () => {
    const [one, two] = [open({ times: frozen }), open({ times: impatient })]
    await put(two, at('a'), 'old')
    await one.lease(at('a'), quiet)
    const lease = await two.lease(at('a'), quiet)
    await put(two, at('a'), 'theirs')
    await lease.release()
    await expect(put(one, at('a'), 'mine')).rejects.toMatchObject({
      name: 'ObjectStoreFailed',
      message: expect.stringContaining('with other data'),
    })
    expect(await get(open(), at('a'))).toBe('theirs')
  })

  test('a holder that gives signs of life is waited for', async () => {
    const [one, two] = [
      open({ times: { every: 5, limit: 1000, look: 5 } }),
      open({ times: { ...frozen, limit: 5000 } }),
    ]
    const lease = await one.lease(at('a'), quiet)
    const order: string[] = []
    const second = two.lease(at('a'), { ...quiet, waiting: ({ pid }) => order.push(`waits for ${pid}`) })
    let beats = 0
    const enough = new Promise<void>((resolve) => {
      bucket.before = (method, name) => void (method === 'put' && name.startsWith('x/') && ++beats > 60 && resolve())
    })
    await enough
    order.push('released')
    await lease.release()
    await (await second).release()
    expect(order).toEqual([`waits for ${process.pid}`, 'released'])
    expect([...bucket.objects.keys()].filter((name) => name.startsWith('x/'))).toEqual([])
  })

  test('a put that was tried twice is not taken for that of another', async () => {
    const store = open()
    let lost = true
    const { putNew } = bucket
    bucket.putNew = async (name, bytes) => {
      const tag = await putNew(name, bytes)
      // the answer is lost, and the client asks again
      if (name.startsWith('m/') && lost) return ((lost = false), putNew(name, bytes))
      return tag
    }
    await put(store, at('a'), 'text')
    expect(await get(store, at('a'))).toBe('text')
  })
})

describe('requests', () => {
  test('to run what is small takes four of them besides looking; a push of what is there takes one a few folders', async () => {
    const store = open({ times: { look: 600_000 } })
    await put(store, at('a'), 'first')
    bucket.calls.length = 0
    const lease = await store.lease(at('b'), quiet)
    await put(store, at('b'), 'text')
    await lease.release()
    expect(bucket.calls).toEqual(['putNew', 'list', 'putNew', 'remove'])
    await store.flush()
    const wanted = await everythingIn(store)
    bucket.calls.length = 0
    await transfer(store, store, wanted)
    expect(bucket.calls).toEqual(['list', 'list'])
  })

  test('whoever opens a store anew reads its commits in few requests, and once', async () => {
    const writer = open()
    for (let n = 0; n < 40; n++) await put(writer, { ...at('a'), key: n.toString(16).padStart(32, '0') }, `${n}`)
    await writer.flush()
    const cache = { folder: join(folder, 'reader'), maxBytes: 1e9 }
    bucket.calls.length = 0
    expect((await factsInFolder(open({ cache }).facts, 'movies/all')).size).toBe(40)
    expect(bucket.calls).toEqual(['list', 'list', 'get'])
  })
})

describe('the cache', () => {
  test('data that was read once is not fetched again; what is damaged in it is', async () => {
    await put(open(), at('a'), large)
    const cache = { folder: join(folder, 'cache'), maxBytes: 1e9 }
    expect(await get(open({ cache }), at('a'))).toBe(large)
    bucket.calls.length = 0
    expect(await get(open({ cache }), at('a'))).toBe(large)
    expect(bucket.calls).not.toContain('stream')
    const files = readdirSync(join(cache.folder, 'files'), { recursive: true, encoding: 'utf8' })
    const [file = ''] = files.filter((name) => name.length > 60)
    writeFileSync(join(cache.folder, 'files', file), large.replace('x', 'y'))
    expect(await get(open({ cache }), at('a'))).toBe(large)
    expect(bucket.calls).toContain('stream')
  })

  test('data that is not what was committed is damaged, wherever it was changed', async () => {
    await put(open(), at('a'), large)
    for (const [name, object] of bucket.objects)
      if (name.startsWith('d/')) bucket.objects.set(name, { ...object, bytes: Buffer.from(large.replace('x', 'y')) })
    await expect(get(open(), at('a'))).rejects.toMatchObject({ name: 'DamagedArtifact' })
  })

  test('folders that somebody has changed in it are unpacked once more, and are no damage of the bucket', async () => {
    const cache = { folder: join(folder, 'cache'), maxBytes: 1e9 }
    await putFolder(open(), at('a', null), { one: large, two: 'two' })
    const before = [...bucket.objects.keys()]
    const whole = await get(open({ cache }), at('a', null))
    const found = await openArtifact(open({ cache }), at('a', null))
    const path = 'reason' in found ? '' : found.path
    for (const change of [
      () => rmSync(join(path, 'two')),
      () => writeFileSync(join(path, 'three'), ''),
      () => writeFileSync(join(path, 'two'), 'oww'),
    ]) {
      change()
      expect(await verifyStore(open({ cache }), { label: 'now' })).toMatchObject({ checked: 1, damage: [] })
      expect([await get(open({ cache }), at('a', null)), readFileSync(join(path, 'two'), 'utf8')]).toEqual([
        whole,
        'two',
      ])
    }
    expect([...bucket.objects.keys()]).toEqual(before)
  })

  test('what many read at once is unpacked for all of them, and stays while it is too large', async () => {
    const cache = { folder: join(folder, 'cache'), maxBytes: 300_000 }
    for (const letter of ['a', 'b', 'c']) await putFolder(open(), at(letter, null), { one: large + letter })
    const read = async (letter: string): Promise<string> => {
      const found = await openArtifact(open({ cache }), at(letter, null))
      await ('reason' in found ? Promise.reject(new Error(found.reason)) : found.examine?.())
      return 'reason' in found ? '' : found.path
    }
    const [first = '', ...others] = await Promise.all(Array.from({ length: 8 }, () => read('a')))
    expect(new Set([first, ...others]).size).toBe(1)
    utimesSync(first, 1, 1)
    await read('a') // by another process: it is in use
    const second = await read('b')
    utimesSync(second, 1, 1)
    rmSync(join(cache.folder, 'size'))
    await read('c')
    expect([existsSync(first), existsSync(second), readdirSync(join(cache.folder, 'temporary'))]).toEqual([
      true,
      false,
      [],
    ])
  })

  test('it is kept small even if a wrong clock has noted its size in the future', async () => {
    const cache = { folder: join(folder, 'cache'), maxBytes: 300_000 }
    for (const letter of ['a', 'b']) await putFolder(open(), at(letter, null), { one: large + letter })
    const read = async (letter: string): Promise<string> => {
      const found = await openArtifact(open({ cache }), at(letter, null))
      await ('reason' in found ? Promise.reject(new Error(found.reason)) : found.examine?.())
      return 'reason' in found ? '' : found.path
    }
    const first = await read('a')
    utimesSync(first, 1, 1)
    writeFileSync(join(cache.folder, 'size'), `${Date.now() + 86_400_000} 300001`)
    await read('b')
    expect(existsSync(first)).toBe(false)
  })

  test('where it cannot be written, that is said with its name', async () => {
    await put(open(), at('a'), large)
    writeFileSync(join(folder, 'file'), '')
    const store = open({ cache: { folder: join(folder, 'file'), maxBytes: 1e9 } })
    await expect(get(store, at('a'))).rejects.toMatchObject({
      code: 'EROFS',
      message: expect.stringMatching(/file, where .* cannot be used \(ENOTDIR\): name another in TASKCHAIN_CACHE/),
    })
  })

  test('where it cannot be written, or the service fails, verify finds no damage and sets nothing aside', async () => {
    await put(open(), at('a'), large)
    await putFolder(open(), at('b', null), { one: large })
    const before = [...bucket.objects.keys()]
    const cache = { folder: join(folder, 'full'), maxBytes: 1e9 }
    mkdirSync(cache.folder)
    writeFileSync(join(cache.folder, 'temporary'), '')
    await expect(verifyStore(open({ cache }), { label: 'now' })).rejects.toThrow('name another in TASKCHAIN_CACHE')
    bucket.before = (method) => {
      if (method === 'stream') throw new ObjectStoreFailed(bucket.location, 'the credentials have expired')
    }
    await expect(verifyStore(open(), { label: 'now' })).rejects.toThrow('expired')
    expect([...bucket.objects.keys()]).toEqual(before)
  })
})

test('a purge takes what no commit has any more, but nothing of today', async () => {
  const store = open()
  await put(store, at('a'), large)
  await put(store, at('a'), `${large}new`)
  await put(store, at('b'), large)
  bucket.objects.set(`d/movies/all/${at('c').key}/${'0'.repeat(64)}`, {
    bytes: Buffer.from('left by a kill'),
    modified: 0,
  })
  const names = (): readonly string[] => [...bucket.objects.keys()].filter((name) => /^[md]/.test(name))
  await store.upkeep.aside({ remove: true })
  expect(names().length).toBe(6)
  for (const [name, object] of bucket.objects) bucket.objects.set(name, { ...object, modified: 1 })
  await store.upkeep.aside({ remove: true })
  expect(names().length).toBe(4)
  expect([await get(open(), at('a')), await get(open(), at('b'))]).toEqual([`${large}new`, large])
})

test('a cache that is too large loses what was not used for longest', async () => {
  const cache = { folder: join(folder, 'cache'), maxBytes: 500_000 }
  const files = (): readonly string[] =>
    readdirSync(join(cache.folder, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 60)
  await put(open({ cache }), at('a'), `${large}a`)
  const [first = ''] = files()
  utimesSync(join(cache.folder, 'files', first), 1, 1)
  for (const letter of ['b', 'c']) await put(open({ cache }), at(letter), large + letter)
  expect([files().length, files().includes(first)]).toEqual([2, false])
  expect(await get(open({ cache }), at('a'))).toBe(`${large}a`)
})

test('a service that does not keep to If-None-Match is refused before the first write', async () => {
  bucket = mapBucket({ conditional: false })
  await expect(put(open(), at('a'), 'text')).rejects.toMatchObject({
    message: expect.stringContaining('If-None-Match'),
  })
  await expect(open().lease(at('a'), quiet)).rejects.toMatchObject({ name: 'ObjectStoreFailed' })
})

test('a store of a later version is not written to, nor taken for an empty one', async () => {
  bucket.objects.set('taskchain.json', { bytes: Buffer.from('{"schema":2}'), modified: 0 })
  await expect(put(open(), at('a'), 'text')).rejects.toMatchObject({
    message: expect.stringContaining('later version'),
  })
  await expect(listFolder(open(), 'movies/all')).rejects.toThrow('later version')
  await expect(everythingIn(open())).rejects.toThrow('later version')
  bucket.objects.set('taskchain.json', { bytes: Buffer.from('{'), modified: 0 })
  await expect(put(open(), at('a'), 'text')).rejects.toThrow('taskchain.json there is damaged')
})

test('a commit that breaks off anywhere leaves the old artifact', async () => {
  const store = open()
  await put(store, at('a'), 'old')
  for (const broken of ['putFile', 'putNew']) {
    bucket.before = (method, name) => {
      if (method === broken && !name.startsWith('x/')) throw new Error('cut off')
    }
    await expect(put(open(), at('a'), large)).rejects.toThrow('cut off')
    expect(await get(store, at('a'))).toBe('old')
  }
})

describe('packs', () => {
  const roundTrip = async (make: (path: string) => void): Promise<string> => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')]
    for (const path of [from, to]) mkdirSync(path)
    make(from)
    await unpack(packed(from), to)
    return to
  }

  test('folders, empty files and links inside come back', async () => {
    const to = await roundTrip((path) => {
      mkdirSync(join(path, 'deep/empty'), { recursive: true })
      writeFileSync(join(path, 'deep/a'), 'one')
      writeFileSync(join(path, 'b'), '')
      symlinkSync('../b', join(path, 'deep/link'))
    })
    expect(readFileSync(join(to, 'deep/a'), 'utf8') + readFileSync(join(to, 'deep/link'), 'utf8')).toBe('one')
    expect(existsSync(join(to, 'deep/empty'))).toBe(true)
  })

  test('a pack that leads out of its folder, is cut off or is none is refused', async () => {
    async function* of(text: string): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text)
    }
    const entries = [
      { file: '../x', size: 1 },
      { file: '/x', size: 1 },
      { link: 'a', to: '/etc' },
      { link: 'a/b', to: '../../c' },
      { folder: 'a/../..' },
      { file: 'a', size: 9 },
    ]
    const through = [
      { link: 'a', to: '.' },
      { link: 'b', to: 'a/..' },
    ]
    const inside = [{ folder: 'c/d' }, { link: 'a', to: 'c/d' }, { link: 'a/b', to: 'x' }]
    const lists = [...entries.map((entry) => [entry]), through, inside]
    const hostile = lists.map((list) => `${JSON.stringify({ pack: 1, entries: list })}\nx`)
    for (const text of [...hostile, '', 'no line', 'no json\n', '{"pack":1,"entries":[]}\nmore']) {
      const to = mkdtempSync(join(folder, 'to-'))
      await expect(unpack(of(text), to), text).rejects.toMatchObject({ name: 'DamagedArtifact' })
    }
    expect(existsSync(join(folder, 'x'))).toBe(false)
  })

  test('a folder with a link that leads out of it is refused when it is committed', async () => {
    const staging = await open().stage(at('a', null), 'folder')
    symlinkSync('/etc/hostname', join(staging.directory ?? '', 'link'))
    const saved = await staging.measure()
    await expect(staging.commit(runInfoFor(at('a', null), saved))).rejects.toThrow('leads out of its folder')
  })

  test('a folder travels as one object', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, 'x'.repeat(n)]))
    await putFolder(open(), at('a', null), files)
    expect([...bucket.objects.keys()].length).toBe(2) // the store's mark and the commit, which has it in it
    const found = await openArtifact(open(), at('a', null))
    if ('reason' in found) throw new Error(found.reason)
    expect(readdirSync(found.directory ?? '').length).toBe(300)
    expect(await found.examine?.()).toBe(44_850)
  })
})

describe('signed commits', () => {
  const pair = (): { readonly signWith: string; readonly public: string } => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    return {
      signWith: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      public: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    }
  }
  const withKeys = (keys: SigningKeys): ObjectStore => open({ keys })

  test('who trusts some counts their commits, and nobody else’s', async () => {
    const [ours, theirs] = [pair(), pair()]
    await put(withKeys(ours), at('a'), 'ours')
    await put(withKeys(theirs), at('b'), 'theirs')
    await put(open(), at('c'), 'anybody’s')
    const reader = withKeys({ trust: [ours.public] })
    expect(await get(reader, at('a'))).toBe('ours')
    expect(await openArtifact(reader, at('b'))).toMatchObject({
      reason: 'unreadable run info',
      detail: expect.stringContaining('not among the trusted keys'),
    })
    expect(await openArtifact(reader, at('c'))).toMatchObject({ detail: expect.stringContaining('not signed') })
    expect(await get(open(), at('b'))).toBe('theirs')
  })

  test('a commit that somebody has changed, or put under another key, does not count', async () => {
    const ours = pair()
    await put(withKeys(ours), at('a'), 'ours')
    const [name = '', object] = [...bucket.objects].find(([one]) => one.startsWith('m/')) ?? []
    const text = Buffer.from(object?.bytes ?? []).toString()
    const forged = text.replace('"generation":1', '"generation":2')
    bucket.objects.set(name.replace('0000000001', '0000000002'), { bytes: Buffer.from(forged), modified: 0 })
    bucket.objects.set(name.replace(at('a').key, at('b').key), { bytes: Buffer.from(text), modified: 0 })
    const reader = withKeys({ trust: [ours.public] })
    expect(await openArtifact(reader, at('a'))).toMatchObject({ detail: expect.stringContaining('changed') })
    expect(await openArtifact(reader, at('b'))).toMatchObject({ detail: expect.stringContaining('another artifact') })
  })

  test('a key of another kind is refused', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(() => withKeys({ signWith: pem })).toThrow('not of Ed25519')
  })
})

test('a run info of what was put is the same in another store after a pull', async () => {
  const [one, two] = [
    open(),
    storeOfObjects({ bucket: mapBucket(), cache: { folder: join(folder, 'two'), maxBytes: 1e9 } }),
  ]
  await putFolder(one, at('a', null), { x: '1' })
  await put(one, at('b'), large)
  const { outcomes } = await transfer(one, two, await everythingIn(one))
  expect(outcomes.map(({ outcome }) => outcome._tag)).toEqual(['copied', 'copied'])
  expect(await two.readRunInfo(at('b'))).toBe(await one.readRunInfo(at('b')))
})
