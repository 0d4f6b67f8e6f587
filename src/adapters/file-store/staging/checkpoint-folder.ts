import { join } from 'node:path'
import { diskError, kindOf, quietly, remove, type FileSystem } from '../file-system.js'
import { stagedCheckpoint, type StagingFolder } from './staging-folder.js'

/**
 * The folder of an unfinished checkpoint has a fixed name, and contains a work folder with a number. Each process that
 * continues renames it to the next number: a suspended holder that was replaced and wakes up has a path that no longer
 * exists, so it cannot write next to its successor.
 */

const workName = (count: number): string => `taskchain-${count}`
const workCount = (name: string): number => Number(/^taskchain-([1-9]\d{0,14})$/.exec(name)?.[1] ?? 0)
const newestIn = (names: readonly string[]): number =>
  names.reduce((newest, name) => Math.max(newest, workCount(name)), 0)

/** The work folder of an unfinished checkpoint; the folder itself if an earlier version has left it. */
export const workIn = (fs: FileSystem, unfinished: string): string => {
  const newest = newestIn(fs.readdirSync(unfinished))
  return newest === 0 ? unfinished : join(unfinished, workName(newest))
}

export interface OpenCheckpoint {
  /** Name of the folder to fill, within that of the checkpoint. */
  readonly work: string
  /** Whether an earlier run has left something in it. */
  readonly resumed: boolean
}

/**
 * Creates the folder of a checkpoint, or continues in it. Meanwhile it is in the staging folder, out of which a holder
 * that has lost its lease cannot move it.
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
    const explained = staging.explained(error)
    quietly(() => staging.give(stagedCheckpoint, path))
    staging.close()
    throw explained
  }
}

/** Renames the newest work folder to the next number, and moves files that an earlier version left outside into it. */
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
