import {
  kindOf,
  makeFolder,
  openQuietly,
  quietly,
  remove,
  removeQuietly,
  writeNew,
  type FileSystem,
} from '../file-store/file-system.js'
import { sweep, temporaryName } from '../file-store/temporary-names.js'
import { endings } from './at-exit.js'
import { beating } from './heartbeat.js'
import { ownerIdIn, type ExpectedOwner } from './lease-owner.js'
import { sweepingOf, type Looking } from './look-at-lease.js'

/** The leases that this process holds in one store, and the file that they link to. */
export interface Holding extends Looking {
  /** Content of the holder file before its first beat. */
  readonly content: string
  /** Holder of the leases under which this one writes, if it is another. */
  readonly writesFor: ExpectedOwner | undefined
  /** Held leases by path. */
  readonly held: Map<string, HeldLease>
  /** Leases that are separate files because this disk has no hard links, with functions that stop their beats. */
  readonly beats: Map<string, () => void>
  /** The holder file, once it exists. */
  file: string | undefined
  /** Inode of the holder file. */
  inode: number | undefined
  /** Keeps the inode from being reused; undefined if a look at a lease may be answered from a cache. */
  descriptor: number | undefined
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

/** A lease that this process holds. */
export interface HeldLease {
  /** By which it is recognized as ours. */
  readonly inode: number | undefined
  /** When it was last found to be ours, in milliseconds of a monotonic clock. */
  seen: number
  /** Whether a look since it was taken has found nothing under its key; nobody else may write there. */
  isVacant: boolean
}

/** Creates the holder file if it does not exist. */
export const holderFile = (holding: Holding): string => {
  const { fs, root } = holding
  if (holding.file !== undefined) return holding.file
  makeFolder(fs, root)
  sweep(fs, root, sweepingOf(holding))
  const path = temporaryName(root, 'holder')
  writeNew(fs, path, holding.content)
  endings().add(holding.leave)
  holding.file = path
  holding.inode = inodeOf(holding, path)
  holding.descriptor = isLocal(fs, root) ? openQuietly(fs, path) : undefined
  holding.rootThen = rootNow(holding)
  return path
}

/** Types of Linux file systems that no other machine changes: ext, XFS, Btrfs, tmpfs, ramfs, overlay, F2FS, ZFS. */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x858458f6, 0x794c7630, 0xf2f52010, 0x2fc12fc1,
])

const isLocal = (fs: FileSystem, path: string): boolean => {
  try {
    return localTypes.has(fs.statfsSync(path).type)
  } catch {
    return false
  }
}

/**
 * Whether a lease is the link that this process has made, by a single stat. False if that cannot tell: its content can.
 * Throws disk errors.
 */
export const isOurLink = (holding: Holding, path: string, { inode }: HeldLease): boolean =>
  inode !== undefined && holding.descriptor !== undefined && inode === holding.inode && inode === inodeOf(holding, path)

export const ownerOf = ({ me, content }: Holding): ExpectedOwner => ({ id: me.id, content })

export const dropHolderFile = (holding: Holding): void => {
  const { fs, descriptor } = holding
  if (holding.file === undefined) return
  if (descriptor !== undefined) quietly(() => fs.closeSync(descriptor))
  removeQuietly(fs, holding.file)
  endings().delete(holding.leave)
  holding.endBeats?.()
  holding.file = holding.descriptor = holding.endBeats = undefined
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
    held.set(path, { inode, seen: performance.now(), isVacant: false })
    if (holding.file === undefined) return
    beatHolder(holding, holding.file)
    if (holding.inode !== inode) beats.set(path, beating({ path, every: holding.me.every, content: undefined }))
  } catch (error) {
    held.delete(path)
    removeQuietly(fs, path)
    throw error
  }
}

/**
 * Milliseconds after which a lease that was ours is looked at again: nobody takes us for dead that soon. A machine that
 * was suspended in between does not notice, so this holds only where no other machine writes.
 */
const justNow = 100

/** Removes a lease only if it is still ours: the store may have been removed, or restored from a backup. */
export const giveBack = (holding: Holding, path: string): void => {
  const { fs, held, beats, me } = holding
  const lease = held.get(path)
  if (lease === undefined) return
  held.delete(path)
  if (beats.size > 0) {
    beats.get(path)?.()
    beats.delete(path)
  }
  quietly(() => {
    const isJustSeen = holding.descriptor !== undefined && performance.now() - lease.seen < Math.min(justNow, me.every)
    if (isJustSeen) return remove(fs, path)
    const found = inodeOf(holding, path)
    if (found !== undefined && (found === lease.inode || ownerIdIn(fs, path, ownerOf(holding)) === me.id))
      remove(fs, path)
  })
}

export const inodeOf = ({ fs }: Holding, path: string): number | undefined =>
  fs.lstatSync(path, { throwIfNoEntry: false })?.ino
