import type { ArtifactNames } from './artifact-names.js'
import { kindOf, quietly, remove, removeQuietly, type FileSystem } from './file-system.js'

/** What is ready to get its final names: all of it in the artifact's own folder, under temporary names. */
export interface Prepared {
  readonly data: string
  readonly runInfo: string
  /** What is kept beside the data, from final to temporary paths. */
  readonly beside: ReadonlyMap<string, string>
  /** Makes a temporary name in the same folder, for what has to be moved aside. */
  readonly aside: () => string
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
 * Gives run info, what is kept beside the data, and the data their final names, data last (SPEC 9). What was there before is moved aside first and comes back if anything fails;
 * a kill in between leaves the artifact marked as stale, which costs a computation and never gives one run's data with another's run info.
 * Whether there was an artifact before.
 */
export const publish = (fs: FileSystem, names: ArtifactNames, prepared: Prepared): boolean => {
  const dataBefore = kindOf(fs, names.data)
  const runInfoBefore = kindOf(fs, names.runInfo)
  if (dataBefore === undefined && runInfoBefore === undefined) publishNew(fs, names, prepared)
  else replace(fs, names, prepared, dataBefore)
  if (kindOf(fs, names.stale) !== undefined) remove(fs, names.stale)
  // A log from an earlier run does not belong to this artifact; that of this run follows.
  if (kindOf(fs, names.log) !== undefined) removeQuietly(fs, names.log)
  return dataBefore !== undefined || runInfoBefore !== undefined
}

const publishNew = (fs: FileSystem, names: ArtifactNames, prepared: Prepared): void => {
  fs.renameSync(prepared.runInfo, names.runInfo)
  const named = [names.runInfo]
  try {
    for (const [final, place] of prepared.beside) {
      fs.renameSync(place, final)
      named.push(final)
    }
    fs.renameSync(prepared.data, names.data)
  } catch (error) {
    for (const path of named) removeQuietly(fs, path)
    throw error
  }
}

const replace = (fs: FileSystem, names: ArtifactNames, prepared: Prepared, dataBefore: string | undefined): void => {
  const kind = kindOf(fs, prepared.data)
  // Somebody's own files are not ours to remove; of a link nothing but itself is lost.
  if (dataBefore !== undefined && dataBefore !== 'link' && (dataBefore === 'folder') !== (kind === 'folder'))
    throw Object.assign(new Error(`EEXIST: a ${dataBefore} that is no artifact of ours stands at ${names.data}; move it away`), { code: 'EEXIST' })
  const former = prepared.former()
  const undo: (() => void)[] = []
  const moved: string[] = []
  const moveAside = (path: string): void => {
    const aside = prepared.aside()
    fs.renameSync(path, aside)
    moved.push(aside)
    undo.push(() => fs.renameSync(aside, path))
  }
  try {
    if (kindOf(fs, names.stale) === undefined) {
      fs.writeFileSync(names.stale, '', { flag: 'wx' })
      undo.push(() => fs.unlinkSync(names.stale))
    }
    if (kindOf(fs, names.runInfo) !== undefined) moveAside(names.runInfo)
    fs.renameSync(prepared.runInfo, names.runInfo)
    undo.push(() => fs.unlinkSync(names.runInfo))
    // Names that only a run info tells are new while it does, so that a kill leaves none behind that nobody knows of.
    for (const path of new Set([...former.beside, ...prepared.beside.keys()])) {
      const there = kindOf(fs, path)
      if (there === 'file' || there === 'link') moveAside(path)
    }
    for (const [final, place] of prepared.beside) {
      fs.renameSync(place, final)
      undo.push(() => fs.unlinkSync(final))
    }
    // A file takes the place of a file in one step; a folder cannot.
    if (dataBefore !== undefined && (dataBefore !== 'file' || kind !== 'file')) moveAside(names.data)
    fs.renameSync(prepared.data, names.data)
  } catch (error) {
    for (const step of undo.reverse()) quietly(step)
    throw error
  }
  for (const path of moved) removeQuietly(fs, path)
  if (former.data !== undefined && former.data !== names.data && !prepared.beside.has(former.data)) removeQuietly(fs, former.data)
}
