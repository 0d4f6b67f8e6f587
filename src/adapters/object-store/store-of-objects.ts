import type { Address, Listing } from '../../runtime/ports/artifact.js'
import type { RunFiles } from '../../runtime/ports/run-history.js'
import type { Store } from '../../runtime/ports/store.js'
import { checkAddress } from '../file-store/safe-path.js'
import { commitsIn } from './commits.js'
import { ObjectStoreFailed, type Bucket } from './bucket.js'
import { localCache } from './local-cache.js'
import { objectFacts } from './object-facts.js'
import { objectItems } from './items/object-items.js'
import { objectClaims, objectLeases, type LeaseTimes } from './object-lease.js'
import { statesIn } from './object-listing.js'
import { objectLog } from './object-log.js'
import {
  blobPrefix,
  keyPrefix,
  noState,
  removalOrder,
  runPrefix,
  staleName,
  storedNames,
} from './contents/object-names.js'
import { commitAt, isUnfinished, lookAt, openObject } from './object-open.js'
import { pathOf, type ObjectParts } from './object-parts.js'
import { removeUnfinished, stageObject } from './object-staging.js'
import { objectUpkeep } from './object-upkeep.js'
import { leavePacks, objectAdding } from './packs/add-packs.js'
import { packsIn } from './packs/packs.js'
import { signingWith, type SigningKeys } from './contents/signature.js'

/** An object store, with its optional parts. */
export type ObjectStore = Store & Required<Pick<Store, 'adding' | 'facts' | 'upkeep' | 'items' | 'runs'>>

/** Location and local settings of an object store. */
export interface ObjectStoreParts {
  readonly bucket: Bucket
  /** Folder of the local cache, and its maximum size. */
  readonly cache: { readonly folder: string; readonly maxBytes: number }
  readonly keys?: SigningKeys
  readonly times?: Partial<LeaseTimes>
}

/** Artifacts as objects of a bucket. */
export const storeOfObjects = ({ bucket, cache, keys = {}, times = {} }: ObjectStoreParts): ObjectStore => {
  const local = localCache(cache.folder, cache.maxBytes)
  const packs = packsIn(bucket, local)
  const signing = signingWith(keys)
  const parts: ObjectParts = {
    bucket,
    cache: local,
    commits: commitsIn(bucket, local, packs, signing),
    packs,
    held: new Map(),
    added: new Map(),
    paths: new Map(),
    seen: nothingSeen(),
    prepared: once(() => prepare(bucket)),
    readable: once(() => checkSchema(bucket)),
  }
  const all = { every: 10_000, limit: 60_000, look: 1000, ...times }
  const lease = objectLeases(parts, all)
  const claims = objectClaims(parts, all)
  return {
    ...readerOf(parts),
    location: bucket.location,
    listed: async (folders, range) =>
      readerOf({ ...parts, seen: nothingSeen(), listed: await statesIn(parts, folders, range) }),
    stage: async (address, storage) => (checkAddress(address), stageObject(parts, address, storage)),
    lease: async (address, options) => (checkAddress(address), lease(address, options)),
    markStale: async (address, because = '') => {
      checkAddress(address)
      const { commit, generation } = await lookAt(parts, address)
      if (commit !== undefined) await bucket.putNew(keyPrefix(address) + staleName(generation), Buffer.from(because))
    },
    remove: async (address) => {
      checkAddress(address)
      await removeUnfinished(parts, address)
      const blobs = (await bucket.list(blobPrefix(address))) ?? []
      const state = await lookAt(parts, address)
      await leavePacks(parts, address, state)
      await bucket.remove([...removalOrder(state), ...blobs.map(({ name }) => name)])
      parts.paths.delete(pathOf(address))
    },
    pathOf: (address, which = 'data') => {
      checkAddress(address)
      if (which === 'data') return parts.paths.get(pathOf(address))
      return isUnfinished(parts, address) ? local.unfinished(pathOf(address)) : undefined
    },
    flush: (goesOn) => parts.commits.flush(goesOn),
    adding: objectAdding(parts, claims, all.look),
    upkeep: objectUpkeep(parts),
    items: objectItems(parts, signing, claims),
    runs: runFilesIn(parts),
  }
}

const nothingSeen = (): ObjectParts['seen'] => ({
  listed: new Map(),
  searched: new Map(),
  commits: new Set(),
  identified: new Map(),
})

const readerOf = (parts: ObjectParts) => ({
  list: async (folders: readonly string[]) => listObjects(parts, folders),
  open: async (address: Address) => (checkAddress(address), openObject(parts, address)),
  readRunInfo: async (address: Address) => {
    checkAddress(address)
    const { manifest } = await commitAt(parts, address)
    return typeof manifest === 'string' ? undefined : manifest?.runInfo
  },
  log: (address: Address) => objectLog(parts, address),
  facts: objectFacts(parts),
})

/** Objects of the history of runs. */
const runFilesIn = ({ bucket, prepared }: ObjectParts): RunFiles => ({
  list: async (prefix, after) => {
    const between =
      after === undefined ? undefined : { after: runPrefix + after, before: `${runPrefix}${prefix}\uffff` }
    return ((await bucket.list(runPrefix + prefix, Infinity, between)) ?? []).map(({ name }) =>
      name.slice(runPrefix.length),
    )
  },
  read: (name, most) => bucket.get(runPrefix + name, most === undefined ? undefined : { from: 0, size: most + 1 }),
  write: async (name, bytes) => {
    await prepared()
    await bucket.put(runPrefix + name, bytes)
  },
  remove: (name) => bucket.remove([runPrefix + name]),
  removeAll: (names) => bucket.remove(names.map((name) => runPrefix + name)),
})

const listObjects = async (parts: ObjectParts, folders: readonly string[]): Promise<ReadonlyMap<string, Listing>> => {
  const found = new Map<string, Listing>()
  for (const [folder, states] of await statesIn(parts, folders)) {
    const listing = new Map(
      [...states].flatMap(([key, state]) => {
        const names = storedNames(state, isUnfinished(parts, { folder, key }))
        return names === undefined ? [] : [[key, names] as const]
      }),
    )
    for (const key of parts.cache.unfinishedIn(folder))
      if (!listing.has(key)) {
        const names = storedNames({ ...noState, ...states.get(key) }, true)
        if (names !== undefined) listing.set(key, names)
      }
    found.set(folder, listing)
  }
  return found
}

const marker = 'taskchain.json'
const schema = 1

/** Rejects if a later version maintains the store: it may keep data where this one does not look. */
const checkSchema = async (bucket: Bucket): Promise<void> => {
  const bytes = await bucket.get(marker)
  const text = Buffer.from(bytes ?? []).toString('utf8')
  const kept = bytes === undefined ? schema : Number(/"schema": *(\d+)/.exec(text)?.[1] ?? NaN)
  if (kept > schema)
    throw new ObjectStoreFailed(bucket.location, 'a later version of taskchain keeps this store', 'update taskchain')
  if (Number.isNaN(kept))
    throw new ObjectStoreFailed(
      bucket.location,
      `${marker} there is damaged`,
      `put ${JSON.stringify({ schema })} there`,
    )
}

/**
 * Before the first write: checks whether a later version maintains this store, and whether the service refuses to put
 * an object that exists. Otherwise two workers would replace each other's commits.
 */
const prepare = async (bucket: Bucket): Promise<void> => {
  const text = Buffer.from(`${JSON.stringify({ schema })}\n`)
  if ((await bucket.putNew(marker, text)) !== undefined && (await bucket.putNew(marker, text)) !== undefined)
    throw new ObjectStoreFailed(
      bucket.location,
      'the service overwrites objects although the request forbids it (If-None-Match)',
      'use one that honors it: two workers would replace each other’s results here',
    )
  await checkSchema(bucket)
}

/** Repeats the work until it has succeeded once. */
const once = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined
  return () =>
    (done ??= work().catch((error: unknown) => {
      done = undefined
      throw error
    }))
}
