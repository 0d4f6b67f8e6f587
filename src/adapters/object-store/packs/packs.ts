import * as fs from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Address } from '../../../runtime/ports/artifact.js'
import { writeBytes } from '../../file-store/staging/write-bytes.js'
import { allOf } from '../all-of.js'
import type { Bucket, Listed } from '../bucket.js'
import { packNameIn, packsPrefix } from '../contents/commit-pack.js'
import type { Packed, Stored } from '../contents/object-names.js'
import type { LocalCache } from '../local-cache.js'
import { packTable, type PackTable } from './pack-table.js'

/** Packs of one folder's commits: each is read once, since it never changes. */
export interface Packs {
  /** Content of a folder's packs, by key; `since`: when their listing began. */
  among(folder: string, listed: readonly Listed[], since: number): Promise<PackedByKey>
  /** Their content for one key, from a listing that began at most `age` milliseconds ago. */
  of(address: Pick<Address, 'folder' | 'key'>, age: number): Promise<readonly Packed[]>
  /** Text of a commit or log; undefined if its pack is gone. */
  read(slice: Stored): Promise<string | undefined>
  /** Fetches whole packs if much of them is needed. */
  fetch(slices: readonly Stored[]): Promise<void>
  /** The next look at a folder lists it again. */
  forget(folder: string): void
}

export type PackedByKey = Pick<PackTable, 'get' | 'keys'>

/** Known packs of a folder. */
interface Known {
  listed: number
  readonly packs: Set<string>
  readonly members: PackTable
}

export const packsIn = (bucket: Bucket, cache: LocalCache): Packs => {
  const folders = new Map<string, Known>()
  /** Text of its index; '' if it has none, undefined if the pack is gone. */
  const indexOf = async (pack: Listed): Promise<string | undefined> => {
    const size = packNameIn(pack.name)?.index
    if (size === undefined) return ''
    const name = `${pack.name} index`
    const known = await cache.text(name)
    if (known !== undefined) return known
    const bytes = await bucket.get(pack.name, { from: 0, size })
    if (bytes === undefined) return undefined
    const text = Buffer.from(bytes).toString('utf8')
    await cache.keepText(name, text).catch(() => undefined) // a full disk costs a request
    return text
  }
  const among = async (
    folder: string,
    listed: readonly Listed[],
    since: number,
    mayListAgain = true,
  ): Promise<PackedByKey> => {
    const names = new Set(listed.map(({ name }) => name))
    let known = folders.get(folder)
    if (known === undefined || [...known.packs].some((name) => !names.has(name)))
      folders.set(folder, (known = { listed: since, packs: new Set(), members: packTable(folder) }))
    known.listed = Math.max(known.listed, since)
    const { packs, members } = known
    const unread = listed.filter(({ name }) => !packs.has(name))
    let isOld = false
    await allOf(unread, 8, async (pack) => {
      const found = await indexOf(pack)
      if (found === undefined) {
        isOld = true
        return
      }
      if (packs.has(pack.name)) return // read twice concurrently
      packs.add(pack.name)
      members.add(pack, found)
    })
    if (!isOld || !mayListAgain) return members
    const now = performance.now()
    return among(folder, (await bucket.list(packsPrefix(folder))) ?? [], now, false) // it was repacked
  }
  return {
    among,
    of: async ({ folder, key }, age) => {
      const known = folders.get(folder)
      const found = age === 0 ? [] : (known?.members.get(key) ?? [])
      if (found.length > 0) return found
      const now = performance.now()
      if (known !== undefined && now - known.listed < age) return []
      return (await among(folder, (await bucket.list(packsPrefix(folder))) ?? [], now)).get(key)
    },
    read: (slice) => readSlice(bucket, cache, slice),
    fetch: (slices) => fetchPacks(bucket, cache, slices),
    forget: (folder) => void folders.delete(folder),
  }
}

const readSlice = async (bucket: Bucket, cache: LocalCache, { size, within }: Stored): Promise<string | undefined> => {
  if (within === undefined) return undefined
  const { pack, from } = within
  const local = await cache.file(packNameIn(pack.name)?.digest ?? '')
  if (local !== undefined) return readFrom(local, from, size)
  const name = `${pack.name} ${from}`
  const known = await cache.text(name)
  if (known !== undefined) return known
  const bytes = await bucket.get(pack.name, { from, size })
  if (bytes === undefined) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  await cache.keepText(name, text).catch(() => undefined)
  return text
}

const readFrom = (path: string, from: number, size: number): string => {
  const file = fs.openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(size)
    return bytes.toString('utf8', 0, fs.readSync(file, bytes, 0, size, from))
  } finally {
    fs.closeSync(file)
  }
}

const fetchPacks = async (bucket: Bucket, cache: LocalCache, slices: readonly Stored[]): Promise<void> => {
  const wanted = new Map<string, { readonly pack: Listed; bytes: number; count: number }>()
  for (const { within, size } of slices) {
    if (within === undefined) continue
    const known = wanted.get(within.pack.name) ?? { pack: within.pack, bytes: 0, count: 0 }
    wanted.set(within.pack.name, { pack: within.pack, bytes: known.bytes + size, count: known.count + 1 })
  }
  await allOf(wanted.values(), 4, async ({ pack, bytes, count }) => {
    const digest = packNameIn(pack.name)?.digest ?? ''
    if (count < enoughToFetch || bytes * 10 < pack.size || (await cache.file(digest)) !== undefined) return
    const path = await cache.temporary()
    try {
      const saved = await writeBytes(fs, path, bucket.stream(pack.name, pack.size))
      if (saved.digest === digest) await cache.keep(path, digest)
    } catch {
      // gone, or no space here: each slice is then requested separately, and reports it
    } finally {
      await rm(path, { force: true })
    }
  })
}

/** Fewer slices are requested one by one. */
const enoughToFetch = 8
