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
import type { ObjectParts, StatesByKey } from './object-parts.js'

/** Facts of a bucket's artifacts: they are in the commits, which never change and are cached on this machine. */
export const objectFacts = (parts: ObjectParts): StoreFacts => ({
  read: (asked) => readFacts(parts, asked),
  identified: async (identities, fresh = false, folders = []) => {
    const { listed, searched } = parts.seen
    const search = async (folder: string): Promise<void> => {
      if (fresh || !listed.has(folder)) await statesSeen(parts, [folder])
      await readIdentities(parts, folder)
    }
    for (const folder of folders) {
      const begun = fresh ? undefined : searched.get(folder)
      const searching = begun ?? search(folder)
      searched.set(folder, searching)
      await searching.catch((error: unknown) => {
        searched.delete(folder) // the next caller tries again
        throw error
      })
    }
    return new Map(
      identities.flatMap((one) => {
        const found = parts.seen.identified.get(one)
        return found === undefined ? [] : [[one, [...found.values()]]]
      }),
    )
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

const statesSeen = async (parts: ObjectParts, folders: readonly string[]): Promise<StatesByKey> => {
  const found = await statesIn(parts, folders)
  for (const [folder, states] of found) parts.seen.listed.set(folder, states)
  return found
}

const readFacts = async (
  parts: ObjectParts,
  asked: Parameters<StoreFacts['read']>[0],
): ReturnType<StoreFacts['read']> => {
  const answer = new Map<string, Map<string, ArtifactFacts>>()
  const wanted: (Wanted & { readonly whole: boolean })[] = []
  for (const [folder, states] of await statesSeen(parts, [...asked.keys()])) {
    const keys = asked.get(folder)
    answer.set(folder, new Map())
    for (const [key, { commit }] of states)
      if (commit !== undefined && keys?.has(key) !== false)
        wanted.push({ folder, key, commit, whole: keys === undefined })
  }
  const manifests = await parts.commits.readAll(wanted.map(({ commit }) => commit))
  for (const one of wanted) {
    const facts = note(parts, one, manifests.get(one.commit.name), one.whole)
    if (facts !== undefined) answer.get(one.folder)?.set(one.key, facts)
  }
  return answer
}

/** A commit whose facts are requested. */
interface Wanted {
  readonly folder: string
  readonly key: string
  readonly commit: Stored
}

/**
 * Number of the latest commits of a folder that are read for their identities: missing an older one costs a
 * computation.
 */
const maxIdentified = 2000

const readIdentities = async (parts: ObjectParts, folder: string): Promise<void> => {
  const { listed, commits } = parts.seen
  const unread = [...(listed.get(folder) ?? [])]
    .flatMap(([key, { commit }]) => (commit === undefined || commits.has(commit.name) ? [] : [{ folder, key, commit }]))
    .toSorted((left, right) => right.commit.modified - left.commit.modified)
    .slice(0, maxIdentified)
  const manifests = await parts.commits.readAll(unread.map(({ commit }) => commit))
  for (const one of unread) note(parts, one, manifests.get(one.commit.name), false)
}

/** Facts of a commit, which is recorded as known. */
const note = (
  { seen }: ObjectParts,
  { folder, key, commit }: Wanted,
  manifest: Manifest | string | undefined,
  whole: boolean,
): ArtifactFacts | undefined => {
  seen.commits.add(commit.name)
  const facts = manifest === undefined ? undefined : factsOf(manifest, key, whole)
  if (facts?.identity === undefined) return facts
  const known = seen.identified.get(facts.identity) ?? new Map<string, PlacedFacts>()
  seen.identified.set(facts.identity, known.set(`${folder}/${key}`, { folder, facts }))
  return facts
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
