import { pushTo } from '../../../base/grouping.js'
import type { Address } from '../../../runtime/ports/artifact.js'
import { isAlreadyThere, type SmallResult, type Store, type StoreAdding } from '../../../runtime/ports/store.js'
import { checkAddress } from '../../file-store/safe-path.js'
import { besideOf } from '../../store-kit.js'
import { allOf } from '../all-of.js'
import { packOf, packsKey, type Packing } from '../contents/commit-pack.js'
import { inlineLimit, type Part } from '../contents/manifest.js'
import { byKey, goneName, keyPrefix, leasesBelow, noState, stateOf, type KeyState } from '../contents/object-names.js'
import { objectLog } from '../object-log.js'
import type { ObjectParts } from '../object-parts.js'
import { inlinePart, newManifest, stageObject } from '../object-staging.js'

/** Fewer results of one folder become separate objects. */
const enoughForPack = 16
/** Approximate bytes of commits in one pack. */
const packSize = 16 * 1024 * 1024

type AddOptions = Parameters<StoreAdding['add']>[1]

/**
 * Adds results in packs: a few requests for a thousand of them. `age`: milliseconds for which a process that takes a
 * key's lease may rely on an older listing of packs.
 */
export const objectAdding = (parts: ObjectParts, lease: Store['lease'], age: number): StoreAdding => ({
  most: 16 * 1024,
  add: async (results, options) => {
    for (const { address } of results) checkAddress(address)
    await parts.prepared()
    const folders = new Map<string, SmallResult[]>()
    for (const one of results) pushTo(folders, one.address.folder, one)
    const packs: Put[] = []
    const single: SmallResult[] = []
    for (const [folder, some] of folders) {
      const packed = some.length < enoughForPack ? [] : some.filter((one) => besideSize(one) <= inlineLimit)
      if (packed.length > 0) packs.push(await addPacked(parts, lease, folder, packed, options))
      const isPacked = new Set(packed)
      for (const one of some) if (!isPacked.has(one)) single.push(one)
    }
    const added = await addSingle(parts, single, options.signal)
    if (packs.length === 0) return added
    await passing(age)
    for (const put of packs) for (const one of await stillOurs(parts, put)) added.add(one)
    return added
  },
})

/** Results put into a folder. */
interface Put {
  readonly folder: string
  readonly results: readonly SmallResult[]
  /** Names of the packs that contain them. */
  readonly names: ReadonlySet<string>
}

const besideSize = ({ beside }: SmallResult): number =>
  Object.values(beside).reduce((sum, { length }) => sum + length, 0)

/** Only one push at a time writes to a folder, so that two of them put nothing twice. */
const addPacked = async (
  parts: ObjectParts,
  lease: Store['lease'],
  folder: string,
  results: readonly SmallResult[],
  options: AddOptions,
): Promise<Put> => {
  const taken = await lease({ folder, key: packsKey, extension: null }, options)
  try {
    const [busy, states] = await Promise.all([leasedIn(parts, folder), statesOfSome(parts, folder, results)])
    const free = results.filter(
      ({ address: { key } }) => !busy.has(`${folder}/${key}`) && (states.get(key) ?? noState).generation === 0,
    )
    const packs = packsOf(parts, folder, free)
    for (const { name, bytes } of packs) await parts.bucket.putNew(name, bytes)
    return { folder, results: free, names: new Set(packs.map(({ name }) => name)) }
  } finally {
    await taken.release()
  }
}

/**
 * A process that has taken a key's lease since the pack became visible knows of it. Earlier lease holders are seen
 * here: their commits take precedence over the pack, and the caller compares them.
 */
const stillOurs = async (parts: ObjectParts, { folder, results, names }: Put): Promise<readonly SmallResult[]> => {
  const busy = await leasedIn(parts, folder) // first: a holder that releases it has committed
  const states = await statesOfSome(parts, folder, results)
  return results.filter(
    ({ address: { key } }) =>
      !busy.has(`${folder}/${key}`) && names.has(states.get(key)?.commit?.within?.pack.name ?? ''),
  )
}

const passing = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds))

const packsOf = (parts: ObjectParts, folder: string, results: readonly SmallResult[]) => {
  const groups: Packing[][] = []
  let bytes = Infinity
  for (const result of results) {
    if (bytes > packSize) {
      groups.push([])
      bytes = 0
    }
    const one = packingOf(parts, result)
    bytes += one.commit.length + one.log.length
    groups.at(-1)?.push(one)
  }
  return groups.map((members) => packOf(folder, members))
}

const packingOf = ({ commits }: ObjectParts, { address, bytes, beside, runInfo, facts, log }: SmallResult): Packing => {
  const views: Record<string, Part> = {}
  for (const [extension, view] of besideOf(address.extension, beside)) views[extension] = inlinePart(view)
  const data = { kind: 'file' as const, ...inlinePart(bytes) }
  const manifest = newManifest(address, { generation: 1, runInfo, facts, data, beside: views })
  return {
    key: address.key,
    extensions: [address.extension ?? '', ...Object.keys(views)],
    commit: Buffer.from(commits.textOf(manifest)),
    log: Buffer.from(log ?? ''),
  }
}

const addSingle = async (
  parts: ObjectParts,
  results: readonly SmallResult[],
  signal: AbortSignal,
): Promise<Set<SmallResult>> => {
  const added = new Set<SmallResult>()
  if (results.length === 0) return added
  const busy = await leasedIn(parts)
  await allOf(results, 8, async (result) => {
    const { address, bytes, beside, runInfo, facts, log } = result
    const { folder, key } = address
    if (signal.aborted || busy.has(`${folder}/${key}`) || (await parts.packs.of(address, 2000)).length > 0) return
    const staging = await stageObject(parts, address, 'file', noState)
    try {
      await staging.write(bytes, beside)
      await staging.commit(runInfo, facts)
      if (log !== undefined) {
        const lines = objectLog(parts, address)
        lines.write(log.replace(/\n$/, ''))
        await lines.close('kept')
      }
      added.add(result)
    } catch (error) {
      if (!isAlreadyThere(error)) throw error
    } finally {
      await staging.discard()
    }
  })
  return added
}

/** Keys that are being computed, with their folders: of one folder, or all. */
export const leasedIn = async ({ bucket }: ObjectParts, one?: string): Promise<ReadonlySet<string>> => {
  const leased = new Set<string>()
  for (const [folder, keys] of byKey((await bucket.list(leasesBelow(one))) ?? []))
    for (const key of keys.keys()) leased.add(`${folder}/${key}`)
  return leased
}

/** State of the keys of some results of a folder, with one listing. */
const statesOfSome = async (
  { bucket, packs }: ObjectParts,
  folder: string,
  results: readonly SmallResult[],
): Promise<ReadonlyMap<string, KeyState>> => {
  const since = performance.now()
  const keys = byKey((await bucket.list(`m/${folder}/`)) ?? []).get(folder)
  const packed = await packs.among(folder, keys?.get(packsKey) ?? [], since)
  return new Map(results.map(({ address: { key } }) => [key, stateOf(keys?.get(key) ?? [], packed.get(key))]))
}

/** Marks that a key has nothing more in packs, which never change. Called before its objects are removed. */
export const leavePacks = async ({ bucket }: ObjectParts, address: Address, { packed }: KeyState): Promise<void> => {
  if (packed.length > 0) await bucket.put(keyPrefix(address) + goneName, new Uint8Array())
}
