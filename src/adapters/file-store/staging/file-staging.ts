import { basename, dirname, join } from 'node:path'
import type { ArtifactSource, Bytes } from '../../../declare/format.js'
import type { ArtifactFacts } from '../../../runtime/ports/facts.js'
import type { Address, Saved } from '../../../runtime/ports/artifact.js'
import type { Staging } from '../../../runtime/ports/store.js'
import { besideOf, type ArtifactNames } from '../artifact-names.js'
import { never, type Durability } from '../durability/durability.js'
import { entryFor, stampOf } from '../file-facts.js'
import { artifactSource } from '../artifact-source.js'
import { kindOf, quietly, removeQuietly, writeNew, type FileSystem } from '../file-system.js'
import { readTree } from '../folder-tree.js'
import { publish, type FormerFiles } from './publish.js'
import { openCheckpoint } from './checkpoint-folder.js'
import { mustBeHeld, stagedCheckpoint, stagingFolder, type StagingFolder } from './staging-folder.js'
import type { StoreParts } from '../store-parts.js'
import { linkOrClone } from './link-or-clone.js'
import { writeBytes } from './write-bytes.js'
import { fieldIn, itemAt } from '../../../base/present.js'

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
  const { fs, folders, paths, leases, swept, catalog } = parts
  const names = paths.toWrite(address)
  const folder = dirname(names.data)
  if (!isExpected && !swept.has(folder) && !folders.isNew(address.folder)) leases.sweep(folder)
  swept.add(folder)
  let directory: string | undefined
  let resumed = false
  /** Results that others have stored since the lease was lost are not replaced. */
  const isHeld = (again = false): boolean =>
    leases.isOurs(
      names.lease,
      () => again || [names.data, names.runInfo].every((path) => kindOf(fs, path) === undefined),
    )
  const prepare = (): void => paths.prepareAgain(address)
  const staging = stagingFolder(fs, { temporary: () => paths.temporaryFor(address), prepare, isHeld })
  if (storage === 'folder') {
    fs.mkdirSync((directory = paths.temporaryFor(address)))
    mustBeHeld(fs, directory, isHeld)
  }
  if (storage === 'checkpoint') {
    const opened = openCheckpoint(fs, staging, names.unfinished)
    directory = join(names.unfinished, opened.work)
    resumed = opened.resumed
  }
  return fileStaging({
    fs,
    names,
    staging,
    directory,
    keep: storage === 'checkpoint',
    resumed,
    durability: parts.durable,
    isExpected: isExpected && parts.durable.expect !== undefined,
    former: () => paths.former(address, names),
    namesOf: paths.namesOf,
    remember: (facts, stamp) => catalog.add([entryFor(address.folder, facts, stamp)]),
  })
}

/** A result on its way into the file store. */
interface StagingParts {
  readonly fs: FileSystem
  readonly names: ArtifactNames
  /** Contains everything until it gets its final name. */
  readonly staging: StagingFolder
  /** The folder to fill; undefined for files. */
  readonly directory: string | undefined
  /** Whether the folder outlives `discard`: a checkpoint. */
  readonly keep: boolean
  readonly resumed: boolean
  readonly durability: Durability
  /** The requesting process has recorded the artifact's standard names, and syncs them. */
  readonly isExpected: boolean
  /** Files of the replaced artifact other than those with standard names. */
  readonly former: () => FormerFiles
  readonly namesOf: StoreParts['paths']['namesOf']
  /** Records the facts of a commit in the catalog. */
  readonly remember: (facts: ArtifactFacts, stamp: string) => void
}

const fileStaging = (parts: StagingParts): Staging => {
  const { directory, resumed } = parts
  const result: StagedResult = { ...parts, path: directory, saved: undefined, committed: false, besides: new Map() }
  return {
    directory,
    resumed,
    write: (bytes, beside = {}) => write(result, bytes, beside),
    ...(directory === undefined ? { share: (source, given) => share(result, source, given) } : {}),
    measure: () => measure(result),
    source: () => readBack(result),
    commit: (runInfo, facts) => commit(result, runInfo, facts),
    discard: async () => discard(result),
  }
}

interface StagedResult extends StagingParts {
  /** Path of the staged data; undefined before a file is written. */
  path: string | undefined
  /** Result of writing or measuring. */
  saved: Saved | undefined
  committed: boolean
  /** From final paths to names in the staging folder. */
  readonly besides: Map<string, string>
}

const once = ({ saved, committed }: StagedResult): void => {
  if (saved !== undefined || committed) throw new Error('an artifact is written once')
}

const write = async (
  result: StagedResult,
  bytes: Bytes,
  beside: Readonly<Record<string, Uint8Array>>,
): Promise<Saved> => {
  once(result)
  const { fs, names, staging, besides } = result
  if (result.directory !== undefined) throw new Error('a folder artifact is filled, not written')
  const path = staging.file('data')
  result.path = path
  const extensions = Object.keys(beside).toSorted()
  const finals = extensions.map((extension) => besideOf(names, extension))
  if (finals.includes(names.data)) throw new Error('a file next to the data cannot have its extension')
  try {
    const written = await writeData(result, path, bytes)
    for (const [index, final] of finals.entries()) {
      const name = `beside-${index}`
      besides.set(final, name)
      await writeBytes(fs, staging.file(name), fieldIn(beside, itemAt(extensions, index)))
    }
    result.saved = extensions.length === 0 ? written : { ...written, beside: extensions }
    return result.saved
  } catch (error) {
    throw staging.explained(error)
  }
}

const share = async (result: StagedResult, source: Address, saved: Saved): Promise<boolean> => {
  once(result)
  const { fs, names, namesOf, staging, besides } = result
  const from = namesOf(source)
  const path = staging.file('data')
  try {
    await linkOrClone(fs, from.data, path)
    for (const [index, extension] of (saved.beside ?? []).entries()) {
      const name = `beside-${index}`
      await linkOrClone(fs, besideOf(from, extension), staging.file(name))
      besides.set(besideOf(names, extension), name)
    }
  } catch {
    for (const name of ['data', ...besides.values()]) removeQuietly(fs, staging.place(name))
    besides.clear()
    return false
  }
  result.path = path
  result.saved = saved
  return true
}

/** Recovers once if the store is removed meanwhile. The input is still unread then, since opening comes first. */
const writeData = ({ fs, staging }: StagedResult, path: string, bytes: Bytes): Promise<Saved> =>
  writeBytes(fs, path, bytes).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || error.syscall !== 'open' || kindOf(fs, dirname(path)) !== undefined) throw error
    staging.renew()
    return writeBytes(fs, path, bytes)
  })

const measure = async (result: StagedResult): ReturnType<Staging['measure']> => {
  once(result)
  const { fs, directory, staging } = result
  if (directory === undefined) throw new Error('a file artifact is written, not measured')
  const measured = await readTree(fs, directory).catch((error: unknown) =>
    Promise.reject(staging.explained(error, directory)),
  )
  result.saved = measured
  return measured
}

const readBack = (result: StagedResult): ArtifactSource => {
  const { fs, names, path, saved } = result
  if (saved === undefined || path === undefined || result.directory !== undefined)
    throw new Error('there are no bytes to read back yet')
  return artifactSource(fs, () => (result.committed ? names.data : path), saved.size, saved.checksum)
}

const commit = async (result: StagedResult, runInfo: string, facts: ArtifactFacts | undefined): Promise<string> => {
  const { fs, names, staging, besides, path } = result
  const durability = result.isExpected && besides.size === 0 ? never : result.durability
  if (result.saved === undefined || path === undefined || result.committed)
    throw new Error('a commit comes once, after write or measure')
  let stamp: string | undefined
  const finals = [names.data, ...besides.keys(), names.runInfo]
  const info = staging.file('run_info')
  try {
    writeNew(fs, info, runInfo)
    if (facts !== undefined) stamp = stampOf(fs, info)
    if (!result.keep) staging.check() // `take` below does the same for a checkpoint
    const staged = [path, ...Array.from(besides.values(), staging.place), info]
    const syncing = durability.beforeCommit(staged, finals)
    if (syncing !== undefined) await syncing
    if (result.keep) staging.take(names.unfinished, stagedCheckpoint)
    const data = result.keep ? staging.place(`${stagedCheckpoint}/${basename(path)}`) : path
    publish(fs, names, { staging, data, runInfo: 'run_info', beside: besides, former: result.former })
  } catch (error) {
    durability.commitFailed(finals)
    if (result.keep) quietly(() => staging.give(stagedCheckpoint, names.unfinished))
    throw staging.explained(error)
  }
  result.committed = true
  staging.close(true)
  if (facts !== undefined && stamp !== undefined) result.remember(facts, stamp)
  const syncing = durability.afterCommit(finals)
  if (syncing !== undefined) await syncing
  return names.data
}

const discard = ({ fs, committed, directory, keep, staging }: StagedResult): void => {
  if (committed) return
  if (directory !== undefined && !keep) removeQuietly(fs, directory)
  staging.close()
}
