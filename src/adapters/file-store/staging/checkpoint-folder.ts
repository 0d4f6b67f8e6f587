import { join } from 'node:path'
import { diskError, kindOf, quietly, remove, type FileSystem } from '../file-system.js'
import { stagedCheckpoint, type StagingFolder } from './staging-folder.js'

/**
 * The folder of an unfinished checkpoint has one name, and in it a folder for each time that somebody goes on in it,
 * whose name counts: what was there is renamed. A holder that slept, was replaced and wakes has a path that is gone, so
 * it does not write beside the one that took over.
 */

const workName = (count: number): string => `taskchain-${count}`
const workCount = (name: string): number => Number(/^taskchain-([1-9]\d{0,14})$/.exec(name)?.[1] ?? 0)
const newestIn = (names: readonly string[]): number =>
  names.reduce((newest, name) => Math.max(newest, workCount(name)), 0)

/** Where the work of an unfinished checkpoint is: of one that an earlier version has left, the folder itself. */
export const workIn = (fs: FileSystem, unfinished: string): string => {
  const newest = newestIn(fs.readdirSync(unfinished))
  return newest === 0 ? unfinished : join(unfinished, workName(newest))
}

export interface OpenCheckpoint {
  /** Name of the folder to fill, in that of the checkpoint. */
  readonly work: string
  /** Whether an earlier run has left something in it. */
  readonly resumed: boolean
}

/**
 * Makes the folder of a checkpoint, or goes on in it. It is in the staging folder meanwhile, out of which nobody can
 * take it who has lost the lease.
 */
export const openCheckpoint = (fs: FileSystem, staging: StagingFolder, path: string): OpenCheckpoint => {
  staging.open()
  try {
    const kind = kindOf(fs, path)
    if (kind !== undefined && kind !== 'folder')
      throw diskError('ENOTDIR', `${path} is not a folder of the store's own; a checkpoint cannot go on in it`)
    const staged = staging.place(stagedCheckpoint)
    if (kind === undefined) fs.mkdirSync(staged)
    else staging.take(path, stagedCheckpoint)
    const work = newWork(fs, staged)
    const resumed = fs.readdirSync(join(staged, work)).length > 0
    staging.give(stagedCheckpoint, path)
    return { work, resumed }
  } catch (error) {
    const told = staging.explained(error)
    quietly(() => staging.give(stagedCheckpoint, path))
    staging.close()
    throw told
  }
}

/** Gives the newest work another name, and takes into it what an earlier version has left beside. */
const newWork = (fs: FileSystem, folder: string): string => {
  const names = fs.readdirSync(folder)
  const newest = newestIn(names)
  const work = workName(newest + 1)
  if (newest === 0) fs.mkdirSync(join(folder, work))
  else fs.renameSync(join(folder, workName(newest)), join(folder, work))
  for (const name of names) {
    const count = workCount(name)
    if (count === 0) fs.renameSync(join(folder, name), join(folder, work, name))
    else if (count < newest) remove(fs, join(folder, name))
  }
  return work
}
