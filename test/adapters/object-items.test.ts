// Results of items in a store of objects, as two machines see them.
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { lineOf } from '../../src/adapters/file-store/items/item-line.js'
import { processIdentity } from '../../src/adapters/lease/process-identity.js'
import type { SigningKeys } from '../../src/adapters/object-store/contents/signature.js'
import { storeOfObjects } from '../../src/adapters/object-store/store-of-objects.js'
import { collectItems, unreachedItems } from '../../src/runtime/items/kept-items.js'
import type { ItemLine } from '../../src/runtime/ports/items.js'
import { transferItems } from '../../src/runtime/upkeep/transfer/transfer-items.js'
import { systemClock } from '../../src/runtime/session/system-clock.js'
import { itemsTask } from '../runtime/items/items-task.js'
import { mapBucket, type MapBucket } from './map-bucket.js'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Items of a bucket as one machine has them, which keeps what it reads in a folder of its own. */
const machine = (bucket: MapBucket, keys: SigningKeys = {}) => storeOn(bucket, keys).items

const storeOn = (bucket: MapBucket, keys: SigningKeys = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-items-'))
  folders.push(folder)
  return storeOfObjects({ bucket, keys, cache: { folder, maxBytes: 1e9 }, times: { look: 5 } })
}

/** As if everything had been brought an hour ago. */
const makeOld = (folder: string): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) utimesSync(join(folder, name), 1, 1)
}

const set = { folder: 'shop/scored', name: 'items' }
const keyOf = (n: number): string => n.toString(16).padStart(32, '0')
const line = (n: number): ItemLine => ({ key: keyOf(n), kind: 'kept', at: 1000 + n, text: `{"schema":1,"value":${n}}` })
const objectsOf = ({ objects }: MapBucket): readonly string[] =>
  [...objects.keys()].filter((name) => name.startsWith('i/'))
const many = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)
const taskOn = (items: ReturnType<typeof machine>) => itemsTask({ items, clock: systemClock })

describe('items in a store of objects', () => {
  it('are there for another machine, listed, and removed for both', async () => {
    const bucket = mapBucket()
    const [here, there] = [machine(bucket), machine(bucket)]
    const log = await here.open(set)
    for (const n of [1, 2, 3]) log.append(line(n))
    expect(log.read(keyOf(2))).toEqual(line(2))
    await log.close()
    const other = await there.open(set)
    expect(other.read(keyOf(3))).toEqual(line(3))
    other.append({ ...line(4), kind: 'failed' })
    await other.close()
    for (const items of [here, there]) {
      expect(await items.list()).toMatchObject([{ ...set, kept: 3, failed: 1, damaged: 0 }])
      expect(await items.list('shop/other')).toEqual([])
      expect([...(await items.lines(set, 'all'))]).toHaveLength(4)
    }
    await here.remove(set)
    expect(objectsOf(bucket)).toEqual([])
    for (const folder of folders) makeOld(folder) // what was brought this moment may have been put this moment
    for (const items of [here, there]) expect(await items.list()).toEqual([])
    expect((await there.open(set)).read(keyOf(1))).toBeUndefined()
  })

  it('of two machines at once are asked for once each', async () => {
    const bucket = mapBucket()
    const asked: number[] = []
    const ask = async (n: number): Promise<number> => {
      asked.push(n)
      await new Promise(setImmediate)
      return n * n
    }
    const runs = [machine(bucket), machine(bucket)].map((items) => taskOn(items).mapItems(many(200), ask))
    const squares = many(200).map((n) => n * n)
    expect(await Promise.all(runs)).toEqual([squares, squares])
    expect(asked.toSorted((one, other) => one - other)).toEqual(many(200))
    expect(objectsOf(bucket)).toHaveLength(2) // one a writer, when all has ended
    expect([...bucket.objects.keys()].filter((name) => name.startsWith('x/'))).toEqual([])
  })

  it('make few objects while they come one by one', async () => {
    const bucket = mapBucket()
    const log = await machine(bucket).open(set)
    let most = 0
    for (const n of many(600)) {
      log.append(line(n))
      await log.sync()
      most = Math.max(most, objectsOf(bucket).length)
    }
    expect(most).toBeLessThanOrEqual(48) // three times sixteen: each byte is put three times
    const other = await machine(bucket).open(set)
    for (const n of many(600)) expect(other.read(keyOf(n))).toEqual(line(n))
    await log.close()
    expect(objectsOf(bucket)).toHaveLength(1)
    expect([...(await machine(bucket).lines(set, 'all'))]).toHaveLength(600)
  })

  it('that cannot be put there are not asked for on and on, and are put by the next run', async () => {
    const bucket = mapBucket()
    const here = machine(bucket)
    const asked: number[] = []
    const ask = (n: number): number => (asked.push(n), n)
    bucket.before = (method, name) => {
      if (method === 'put' && name.startsWith('i/')) throw new Error('the bucket takes nothing')
    }
    await expect(taskOn(here).mapItems(many(100), ask, { concurrency: 2 })).rejects.toThrow('the bucket takes nothing')
    const first = asked.length
    expect(first).toBeLessThanOrEqual(4)
    bucket.before = () => undefined
    expect(await taskOn(here).mapItems(many(100), ask, { concurrency: 2 })).toEqual(many(100))
    expect(asked).toHaveLength(100)
  })

  it('of a killed process are put by the next, also where the file of another has lost its end', async () => {
    const bucket = mapBucket()
    const store = storeOn(bucket)
    const [root = ''] = folders
    const folder = join(root, 'items', set.folder, `${set.name}.set`)
    const writers = many(2).map((n) => `${processIdentity().space}-4194999-1-${n}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `.results.${writers[0]}.items`), '') // as after a power loss
    bucket.objects.set(`i/${set.folder}/${set.name}.set/${writers[0]}.0-70`, { bytes: Buffer.alloc(70), modified: 1 })
    writeFileSync(join(folder, `.results.${writers[1]}.items`), lineOf(line(7)))
    await (await store.items.open(set)).close()
    expect([...(await machine(bucket).lines(set))]).toEqual([line(7)])
    const unsent = readdirSync(folder).filter((name) => name.startsWith('.results.'))
    expect(unsent).toEqual([]) // neither is tried again
  })

  it('changed anywhere, or cut, are missing, never wrong', async () => {
    const bucket = mapBucket()
    const log = await machine(bucket).open(set)
    for (const n of many(4)) log.append(line(n))
    await log.close()
    const [name = ''] = objectsOf(bucket)
    const object = bucket.objects.get(name)!
    for (let at = 0; at < object.bytes.length; at += 7) {
      const changed = Buffer.from(object.bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      for (const bytes of [changed, changed.subarray(0, at)]) {
        bucket.objects.set(name, { ...object, bytes })
        for (const one of await machine(bucket).lines(set)) expect(one).toEqual(line(Number.parseInt(one.key, 16)))
      }
    }
  })

  it('are moved to the trash, unless somebody computes some of them; come from a folder, and go to one', async () => {
    const bucket = mapBucket()
    const [here, elsewhere] = [machine(bucket), machine(mapBucket())]
    const log = await here.open(set)
    for (const n of many(3)) log.append(line(n))
    const claim = await log.claim(keyOf(9), { signal: new AbortController().signal, waiting: () => undefined })
    expect(await here.setAside(set, 'trash', 'today')).toBe(false)
    await claim.release()
    await log.close()
    expect(await transferItems({ items: here }, { items: elsewhere })).toEqual([
      { ...set, copied: 3, there: 0, different: 0 },
    ])
    expect(await transferItems({ items: here }, { items: elsewhere })).toEqual([
      { ...set, copied: 0, there: 3, different: 0 },
    ])
    expect(await here.setAside(set, 'trash', 'today')).toBe(true)
    expect([...bucket.objects.keys()].filter((name) => name.includes('/items.set/'))).toHaveLength(1)
    expect([await here.list(), objectsOf(bucket)]).toEqual([[], []])
    expect([...(await elsewhere.lines(set))]).toEqual(many(3).map(line))
  })

  it('are collected from many sets at once, and reported in order', async () => {
    const bucket = mapBucket()
    const [store, there] = [storeOn(bucket), machine(bucket)]
    const sets = many(20).map((n) => ({ folder: `shop/task${n + 10}`, name: 'items' }))
    for (const [n, one] of sets.entries()) {
      const log = await there.open(one)
      log.append(line(n))
      await log.close()
    }
    const claimed = await there.open({ folder: 'shop/task12', name: 'items' })
    const claim = await claimed.claim(keyOf(99), { signal: new AbortController().signal, waiting: () => undefined })
    const unreached = await unreachedItems(store, (folder) => folder === 'shop/task10')
    expect(unreached).toMatchObject(sets.slice(1).map((one) => ({ ...one, kept: 1, usage: {} })))
    let begun = 0
    let together: () => void = () => undefined
    const nine = new Promise<void>((resolve) => (together = resolve))
    bucket.before = async (method) => {
      if (method === 'copy' && ++begun === 9) together()
      if (method === 'copy') await nine // never, if one set waited for another
    }
    const { moved, busy } = await collectItems(store, unreached, 'now')
    expect(busy).toMatchObject([{ folder: 'shop/task12' }])
    expect(moved).toEqual(unreached.filter(({ folder }) => folder !== 'shop/task12'))
    expect(await machine(bucket).list()).toMatchObject([{ folder: 'shop/task10' }, { folder: 'shop/task12' }])
    await claim.release()
    await claimed.close()
  })

  it('count only where a trusted writer has signed them', async () => {
    const pair = () =>
      generateKeyPairSync('ed25519', {
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      })
    const [ours, theirs] = [pair(), pair()]
    const bucket = mapBucket()
    const write = async (keys: SigningKeys, n: number): Promise<void> => {
      const log = await machine(bucket, keys).open(set)
      log.append(line(n))
      await log.close()
    }
    await write({ signWith: ours.privateKey }, 1)
    await write({ signWith: theirs.privateKey }, 2)
    await write({}, 3)
    const keysRead = async (keys: SigningKeys): Promise<readonly string[]> =>
      [...(await machine(bucket, keys).lines(set))].map(({ key }) => key).toSorted()
    expect(await keysRead({ trust: [ours.publicKey] })).toEqual([keyOf(1)])
    expect(await keysRead({})).toEqual([keyOf(1), keyOf(2), keyOf(3)])
    const [name = ''] = objectsOf(bucket).filter((one) => bucket.objects.get(one)!.bytes.length > 0)
    const [object] = [bucket.objects.get(name)!]
    bucket.objects.set(name, {
      ...object,
      bytes: Buffer.from(Buffer.from(object.bytes).toString().replace('"value":1', '"value":7')),
    })
    expect(await keysRead({ trust: [ours.publicKey] })).toEqual([])
    expect(await machine(bucket, { trust: [ours.publicKey] }).list()).toMatchObject([{ kept: 0, damaged: 3 }])
  })

  it('that were brought without trusted keys do not count for a process of this machine that requires them', async () => {
    const { publicKey } = generateKeyPairSync('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const bucket = mapBucket()
    const log = await machine(bucket).open(set)
    log.append(line(1))
    await log.close()
    const folder = mkdtempSync(join(tmpdir(), 'taskchain-items-'))
    folders.push(folder)
    const here = (keys: SigningKeys) => storeOfObjects({ bucket, keys, cache: { folder, maxBytes: 1e9 } }).items
    expect([...(await here({}).lines(set))]).toEqual([line(1)])
    expect([...(await here({ trust: [publicKey] }).lines(set))]).toEqual([])
    expect([...(await here({}).lines(set))]).toEqual([line(1)])
  })
})
