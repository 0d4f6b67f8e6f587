import * as nodeFs from 'node:fs'
import { resolve } from 'node:path'
import { openCatalog } from '../catalog/catalog.js'
import { fileFindings } from '../catalog/findings.js'
import { fileLeases } from '../lease/file-lease.js'
import { pinFolder, readerPins } from '../lease/reader-pins.js'
import { fileLog } from '../log/file-log.js'
import type { Address, FoundArtifact, Listing } from '../../runtime/ports/artifact.js'
import type { ArtifactLog } from '../../runtime/ports/log.js'
import type { FullStore, StoreOpening } from '../../runtime/ports/store.js'
import { listingOf } from './artifact-names.js'
import { sizesOf } from './data-sizes.js'
import { durability } from './durability/durability.js'
import { fileFacts, stampNow } from './file-facts.js'
import { findArtifact } from './file-open.js'
import { workIn } from './staging/checkpoint-folder.js'
import { stageRunInfo } from './staging/file-run-info.js'
import { stageArtifact } from './staging/file-staging.js'
import { codeOf, kindOf, listNames, quietly, readOwn, readText, type FileSystem } from './file-system.js'
import { fileUpkeep } from './file-upkeep.js'
import { fileItems } from './items/file-items.js'
import { linkArtifact } from './readable-link.js'
import { checkAddress, checkFolder, storeEndings } from './safe-path.js'
import { storeFolders } from './store-folders.js'
import type { StoreParts } from './store-parts.js'
import { storePaths } from './store-paths.js'
import { dropDeadLinks } from './store-walk.js'
import { isTemporary } from './temporary-names.js'
import { unsyncedLists } from './durability/unsynced.js'

/** How a folder stores results. */
export interface FileStoreOptions {
  /**
   * When data is forced to disk: `group` (default) before a run reports that it is done, `each` at every commit, `none`
   * never.
   * After a kill, visible results are complete in all three modes; they differ in case of a power failure.
   */
  readonly durability?: 'group' | 'each' | 'none'
  /**
   * Leases between hosts: a holder that computes sends a heartbeat every `every` milliseconds (5,000, at most 10,000)
   * from a separate thread; a holder on another host or in another container that has been silent for `limit`
   * milliseconds (60,000) is replaced. Dead processes on this host are replaced immediately.
   */
  readonly heartbeat?: { readonly every?: number; readonly limit?: number }
  /**
   * Name of this host in leases. Default: the system's host name; set it only if two machines with the same name and no
   * boot id share the store.
   */
  readonly host?: string
  /**
   * Holder of the leases under which artifacts are written, if another store object of this process (in another thread)
   * holds them.
   */
  readonly holder?: string
  /** Replaces node:fs, for tests with a failing disk. */
  readonly fileSystem?: FileSystem
}

/**
 * Artifacts below a folder: `<group…>/<task>/<key>.<ext>` with `<key>.run_info.yaml` and `<key>.log` next to it. The
 * folder is created at the first write.
 * Errors of the system reject as they are; existing data stays.
 *
 * @example
 * const store = fileStore('data/elsewhere', { durability: 'each' })
 * const chain = await openChain(project, { config: 'model', store })
 */
export const fileStore = (root: string, options: FileStoreOptions = {}): FullStore => {
  const parts = partsOf(options.fileSystem ?? nodeFs, resolve(root), options)
  const { fs, location, folders, leases, paths } = parts
  const folderOf = (address: Address): string => (checkAddress(address), folders.pathOf(address.folder))
  return {
    location,
    ...openingOf(parts, options),
    list: async (asked) => {
      const isAbsent = folders.absent()
      return new Map(asked.map((folder) => [folder, isAbsent(folder) ? noListing : listFiles(parts, folder)]))
    },
    open: async (address) => openArtifact(parts, address),
    stage: async (address, storage, isExpected) =>
      storage === 'nothing' ? stageRunInfo(parts, address) : stageArtifact(parts, address, storage, isExpected),
    expect: (address) => {
      const { data, runInfo, lease } = paths.namesOf(address)
      const held = leases.held(lease)
      if (held !== undefined) held.isVacant = false
      return parts.durable.expect?.([data, runInfo]) ?? (async () => undefined)
    },
    readRunInfo: async (address) => {
      const { runInfo } = paths.namesOf(address)
      // absent ones are frequent: opening them would throw
      return kindOf(fs, runInfo) === undefined ? undefined : readText(fs, runInfo)
    },
    log: (address) => logOf(parts, address),
    lease: async (address, { signal, waiting }) => {
      signal.throwIfAborted()
      const prepare = (): void => paths.prepareAgain(address)
      return leases.acquire(paths.toWrite(address).lease, { signal, waiting, prepare })
    },
    markStale: async (address, because = '') => markFile(parts, address, because),
    remove: async (address) => removeFiles(parts, address),
    pathOf: (address, which = 'data') => {
      const { data, unfinished } = paths.namesOf(address)
      if (which === 'data') return data
      return kindOf(fs, unfinished) === 'folder' ? workIn(fs, unfinished) : undefined
    },
    flush: (goesOn) => flushStore(parts, goesOn),
    facts: fileFacts(parts),
    findings: fileFindings(parts),
    sizes: (addresses) => sizesOf(fs, addresses, folderOf),
    links: { link: async (address, name) => linkArtifact(parts, address, name) },
    upkeep: fileUpkeep(parts),
    items: fileItems(parts, options.durability !== 'none'),
  }
}

const partsOf = (fs: FileSystem, location: string, options: FileStoreOptions): StoreParts => {
  const folders = storeFolders(fs, location)
  const leases = fileLeases(fs, location, options.heartbeat, options.host, options.holder)
  return {
    fs,
    location,
    folders,
    leases,
    paths: storePaths(fs, folders, leases),
    pins: readerPins(fs, leases),
    durable: durability(fs, location, options.durability ?? 'group', unsyncedLists(fs, location, leases.isLeft)),
    catalog: openCatalog(fs, location, leases, (folder, key) => stampNow(fs, folders, folder, key)),
    swept: new Set(),
    toSweep: new Set(),
    thinned: new Set(),
  }
}

/** Another thread cannot receive a file system object; it writes under the leases of this store. */
const openingOf = (
  { location, leases }: StoreParts,
  { fileSystem, durability: mode = 'group', heartbeat, host }: FileStoreOptions,
): { readonly opening?: StoreOpening } => {
  if (fileSystem !== undefined) return {}
  const leaseOptions = { ...(heartbeat === undefined ? {} : { heartbeat }), ...(host === undefined ? {} : { host }) }
  return {
    opening: { kind: 'files', root: location, options: { durability: mode, ...leaseOptions, holder: leases.id } },
  }
}

/** Remembers with the lease of a key, if it is held, that nothing is there. */
const openArtifact = async ({ fs, paths, leases }: StoreParts, address: Address): Promise<FoundArtifact> => {
  const names = paths.namesOf(address)
  const lease = leases.held(names.lease)
  if (lease === undefined) return findArtifact(fs, names, address.extension)
  const found = await findArtifact(fs, names, address.extension)
  lease.isVacant = found.runInfo === undefined && found.unreadable === undefined && found.data === undefined
  return found
}

const noListing: Listing = new Map()

const listFiles = ({ fs, folders, toSweep }: StoreParts, folder: string): Listing => {
  checkFolder(folder)
  const names = listNames(fs, folders.pathOf(folder))
  if (names.some(isLeftByRuns)) toSweep.add(folder)
  return listingOf(names)
}

/** Names that only a running or killed process leaves in a folder. */
const isLeftByRuns = (name: string): boolean =>
  isTemporary(name) || name === pinFolder || name.endsWith(`.${storeEndings.lease}`)

const logOf = ({ fs, paths, leases }: StoreParts, address: Address): ArtifactLog => {
  const names = paths.namesOf(address)
  let leave: (() => void) | undefined
  const sink = fileLog(fs, {
    temporary: () => {
      paths.toWrite(address)
      leave ??= leases.present() // results kept in memory are computed without a lease
      return paths.temporaryFor(address)
    },
    kept: names.log,
    failed: names.failedLog,
  })
  return {
    write: sink.write,
    close: (outcome) => sink.close(outcome).finally(() => leave?.()),
    read: async (which) => {
      const bytes = await readOwn(fs, which === 'kept' ? names.log : names.failedLog)
      return bytes && Buffer.from(bytes).toString('utf8')
    },
  }
}

const markFile = ({ fs, paths }: StoreParts, address: Address, because: string): void => {
  const names = paths.toDelete(address)
  if (names === undefined || (kindOf(fs, names.data) === undefined && kindOf(fs, names.runInfo) === undefined)) return
  try {
    fs.writeFileSync(names.stale, because, { flag: 'wx' })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

const removeFiles = ({ fs, paths }: StoreParts, address: Address): void => {
  const names = paths.toDelete(address)
  if (names === undefined) return
  const { data, beside } = paths.former(address, names)
  const all = [
    names.data,
    names.unfinished,
    ...(data === undefined ? [] : [data]),
    ...beside,
    names.runInfo,
    names.log,
    names.failedLog,
    names.stale,
  ]
  if (all.every((path) => kindOf(fs, path) === undefined)) return
  paths.moving(address, (staging) => all.forEach((path) => void staging.take(path)))
}

const flushStore = async (parts: StoreParts, goesOn = false): Promise<void> => {
  const { fs, catalog, thinned, durable, toSweep, folders, leases } = parts
  if (goesOn) return durable.flush(true)
  for (const folder of thinned) quietly(() => dropDeadLinks(fs, folder))
  thinned.clear()
  await durable.flush()
  for (const folder of toSweep) {
    quietly(() => {
      const path = folders.existing(folder) // refuses a link that leads out of the store
      if (path !== undefined) leases.sweep(path)
    })
  }
  toSweep.clear()
  await catalog.flush()
  leases.tidy()
}
