import type { ArtifactSource } from '../declare/format.js'
import type { ArtifactFacts, Saved, Staging } from '../runtime/ports.js'
import type { ArtifactNames } from './artifact-names.js'
import type { Durability } from './durability.js'
import { fileSource } from './file-source.js'
import { removeQuietly, writeNew, type FileSystem } from './file-system.js'
import { measureTree } from './folder-tree.js'
import { publish } from './publish.js'
import { writeBytes } from './write-bytes.js'

/** A result on its way into the file store. */
export interface StagingParts {
  readonly fs: FileSystem
  readonly names: ArtifactNames
  /** Temporary names in the artifact's folder. */
  readonly temporary: () => string
  /** The folder to fill; undefined for files. */
  readonly directory: string | undefined
  /** Whether the folder outlives `discard`. */
  readonly keep: boolean
  readonly resumed: boolean
  readonly durability: Durability
  /** Data of the artifact under this key that has another extension than this one; undefined where there is none. */
  readonly formerData: () => string | undefined
  /** Puts the facts of a commit into the folder's index. */
  readonly remember: (facts: ArtifactFacts, replaced: boolean) => void
  /** Makes the artifact's folder anew, should it have gone. */
  readonly prepare: () => void
}

export const fileStaging = (parts: StagingParts): Staging => {
  const { fs, names, directory, temporary } = parts
  let path = directory
  let saved: Saved | undefined
  let committed = false

  const once = (): void => {
    if (saved !== undefined || committed) throw new Error('an artifact is written once')
  }

  const write: Staging['write'] = async (bytes) => {
    once()
    if (directory !== undefined) throw new Error('a folder artifact is filled, not written')
    path = temporary()
    saved = await writeBytes(fs, path, bytes).catch((error: NodeJS.ErrnoException) => {
      // The store was removed under us. Bytes at hand can be written again; a stream was not touched, since opening came first.
      if (error.code !== 'ENOENT' || error.syscall !== 'open') throw error
      parts.prepare()
      return writeBytes(fs, path as string, bytes)
    })
    return saved
  }

  const measure: Staging['measure'] = async () => {
    once()
    if (directory === undefined) throw new Error('a file artifact is written, not measured')
    saved = await measureTree(fs, directory)
    return saved
  }

  const source = (): ArtifactSource => {
    if (saved === undefined || directory !== undefined) throw new Error('there are no bytes to read back yet')
    return fileSource(fs, () => (committed ? names.data : (path as string)), saved.size, saved.checksum)
  }

  const commit: Staging['commit'] = async (runInfo, facts) => {
    if (saved === undefined || path === undefined || committed) throw new Error('a commit comes once, after write or measure')
    const runInfoPath = temporary()
    let replaced: boolean
    try {
      writeNew(fs, runInfoPath, runInfo)
      await parts.durability.beforeCommit([path, runInfoPath])
      replaced = publish(fs, names, { data: path, runInfo: runInfoPath, aside: temporary, formerData: parts.formerData })
    } catch (error) {
      removeQuietly(fs, runInfoPath)
      throw error
    }
    committed = true
    if (facts !== undefined) parts.remember(facts, replaced)
    await parts.durability.afterCommit([names.data, names.runInfo])
    return names.data
  }

  const discard: Staging['discard'] = async () => {
    if (!committed && path !== undefined && !parts.keep) removeQuietly(fs, path)
  }

  return { directory, resumed: parts.resumed, write, measure, source, commit, discard }
}
