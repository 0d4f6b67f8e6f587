import type { Lease, LeaseHolder } from '../../runtime/ports/lease.js'
import { systemClock } from '../../runtime/session/system-clock.js'
import { quietly, remove, type FileSystem } from '../file-store/file-system.js'
import { storeEndings } from '../file-store/safe-path.js'
import { namesOrNone, sweep } from '../file-store/temporary-names.js'
import {
  beatHolder,
  dropHolderFile,
  giveBack,
  hold,
  holderFile,
  inodeOf,
  isRootReplaced,
  type Holding,
} from './holder-file.js'
import { longestEvery, nobodyId, ownerIdIn, ownerText } from './lease-owner.js'
import { gone, LeaseUnreadable } from './lease-unreadable.js'
import { leaseWatch } from './lease-watch.js'
import { isDead, lookAt, sweepingOf, type Found, type Looking } from './look-at-lease.js'
import { processIdentity } from './process-identity.js'
import { takeLease } from './take-lease.js'

/**
 * The right to compute one key, between processes: a file that only one can make. Each process has one holder file that
 * says who it is; a lease is a hard link to it, so a lease is never seen half-written, and one touch of the holder file
 * is a heartbeat for all of them.
 * The system is asked of holders on this host; those on others are given up when `limit` milliseconds have passed
 * without a heartbeat while somebody looked on. Whoever finds one dead removes what it held, so that nobody else has to
 * find out again.
 */
export interface FileLeases {
  /**
   * Waits until nobody else holds the path. Rejects when `signal` aborts, and with the system's error where the disk
   * refuses.
   */
  acquire(path: string, options: LeaseOptions): Promise<Lease>
  /**
   * Who holds a path just now; undefined where nobody does, or where the holder is dead. A holder elsewhere is believed
   * to live, as far as one look tells.
   */
  holder(path: string): LeaseHolder | undefined
  /**
   * The same, looking on until it is sure: until a heartbeat of a holder elsewhere, or for the limit. Rejects when
   * `signal` aborts.
   */
  livingHolder(path: string, signal: AbortSignal): Promise<LeaseHolder | undefined>
  /** What one look tells of a path; undefined where there is nothing. */
  look(path: string): Found | undefined
  /** Says that this process lives, for as long as it has temporary files without a lease; the answer ends it. */
  present(): () => void
  /** What its leases know this holder by. */
  readonly id: string
  /**
   * Whether a path is still held here, or by the holder that this one writes for. True of what nobody has asked for.
   * `again`: there is nothing that others could have kept; then a lease that is gone is taken once more. Throws
   * `LeaseUnreadable` where the disk does not say, and where the store was removed.
   */
  isOurs(path: string, again?: () => boolean): boolean
  /** Removes from a folder what dead processes left there: temporary files, leases, half-done takeovers of leases. */
  sweep(folder: string): void
  /** Whether the maker of a temporary file, who is elsewhere, is dead; `maker` is how the names begin that it gives. */
  isLeft(path: string, maker: string): boolean
  /** Removes holder files: the own one while nothing is held, and those of dead processes. */
  tidy(): void
}

export interface LeaseOptions {
  readonly signal: AbortSignal
  /** Told once, when there is somebody to wait for. */
  readonly waiting: (holder: LeaseHolder) => void
  /** Makes the path's folder anew, should it have gone. */
  readonly prepare: () => void
}

/** How often a holder says that it lives, and for how long it may be silent; both in milliseconds. */
export interface HeartbeatOptions {
  /** Default 5 s, at most 10 s. */
  readonly every?: number
  /** Default 60 s: more than network file systems keep what they know of a file. */
  readonly limit?: number
}

const leaseEnding = `.${storeEndings.lease}`
const shortestPoll = 5
const longestPoll = 250
/** Pause between two looks at a holder of whom nothing is wanted but a sign of life. */
const watchPoll = 1000

/**
 * `host`: instead of the system's own name. `writesFor`: the holder of the leases under which is written, where it is
 * not this one.
 */
export const fileLeases = (
  fs: FileSystem,
  root: string,
  { every = 5000, limit = 60_000 }: HeartbeatOptions = {},
  host?: string,
  writesFor?: string,
): FileLeases => {
  const me = { ...processIdentity(host), every: Math.min(every, longestEvery) }
  const holding: Holding = {
    fs,
    root,
    me,
    limit,
    watch: leaseWatch(),
    content: ownerText(me),
    writesFor,
    held: new Map(),
    beats: new Map(),
    file: undefined,
    inode: undefined,
    isLink: false,
    rootThen: undefined,
    endBeats: undefined,
    presences: 0,
    leave: () => {
      for (const path of holding.held.keys()) giveBack(holding, path)
      dropHolderFile(holding)
    },
  }
  return {
    id: me.id,
    acquire: (path, options) => acquire(holding, path, options),
    isOurs: (path, again) => isOurs(holding, path, again),
    holder: (path) => {
      const found = lookAt(holding, path)
      return found === undefined || found.life === 'dead' ? undefined : found.holder
    },
    livingHolder: (path, signal) => livingHolder(holding, path, signal),
    look: (path) => lookAt(holding, path),
    present: () => present(holding),
    sweep: (folder) => sweepFolder(holding, folder),
    isLeft: (path, maker) => sweepingOf(holding).isLeft(path, maker),
    tidy: () => {
      if (holding.held.size === 0 && holding.presences === 0) dropHolderFile(holding)
      sweep(fs, root, sweepingOf(holding))
    },
  }
}

const acquire = async (holding: Holding, path: string, { signal, waiting, prepare }: LeaseOptions): Promise<Lease> => {
  let told = false
  for (let delay = shortestPoll; ; delay = Math.min(longestPoll, delay * 1.5)) {
    signal.throwIfAborted()
    const found = takeLease(holding, path, prepare)
    if (found === 'mine') break
    if (!told) waiting(found.holder)
    told = true
    await systemClock.wait(delay, signal)
  }
  hold(holding, path)
  let released = false
  return {
    release: async () => {
      if (!released) giveBack(holding, path)
      released = true
    },
  }
}

const isOurs = (holding: Holding, path: string, again?: () => boolean): boolean => {
  const { fs, me, held } = holding
  const isHeld = held.has(path)
  const mine = isHeld ? me.id : holding.writesFor
  if (mine === undefined) return true
  try {
    const owner = ownerIdIn(fs, path, isHeld ? holding : undefined)
    if (owner === mine) return true
    if (owner === nobodyId && again?.() === true) {
      if (!isHeld) throw gone(path)
      if (takeLease(holding, path, () => undefined) !== 'mine') return false
      held.set(path, inodeOf(holding, path))
      return true
    }
    if (isRootReplaced(holding)) throw gone(path)
    return false
  } catch (error) {
    throw new LeaseUnreadable(path, error)
  }
}

const livingHolder = async (looking: Looking, path: string, signal: AbortSignal): Promise<LeaseHolder | undefined> => {
  const first = lookAt(looking, path)
  for (let found = first; ; found = lookAt(looking, path)) {
    if (found === undefined || found.life === 'dead') return undefined
    if (found.life === 'alive' || found.mark !== first?.mark) return found.holder
    signal.throwIfAborted()
    await systemClock.wait(Math.min(watchPoll, looking.limit / 10), signal)
  }
}

const present = (holding: Holding): (() => void) => {
  beatHolder(holding, holderFile(holding))
  holding.presences++
  let ended = false
  return () => {
    if (!ended) holding.presences--
    ended = true
  }
}

const sweepFolder = (holding: Holding, folder: string): void => {
  const { fs, held } = holding
  const names = namesOrNone(fs, folder)
  const takeOut = (path: string): void =>
    void (takeLease(holding, path, () => undefined) === 'mine' && remove(fs, path))
  // Leases first: to take one over puts back what its holder has left of a checkpoint.
  quietly(() => {
    for (const name of names) {
      const path = `${folder}/${name}`
      if (name.endsWith(leaseEnding) && !held.has(path) && isDead(holding, path)) takeOut(path)
    }
  })
  quietly(() => {
    if (!names.includes('.pins')) return
    const pins = `${folder}/.pins`
    for (const name of fs.readdirSync(pins)) if (isDead(holding, `${pins}/${name}`)) takeOut(`${pins}/${name}`)
    fs.rmdirSync(pins)
  })
  sweep(fs, folder, { ...sweepingOf(holding), removal: takeOut }, names)
}
