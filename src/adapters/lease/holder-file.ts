import { kindOf, quietly, remove, removeQuietly, writeNew } from '../file-store/file-system.js'
import { sweep, temporaryName } from '../file-store/temporary-names.js'
import { endings } from './at-exit.js'
import { beating } from './heartbeat.js'
import { ownerIdIn } from './lease-owner.js'
import { sweepingOf, type Looking } from './look-at-lease.js'

/** The leases that this process holds in one store, and the file that they link to. */
export interface Holding extends Looking {
  /** Content of the holder file before its first beat. */
  readonly content: string
  /** Holder of the leases under which this one writes, if it is another. */
  readonly writesFor: string | undefined
  /** Paths of held leases, with the inode by which they are recognized as ours. */
  readonly held: Map<string, number | undefined>
  /** Leases that are separate files because this disk has no hard links, with functions that stop their beats. */
  readonly beats: Map<string, () => void>
  /** The holder file, once it exists. */
  file: string | undefined
  /** Inode of the holder file. */
  inode: number | undefined
  /** Whether the most recently taken lease is a link to the holder file. */
  isLink: boolean
  /** Identifies the root since the holder file was created there: a recreated folder is a different one. */
  rootThen: string | undefined
  /** Stops the beats of the holder file. */
  endBeats: (() => void) | undefined
  /** Number of temporary files without a lease. */
  presences: number
  /** Cleans up at an orderly exit. Files of a killed process are removed by the next process that finds them. */
  readonly leave: () => void
}

/** Creates the holder file if it does not exist. */
export const holderFile = (holding: Holding): string => {
  const { fs, root } = holding
  if (holding.file !== undefined) return holding.file
  fs.mkdirSync(root, { recursive: true })
  sweep(fs, root, sweepingOf(holding))
  const path = temporaryName(root, 'holder')
  writeNew(fs, path, holding.content)
  endings().add(holding.leave)
  holding.file = path
  holding.inode = inodeOf(holding, path)
  holding.rootThen = rootNow(holding)
  return path
}

export const dropHolderFile = (holding: Holding): void => {
  if (holding.file === undefined) return
  removeQuietly(holding.fs, holding.file)
  endings().delete(holding.leave)
  holding.endBeats?.()
  holding.file = holding.endBeats = undefined
}

const rootNow = ({ fs, root }: Holding): string | undefined => {
  const stat = fs.lstatSync(root, { throwIfNoEntry: false })
  return stat && `${stat.ino} ${stat.birthtimeMs}`
}

/** Whether the store was removed and recreated since the holder file was created. */
export const isRootReplaced = (holding: Holding): boolean =>
  holding.file !== undefined && kindOf(holding.fs, holding.file) === undefined && rootNow(holding) !== holding.rootThen

export const beatHolder = (holding: Holding, path: string): void => {
  holding.endBeats ??= beating({ path, every: holding.me.every, content: holding.content })
}

/** Starts heartbeats with the first lease: from then on, a blocked thread does not count as dead. */
export const hold = (holding: Holding, path: string): void => {
  const { fs, held, beats } = holding
  try {
    const inode = holding.isLink ? holding.inode : inodeOf(holding, path)
    held.set(path, inode)
    if (holding.file === undefined) return
    beatHolder(holding, holding.file)
    if (holding.inode !== inode) beats.set(path, beating({ path, every: holding.me.every, content: undefined }))
  } catch (error) {
    held.delete(path)
    removeQuietly(fs, path)
    throw error
  }
}

/** Removes a lease only if it is still ours: the store may have been removed, or restored from a backup. */
export const giveBack = (holding: Holding, path: string): void => {
  const { fs, held, beats } = holding
  const inode = held.get(path)
  if (!held.delete(path)) return
  beats.get(path)?.()
  beats.delete(path)
  quietly(() => {
    const found = inodeOf(holding, path)
    if (found !== undefined && (found === inode || ownerIdIn(fs, path, holding) === holding.me.id)) remove(fs, path)
  })
}

export const inodeOf = ({ fs }: Holding, path: string): number | undefined =>
  fs.lstatSync(path, { throwIfNoEntry: false })?.ino
