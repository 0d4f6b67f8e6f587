import { allOf } from './all-of.js'
import type { Listed } from './bucket.js'
import { byKey, isCommit, type KeyState } from './contents/object-names.js'
import { statesOf } from './object-listing.js'
import type { ObjectParts } from './object-parts.js'
import { repack } from './packs/repack.js'

/**
 * Removes objects that no current commit uses: data of results that were replaced or never committed, and replaced
 * commits. Objects less than a day old are kept: they may be in the process of being committed or read.
 */
export const removeOrphans = async (parts: ObjectParts, now = Date.now()): Promise<void> => {
  const { bucket, commits } = parts
  const states = new Map<string, KeyState>()
  const since = performance.now()
  for (const [folder, keys] of byKey((await bucket.list('m/')) ?? [])) {
    const found = await statesOf(parts, folder, keys, since)
    for (const [key, state] of found) states.set(`${folder}/${key}`, state)
    await repack(parts, folder, found)
  }
  const isOld = ({ modified }: Listed): boolean => now - modified > day
  const gone: string[] = []
  for (const { commit, objects } of states.values())
    for (const object of objects)
      if (commit !== undefined && isCommit(object) && object.name < commit.name && isOld(object)) gone.push(object.name)
  await allOf(byKey((await bucket.list('d/')) ?? []), 4, async ([folder, keys]) => {
    for (const [key, blobs] of keys) {
      const commit = states.get(`${folder}/${key}`)?.commit
      const manifest = commit === undefined ? undefined : await commits.read(commit)
      if (typeof manifest === 'string') continue // not ours to judge
      const named = new Set([manifest?.data, ...Object.values(manifest?.beside ?? {})].map((part) => part?.digest))
      for (const blob of blobs)
        if (isOld(blob) && !named.has(blob.name.slice(blob.name.lastIndexOf('/') + 1))) gone.push(blob.name)
    }
  })
  await bucket.remove(gone)
}

const day = 86_400_000
