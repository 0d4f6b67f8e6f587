import * as fs from 'node:fs'
import type { Address, FoundArtifact, FoundData, Listing, StoredNames } from '../../runtime/ports/artifact.js'
import type { ArtifactFacts } from '../../runtime/ports/facts.js'
import { measureTree } from '../file-store/folder-tree.js'
import { checkAddress, checkFolder } from '../file-store/safe-path.js'
import { foundBytes, foundFolder } from '../store-kit.js'

/** The data of one key in a memory store. */
export interface Entry {
  extension: string | null
  bytes: Uint8Array | undefined
  /** Views stored next to the data, by extension. */
  beside: ReadonlyMap<string, Uint8Array>
  directory: string | undefined
  unfinished: string | undefined
  runInfo: string | undefined
  log: string | undefined
  failedLog: string | undefined
  /** Reason of its stale mark; '' if none was given. */
  stale: string | undefined
  facts: ArtifactFacts | undefined
  /** Milliseconds since 1970. */
  written: number
}

/** Entries by folder and key. Addresses are validated. */
export interface Entries {
  readonly folders: ReadonlyMap<string, Map<string, Entry>>
  find(address: Address): Entry | undefined
  /** Created if it does not exist. */
  of(address: Address): Entry
  take(address: Address): Entry | undefined
  clear(): void
}

export const makeEntries = (): Entries => {
  const folders = new Map<string, Map<string, Entry>>()
  const find = (address: Address): Entry | undefined => {
    checkAddress(address)
    return folders.get(address.folder)?.get(address.key)
  }
  return {
    folders,
    find,
    of: (address) => {
      const known = find(address)
      if (known !== undefined) return known
      let folder = folders.get(address.folder)
      if (folder === undefined) folders.set(address.folder, (folder = new Map<string, Entry>()))
      const made = emptyEntry(address.extension)
      folder.set(address.key, made)
      return made
    },
    take: (address) => {
      const entry = find(address)
      folders.get(address.folder)?.delete(address.key)
      return entry
    },
    clear: () => folders.clear(),
  }
}

const emptyEntry = (extension: string | null): Entry => ({
  extension,
  bytes: undefined,
  beside: new Map(),
  directory: undefined,
  unfinished: undefined,
  runInfo: undefined,
  log: undefined,
  failedLog: undefined,
  stale: undefined,
  facts: undefined,
  written: Date.now(),
})

export const hasData = (entry: Entry): boolean => entry.bytes !== undefined || entry.directory !== undefined

/** Its names, as a file store would report them. */
export const namesOf = (entry: Entry): StoredNames => ({
  extensions: hasData(entry) ? [entry.extension ?? '', ...entry.beside.keys()] : [],
  runInfo: entry.runInfo !== undefined,
  log: entry.log !== undefined,
  stale: entry.stale !== undefined,
  unfinished: entry.unfinished !== undefined,
})

export const listingOf = ({ folders }: Entries, folder: string): Listing => {
  checkFolder(folder)
  return new Map(Array.from(folders.get(folder) ?? [], ([key, entry]) => [key, namesOf(entry)]))
}

/** Finds the artifact of an address. */
export const findIn = async (entries: Entries, address: Address): Promise<FoundArtifact> => {
  const entry = entries.find(address)
  const path = `${address.folder}/${address.key}`
  const places = { data: pathIn(address), runInfo: `${path}.run_info.yaml` }
  if (entry === undefined) return { runInfo: undefined, data: undefined, places }
  const { runInfo, stale } = entry
  return { runInfo, ...(stale === undefined ? {} : { stale }), data: await dataOf(entry, address), places }
}

/** The name under which people know an artifact; there is no such file. */
export const pathIn = ({ folder, key, extension }: Address): string =>
  `${folder}/${key}${extension === null ? '' : `.${extension}`}`

const dataOf = async (entry: Entry, address: Address): Promise<FoundData | undefined> => {
  const { directory, bytes, beside } = entry
  if (!hasData(entry)) return undefined
  if (entry.extension !== address.extension) return entry.runInfo === undefined ? { _tag: 'other' } : undefined
  if (directory !== undefined) return foundFolder(directory)
  return bytes === undefined ? undefined : foundBytes(pathIn(address), bytes, beside)
}

/** Total size of the data of a key. */
export const bytesOf = async (entry: Entry): Promise<number> => {
  let bytes = entry.bytes?.length ?? 0
  for (const { length } of entry.beside.values()) bytes += length
  for (const path of foldersOf(entry)) bytes += (await measureTree(fs, path)).size
  for (const text of [entry.runInfo, entry.log, entry.failedLog]) bytes += Buffer.byteLength(text ?? '')
  return bytes
}

/** Removes the folders of an entry that no store contains any more. */
export const dropFolders = (entry: Entry): void => {
  for (const path of foldersOf(entry)) fs.rmSync(path, { recursive: true, force: true })
}

const foldersOf = ({ directory, unfinished }: Entry): readonly string[] =>
  [directory, unfinished].filter((path) => path !== undefined)
