import * as nodeFs from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checkAddress, checkFolder, checkLinkName, storeEndings } from './safe-path.js'
import { besidePaths, listingOf, namesIn, type ArtifactNames } from './artifact-names.js'
import { sizesOf } from './data-sizes.js'
import { durability } from './durability.js'
import { factIndex } from './fact-index.js'
import { fileLeases } from '../lease/file-lease.js'
import { fileLog } from '../log/file-log.js'
import { openArtifact } from './file-open.js'
import { fileStaging } from './file-staging.js'
import {
  codeOf,
  kindOf,
  quietly,
  readOwn,
  readText,
  remove,
  removeQuietly,
  writeNew,
  type FileSystem,
} from './file-system.js'
import type { FormerFiles } from './publish.js'
import { pinFolder, readerPins } from '../lease/reader-pins.js'
import { readableLink } from './readable-link.js'
import { LeaseLost, openCheckpoint, stagingFolder, type StagingFolder } from './staging-folder.js'
import { storeFolders } from './store-folders.js'
import { asideIn, dropDeadLinks, moveAside, walkStore } from './store-walk.js'
import { isTemporary, temporaryName } from './temporary-names.js'
import { unsyncedLists } from './unsynced.js'
import type { Address } from '../../runtime/ports/artifact.js'
import type { Store } from '../../runtime/ports/store.js'
import { quickData } from '../../runtime/run-info/run-info.js'

export interface FileStoreOptions {
  /**
   * When data is forced to disk: `group` (default) before a run says that it is done, `each` at every commit, `none`
   * never.
   * What is seen after a kill is whole in all three; they differ for a loss of power.
   */
  readonly durability?: 'group' | 'each' | 'none'
  /**
   * Leases between hosts: a holder that computes says every `every` milliseconds (5,000) that it lives, from a thread
   * of its own; one on another
   * host or in another container that has been silent for `limit` milliseconds (60,000) is replaced. Dead processes of
   * this host are, at once.
   */
  readonly heartbeat?: { readonly every?: number; readonly limit?: number }
  /**
   * Name of this host in leases. Default: the system's; to be set only where two machines with one name and no boot id
   * share the store.
   */
  readonly host?: string
  /**
   * Under whose leases artifacts are written, where another store object of this process holds them: that of another
   * thread.
   */
  readonly holder?: string
  /** Instead of node:fs, for tests that want a failing disk. */
  readonly fileSystem?: FileSystem
}

/**
 * Artifacts below a folder: `<group…>/<task>/<key>.<ext>` with `<key>.run_info.yaml` and `<key>.log` beside it. The
 * folder is made at the first write.
 * Errors of the system reject as they are; what was on disk before stays.
 *
 * @example
 * const store = fileStore('/data/chains', { durability: 'each' })
 */
export const fileStore = (root: string, options: FileStoreOptions = {}): Store => {
  const fs = options.fileSystem ?? nodeFs
  const location = resolve(root)
  const folders = storeFolders(fs, location)
  const leases = fileLeases(fs, location, options.heartbeat, options.host, options.holder)
  const pins = readerPins(fs, leases)
  const durable = durability(fs, location, options.durability ?? 'group', unsyncedLists(fs, location, leases.isLeft))
  const index = factIndex(fs)
  const swept = new Set<string>()
  const toSweep = new Set<string>()
  const thinned = new Set<string>()

  /** Paths for reading; the address is checked, the disk is not touched. */
  const namesOf = (address: Address): ArtifactNames => {
    checkAddress(address)
    return namesIn(folders.pathOf(address.folder), address)
  }

  /** Paths for writing: the folder is there and within the store. */
  const toWrite = (address: Address): ArtifactNames => {
    checkAddress(address)
    return namesIn(folders.prepare(address.folder), address)
  }

  /** Paths for deleting; undefined where there is no such folder. */
  const toDelete = (address: Address): ArtifactNames | undefined => {
    checkAddress(address)
    const folder = folders.existing(address.folder)
    return folder === undefined ? undefined : namesIn(folder, address)
  }

  const temporaryFor = (address: Address) => (): string => temporaryName(folders.pathOf(address.folder), address.key)

  const prepareAgain = (address: Address) => (): void => {
    folders.forget()
    folders.prepare(address.folder)
  }

  /** Files under the same key that its run info tells of: data with another extension, and what is kept beside it. */
  const former = (address: Address, names: ArtifactNames) => (): FormerFiles => {
    const text = readOrNothing(fs, names.runInfo)
    const facts = text === undefined ? undefined : quickData(text)
    const beside = besidePaths(names, facts?.beside)
    if (facts === undefined || facts.extension === address.extension) return { data: undefined, beside }
    const other = { ...address, extension: facts.extension }
    try {
      checkAddress(other)
    } catch {
      return { data: undefined, beside } // a run info can say anything
    }
    return { data: namesIn(folders.pathOf(address.folder), other).data, beside }
  }

  /** Moves files of a key by way of a staging folder, and removes what stays in it. */
  const moving = (address: Address, move: (staging: StagingFolder) => void): void => {
    const lease = namesOf(address).lease
    const staging = stagingFolder(fs, {
      path: temporaryFor(address)(),
      prepare: prepareAgain(address),
      isHeld: () => leases.isOurs(lease),
    })
    staging.open()
    try {
      move(staging)
    } catch (error) {
      throw staging.explained(error)
    } finally {
      removeQuietly(fs, staging.path)
    }
  }

  return {
    location,
    // another thread cannot be handed a file system, and leases are not its business
    ...(options.fileSystem === undefined
      ? {
          opening: {
            kind: 'files' as const,
            root: location,
            options: { durability: options.durability ?? 'group', holder: leases.id },
          },
        }
      : {}),

    list: async (folder) => {
      checkFolder(folder)
      const path = folders.pathOf(folder)
      let names: readonly string[]
      try {
        names = fs.readdirSync(path)
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return new Map()
        throw error
      }
      if (names.some(isLeftByRuns)) toSweep.add(folder)
      return listingOf(names)
    },

    open: async (address) => openArtifact(fs, namesOf(address), address.extension),

    stage: async (address, storage) => {
      const names = toWrite(address)
      const folder = dirname(names.data)
      if (!swept.has(folder)) leases.sweep(folder)
      swept.add(folder)
      const temporary = temporaryFor(address)
      let directory: string | undefined
      let resumed = false
      const isHeld = (again = false): boolean => leases.isOurs(names.lease, again)
      const staging = stagingFolder(fs, { path: temporary(), prepare: prepareAgain(address), isHeld })
      if (storage === 'folder') {
        fs.mkdirSync((directory = temporary()))
        if (!isHeld()) {
          removeQuietly(fs, directory)
          throw new LeaseLost()
        }
      }
      if (storage === 'checkpoint') {
        directory = names.unfinished
        resumed = openCheckpoint(fs, staging, directory)
      }
      return fileStaging({
        fs,
        names,
        staging,
        directory,
        keep: storage === 'checkpoint',
        resumed,
        durability: durable,
        former: former(address, names),
        remember: (facts, replaced, stamp) => index.add(folder, facts, replaced, stamp),
      })
    },

    log: (address) => {
      const names = namesOf(address)
      const temporary = temporaryFor(address)
      let leave: (() => void) | undefined
      const sink = fileLog(fs, {
        temporary: () => {
          toWrite(address)
          leave ??= leases.present() // what is kept in memory is computed without a lease
          return temporary()
        },
        kept: names.log,
        failed: names.failedLog,
      })
      return { write: sink.write, close: (outcome) => sink.close(outcome).finally(() => leave?.()) }
    },

    readLog: async (address, which) => {
      const path = namesOf(address)[which === 'kept' ? 'log' : 'failedLog']
      const bytes = await readOwn(fs, path)
      return bytes && Buffer.from(bytes).toString('utf8')
    },

    writeRunInfo: async (address, runInfo, facts) => {
      const names = toWrite(address)
      const temporary = temporaryFor(address)()
      const finals = [names.runInfo]
      try {
        writeNew(fs, temporary, runInfo)
        await durable.beforeCommit([temporary], finals)
        fs.renameSync(temporary, names.runInfo)
      } catch (error) {
        durable.commitFailed(finals)
        removeQuietly(fs, temporary)
        throw error
      }
      if (kindOf(fs, names.stale) !== undefined) remove(fs, names.stale)
      if (kindOf(fs, names.log) !== undefined) removeQuietly(fs, names.log)
      if (facts !== undefined) index.add(dirname(names.runInfo), facts, false)
      await durable.afterCommit(finals)
    },

    readRunInfo: async (address) => readText(fs, namesOf(address).runInfo),

    lease: async (address, { signal, waiting }) => {
      signal.throwIfAborted()
      return leases.acquire(toWrite(address).lease, { signal, waiting, prepare: prepareAgain(address) })
    },

    markStale: async (address, because = '') => {
      const names = toDelete(address)
      if (names === undefined || (kindOf(fs, names.data) === undefined && kindOf(fs, names.runInfo) === undefined))
        return
      try {
        fs.writeFileSync(names.stale, because, { flag: 'wx' })
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error
      }
    },

    remove: async (address) => {
      const names = toDelete(address)
      if (names === undefined) return
      const { data, beside } = former(address, names)()
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
      moving(address, (staging) => all.forEach((path) => void staging.take(path)))
    },

    pathOf: (address) => namesOf(address).data,

    unfinishedPath: async (address) => {
      const { unfinished } = namesOf(address)
      return kindOf(fs, unfinished) === 'folder' ? unfinished : undefined
    },

    link: async (address, name) => {
      checkLinkName(name)
      const names = toWrite(address)
      if (kindOf(fs, names.data) === undefined)
        throw Object.assign(new Error(`nothing is stored at ${names.data}; there is nothing to link to`), {
          code: 'ENOENT',
        })
      const path = readableLink(fs, names.base, name, names.data, temporaryFor(address))
      for (const beside of former(address, names)().beside)
        if (kindOf(fs, beside) === 'file') readableLink(fs, names.base, name, beside, temporaryFor(address))
      return path
    },

    facts: async (folder, keys, { certain = false } = {}) => {
      checkFolder(folder)
      const path = folders.pathOf(folder)
      return index.read(path, keys, () => new Set(namesOrNone(fs, path)), certain)
    },

    sizes: (addresses) => sizesOf(fs, addresses, (address) => (checkAddress(address), folders.pathOf(address.folder))),

    bless: async (folder, blessings) => {
      checkFolder(folder)
      if (blessings.length > 0) index.bless(folders.prepare(folder), blessings)
    },

    walk: () => walkStore(fs, location),

    held: async (address, looking) => {
      const { lease } = namesOf(address)
      return looking === undefined ? leases.holder(lease) : leases.livingHolder(lease, looking.signal)
    },

    pin: async (address) => pins.pin(dirname(toWrite(address).data), address.key),

    pinned: async (address, looking) => pins.holder(dirname(namesOf(address).data), address.key, looking?.signal),

    setAside: async (stored, place, label) => {
      const folder =
        toDelete({ folder: stored.folder, key: stored.key, extension: null }) === undefined
          ? undefined
          : folders.existing(stored.folder)
      if (folder === undefined) return
      moving({ ...stored, extension: null }, (staging) =>
        moveAside(fs, location, folder, stored, place, label, staging),
      )
      thinned.add(folder)
    },

    aside: async ({ remove: purge = false } = {}) => asideIn(fs, location, purge),

    flush: async () => {
      index.flush()
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
      leases.tidy()
    },
  }
}

/** What only a run that goes on, or one that was killed, has in a folder. */
const isLeftByRuns = (name: string): boolean =>
  isTemporary(name) || name === pinFolder || name.endsWith(`.${storeEndings.lease}`)

/** Keys that have a run info. */
const namesOrNone = (fs: FileSystem, folder: string): readonly string[] => {
  try {
    return [...listingOf(fs.readdirSync(folder))].flatMap(([key, names]) => (names.runInfo ? [key] : []))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

const readOrNothing = (fs: FileSystem, path: string): string | undefined => {
  try {
    return readText(fs, path)
  } catch {
    return undefined
  }
}
