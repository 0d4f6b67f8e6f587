import type { Listed } from './bucket.js'
import { byKey, isCommit, lastPart, type KeyState } from './contents/object-names.js'
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
  for (const { commit, log, objects } of states.values()) {
    // an interrupted removal leaves marks and logs
    const isLeft = ({ name }: Listed): boolean =>
      commit === undefined ? /\/\d+\.(stale|log)$/.test(name) && name !== log?.name : name < commit.name
    for (const object of objects)
      if (isOld(object) && isLeft(object) && (commit === undefined || isCommit(object))) gone.push(object.name)
  }
  const old = [...byKey(((await bucket.list('d/')) ?? []).filter(isOld))].flatMap(([folder, keys]) =>
    Array.from(keys, ([key, blobs]) => ({ commit: states.get(`${folder}/${key}`)?.commit, blobs })),
  )
  const manifests = await commits.readAll(old.flatMap(({ commit }) => commit ?? []))
  for (const { commit, blobs } of old) {
    const manifest = commit && manifests.get(commit.name)
    if (typeof manifest === 'string') continue // not ours to judge
    const named = new Set([manifest?.data, ...Object.values(manifest?.beside ?? {})].map((part) => part?.digest))
    for (const { name } of blobs) if (!named.has(lastPart(name))) gone.push(name)
  }
  await bucket.remove(gone)
}

const day = 86_400_000
