import { dirname } from 'node:path'
import type { ArtifactSource } from '../../../declare/format.js'
import type { ArtifactFacts } from '../../../runtime/ports/facts.js'
import type { Address, Saved } from '../../../runtime/ports/artifact.js'
import type { Staging } from '../../../runtime/ports/store.js'
import { besideOf, type ArtifactNames } from '../artifact-names.js'
import type { Durability } from '../durability/durability.js'
import { stampOf } from '../fact-index.js'
import { fileSource } from '../artifact-source.js'
import { kindOf, quietly, removeQuietly, writeNew, type FileSystem } from '../file-system.js'
import { readTree } from '../folder-tree.js'
import { publish, type FormerFiles } from './publish.js'
import { LeaseLost, openCheckpoint, stagedCheckpoint, stagingFolder, type StagingFolder } from './staging-folder.js'
import type { StoreParts } from '../store-parts.js'
import { writeBytes } from './write-bytes.js'

/**
 * A place to write an artifact to. The first of a folder sweeps it: what dead processes left would be in the way of
 * nobody, but grow.
 */
export const stageArtifact = (
  parts: StoreParts,
  address: Address,
  storage: 'file' | 'folder' | 'checkpoint',
): Staging => {
  const { fs, paths, leases, swept, index } = parts
  const names = paths.toWrite(address)
  const folder = dirname(names.data)
  if (!swept.has(folder)) leases.sweep(folder)
  swept.add(folder)
  let directory: string | undefined
  let resumed = false
  const isHeld = (again = false): boolean => leases.isOurs(names.lease, again)
  const prepare = (): void => paths.prepareAgain(address)
  const staging = stagingFolder(fs, { path: paths.temporaryFor(address), prepare, isHeld })
  if (storage === 'folder') {
    fs.mkdirSync((directory = paths.temporaryFor(address)))
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
    durability: parts.durable,
    former: () => paths.former(address, names),
    remember: (facts, replaced, stamp) => index.add(folder, facts, replaced, stamp),
  })
}

/** A result on its way into the file store. */
interface StagingParts {
  readonly fs: FileSystem
  readonly names: ArtifactNames
  /** Where everything waits for its final name. */
  readonly staging: StagingFolder
  /** The folder to fill; undefined for files. */
  readonly directory: string | undefined
  /** Whether the folder outlives `discard`: a checkpoint. */
  readonly keep: boolean
  readonly resumed: boolean
  readonly durability: Durability
  /** Other files of the artifact that is replaced than those that have names of every artifact. */
  readonly former: () => FormerFiles
  /** Puts the facts of a commit into the folder's index. */
  readonly remember: (facts: ArtifactFacts, replaced: boolean, stamp: string | undefined) => void
}

const fileStaging = (parts: StagingParts): Staging => {
  const { fs, names, directory, staging } = parts
  let path = directory
  let saved: Saved | undefined
  let committed = false
  /** From final paths to names in the staging folder. */
  const besides = new Map<string, string>()

  const once = (): void => {
    if (saved !== undefined || committed) throw new Error('an artifact is written once')
  }

  const write: Staging['write'] = async (bytes, beside = {}) => {
    once()
    if (directory !== undefined) throw new Error('a folder artifact is filled, not written')
    path = staging.place('data')
    const extensions = Object.keys(beside).toSorted()
    const finals = extensions.map((extension) => besideOf(names, extension))
    if (finals.includes(names.data)) throw new Error('what is kept beside the data cannot have its extension')
    let written: Saved
    staging.open()
    try {
      written = await writeBytes(fs, path, bytes).catch((error: NodeJS.ErrnoException) => {
        // The store was removed under us. Bytes at hand can be written again; a stream was not touched, since opening
        // came first.
        if (error.code !== 'ENOENT' || error.syscall !== 'open' || kindOf(fs, dirname(staging.path)) !== undefined)
          throw error
        staging.open()
        return writeBytes(fs, path as string, bytes)
      })
      for (const [index, final] of finals.entries()) {
        const name = `beside-${index}`
        besides.set(final, name)
        await writeBytes(fs, staging.place(name), beside[extensions[index] as string] as Uint8Array)
      }
    } catch (error) {
      throw staging.explained(error)
    }
    saved = extensions.length === 0 ? written : { ...written, beside: extensions }
    return saved
  }

  const measure: Staging['measure'] = async () => {
    once()
    if (directory === undefined) throw new Error('a file artifact is written, not measured')
    const measured = await readTree(fs, directory).catch((error: unknown) =>
      Promise.reject(staging.explained(error, directory)),
    )
    saved = measured
    return measured
  }

  const source = (): ArtifactSource => {
    if (saved === undefined || directory !== undefined) throw new Error('there are no bytes to read back yet')
    return fileSource(fs, () => (committed ? names.data : (path as string)), saved.size, saved.checksum)
  }

  const commit: Staging['commit'] = async (runInfo, facts) => {
    if (saved === undefined || path === undefined || committed)
      throw new Error('a commit comes once, after write or measure')
    let replaced: boolean
    let stamp: string | undefined
    const finals = [names.data, ...besides.keys(), names.runInfo]
    staging.open()
    try {
      writeNew(fs, staging.place('run_info'), runInfo)
      if (facts !== undefined) stamp = stampOf(fs, staging.place('run_info'))
      const staged = [path, ...Array.from(besides.values(), staging.place), staging.place('run_info')]
      await parts.durability.beforeCommit(staged, finals)
      if (parts.keep) staging.take(path, stagedCheckpoint)
      const data = parts.keep ? staging.place(stagedCheckpoint) : path
      replaced = publish(fs, names, { staging, data, runInfo: 'run_info', beside: besides, former: parts.former })
    } catch (error) {
      parts.durability.commitFailed(finals)
      if (parts.keep) quietly(() => staging.give(stagedCheckpoint, names.unfinished))
      throw staging.explained(error)
    }
    committed = true
    staging.close()
    if (facts !== undefined) parts.remember(facts, replaced, stamp)
    await parts.durability.afterCommit(finals)
    return names.data
  }

  const discard: Staging['discard'] = async () => {
    if (committed) return
    if (directory !== undefined && !parts.keep) removeQuietly(fs, directory)
    staging.close()
  }

  return { directory, resumed: parts.resumed, write, measure, source, commit, discard }
}
