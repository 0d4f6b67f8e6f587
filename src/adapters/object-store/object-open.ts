import * as fs from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Address, FoundArtifact, FoundData } from '../../runtime/ports/artifact.js'
import { DamagedArtifact } from '../../declare/format.js'
import { quickData } from '../../runtime/run-info/run-info.js'
import { foundFolder } from '../store-kit.js'
import { keyPrefix, noState, stateOf, type KeyState } from './contents/object-names.js'
import type { Manifest, Part } from './contents/manifest.js'
import { orFull } from './local-cache.js'
import { objectSource, streamPart } from './object-source.js'
import { pathOf, type ObjectParts } from './object-parts.js'
import { unpack } from './contents/pack.js'

/** Present state of a key: a new listing, and one of packs if the known one is older than `age` milliseconds. */
export const lookAt = async (parts: ObjectParts, address: Address, age = 0): Promise<KeyState> => {
  const { bucket, packs, listed } = parts
  const known = listed?.get(address.folder)
  if (known !== undefined) return known.get(address.key) ?? noState
  const [objects, packed] = await Promise.all([bucket.list(keyPrefix(address)), packs.of(address, age)])
  return stateOf(objects ?? [], packed)
}

/** Milliseconds for which a reader may miss packs that others push. */
export const readersAge = 2000

/** The same parts without earlier observations: an object is gone, or its pack was rewritten. */
export const lookingAnew = (parts: ObjectParts, { folder }: Address): ObjectParts => {
  parts.packs.forget(folder)
  return { ...parts, listed: undefined }
}

/** The current commit, or the reason why it does not count. */
export const commitAt = async (
  parts: ObjectParts,
  address: Address,
  age = 0,
): Promise<{ readonly state: KeyState; readonly manifest: Manifest | string | undefined }> => {
  const state = await lookAt(parts, address, age)
  const manifest = state.commit === undefined ? undefined : await parts.commits.read(state.commit)
  const isOld = parts.listed !== undefined || (state.commit?.within !== undefined && age > 0)
  return typeof manifest === 'string' && isOld ? commitAt(lookingAnew(parts, address), address) : { state, manifest }
}

/** Opens the artifact of an address. A folder is unpacked on this machine first. */
export const openObject = async (parts: ObjectParts, address: Address): Promise<FoundArtifact> => {
  const place = `${parts.bucket.location}/${keyPrefix(address)}`
  const { state, manifest } = await commitAt(parts, address, readersAge)
  const places = { data: place, runInfo: place }
  if (manifest === undefined) return { runInfo: undefined, data: undefined, places }
  const stale = state.stale === undefined ? {} : { stale: await reasonIn(parts, state.stale.name) }
  if (typeof manifest === 'string')
    return { runInfo: undefined, unreadable: manifest, ...stale, data: undefined, places }
  const { runInfo } = manifest
  const [extension] = state.commit?.extensions ?? []
  const isWanted = stale.stale === undefined && extension === (address.extension ?? '')
  return { runInfo, ...stale, data: isWanted ? await dataOf(parts, address, manifest) : undefined, places }
}

const reasonIn = async ({ bucket }: ObjectParts, name: string): Promise<string> =>
  Buffer.from((await bucket.get(name)) ?? [])
    .toString('utf8')
    .slice(0, 10_000)
    .split('\n', 1)[0] ?? ''

const dataOf = async (parts: ObjectParts, address: Address, manifest: Manifest): Promise<FoundData | undefined> => {
  const { data, beside = {} } = manifest
  if (data === undefined) return undefined
  if (data.kind === 'pack') return folderOf(parts, address, data, manifest.runInfo)
  const { folder, key, extension } = address
  return {
    _tag: 'file',
    path: `${parts.bucket.location}/${folder}/${key}.${extension}`,
    size: data.size,
    source: ({ size, checksum }) => objectSource(parts, address, data, checksum, size),
    beside: async (other) => {
      const part = Object.hasOwn(beside, other) ? beside[other] : undefined
      return part === undefined ? undefined : partBytes(parts, address, part)
    },
  }
}

/** A folder as unpacked on this machine; if it was modified here, it is unpacked again. */
const folderOf = async (parts: ObjectParts, address: Address, pack: Part, runInfo: string): Promise<FoundData> => {
  const unpack = async () => foundFolder(await unpacked(parts, address, pack))
  const anew = async () => (await parts.cache.dropTree(pack.digest), unpack())
  const facts = quickData(runInfo)
  let found = await unpack()
  const isWhole = found._tag === 'folder' && found.size === facts?.size && found.checksum === facts.checksum
  if (facts !== undefined && !isWhole) found = await anew()
  if (found._tag !== 'folder') return found
  const { examine } = found
  return {
    ...found,
    examine: (content) =>
      examine(content).catch(async (error: unknown) => {
        const again = error instanceof DamagedArtifact ? await anew() : undefined
        if (again?._tag !== 'folder') throw error
        return again.examine(content)
      }),
  }
}

const partBytes = async (parts: ObjectParts, address: Address, part: Part): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  for await (const piece of streamPart(parts, address, part)) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

const unpacked = async (parts: ObjectParts, address: Address, pack: Part): Promise<string> => {
  const { cache, paths } = parts
  const { path, isThere } = await cache.tree(pack.digest)
  paths.set(pathOf(address), path)
  if (isThere) return path
  const staged = await cache.temporary()
  try {
    await cache.make(staged)
    await unpack(streamPart(parts, address, pack), staged)
    return await cache.keepTree(staged, pack.digest)
  } catch (error) {
    await rm(staged, { recursive: true, force: true })
    throw orFull(cache.folder, error)
  }
}

/** Whether an unfinished checkpoint of a key exists on this machine. */
export const isUnfinished = ({ cache }: ObjectParts, address: Pick<Address, 'folder' | 'key'>): boolean =>
  fs.existsSync(cache.unfinished(pathOf(address)))
