import type { ArtifactSource } from '../declare/format.js'
import type { ArtifactFacts, Saved, Staging } from '../runtime/ports.js'
import { besideOf, type ArtifactNames } from './artifact-names.js'
import type { Durability } from './durability.js'
import { fileSource } from './file-source.js'
import { removeQuietly, writeNew, type FileSystem } from './file-system.js'
import { readTree } from './folder-tree.js'
import { publish, type FormerFiles } from './publish.js'
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
  /** Other files of the artifact that is replaced than those that have names of every artifact. */
  readonly former: () => FormerFiles
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
  /** From final to temporary paths. */
  const besides = new Map<string, string>()

  const once = (): void => {
    if (saved !== undefined || committed) throw new Error('an artifact is written once')
  }

  const write: Staging['write'] = async (bytes, beside = {}) => {
    once()
    if (directory !== undefined) throw new Error('a folder artifact is filled, not written')
    path = temporary()
    const extensions = Object.keys(beside).toSorted()
    const finals = extensions.map((extension) => besideOf(names, extension))
    if (finals.includes(names.data)) throw new Error('what is kept beside the data cannot have its extension')
    const written = await writeBytes(fs, path, bytes).catch((error: NodeJS.ErrnoException) => {
      // The store was removed under us. Bytes at hand can be written again; a stream was not touched, since opening came first.
      if (error.code !== 'ENOENT' || error.syscall !== 'open') throw error
      parts.prepare()
      return writeBytes(fs, path as string, bytes)
    })
    for (const [index, final] of finals.entries()) {
      const place = temporary()
      besides.set(final, place)
      await writeBytes(fs, place, beside[extensions[index] as string] as Uint8Array)
    }
    saved = extensions.length === 0 ? written : { ...written, beside: extensions }
    return saved
  }

  const measure: Staging['measure'] = async () => {
    once()
    if (directory === undefined) throw new Error('a file artifact is written, not measured')
    saved = await readTree(fs, directory)
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
      await parts.durability.beforeCommit([path, ...besides.values(), runInfoPath])
      replaced = publish(fs, names, { data: path, runInfo: runInfoPath, beside: besides, aside: temporary, former: parts.former })
    } catch (error) {
      removeQuietly(fs, runInfoPath)
      throw error
    }
    committed = true
    if (facts !== undefined) parts.remember(facts, replaced)
    await parts.durability.afterCommit([names.data, ...besides.keys(), names.runInfo])
    return names.data
  }

  const discard: Staging['discard'] = async () => {
    if (committed) return
    if (path !== undefined && !parts.keep) removeQuietly(fs, path)
    for (const place of besides.values()) removeQuietly(fs, place)
  }

  return { directory, resumed: parts.resumed, write, measure, source, commit, discard }
}
