import { kindOf, quietly, remove, removeQuietly, writeNew } from '../file-store/file-system.js'
import { sweep, temporaryName } from '../file-store/temporary-names.js'
import { endings } from './at-exit.js'
import { beating } from './heartbeat.js'
import { ownerIdIn } from './lease-owner.js'
import { sweepingOf, type Looking } from './look-at-lease.js'

/** What this process holds in one store, and the file that its leases are links to. */
export interface Holding extends Looking {
  /** Text of the holder file, before its first beat. */
  readonly content: string
  /** Holder of the leases under which is written, where it is not this one. */
  readonly writesFor: string | undefined
  /** Paths of leases that are held, with the inode by which they are known to be ours. */
  readonly held: Map<string, number | undefined>
  /** Leases that are files of their own, since this disk has no hard links, and what ends their beats. */
  readonly beats: Map<string, () => void>
  /** The holder file, once there is one. */
  file: string | undefined
  /** Inode of the holder file. */
  inode: number | undefined
  /** Whether the lease that was taken last is a link to the holder file. */
  isLink: boolean
  /** What the root is known by since the holder file is in it: a folder that is made anew is another one. */
  rootThen: string | undefined
  /** Ends the beats of the holder file. */
  endBeats: (() => void) | undefined
  /** Temporary files that are not under a lease. */
  presences: number
  /** What a process that ends in order leaves behind: nothing. One that is killed leaves it to whoever comes next. */
  readonly leave: () => void
}

/** Makes the holder file, if there is none yet. */
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

/** Whether the store was removed since the holder file was made, and made anew. */
export const isRootReplaced = (holding: Holding): boolean =>
  holding.file !== undefined && kindOf(holding.fs, holding.file) === undefined && rootNow(holding) !== holding.rootThen

export const beatHolder = (holding: Holding, path: string): void => {
  holding.endBeats ??= beating({ path, every: holding.me.every, content: holding.content })
}

/** From the first lease on: whoever blocks this thread from now on is not taken for dead. */
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

/** Only what is still ours: the store may have been removed, or restored from elsewhere. */
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
