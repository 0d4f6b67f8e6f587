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
  isOurLink,
  isRootReplaced,
  ownerOf,
  type HeldLease,
  type Holding,
} from './holder-file.js'
import { longestEvery, nobodyId, ownerIdIn, ownerText } from './lease-owner.js'
import { gone, LeaseUnreadable } from './lease-unreadable.js'
import { leaseWatch } from './lease-watch.js'
import { isDead, lookAt, sweepingOf, type Found, type Looking } from './look-at-lease.js'
import { processIdentity } from './process-identity.js'
import { takeLease } from './take-lease.js'

/**
 * The right to compute one key, across processes: a file that only one process can create. Each process has one holder
 * file that identifies it; a lease is a hard link to that file, so a lease is never seen half-written, and one touch of
 * the holder file is a heartbeat for all its leases.
 * The operating system is asked about holders on this host; holders on other hosts count as dead after `limit`
 * milliseconds of observation without a heartbeat. The process that finds a dead holder removes its files, so that no
 * other has to detect it again.
 */
export interface FileLeases {
  /**
   * Waits until no other holder has the path. Rejects when `signal` aborts, and with the system's error if the disk
   * refuses.
   */
  acquire(path: string, options: LeaseOptions): Promise<Lease>
  /**
   * The current holder of a path; undefined if there is none, or it is dead. A holder on another host counts as alive,
   * since one look cannot tell.
   */
  holder(path: string): LeaseHolder | undefined
  /**
   * The same, but watches until it is certain: until a heartbeat of a holder on another host, or for the limit. Rejects
   * when `signal` aborts.
   */
  livingHolder(path: string, signal: AbortSignal): Promise<LeaseHolder | undefined>
  /** The result of one look at a path; undefined if it does not exist. */
  look(path: string): Found | undefined
  /**
   * Announces that this process is alive while it has temporary files without a lease; the returned function ends it.
   */
  present(): () => void
  /** Identifies this holder in its leases. */
  readonly id: string
  /**
   * Whether a path is still held here, or by the holder on whose behalf this one writes. True if no lease was
   * requested.
   * `again`: returns true if there is nothing that others could have stored; then a lost lease is taken again. Throws
   * `LeaseUnreadable` if the disk fails to answer, or the store was removed.
   */
  isOurs(path: string, again?: () => boolean): boolean
  /** The lease of a path, if it is held here. */
  held(path: string): Pick<HeldLease, 'isVacant'> | undefined
  /** Removes files that dead processes left in a folder: temporary files, leases, unfinished takeovers of leases. */
  sweep(folder: string): void
  /** Whether the creator of a temporary file, on another host, is dead; `maker` is the prefix of the names it uses. */
  isLeft(path: string, maker: string): boolean
  /** Removes holder files: its own if nothing is held, and those of dead processes. */
  tidy(): void
}

export interface LeaseOptions {
  readonly signal: AbortSignal
  /** Called once, if there is a holder to wait for. */
  readonly waiting: (holder: LeaseHolder) => void
  /** Recreates the path's folder if it has disappeared. */
  readonly prepare: () => void
}

/** Interval of heartbeats and longest silence of a holder; both in milliseconds. */
export interface HeartbeatOptions {
  /** Default 5 s, at most 10 s. */
  readonly every?: number
  /** Default 60 s: longer than network file systems cache the attributes of a file. */
  readonly limit?: number
}

const leaseEnding = `.${storeEndings.lease}`
const shortestPoll = 5
const longestPoll = 250
/** Pause between two looks at a holder that is only watched for a heartbeat. */
const watchPoll = 1000

/**
 * `host`: used instead of the system's host name. `writesFor`: the holder of the leases under which this one writes, if
 * it is another.
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
    writesFor: writesFor === undefined ? undefined : { id: writesFor, content: undefined },
    held: new Map(),
    beats: new Map(),
    file: undefined,
    inode: undefined,
    descriptor: undefined,
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
    held: (path) => holding.held.get(path),
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
  let isReported = false
  for (let delay = shortestPoll; ; delay = Math.min(longestPoll, delay * 1.5)) {
    signal.throwIfAborted()
    const found = takeLease(holding, path, prepare)
    if (found === 'mine') break
    if (!isReported) waiting(found.holder)
    isReported = true
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
  const { fs, held } = holding
  const lease = held.get(path)
  const isHeld = lease !== undefined
  const mine = isHeld ? ownerOf(holding) : holding.writesFor
  if (mine === undefined) return true
  try {
    if (isHeld && isOurLink(holding, path, lease)) {
      lease.seen = performance.now()
      return true
    }
    const owner = ownerIdIn(fs, path, mine)
    if (owner === mine.id) return true
    if (owner === nobodyId && again?.() === true) {
      if (!isHeld) throw gone(path)
      if (takeLease(holding, path, () => undefined) !== 'mine') return false
      held.set(path, { inode: inodeOf(holding, path), seen: performance.now(), isVacant: false })
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
  // Leases first: taking one over restores what its holder has left of a checkpoint.
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
