import type { ArtifactNames } from '../artifact-names.js'
import { kindOf, quietly, remove, writeNew, type FileSystem } from '../file-system.js'
import type { StagingFolder } from './staging-folder.js'

/** What is ready to get its final names. */
export interface Prepared {
  readonly staging: StagingFolder
  /** Where the data is: what is staged, or a folder beside it that is moved away with it. */
  readonly data: string
  /** Name of the staged run info. */
  readonly runInfo: string
  /** What is kept beside the data, from final paths to names of what is staged. */
  readonly beside: ReadonlyMap<string, string>
  /** Other files of the artifact that is replaced; asked for only then. */
  readonly former: () => FormerFiles
}

/** Files of an artifact whose names its run info alone tells. */
export interface FormerFiles {
  /** Its data, where it had another extension. */
  readonly data: string | undefined
  /** What was kept beside it. */
  readonly beside: readonly string[]
}

/**
 * Gives run info, what is kept beside the data, and the data their final names, data last. What was there before is
 * moved aside first and comes back if anything fails; a kill in between leaves the artifact marked as stale, which
 * costs a computation and never gives one run's data with another's run info. Every step is a rename of what was
 * staged, or into the staging folder, those back included: none of them works once that was taken away.
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

/** The artifact is whole, so a disk that refuses to rename does not have it stay marked. */
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
  // Somebody's own files are not ours to remove; of a link nothing but itself is lost.
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
  // Names that only a run info tells are new while it does, so that a kill leaves none behind that nobody knows of.
  for (const path of new Set([...former.beside, ...beside.keys()])) {
    const there = kindOf(fs, path)
    if (there === 'file' || there === 'link') take(path)
  }
  for (const [final, name] of beside) give(name, final)
  // A file takes the place of a file in one step; a folder cannot.
  if (dataBefore !== undefined && (dataBefore !== 'file' || kind !== 'file')) take(names.data)
  fs.renameSync(data, names.data)
  const { data: formerData } = former
  if (formerData !== undefined && formerData !== names.data && !beside.has(formerData))
    quietly(() => staging.take(formerData))
}
