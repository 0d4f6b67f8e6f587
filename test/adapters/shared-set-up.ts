// A project's own store, and a bucket that is shared behind it: new ones for each test of a file that imports this.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { SigningKeys } from '../../src/adapters/object-store/contents/signature.js'
import { storeOfObjects, type ObjectStore } from '../../src/adapters/object-store/store-of-objects.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
import { mapBucket, type MapBucket } from './map-bucket.js'

export let folder: string
export let bucket: MapBucket
export let own: FullStore
/** Warnings. */
export let told: string[]
let count = 0

/** The own store is that of another machine from here on. */
export const useOwn = (name: string): void => {
  own = fileStore(join(folder, name))
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-shared-'))
  bucket = mapBucket()
  useOwn('own')
  told = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The bucket as a machine sees that has read nothing of it. */
export const objects = (keys: SigningKeys = {}): ObjectStore =>
  storeOfObjects({ bucket, keys, cache: { folder: join(folder, String(count++)), maxBytes: 1e9 } })
