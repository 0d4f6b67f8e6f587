import { checkFolder } from '../file-store/safe-path.js'
import { allOf } from './all-of.js'
import type { Listed } from './bucket.js'
import { packsKey } from './contents/commit-pack.js'
import { byKey, stateOf, type KeyState } from './contents/object-names.js'
import type { ObjectParts, StatesByKey } from './object-parts.js'

/** Number of objects per page of a listing. */
const page = 1000

/**
 * State of every key of some folders. A chain has dozens of folders: if the whole store fits in fewer pages than that,
 * it is listed at once.
 */
export const statesIn = async (parts: ObjectParts, folders: readonly string[]): Promise<StatesByKey> => {
  const { bucket, listed: known } = parts
  for (const folder of folders) checkFolder(folder)
  if (known !== undefined && folders.every((folder) => known.has(folder)))
    return new Map(folders.map((folder) => [folder, known.get(folder) ?? new Map<string, KeyState>()]))
  const since = performance.now()
  const all = folders.length > 3 ? await bucket.list('m/', page * Math.ceil(folders.length / 4)) : undefined
  const listed = new Map<string, readonly Listed[]>()
  if (all === undefined)
    await allOf(new Set(folders), 16, async (folder) => listed.set(folder, (await bucket.list(`m/${folder}/`)) ?? []))
  const found = new Map<string, ReadonlyMap<string, KeyState>>()
  const everything = all === undefined ? undefined : byKey(all)
  for (const folder of folders) {
    const keys = (everything ?? byKey(listed.get(folder) ?? [])).get(folder) ?? new Map<string, readonly Listed[]>()
    found.set(folder, await statesOf(parts, folder, keys, since))
  }
  if ([...found.values()].every(({ size }) => size === 0)) await parts.readable()
  return found
}

/** State of every key of a folder, by the objects of each, which were listed after `since`. */
export const statesOf = async (
  { packs }: ObjectParts,
  folder: string,
  keys: ReadonlyMap<string, readonly Listed[]>,
  since: number,
): Promise<ReadonlyMap<string, KeyState>> => {
  const packed = await packs.among(folder, keys.get(packsKey) ?? [], since)
  const found = new Map<string, KeyState>()
  for (const [key, objects] of keys) if (key !== packsKey) found.set(key, stateOf(objects, packed.get(key)))
  for (const [key, some] of packed) if (!found.has(key)) found.set(key, stateOf([], some))
  return found
}
