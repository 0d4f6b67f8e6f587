import { pushTo } from '../../base/grouping.js'
import { basename, join } from 'node:path'
import { isSafeName } from '../../declare/names.js'
import type { Listing } from '../../runtime/ports/artifact.js'
import { pinFolder } from '../lease/reader-pins.js'
import type { Aside, AsidePlace, StoredKey, StoredLease } from '../../runtime/ports/upkeep.js'
import { listingOf, namesIn } from './artifact-names.js'
import { pause } from './folder-tree.js'
import { codeOf, diskError, kindOf, listEntries, quietly, type FileSystem } from './file-system.js'
import { checkFolder, isHashKey, isKey, storeEndings, UnsafePath } from './safe-path.js'
import type { StagingFolder } from './staging/staging-folder.js'

/**
 * Hidden folders in the root for artifacts that were set aside; nothing is read from them, and no address leads there.
 */
export const asideFolders: { readonly [Place in AsidePlace]: string } = { trash: '.trash', damaged: '.damaged' }

/** A folder of a store, with its listing by key. */
interface WalkedFolder {
  readonly folder: string
  readonly path: string
  readonly names: readonly string[]
  readonly listing: Listing
}

/**
 * Every folder below a root, sorted by name. Links are not followed, so nothing outside is visited. Rejects with the
 * system's error; entries that disappear meanwhile are skipped.
 */
async function* walkFolders(fs: FileSystem, root: string): AsyncGenerator<WalkedFolder> {
  const waiting = ['']
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const path = join(root, folder)
    // a file in place of the store is an error, one in place of a folder in it is skipped
    const entries = folder === '' ? listEntries(fs, path, ['ENOENT']) : listEntries(fs, path)
    const names = entries.map(({ name }) => name)
    const listing: Listing = folder === '' ? new Map() : listingOf(names)
    const inner = entries.filter(
      (entry) =>
        entry.isDirectory() && isSafeName(entry.name) && !isHashKey(entry.name) && !listing.has(keyIn(entry.name)),
    )
    const below = inner
      .map(({ name }) => (folder === '' ? name : `${folder}/${name}`))
      .sort()
      .reverse()
    for (const one of below) waiting.push(one) // not spread: there may be more than the maximum number of arguments
    if (folder !== '') yield { folder, path, names, listing }
    await pause()
  }
}

/** Every key below a root; names that are not the store's (other people's files) are skipped. */
export async function* walkStore(fs: FileSystem, root: string): AsyncGenerator<StoredKey> {
  for await (const { folder, path, names: all, listing } of walkFolders(fs, root)) {
    const files = groupedByKey(all)
    let count = 0
    for (const [key, names] of listing) {
      const found = (files.get(key) ?? []).map((name) => measured(fs, join(path, name)))
      const shared = found.flatMap((one) => one.shared ?? [])
      const bytes = sum(found.map((one) => one.bytes))
      yield { folder, key, names, bytes, ...(shared.length === 0 ? {} : { shared }), written: newest(found) }
      if (++count % 500 === 0) await pause()
    }
  }
}

const leaseEnding = `.${storeEndings.lease}`

/** Every lease and every pin below a root, whatever its holder; invalid keys are skipped. */
export async function* walkLeases(
  fs: FileSystem,
  root: string,
): AsyncGenerator<Pick<StoredLease, 'folder' | 'key' | 'reads'> & { readonly path: string }> {
  for await (const { folder, path, names } of walkFolders(fs, root)) {
    for (const name of names) {
      const key = name.slice(0, -leaseEnding.length)
      if (name.endsWith(leaseEnding) && isKey(key)) yield { folder, key, reads: false, path: join(path, name) }
    }
    const pins = join(path, pinFolder)
    const pinned = names.includes(pinFolder) && kindOf(fs, pins) === 'folder' ? listEntries(fs, pins) : []
    for (const { name } of pinned)
      if (isKey(keyIn(name))) yield { folder, key: keyIn(name), reads: true, path: join(pins, name) }
  }
}

const keyIn = (name: string): string => (name.includes('.') ? name.slice(0, name.indexOf('.')) : name)
const newest = (found: readonly Measured[]): number =>
  found.reduce((latest, { written }) => Math.max(latest, written), 0)
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const groupedByKey = (names: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const key = keyIn(name)
    pushTo(groups, key, name)
  }
  return groups
}

interface Measured {
  readonly files: number
  readonly bytes: number
  readonly written: number
  /** Set for a file that has other names. */
  readonly shared?: NonNullable<StoredKey['shared']>[number]
}

const nothing: Measured = { files: 0, bytes: 0, written: 0 }

/** Size of a file, or of all files in a folder; links are not followed. */
const measured = (fs: FileSystem, path: string): Measured => {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return nothing
  if (!stat.isDirectory()) {
    const file = { files: 1, bytes: stat.size, written: stat.mtimeMs }
    return stat.nlink > 1 ? { ...file, shared: { file: `${stat.dev} ${stat.ino}`, bytes: stat.size } } : file
  }
  const inside = listEntries(fs, path).map(({ name }) => measured(fs, join(path, name)))
  return {
    files: sum(inside.map(({ files }) => files)),
    bytes: sum(inside.map(({ bytes }) => bytes)),
    written: Math.max(stat.mtimeMs, newest(inside)),
  }
}

/**
 * Moves all files of a key into `.trash/<label>/<folder>` (or `.damaged`) through a staging folder, data first: in
 * between the key is a cache miss.
 * `from` is the key's folder on disk; the caller has checked that it is within the store. Rejects with the system's
 * error, `EACCES` if a link is in the way.
 */
export const moveAside = (
  fs: FileSystem,
  root: string,
  from: string,
  { folder, key, names }: StoredKey,
  place: AsidePlace,
  label: string,
  staging: StagingFolder,
): void => {
  checkFolder(folder)
  const to = asideFolder(fs, root, folder, place, label)
  const { base, runInfo, log, failedLog, stale, unfinished } = namesIn(from, { key, extension: null })
  const data = names.extensions.map((extension) => (extension === '' ? base : `${base}.${extension}`))
  for (const path of [...data, unfinished, runInfo, log, failedLog, stale]) {
    const name = staging.take(path)
    if (name === undefined) continue
    try {
      staging.give(name, join(to, path.slice(from.length + 1)))
    } catch (error) {
      quietly(() => staging.give(name, path))
      throw error
    }
  }
}

/** Moves a set of items in one step; `from` is its path, below a folder that was checked. */
export const moveItemsAside = (
  fs: FileSystem,
  root: string,
  folder: string,
  from: string,
  place: AsidePlace,
  label: string,
): void => fs.renameSync(from, join(asideFolder(fs, root, folder, place, label), basename(from)))

const asideFolder = (fs: FileSystem, root: string, folder: string, place: AsidePlace, label: string): string => {
  if (!isSafeName(label)) throw new UnsafePath(`${JSON.stringify(label)} cannot be part of a path`)
  return [asideFolders[place], label, ...folder.split('/')].reduce(
    (path, segment) => ownFolder(fs, `${path}/${segment}`),
    root,
  )
}

/** Creates a folder; refuses a link in its place, which could lead anywhere. */
const ownFolder = (fs: FileSystem, path: string): string => {
  try {
    fs.mkdirSync(path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  if (kindOf(fs, path) !== 'folder')
    throw diskError('EACCES', `${path} is not a folder of the store's own; nothing is moved there`)
  return path
}

/**
 * Contents of the trash and of damaged artifacts, by label; `remove` deletes them. A link in place of our folders is
 * left alone.
 */
export const asideIn = (fs: FileSystem, root: string, remove: boolean): readonly Aside[] => {
  const found: Aside[] = []
  for (const place of ['trash', 'damaged'] as const) {
    const path = join(root, asideFolders[place])
    if (kindOf(fs, path) !== 'folder') continue
    for (const label of listEntries(fs, path)
      .map(({ name }) => name)
      .sort()) {
      const { files, bytes } = measured(fs, join(path, label))
      found.push({ place, label, files, bytes })
      if (remove) fs.rmSync(join(path, label), { recursive: true, force: true })
    }
    if (remove && listEntries(fs, path).length === 0) fs.rmSync(path, { recursive: true, force: true })
  }
  return found
}

/** Removes readable links of a folder to artifacts that no longer exist; other links are not ours. */
export const dropDeadLinks = (fs: FileSystem, folder: string): void => {
  for (const entry of listEntries(fs, folder)) {
    if (!entry.isSymbolicLink()) continue
    const path = join(folder, entry.name)
    const target = fs.readlinkSync(path)
    if (
      !target.includes('/') &&
      isHashKey(keyIn(target)) &&
      !isStoreEnding(target) &&
      kindOf(fs, join(folder, target)) === undefined
    )
      fs.unlinkSync(path)
  }
}

const isStoreEnding = (name: string): boolean =>
  Object.values(storeEndings).some((ending) => name.endsWith(`.${ending}`))
