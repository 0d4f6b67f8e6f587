import type { KeyRange } from '../../runtime/ports/artifact.js'
import { checkFolder } from '../file-store/safe-path.js'
import { allOf } from './all-of.js'
import type { Listed } from './bucket.js'
import { packsKey, packsPrefix } from './contents/commit-pack.js'
import { byKey, keyPrefix, stateOf, type KeyState } from './contents/object-names.js'
import type { KeyStates, ObjectParts, StatesByKey } from './object-parts.js'

/** Number of objects per page of a listing. */
const page = 1000

/**
 * State of the keys of some folders; `range`: only of these, in a single folder. A chain has dozens of folders: if the
 * whole store fits in fewer pages than that, it is listed at once.
 */
export const statesIn = async (
  parts: ObjectParts,
  folders: readonly string[],
  range?: KeyRange,
): Promise<StatesByKey> => {
  const { bucket, listed: known } = parts
  for (const folder of folders) checkFolder(folder)
  if (known !== undefined && folders.every((folder) => known.has(folder)))
    return new Map(folders.map((folder) => [folder, known.get(folder) ?? new Map<string, KeyState>()]))
  const since = performance.now()
  const [first] = folders
  if (range !== undefined && first !== undefined && folders.length === 1)
    return new Map([[first, await statesBetween(parts, first, range)]])
  const all = folders.length > 3 ? await bucket.list('m/', page * Math.ceil(folders.length / 4)) : undefined
  const listed = new Map<string, readonly Listed[]>()
  if (all === undefined)
    await allOf(new Set(folders), 16, async (folder) => listed.set(folder, (await bucket.list(`m/${folder}/`)) ?? []))
  const found = new Map<string, KeyStates>()
  const everything = all === undefined ? undefined : byKey(all)
  for (const folder of folders) {
    const keys = (everything ?? byKey(listed.get(folder) ?? [])).get(folder) ?? new Map<string, readonly Listed[]>()
    found.set(folder, await statesOf(parts, folder, keys, since))
  }
  if ([...found.values()].every(isEmpty)) await parts.readable()
  return found
}

const statesBetween = async (parts: ObjectParts, folder: string, range: KeyRange): Promise<KeyStates> => {
  const { bucket } = parts
  const since = performance.now()
  const prefix = keyPrefix({ folder, key: '' }).slice(0, -1)
  const [objects, packs] = await Promise.all([
    // '0' follows '/'
    bucket.list(prefix, Infinity, { after: prefix + range.first, before: `${prefix}${range.last}0` }),
    bucket.list(packsPrefix(folder)),
  ])
  const keys = new Map(byKey(objects ?? []).get(folder)).set(packsKey, packs ?? [])
  return statesOf(parts, folder, keys, since, range)
}

const isEmpty = (states: KeyStates): boolean => states[Symbol.iterator]().next().done === true

/**
 * State of every key of a folder, by the objects of each, which were listed after `since`. Each is made when it is
 * requested: all of a large folder would take a kilobyte per key.
 */
export const statesOf = async (
  { packs }: ObjectParts,
  folder: string,
  keys: ReadonlyMap<string, readonly Listed[]>,
  since: number,
  range?: KeyRange,
): Promise<KeyStates> => {
  const packed = await packs.among(folder, keys.get(packsKey) ?? [], since)
  const get = (key: string): KeyState | undefined => {
    const [objects, some] = [key === packsKey ? undefined : keys.get(key), packed.get(key)]
    return objects === undefined && some.length === 0 ? undefined : stateOf(objects ?? [], some)
  }
  return {
    get,
    *[Symbol.iterator]() {
      for (const [key, objects] of keys) if (key !== packsKey) yield [key, stateOf(objects, packed.get(key))]
      for (const key of packed.keys())
        if (!keys.has(key) && isWithin(range, key)) yield [key, stateOf([], packed.get(key))]
    },
  }
}

const isWithin = (range: KeyRange | undefined, key: string): boolean =>
  range === undefined || (range.first <= key && key <= range.last)
