import { checkFolder } from '../file-store/safe-path.js'
import { allOf } from './all-of.js'
import type { Bucket, Listed } from './bucket.js'
import { byKey, stateOf, type KeyState } from './contents/object-names.js'

/** A page of a listing has so many objects. */
const page = 1000

/**
 * What is under every key of some folders. A chain has dozens of them: where all that the store has fits in fewer pages
 * than there are folders, it is asked for at once.
 */
export const statesIn = async (
  bucket: Bucket,
  folders: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, KeyState>>> => {
  for (const folder of folders) checkFolder(folder)
  const all = folders.length > 3 ? await bucket.list('m/', page * Math.ceil(folders.length / 4)) : undefined
  const listed = new Map<string, readonly Listed[]>()
  if (all === undefined)
    await allOf(new Set(folders), 16, async (folder) => listed.set(folder, (await bucket.list(`m/${folder}/`)) ?? []))
  const found = new Map<string, ReadonlyMap<string, KeyState>>()
  const everything = all === undefined ? undefined : byKey(all)
  for (const folder of folders) {
    const keys = (everything ?? byKey(listed.get(folder) ?? [])).get(folder) ?? new Map<string, readonly Listed[]>()
    found.set(folder, new Map(Array.from(keys, ([key, objects]) => [key, stateOf(objects)])))
  }
  return found
}
