import { pushTo } from '../../base/grouping.js'
import type { ArtifactFacts, Lacking, PlacedFacts, StoreFacts } from '../../runtime/ports/facts.js'
import { factsOfRunInfo } from '../../runtime/run-info/artifact-facts.js'
import { blessingLines, blessingsIn } from '../../runtime/run-info/blessings.js'
import { runInfoProblem } from '../../runtime/run-info/quick-facts.js'
import { factsFromText, factsText } from '../../runtime/run-info/facts-text.js'
import type { Catalog, Entry, Wanted } from '../catalog/catalog.js'
import { listingOf, runInfoPath } from './artifact-names.js'
import { appendText, listNames, quietly, tryReadText, type FileSystem } from './file-system.js'
import { pause } from './folder-tree.js'
import { checkAddress, checkFolder } from './safe-path.js'
import type { StoreFolders } from './store-folders.js'
import type { StoreParts } from './store-parts.js'

/** Facts of a file store's artifacts: from its catalog, verified against each run info with one stat. */
export const fileFacts = (parts: StoreParts): StoreFacts => ({
  read: (asked, lacking) => readFacts(parts, asked, lacking),
  identified: async (identities, fresh) => identified(parts, identities, fresh),
  blessings: async (wanted) =>
    new Map(wanted.map((folder) => [folder, blessingsIn(blessedText(parts, folder))] as const)),
  bless: async (folder, blessings) => {
    checkFolder(folder)
    if (blessings.length > 0)
      appendText(parts.fs, `${parts.folders.prepare(folder)}/${blessedName}`, blessingLines(blessings))
  },
})

const blessedName = '.blessed.jsonl'

/** Bytes; larger files count as missing. */
const largest = 256 * 1024 * 1024

/** Kept in each folder by earlier versions, instead of a catalog. */
const formerIndex = '.index.jsonl'

/** Stamp of the run info that facts belong to. */
const stamps = new WeakMap<ArtifactFacts, string>()
export const stampRead = (facts: ArtifactFacts): string | undefined => stamps.get(facts)

/** Files checked before other work gets its turn. */
const atOnce = 1000

/** A run info whose facts are requested; `whole`: including the inputs of its key's hash. */
interface Asked extends Wanted {
  readonly whole: boolean
}

const readFacts = async (
  parts: StoreParts,
  folders: Parameters<StoreFacts['read']>[0],
  lacking: ((found: Lacking) => void) | undefined,
): ReturnType<StoreFacts['read']> => {
  const answer = new Map<string, Map<string, ArtifactFacts>>()
  const asked: Asked[] = []
  const isAbsent = parts.folders.absent()
  for (const [folder, keys] of folders) {
    checkFolder(folder)
    answer.set(folder, new Map())
    if (isAbsent(folder)) continue
    const path = parts.folders.pathOf(folder)
    for (const key of keys ?? keysIn(parts.fs, path)) {
      const stamp = stampOf(parts.fs, runInfoPath(path, key))
      if (stamp !== undefined) asked.push({ folder, key, stamp, whole: keys === undefined })
      if (asked.length % atOnce === 0) await pause()
    }
  }
  const lost: Asked[] = []
  for (const [at, text] of parts.catalog.find(asked).entries()) {
    const one = asked[at]
    if (one === undefined) continue
    const facts = text === undefined ? undefined : factsFromText(one.key, text, one.whole)
    if (facts === undefined) {
      lost.push(one)
      continue
    }
    stamps.set(facts, one.stamp)
    answer.get(one.folder)?.set(one.key, facts)
  }
  if (lost.length === 0) return answer
  const entries: Entry[] = []
  for (const [at, { folder, key, stamp }] of lost.entries()) {
    const text = tryReadText(parts.fs, runInfoPath(parts.folders.pathOf(folder), key))
    const facts = text === undefined ? undefined : factsOfRunInfo(text, key)
    if (text === undefined || facts === undefined) continue
    answer.get(folder)?.set(key, facts)
    if (runInfoProblem(text) === undefined) entries.push(entryFor(folder, facts, stamp)) // truncated: not recorded
    if (at % atOnce === 0) await pause()
  }
  catchUp(parts, entries, lacking)
  return answer
}

/**
 * Adds missing entries to the catalog, so that they are read only once; then the index of an earlier version is
 * obsolete.
 */
const catchUp = (
  { fs, folders, catalog }: StoreParts,
  entries: readonly Entry[],
  lacking: ((found: Lacking) => void) | undefined,
): void => {
  if (entries.length === 0) return
  const because = reasonIn(catalog)
  const refused = catalog.add(entries)
  lacking?.({ artifacts: entries.length, because, ...(refused === undefined ? {} : { refused }) })
  if (refused !== undefined) return
  for (const folder of new Set(entries.map((entry) => entry.folder)))
    quietly(() => fs.unlinkSync(`${folders.pathOf(folder)}/${formerIndex}`))
}

const reasonIn = (catalog: Catalog): Lacking['because'] => {
  const { files, damaged, newer } = catalog.state()
  if (damaged.length > 0) return 'damaged'
  if (newer.length > 0) return 'newer'
  return files === 0 ? 'none' : 'behind'
}

/** The catalog entry of a commit; its stamp was taken while the file was certain to contain these facts. */
export const entryFor = (folder: string, facts: ArtifactFacts, stamp: string): Entry => ({
  folder,
  key: facts.key,
  stamp,
  identity: facts.identity ?? '',
  text: factsText(facts),
})

const identified = (
  { fs, folders, catalog }: StoreParts,
  identities: readonly string[],
  fresh: boolean | undefined,
): ReadonlyMap<string, readonly PlacedFacts[]> => {
  const found = new Map<string, PlacedFacts[]>()
  for (const { folder, key, stamp, identity, text } of catalog.identified(identities, fresh)) {
    if (stampNow(fs, folders, folder, key) !== stamp) continue
    const facts = factsFromText(key, `${identity}\t${text}`, false)
    if (facts !== undefined) pushTo(found, identity, { folder, facts })
  }
  return found
}

/** Stamp of the run info of an entry; none for an invalid address, since a catalog may contain anything. */
export const stampNow = (fs: FileSystem, folders: StoreFolders, folder: string, key: string): string | undefined => {
  try {
    checkAddress({ folder, key, extension: null })
    return stampOf(fs, runInfoPath(folders.pathOf(folder), key))
  } catch {
    return undefined
  }
}

/** Distinguishes a file from later replacements; undefined if it does not exist. */
export const stampOf = (fs: FileSystem, path: string): string | undefined =>
  stampIn(fs.lstatSync(path, { throwIfNoEntry: false }))

/** The stamp in a file's stat. */
export const stampIn = (
  stat: { readonly ino: number; readonly mtimeMs: number; readonly size: number } | undefined,
): string | undefined => (stat === undefined ? undefined : `${stat.ino} ${stat.mtimeMs} ${stat.size}`)

const blessedText = ({ fs, folders }: StoreParts, folder: string): string => {
  checkFolder(folder)
  return tryReadText(fs, `${folders.pathOf(folder)}/${blessedName}`, largest) ?? ''
}

/** Keys that have a run info. */
const keysIn = (fs: FileSystem, folder: string): readonly string[] =>
  [...listingOf(listNames(fs, folder))].flatMap(([key, names]) => (names.runInfo ? [key] : []))
