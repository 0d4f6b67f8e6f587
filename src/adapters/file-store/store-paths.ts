import type { Address } from '../../runtime/ports/artifact.js'
import { quickData } from '../../runtime/run-info/run-info.js'
import type { FileLeases } from '../lease/file-lease.js'
import { besidePaths, namesIn, type ArtifactNames } from './artifact-names.js'
import { removeQuietly, tryReadText, type FileSystem } from './file-system.js'
import type { FormerFiles } from './staging/publish.js'
import { checkAddress } from './safe-path.js'
import { stagingFolder, type StagingFolder } from './staging/staging-folder.js'
import type { StoreFolders } from './store-folders.js'
import { temporaryName } from './temporary-names.js'

/** Locates an artifact's files in a file store, and moves them. */
export interface StorePaths {
  /** Paths for reading; the address is validated, the disk is not touched. */
  namesOf(address: Address): ArtifactNames
  /** Paths for writing: the folder exists and is within the store. */
  toWrite(address: Address): ArtifactNames
  /** Paths for deleting; undefined if the folder does not exist. */
  toDelete(address: Address): ArtifactNames | undefined
  /** A unique name next to the artifact. */
  temporaryFor(address: Address): string
  /** Recreates the address's folder if it has disappeared. */
  prepareAgain(address: Address): void
  /** Files of a key that only its run info names: data with another extension, and files next to it. */
  former(address: Address, names: ArtifactNames): FormerFiles
  /** Moves files of a key through a staging folder, and removes those that stay in it. */
  moving(address: Address, move: (staging: StagingFolder) => void): void
}

/** Names of a key that were asked for lately: a result asks for its own several times on its way into the store. */
interface Known extends Pick<Address, 'folder' | 'extension'> {
  readonly path: string
  readonly names: ArtifactNames
}

/** More keys are seldom computed at the same time. */
const few = 64

export const storePaths = (fs: FileSystem, folders: StoreFolders, leases: FileLeases): StorePaths => {
  const lately = new Map<string, Known>()
  /** `pathOf`: the folder on disk, once the address is known to be safe. */
  const namesAt = (address: Address, pathOf: (folder: string) => string): ArtifactNames => {
    const { folder, key, extension } = address
    const known = lately.get(key)
    const isKnown = known?.folder === folder && known.extension === extension
    if (!isKnown) checkAddress(address)
    const path = pathOf(folder)
    if (isKnown && known.path === path) return known.names
    const names = namesIn(path, address)
    if (lately.size >= few) lately.clear()
    lately.set(key, { folder, extension, path, names })
    return names
  }
  const namesOf = (address: Address): ArtifactNames => namesAt(address, folders.pathOf)
  const temporaryFor = (address: Address): string => temporaryName(folders.pathOf(address.folder), address.key)
  const prepareAgain = (address: Address): void => {
    folders.forget()
    folders.prepare(address.folder)
  }
  return {
    namesOf,
    toWrite: (address) => namesAt(address, folders.prepare),
    toDelete: (address) => {
      checkAddress(address)
      const folder = folders.existing(address.folder)
      return folder === undefined ? undefined : namesIn(folder, address)
    },
    temporaryFor,
    prepareAgain,
    former: (address, names) => {
      const text = tryReadText(fs, names.runInfo)
      const facts = text === undefined ? undefined : quickData(text)
      const beside = besidePaths(names, facts?.beside)
      if (facts === undefined || facts.extension === address.extension) return { data: undefined, beside }
      const other = { ...address, extension: facts.extension }
      try {
        return { data: namesOf(other).data, beside }
      } catch {
        return { data: undefined, beside } // a run info may contain anything
      }
    },
    moving: (address, move) => {
      const { lease } = namesOf(address)
      const staging = stagingFolder(fs, {
        temporary: () => temporaryFor(address),
        prepare: () => prepareAgain(address),
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
    },
  }
}
