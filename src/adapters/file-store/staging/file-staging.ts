import { basename, dirname, join } from 'node:path'
import type { ArtifactSource, Bytes } from '../../../declare/format.js'
import type { Awaitable } from '../../../declare/types.js'
import type { ArtifactFacts } from '../../../runtime/ports/facts.js'
import type { Address, Saved } from '../../../runtime/ports/artifact.js'
import type { Staging } from '../../../runtime/ports/store.js'
import { besideOf, type ArtifactNames } from '../artifact-names.js'
import { never } from '../durability/durability.js'
import { entryFor, stampIn } from '../file-facts.js'
import { artifactSource, smallFile } from '../artifact-source.js'
import { codeOf, kindOf, quietly, removeQuietly, writeNew } from '../file-system.js'
import { readTree } from '../folder-tree.js'
import { publish, publishVacant, type FormerFiles } from './publish.js'
import { openCheckpoint } from './checkpoint-folder.js'
import { LeaseLost, mustBeHeld, stagedCheckpoint, stagingFolder, type StagingFolder } from './staging-folder.js'
import type { StoreParts } from '../store-parts.js'
import { linkOrClone } from './link-or-clone.js'
import { writeBytes, writeSmall } from './write-bytes.js'
import { fieldIn, itemAt } from '../../../base/present.js'
import { fieldOf } from '../../../base/records.js'

/**
 * A place to write an artifact to. The first one in a folder sweeps it: leftovers of dead processes are not in the way,
 * but would accumulate. A process that computes an `isExpected` artifact for another leaves sweeping to that one.
 */
export const stageArtifact = (
  parts: StoreParts,
  address: Address,
  storage: 'file' | 'folder' | 'checkpoint',
  isExpected = false,
): Staging => {
  const { fs, folders, paths, leases, swept, durable } = parts
  const names = paths.toWrite(address)
  const folder = dirname(names.data)
  if (!isExpected && !swept.has(folder) && !folders.isNew(address.folder)) leases.sweep(folder)
  swept.add(folder)
  const result: StagedResult = {
    parts,
    address,
    names,
    isKept: storage === 'checkpoint',
    isExpected: isExpected && durable.expect !== undefined,
    isResumed: false,
    directory: undefined,
    path: undefined,
    info: undefined,
    besides: noBesides,
    folder: undefined,
    saved: undefined,
    isCommitted: false,
  }
  if (storage === 'folder') {
    fs.mkdirSync((result.directory = paths.temporaryFor(address)))
    mustBeHeld(fs, result.directory, () => isHeld(result))
  }
  if (storage === 'checkpoint') {
    const { work, resumed } = openCheckpoint(fs, folderOf(result), names.unfinished)
    result.directory = join(names.unfinished, work)
    result.isResumed = resumed
  }
  result.path = result.directory
  return fileStaging(result)
}

/** A result on its way into the file store. */
interface StagedResult {
  readonly parts: StoreParts
  readonly address: Address
  readonly names: ArtifactNames
  /** Whether the folder outlives `discard`: a checkpoint. */
  readonly isKept: boolean
  /** The requesting process has recorded the artifact's standard names, and syncs them. */
  readonly isExpected: boolean
  isResumed: boolean
  /** The folder to fill; undefined for files. */
  directory: string | undefined
  /** Path of the staged data; undefined before a file is written. */
  path: string | undefined
  /** Path of the staged run info. */
  info: string | undefined
  /** From final paths to names in the staging folder. */
  besides: Map<string, string>
  /** Created when it is first needed: most artifacts are one new file. */
  folder: StagingFolder | undefined
  /** Result of writing or measuring. */
  saved: Saved | undefined
  isCommitted: boolean
}

/** Of most artifacts; never filled. */
const noBesides = new Map<string, string>()

const fileStaging = (result: StagedResult): Staging => {
  const { directory, isResumed } = result
  return {
    directory,
    resumed: isResumed,
    write: (bytes, beside) => write(result, bytes, beside),
    ...(directory === undefined ? { share: (source, given) => share(result, source, given) } : {}),
    measure: () => measure(result),
    source: () => readBack(result),
    commit: (runInfo, facts) => commit(result, runInfo, facts),
    discard: async () => discard(result),
  }
}

/** Whether the key is still ours. `again`: the store was removed, so that its lease may be taken again. */
const isHeld = ({ parts, names }: StagedResult, again = false): boolean =>
  parts.leases.isOurs(
    names.lease,
    () => again || [names.data, names.runInfo].every((path) => kindOf(parts.fs, path) === undefined),
  )

const folderOf = (result: StagedResult): StagingFolder => {
  if (result.folder !== undefined) return result.folder
  const { parts, address, path, info } = result
  const files = new Map<string, string>()
  if (path !== undefined && result.directory === undefined) files.set('data', path)
  if (info !== undefined) files.set('run_info', info)
  result.folder = stagingFolder(
    parts.fs,
    {
      temporary: () => parts.paths.temporaryFor(address),
      prepare: () => parts.paths.prepareAgain(address),
      isHeld: (again) => isHeld(result, again),
    },
    files,
  )
  return result.folder
}

const once = ({ saved, isCommitted }: StagedResult): void => {
  if (saved !== undefined || isCommitted) throw new Error('an artifact is written once')
}

const write = async (
  result: StagedResult,
  bytes: Bytes,
  beside: Readonly<Record<string, Uint8Array>> | undefined,
): Promise<Saved> => {
  once(result)
  const { parts, names, address } = result
  if (result.directory !== undefined) throw new Error('a folder artifact is filled, not written')
  const path = parts.paths.temporaryFor(address)
  result.path = path
  const extensions = beside === undefined ? [] : Object.keys(beside).toSorted()
  const finals = extensions.map((extension) => besideOf(names, extension))
  if (finals.includes(names.data)) throw new Error('a file next to the data cannot have its extension')
  try {
    const writing = writeData(result, path, bytes)
    const written = writing instanceof Promise ? await writing : writing
    if (beside === undefined || extensions.length === 0) return (result.saved = written)
    result.besides = new Map()
    for (const [index, final] of finals.entries()) {
      const name = `beside-${index}`
      result.besides.set(final, name)
      await writeBytes(parts.fs, folderOf(result).file(name), fieldIn(beside, itemAt(extensions, index)))
    }
    result.saved = { ...written, beside: extensions }
    return result.saved
  } catch (error) {
    throw folderOf(result).explained(error)
  }
}

const share = async (result: StagedResult, source: Address, saved: Saved): Promise<boolean> => {
  once(result)
  const { parts, names } = result
  const { fs, paths } = parts
  const from = paths.namesOf(source)
  const staging = folderOf(result)
  const path = staging.file('data')
  const besides = new Map<string, string>()
  try {
    await linkOrClone(fs, from.data, path)
    for (const [index, extension] of (saved.beside ?? []).entries()) {
      const name = `beside-${index}`
      await linkOrClone(fs, besideOf(from, extension), staging.file(name))
      besides.set(besideOf(names, extension), name)
    }
  } catch {
    for (const name of ['data', ...besides.values()]) removeQuietly(fs, staging.place(name))
    return false
  }
  result.path = path
  result.besides = besides
  result.saved = saved
  return true
}

/** Recovers once if the store is removed meanwhile. The input is still unread then, since opening comes first. */
const writeData = (result: StagedResult, path: string, bytes: Bytes): Awaitable<Saved> => {
  const { fs } = result.parts
  if (!(bytes instanceof Uint8Array) || bytes.length > smallFile)
    return writeBytes(fs, path, bytes).catch((error: unknown) => {
      renew(result, path, error)
      return writeBytes(fs, path, bytes)
    })
  try {
    return writeSmall(fs, path, bytes)
  } catch (error) {
    renew(result, path, error)
    return writeSmall(fs, path, bytes)
  }
}

/** Throws unless opening has failed because the store was removed; recreates the folder then. */
const renew = (result: StagedResult, path: string, error: unknown): void => {
  const isGone = codeOf(error) === 'ENOENT' && fieldOf(error, 'syscall') === 'open'
  if (!isGone || kindOf(result.parts.fs, dirname(path)) !== undefined) throw error
  folderOf(result).renew()
}

const measure = async (result: StagedResult): ReturnType<Staging['measure']> => {
  once(result)
  const { parts, directory } = result
  if (directory === undefined) throw new Error('a file artifact is written, not measured')
  const measured = await readTree(parts.fs, directory).catch((error: unknown) =>
    Promise.reject(folderOf(result).explained(error, directory)),
  )
  result.saved = measured
  return measured
}

const readBack = (result: StagedResult): ArtifactSource => {
  const { parts, names, path, saved } = result
  if (saved === undefined || path === undefined || result.directory !== undefined)
    throw new Error('there are no bytes to read back yet')
  return artifactSource(parts.fs, () => (result.isCommitted ? names.data : path), saved.size, saved.checksum)
}

const commit = async (result: StagedResult, runInfo: string, facts: ArtifactFacts | undefined): Promise<string> => {
  const { parts, address, names, besides, path, isKept } = result
  const { fs, catalog } = parts
  if (result.saved === undefined || path === undefined || result.isCommitted)
    throw new Error('a commit comes once, after write or measure')
  const durability = result.isExpected && besides.size === 0 ? never : parts.durable
  const finals = besides.size === 0 ? [names.data, names.runInfo] : [names.data, ...besides.keys(), names.runInfo]
  let stamp: string | undefined
  try {
    const info = result.folder?.file('run_info') ?? parts.paths.temporaryFor(address)
    result.info = info
    stamp = stampIn(writeNew(fs, info, runInfo, facts !== undefined))
    if (!isKept) check(result) // `take` does the same for a checkpoint
    const besidesStaged = besides.size === 0 ? [] : Array.from(besides.values(), folderOf(result).place)
    const syncing = durability.beforeCommit([path, ...besidesStaged, info], finals)
    if (syncing !== undefined) await syncing
    give(result, path, info)
  } catch (error) {
    durability.commitFailed(finals)
    if (isKept) quietly(() => folderOf(result).give(stagedCheckpoint, names.unfinished))
    throw folderOf(result).explained(error)
  }
  result.isCommitted = true
  result.folder?.close(true)
  if (facts !== undefined && stamp !== undefined) catalog.add([entryFor(address.folder, facts, stamp)])
  const syncing = durability.afterCommit(finals)
  if (syncing !== undefined) await syncing
  return names.data
}

const check = (result: StagedResult): void => {
  if (result.folder !== undefined) result.folder.check()
  else if (!isHeld(result)) throw new LeaseLost()
}

/** Gives everything its final name. A single file that replaces nothing takes two renames. */
const give = (result: StagedResult, path: string, info: string): void => {
  const { parts, address, names, besides, isKept } = result
  const { fs, paths } = parts
  if (isVacant(result) && besides.size === 0 && !isKept) {
    // Files removed by hand leave these, and so does a removal that was killed: also in a folder of this process.
    const isClean = [names.stale, names.log].every((one) => kindOf(fs, one) === undefined)
    if (isClean && publishVacant(fs, names, { data: path, runInfo: info }, () => folderOf(result))) return
  }
  const staging = folderOf(result)
  if (isKept) staging.take(names.unfinished, stagedCheckpoint)
  const data = isKept ? staging.place(`${stagedCheckpoint}/${basename(path)}`) : path
  const former = (): FormerFiles => paths.former(address, names)
  publish(fs, names, { staging, data, runInfo: 'run_info', beside: besides, former })
}

/** Whether nothing was under the key when its lease was taken. True once: then there is something. */
const isVacant = ({ parts, names }: StagedResult): boolean => {
  const lease = parts.leases.held(names.lease)
  if (lease?.isVacant !== true) return false
  lease.isVacant = false
  return true
}

const discard = ({ parts, isCommitted, directory, isKept, path, info, folder }: StagedResult): void => {
  if (isCommitted) return
  const { fs } = parts
  if (directory !== undefined && !isKept) removeQuietly(fs, directory)
  if (folder !== undefined) return folder.close()
  if (directory === undefined && path !== undefined) removeQuietly(fs, path)
  if (info !== undefined) removeQuietly(fs, info)
}
