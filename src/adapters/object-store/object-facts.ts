import { randomBytes } from 'node:crypto'
import type { ArtifactFacts, Blessing, PlacedFacts, StoreFacts } from '../../runtime/ports/facts.js'
import { factsOfRunInfo } from '../../runtime/run-info/artifact-facts.js'
import { blessingLines, blessingsIn } from '../../runtime/run-info/blessings.js'
import { factsFromText } from '../../runtime/run-info/facts-text.js'
import { checkFolder } from '../file-store/safe-path.js'
import { allOf } from './all-of.js'
import type { Listed } from './bucket.js'
import type { Manifest } from './contents/manifest.js'
import type { Stored } from './contents/object-names.js'
import { statesIn } from './object-listing.js'
import type { ObjectParts } from './object-parts.js'

/** Facts of a bucket's artifacts: they are in the commits, which never change and are kept on this machine. */
export const objectFacts = (parts: ObjectParts): StoreFacts => ({
  read: (asked) => readFacts(parts, asked),
  identified: async (identities) => {
    const found = new Map<string, PlacedFacts[]>()
    // what this store has been asked about before: an identity that is not known costs a computation
    for (const one of parts.seen.values())
      if (one.facts.identity !== undefined && identities.includes(one.facts.identity))
        found.set(one.facts.identity, [...(found.get(one.facts.identity) ?? []), one])
    return found
  },
  blessings: (folders) => blessings(parts, folders),
  bless: async (folder, given) => {
    checkFolder(folder)
    if (given.length === 0) return
    await parts.prepared()
    const name = `a/${folder}/${Date.now()}-${randomBytes(4).toString('hex')}`
    await parts.bucket.put(name, Buffer.from(blessingLines(given)))
  },
})

const readFacts = async (
  parts: ObjectParts,
  asked: Parameters<StoreFacts['read']>[0],
): ReturnType<StoreFacts['read']> => {
  const answer = new Map<string, Map<string, ArtifactFacts>>()
  const wanted: { readonly folder: string; readonly key: string; readonly commit: Stored; readonly whole: boolean }[] =
    []
  for (const [folder, states] of await statesIn(parts, [...asked.keys()])) {
    const keys = asked.get(folder)
    answer.set(folder, new Map())
    for (const [key, { commit }] of states)
      if (commit !== undefined && keys?.has(key) !== false)
        wanted.push({ folder, key, commit, whole: keys === undefined })
  }
  const manifests = await parts.commits.readAll(wanted.map(({ commit }) => commit))
  for (const { folder, key, commit, whole } of wanted) {
    const manifest = manifests.get(commit.name)
    const facts = manifest === undefined ? undefined : factsOf(manifest, key, whole)
    if (facts === undefined) continue
    answer.get(folder)?.set(key, facts)
    parts.seen.set(`${folder}/${key}`, { folder, facts })
  }
  return answer
}

const factsOf = (manifest: Manifest | string, key: string, whole: boolean): ArtifactFacts | undefined =>
  typeof manifest === 'string'
    ? undefined
    : manifest.facts === undefined
      ? factsOfRunInfo(manifest.runInfo, key)
      : factsFromText(key, manifest.facts, whole)

const blessings = async (
  { bucket }: ObjectParts,
  folders: readonly string[],
): Promise<ReadonlyMap<string, readonly Blessing[]>> => {
  for (const folder of folders) checkFolder(folder)
  const found = new Map<string, readonly Blessing[]>(folders.map((folder) => [folder, []]))
  const listed = folders.length === 0 ? [] : ((await bucket.list('a/')) ?? [])
  const texts = new Map<string, string>()
  const folderOf = ({ name }: Listed): string => name.slice(2, name.lastIndexOf('/'))
  const asked = listed.filter((one) => found.has(folderOf(one)))
  await allOf(asked, 8, async ({ name }) =>
    texts.set(name, Buffer.from((await bucket.get(name)) ?? []).toString('utf8')),
  )
  for (const one of asked)
    found.set(folderOf(one), [...(found.get(folderOf(one)) ?? []), ...blessingsIn(texts.get(one.name) ?? '')])
  return found
}
