import type { Listed } from '../bucket.js'
import { packOf, type Packing } from '../contents/commit-pack.js'
import { goneName, keyPrefix, type KeyState, type Packed } from '../contents/object-names.js'
import type { ObjectParts } from '../object-parts.js'

/**
 * Removes packs of a folder if less than half of their commits are current, after putting these into a new pack. A
 * reader of an old pack looks again. The mark that a key has nothing more in packs is removed after the last pack that
 * contains it.
 */
export const repack = async (
  parts: ObjectParts,
  folder: string,
  found: Iterable<readonly [string, KeyState]>,
): Promise<void> => {
  const states = new Map(found)
  const left = new Map<string, number>()
  const packs = new Map<string, { readonly pack: Listed; readonly members: Packed[] }>()
  for (const { packed } of states.values())
    for (const one of packed) {
      const { pack } = one.commit.within
      const known = packs.get(pack.name)
      if (known === undefined) packs.set(pack.name, { pack, members: [one] })
      else known.members.push(one)
      left.set(one.key, (left.get(one.key) ?? 0) + 1)
    }
  for (const { pack, members } of packs.values()) {
    const live = members.filter((one) => states.get(one.key)?.commit === one.commit)
    if (live.length * 2 >= members.length) continue
    if (live.length > 0 && !(await putAnew(parts, folder, live))) continue
    await parts.bucket.remove([pack.name])
    for (const { key } of members) left.set(key, (left.get(key) ?? 1) - 1)
    for (const { key } of live) left.set(key, (left.get(key) ?? 0) + 1)
  }
  const gone = [...states].filter(([key, { objects }]) => isGone(objects) && (left.get(key) ?? 0) === 0)
  await parts.bucket.remove(gone.map(([key]) => keyPrefix({ folder, key }) + goneName))
  parts.packs.forget(folder)
}

const isGone = (objects: readonly Listed[]): boolean => objects.some(({ name }) => name.endsWith(`/${goneName}`))

/** Returns whether all of them were read and put. */
const putAnew = async (parts: ObjectParts, folder: string, live: readonly Packed[]): Promise<boolean> => {
  await parts.packs.fetch(live.map(({ commit }) => commit))
  const members: Packing[] = []
  for (const { key, commit, log } of live) {
    const [text, lines] = [await parts.packs.read(commit), log === undefined ? '' : await parts.packs.read(log)]
    if (text === undefined || lines === undefined) return false
    members.push({ key, extensions: commit.extensions, commit: Buffer.from(text), log: Buffer.from(lines) })
  }
  const { name, bytes } = packOf(folder, members)
  await parts.bucket.putNew(name, bytes)
  return true
}
