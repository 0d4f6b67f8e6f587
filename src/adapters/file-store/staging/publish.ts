import type { ArtifactNames } from '../artifact-names.js'
import { kindOf, quietly, remove, writeNew, type FileSystem } from '../file-system.js'
import type { StagingFolder } from './staging-folder.js'

/** An artifact that is ready to get its final names. */
export interface Prepared {
  readonly staging: StagingFolder
  /** Path of the data: a staged file, or a folder next to it that is moved away with it. */
  readonly data: string
  /** Name of the staged run info. */
  readonly runInfo: string
  /** Files next to the data, from final paths to names in the staging folder. */
  readonly beside: ReadonlyMap<string, string>
  /** Other files of the artifact that is replaced; called only if there is one. */
  readonly former: () => FormerFiles
}

/** Files of an artifact that only its run info names. */
export interface FormerFiles {
  /** Its data, if it had another extension. */
  readonly data: string | undefined
  /** Files that were stored next to it. */
  readonly beside: readonly string[]
}

/**
 * Gives run info, files next to the data, and the data their final names, data last. Existing files are moved aside
 * first and restored if anything fails; a kill in between leaves the artifact marked as stale, which costs a
 * computation but never combines one run's data with another's run info. Every step, including restoring, is a rename
 * out of or into the staging folder: none of them works once that was taken away.
 */
export const publish = (fs: FileSystem, names: ArtifactNames, prepared: Prepared): void => {
  const { staging } = prepared
  const isThere = (path: string): boolean => kindOf(fs, path) !== undefined
  const dataBefore = kindOf(fs, names.data)
  const isReplaced = dataBefore !== undefined || isThere(names.runInfo)
  const isBare = !isReplaced && !isThere(names.stale) && !isThere(names.log)
  if (!isBare) staging.open()
  const undo: (() => void)[] = []
  try {
    if (isReplaced) replace(fs, names, prepared, undo, dataBefore)
    else publishNew(fs, names, prepared, undo)
  } catch (error) {
    for (const step of undo.reverse()) quietly(step)
    throw error
  }
  if (isBare) return
  takeMark(fs, names.stale, staging)
  // A log from an earlier run does not belong to this artifact; that of this run follows.
  quietly(() => staging.take(names.log))
}

/**
 * The same for a file and its run info under names that nothing has, as the holder of their lease knows; no look at
 * the disk is needed then. Returns false, with both staged again, if something is in the way after all.
 */
export const publishVacant = (
  fs: FileSystem,
  names: ArtifactNames,
  { data, runInfo }: { readonly data: string; readonly runInfo: string },
  staging: () => StagingFolder,
): boolean => {
  fs.renameSync(runInfo, names.runInfo)
  try {
    fs.renameSync(data, names.data)
    return true
  } catch {
    staging().take(names.runInfo, 'run_info')
    return false
  }
}

/** The artifact is complete, so it must not stay marked if the disk refuses to rename. */
const takeMark = (fs: FileSystem, stale: string, staging: StagingFolder): void => {
  try {
    staging.take(stale)
  } catch (error) {
    if (kindOf(fs, staging.path) === undefined) throw error
    remove(fs, stale)
  }
}

const publishNew = (
  fs: FileSystem,
  names: ArtifactNames,
  { staging, data, runInfo, beside }: Prepared,
  undo: (() => void)[],
): void => {
  const give = (name: string, final: string): void => {
    staging.give(name, final)
    undo.push(() => staging.take(final))
  }
  give(runInfo, names.runInfo)
  for (const [final, name] of beside) give(name, final)
  fs.renameSync(data, names.data)
}

const replace = (
  fs: FileSystem,
  names: ArtifactNames,
  prepared: Prepared,
  undo: (() => void)[],
  dataBefore: string | undefined,
): void => {
  const { staging, data, runInfo, beside } = prepared
  const kind = kindOf(fs, data)
  // A user's own files are not ours to remove; removing a link loses nothing but the link.
  if (
    kind !== undefined &&
    dataBefore !== undefined &&
    dataBefore !== 'link' &&
    (dataBefore === 'folder') !== (kind === 'folder')
  )
    throw Object.assign(
      new Error(`EEXIST: a ${dataBefore} that is no artifact of ours stands at ${names.data}; move it away`),
      { code: 'EEXIST' },
    )
  const former = prepared.former()
  const give = (name: string, final: string): void => {
    staging.give(name, final)
    undo.push(() => staging.take(final))
  }
  const take = (final: string): void => {
    const name = staging.take(final)
    if (name !== undefined) undo.push(() => staging.give(name, final))
  }
  if (kindOf(fs, names.stale) === undefined) {
    writeNew(fs, staging.place('stale'), '')
    give('stale', names.stale)
  }
  take(names.runInfo)
  give(runInfo, names.runInfo)
  // Names that only a run info contains are created while it exists, so that a kill leaves no unknown files behind.
  for (const path of new Set([...former.beside, ...beside.keys()])) {
    const there = kindOf(fs, path)
    if (there === 'file' || there === 'link') take(path)
  }
  for (const [final, name] of beside) give(name, final)
  // A file replaces a file in one step; a folder cannot.
  if (dataBefore !== undefined && (dataBefore !== 'file' || kind !== 'file')) take(names.data)
  fs.renameSync(data, names.data)
  const { data: formerData } = former
  if (formerData !== undefined && formerData !== names.data && !beside.has(formerData))
    quietly(() => staging.take(formerData))
}
