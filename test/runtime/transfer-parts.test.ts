// Many artifacts are looked up and copied in parts: the same arrives as in one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { storeOfObjects, type ObjectStore } from '../../src/adapters/object-store/store-of-objects.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
import { partsOf } from '../../src/runtime/upkeep/transfer/transfer-parts.js'
import { everythingIn, transfer } from '../../src/runtime/upkeep/transfer/transfer.js'
import { get, put } from '../adapters/artifacts.js'
import { mapBucket, type MapBucket } from '../adapters/map-bucket.js'

const folders = ['movies/all', 'movies/all/deep', 'shop/one']
/** Keys that are hashes, before and after the name of packs, and one that is none. */
const keys = [...Array.from({ length: 40 }, (_, at) => (at * 6).toString(16).padStart(2, '0').repeat(16)), 'plain-key']
const addresses: readonly Address[] = folders.flatMap((folder) =>
  (folder === 'shop/one' ? keys.slice(0, 3) : keys).map((key) => ({ folder, key, extension: 'json' })),
)

let folder: string
let bucket: MapBucket
let source: FullStore
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-parts-'))
  bucket = mapBucket()
  source = memoryStore()
  for (const address of addresses) {
    await put(source, address, `${address.folder} ${address.key}`)
    const log = source.log(address)
    log.write('a line')
    await log.close('kept')
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const open = (name: string): ObjectStore =>
  storeOfObjects({ bucket, cache: { folder: join(folder, name), maxBytes: 1e9 }, times: { look: 5 } })

type Named = Pick<Address, 'folder' | 'key'>

test('parts have each artifact once; one with a range is of a single folder', () => {
  const parts = partsOf([...addresses, ...addresses], 16)
  expect(parts.flatMap(({ wanted }) => wanted).toSorted(byName)).toEqual(addresses.toSorted(byName))
  expect(Math.max(...parts.map(({ wanted }) => wanted.length))).toBeLessThanOrEqual(16)
  for (const { wanted, range, folders: of } of parts) {
    expect(of).toEqual([...new Set(wanted.map((one) => one.folder))])
    if (range !== undefined) expect([range.first, range.last]).toEqual([wanted[0]?.key, wanted.at(-1)?.key])
    expect(range !== undefined).toBe(of.length === 1)
  }
})
const byName = (left: Named, right: Named): number =>
  `${left.folder}/${left.key}` < `${right.folder}/${right.key}` ? -1 : 1

test('a push and a pull in parts bring all of it with its logs, from packs and from objects of their own', async () => {
  const computed = open('computer')
  for (const address of addresses.slice(0, 30)) await put(computed, address, `${address.folder} ${address.key}`)
  await computed.flush()
  const planned: number[] = []
  const pushed = await transfer(source, open('pusher'), await everythingIn(source), {
    partSize: 16,
    planned: (_, left) => planned.push(left),
  })
  expect([pushed.plan.send.length + pushed.plan.there.length, planned.at(-1)]).toEqual([addresses.length, 0])
  expect(planned.length).toBeGreaterThan(4)
  const puller = open('puller')
  const back = fileStore(join(folder, 'back'), { durability: 'none' })
  const pulled = await transfer(puller, back, await everythingIn(puller), { partSize: 16 })
  expect(pulled.outcomes.filter(({ outcome }) => outcome._tag === 'copied').length).toBe(addresses.length)
  for (const address of addresses) {
    expect(await get(back, address)).toBe(`${address.folder} ${address.key}`)
    expect(await back.log(address).read('kept')).toBe('a line\n')
  }
  const again = await transfer(open('third'), back, await everythingIn(puller), { partSize: 16 })
  expect([again.plan.there.length, again.outcomes]).toEqual([addresses.length, []])
})
