import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { byCodeUnit } from '../../base/code-unit-order.js'
import { pushTo } from '../../base/grouping.js'
import { isSafeName } from '../../declare/names.js'
import type { Address } from '../../runtime/ports/artifact.js'
import type { Aside, AsidePlace, StoredKey, StoredLease, StoreUpkeep } from '../../runtime/ports/upkeep.js'
import type { LeaseHolder } from '../../runtime/ports/lease.js'
import { checkAddress, UnsafePath } from '../file-store/safe-path.js'
import { lifeOf, processIdentity } from '../lease/process-identity.js'
import { measureFolder } from '../store-kit.js'
import { allOf } from './all-of.js'
import type { Listed } from './bucket.js'
import type { Manifest } from './contents/manifest.js'
import { holderIn, newestLease } from './object-lease.js'
import { packsKey } from './contents/commit-pack.js'
import {
  blobPrefix,
  byKey,
  leasesBelow,
  removalOrder,
  noState,
  storedNames,
  type KeyState,
} from './contents/object-names.js'
import { statesOf } from './object-listing.js'
import { commitAt, lookAt, lookingAnew } from './object-open.js'
import { pathOf, type KeyStates, type ObjectParts } from './object-parts.js'
import { leasedIn, leavePacks } from './packs/add-packs.js'
import { removeOrphans } from './remove-orphans.js'
import { removeUnfinished } from './object-staging.js'

/** Maintenance of an object store. */
export const objectUpkeep = (parts: ObjectParts): StoreUpkeep => ({
  walk: (namesOnly) => walk(parts, namesOnly),
  held: (address) => heldNow(parts, address),
  leased: () => leasedIn(parts),
  leasedRunInfo: async (address) => {
    const state = parts.held.get(pathOf(address))?.state
    const listed = state && new Map([[address.folder, new Map([[address.key, state]])]])
    const { manifest } = await commitAt({ ...parts, listed }, address)
    return typeof manifest === 'string' ? undefined : manifest?.runInfo
  },
  // folders are read on the machine that unpacked them, whatever happens in the bucket
  pin: async (address) => (checkAddress(address), { release: async () => undefined }),
  pinned: async (address) => (checkAddress(address), undefined),
  leases: async () => (await looseLeases(parts)).map(({ lease }) => lease),
  sweep: async (folder) => {
    const dead = (await looseLeases(parts, folder)).filter(({ lease }) => lease.life === 'dead')
    // not what somebody has taken over since
    await allOf(dead, 16, ({ objects }) => parts.bucket.remove(objects.map(nameIn)))
  },
  setAside: (stored, place, label) => setAside(parts, stored, place, label),
  aside: async ({ remove = false } = {}) => {
    const listed = (await parts.bucket.list('t/')) ?? []
    if (remove) {
      await parts.bucket.remove(listed.map(nameIn))
      await removeOrphans(parts)
    }
    return countAside(listed)
  },
})

const nameIn = ({ name }: Listed): string => name

async function* walk(parts: ObjectParts, namesOnly = false): AsyncGenerator<StoredKey> {
  const folders = new Map<string, KeyStates>()
  const since = performance.now()
  for (const [folder, keys] of byKey((await parts.bucket.list('m/')) ?? []))
    folders.set(folder, await statesOf(parts, folder, keys, since))
  const unfinished = new Map<string, string[]>()
  for (const path of await unfinishedIn(parts)) {
    const at = path.lastIndexOf('/')
    pushTo(unfinished, path.slice(0, at), path.slice(at + 1))
    if (!folders.has(path.slice(0, at))) folders.set(path.slice(0, at), new Map<string, KeyState>())
  }
  if (folders.size === 0) await parts.readable()
  const states = namesOnly ? [] : [...folders.values()].flatMap((some) => Array.from(some, ([, state]) => state))
  const manifests = await parts.commits.readAll(states.flatMap(({ commit }) => commit ?? []))
  for (const [folder, some] of [...folders].toSorted(([left], [right]) => byCodeUnit(left, right))) {
    const left = new Set(unfinished.get(folder))
    for (const key of [...new Set([...left, ...keysOf(some)])].toSorted()) {
      const state = some.get(key) ?? noState
      const names = storedNames(state, left.has(key))
      if (names === undefined) continue
      const { commit, log, failedLog } = state
      const manifest = commit === undefined ? undefined : manifests.get(commit.name)
      const inWork = left.has(key) ? (await measureFolder(parts.cache.unfinished(`${folder}/${key}`))).size : 0
      yield {
        folder,
        key,
        names,
        bytes: bytesOf(manifest) + (log?.size ?? 0) + (failedLog?.size ?? 0) + inWork,
        written: commit?.modified ?? log?.modified ?? Date.now(),
      }
    }
  }
}

function* keysOf(states: KeyStates): Generator<string> {
  for (const [key] of states) yield key
}

const bytesOf = (manifest: Manifest | string | undefined): number => {
  if (manifest === undefined || typeof manifest === 'string') return 0
  const { data, beside = {}, folderSize, runInfo } = manifest
  const besides = Object.values(beside).reduce((sum, { size }) => sum + size, 0)
  return (folderSize ?? data?.size ?? 0) + besides + Buffer.byteLength(runInfo)
}

/** Unfinished checkpoints on this machine, by folder and key. */
const unfinishedIn = async ({ cache }: Pick<ObjectParts, 'cache'>, below = ''): Promise<readonly string[]> => {
  const root = cache.unfinished('.')
  const names = await readdir(join(root, below), { withFileTypes: true }).catch(() => [])
  const found: string[] = []
  for (const entry of names) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (/^[0-9a-f]{32}$/.test(entry.name)) found.push(path)
    else if (entry.isDirectory()) for (const one of await unfinishedIn({ cache }, path)) found.push(one)
  }
  return found
}

const heldNow = async ({ bucket }: ObjectParts, address: Address): Promise<LeaseHolder | undefined> => {
  checkAddress(address)
  const newest = await newestLease(bucket, address)
  const holder = newest === undefined ? undefined : await holderIn(bucket, newest.name)
  if (holder === undefined || lifeOf(holder, processIdentity()) === 'dead') return undefined
  return { host: holder.host, pid: holder.pid }
}

/** Leases of a folder, or all, of which one look does not say that their holder lives; with their objects. */
const looseLeases = async ({ bucket }: ObjectParts, one?: string) => {
  const found: { readonly lease: StoredLease; readonly objects: readonly Listed[] }[] = []
  const leased = [...byKey((await bucket.list(leasesBelow(one))) ?? [])].flatMap(([folder, keys]) =>
    // the next push takes over that of packs
    [...keys].flatMap(([key, objects]) =>
      key === packsKey || (one !== undefined && folder !== one) ? [] : [{ folder, key, objects }],
    ),
  )
  await allOf(leased, 16, async ({ folder, key, objects }) => {
    const holder = await holderIn(bucket, objects.at(-1)?.name ?? '')
    const life = holder === undefined ? 'unknown' : lifeOf(holder, processIdentity())
    const heldBy = { host: holder?.host ?? '?', pid: holder?.pid ?? 0 }
    if (life !== 'alive') found.push({ lease: { folder, key, heldBy, reads: false, life }, objects })
  })
  return found
}

/** Whoever takes a lease may rely for so long on an older listing of packs; what was pushed since then stays. */
const packsAge = 1000

const setAside = async (
  parts: ObjectParts,
  stored: StoredKey,
  place: AsidePlace,
  label: string,
  age = packsAge,
): Promise<void> => {
  if (!isSafeName(label)) throw new UnsafePath(`'${label}' cannot be part of a path`)
  const { bucket } = parts
  const address = { folder: stored.folder, key: stored.key, extension: null }
  const [state, blobs] = await Promise.all([lookAt(parts, address, age), bucket.list(blobPrefix(address))])
  const names = [...removalOrder(state), ...(blobs ?? []).map(nameIn)]
  const aside = `t/${place}/${label}/`
  for (const slice of [state.commit, state.log]) {
    if (slice?.within === undefined) continue
    const text = await parts.packs.read(slice)
    if (text !== undefined) await bucket.put(aside + slice.name, Buffer.from(text))
    else if (age > 0) return setAside(lookingAnew(parts, address), stored, place, label, 0) // packed anew
  }
  await allOf(names, 8, (name) => bucket.copy(name, aside + name))
  await leavePacks(parts, address, state)
  await bucket.remove(names)
  await removeUnfinished(parts, address)
  parts.paths.delete(pathOf(address))
}

const countAside = (listed: readonly Listed[]): readonly Aside[] => {
  const found = new Map<string, Aside>()
  for (const { name, size } of listed) {
    const [, place, label = ''] = name.split('/')
    if (place !== 'trash' && place !== 'damaged') continue
    const before = found.get(`${place} ${label}`) ?? { place, label, files: 0, bytes: 0 }
    found.set(`${place} ${label}`, { ...before, files: before.files + 1, bytes: before.bytes + size })
  }
  return [...found.values()].toSorted((left, right) =>
    `${right.place} ${left.label}` < `${left.place} ${right.label}` ? -1 : 1,
  )
}
