import { basename, dirname } from 'node:path'
import { onAbort } from '../../runtime/session/on-abort.js'
import type { Lease, LeaseHolder } from '../../runtime/ports/lease.js'
import { codeOf, kindOf, quietly, remove, removeQuietly, writeNew, type FileSystem } from '../file-store/file-system.js'
import { endings } from './at-exit.js'
import { beating } from './heartbeat.js'
import { nobodyId, ownerIdIn, ownerText, readOwner, type Owner } from './lease-owner.js'
import { gone, LeaseUnreadable } from './lease-unreadable.js'
import { leaseWatch } from './lease-watch.js'
import { lifeOf, processIdentity, type Life } from './process-identity.js'
import { storeEndings } from '../file-store/safe-path.js'
import { keyOfLease, takeOverStaging } from '../file-store/staging/staging-folder.js'
import { lastChange, removalEnding, sweep, temporaryName, type Sweeping } from '../file-store/temporary-names.js'

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
  /** Default 5 s. */
  readonly every?: number
  /** Default 60 s: more than network file systems keep what they know of a file. */
  readonly limit?: number
}

/**
 * What was read of a lease. Two readings are of the same lease where `id` is the same, and of one beat where `mark` is.
 */
interface Found {
  readonly id: string
  readonly mark: string
  readonly holder: LeaseHolder
  readonly life: Life
}

/** A lease that cannot be read for so long was not just being written. */
const unreadableFor = 10_000
/** A living holder on another host may leave out as many beats as this, whatever limit is set here. */
const fewestBeats = 6

const holderStart = '.holder.'
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
  heartbeat: HeartbeatOptions = {},
  host?: string,
  writesFor?: string,
): FileLeases => {
  const { every = 5000, limit = 60_000 } = heartbeat
  const me: Owner = { ...processIdentity(host), every }
  const content = ownerText(me)
  const watch = leaseWatch()
  /** Paths of leases that are held, with the inode by which they are known to be ours. */
  const held = new Map<string, number | undefined>()
  /** Leases that are files of their own, since this disk has no hard links, and what ends their beats. */
  const beats = new Map<string, () => void>()
  let holderFile: string | undefined
  /** What the root is known by since the holder file is in it: a folder that is made anew is another one. */
  let rootThen: string | undefined
  let holderBeats: (() => void) | undefined
  /** Temporary files that are not under a lease. */
  let presences = 0

  /** Only what is still ours: the store may have been removed, or restored from elsewhere. */
  const giveBack = (path: string): void => {
    const inode = held.get(path)
    if (!held.delete(path)) return
    beats.get(path)?.()
    beats.delete(path)
    quietly(() => {
      if (fs.lstatSync(path, { throwIfNoEntry: false })?.ino === inode) remove(fs, path)
    })
  }

  /** What a process that ends in order leaves behind: nothing. One that is killed leaves it to whoever comes next. */
  const leave = (): void => {
    for (const path of held.keys()) giveBack(path)
    dropHolder()
  }

  const ensureHolder = (): string => {
    if (holderFile !== undefined) return holderFile
    fs.mkdirSync(root, { recursive: true })
    sweep(fs, root, sweeping())
    const path = temporaryName(root, 'holder')
    writeNew(fs, path, content)
    endings().add(leave)
    holderFile = path
    rootThen = rootNow()
    return path
  }

  const rootNow = (): string | undefined => {
    const stat = fs.lstatSync(root, { throwIfNoEntry: false })
    return stat && `${stat.ino} ${stat.birthtimeMs}`
  }

  const dropHolder = (): void => {
    if (holderFile === undefined) return
    removeQuietly(fs, holderFile)
    endings().delete(leave)
    holderBeats?.()
    holderFile = holderBeats = undefined
  }

  /** From the first lease on: whoever blocks this thread from now on is not taken for dead. */
  const beat = (path: string, inode: number | undefined): void => {
    if (holderFile === undefined) return
    beatHolder(holderFile)
    if (fs.lstatSync(holderFile, { throwIfNoEntry: false })?.ino !== inode)
      beats.set(path, beating({ path, every, content: undefined }))
  }

  const beatHolder = (path: string): void => void (holderBeats ??= beating({ path, every, content }))

  /** Makes the lease file if there is none. */
  const make = (path: string): boolean => {
    try {
      fs.linkSync(ensureHolder(), path)
      return true
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EEXIST') return false
      // Another disk, or one without hard links, or too many of them: a file of its own, made by whoever is first.
      if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK')
        throw error
    }
    try {
      writeNew(fs, path, content)
      return true
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    }
  }

  const find = (path: string): Found | undefined => {
    // opened before it is looked at: only then does a network file system ask for what is new
    const said = readOwner(fs, path)
    const stat = fs.lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    const text = stat.isFile() ? said : undefined
    const owner = text?._tag === 'owner' ? text.owner : undefined
    const id = owner?.id ?? `x${stat.ino.toString(36)}`
    const mark = `${id} ${stat.mtimeMs} ${text?._tag === 'owner' ? text.beat : ''}`
    const life = owner === undefined ? 'unknown' : lifeOf(owner, me)
    const longest = text === undefined ? unreadableFor : Math.max(limit, fewestBeats * (owner?.every ?? 0))
    const isDead = life === 'unknown' && watch.isSilent(`${id} ${stat.ino}`, mark, longest) // leases of one holder are one file, and known together
    return {
      id,
      mark,
      holder: owner === undefined ? nobody : { host: owner.host, pid: owner.pid },
      life: isDead ? 'dead' : life,
    }
  }

  /**
   * What a sweep has to know of processes elsewhere: one with a holder file lives while that beats; one without
   * computes nothing.
   */
  const sweeping = (): Sweeping => {
    let holders: readonly string[] | undefined
    return {
      isLeft: (path, maker) => {
        holders ??= fs.readdirSync(root).filter((name) => name.startsWith(holderStart))
        const files = holders.filter((name) =>
          [`${holderStart}${maker}-`, `${holderStart}${maker}t`].some((start) => name.startsWith(start)),
        )
        if (files.length > 0) return files.every((name) => (find(`${root}/${name}`)?.life ?? 'dead') === 'dead')
        return watch.isSilent(path, String(lastChange(fs, path)), limit)
      },
    }
  }

  /** Takes a lease if it is free or its holder is dead; else says who has it. */
  const attempt = (path: string, prepare: () => void, depth = 0): Found | 'mine' => {
    let found: Found | undefined
    for (let round = 0; round < 20; round++) {
      try {
        if (make(path)) return 'mine'
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || round > 5) throw error
        dropHolder() // somebody removed the store under us
        prepare()
        continue
      }
      found = find(path)
      if (found === undefined) continue // released just now
      if (found.life !== 'dead' || depth > 8) return found
      const taken = takeAway(path, found, prepare, depth)
      if (taken === 'mine') return taken
      if (taken === 'not now') return found
    }
    return found ?? { id: '', mark: '', holder: nobody, life: 'unknown' } // many want it at once; asked again after a pause
  }

  /**
   * Takes over a dead holder's lease. Several may see that it is dead, so only the one that holds a lease on this very
   * removal may do it: otherwise a slow process would take it from the quick one that has replaced it already. The
   * lease on the removal takes the lease's place in one step, so that nobody has the key before what the dead one has
   * staged is out of its reach: it may only be asleep.
   */
  const takeAway = (path: string, dead: Found, prepare: () => void, depth: number): 'mine' | 'gone' | 'not now' => {
    const removal = `${dirname(path)}/.${basename(path)}.${dead.id}${removalEnding}`
    if (attempt(removal, prepare, depth + 1) !== 'mine') return 'not now'
    try {
      if (find(path)?.mark !== dead.mark) return 'gone'
      const staged = keyOfLease(path)
      if (staged !== undefined) takeOverStaging(fs, staged.folder, staged.key)
      fs.renameSync(removal, path)
      // what it staged meanwhile: it looks at its lease after that
      if (staged !== undefined) takeOverStaging(fs, staged.folder, staged.key)
      return 'mine'
    } finally {
      removeQuietly(fs, removal)
    }
  }

  const isOurs = (path: string, again?: () => boolean): boolean => {
    const isHeld = held.has(path)
    const mine = isHeld ? me.id : writesFor
    if (mine === undefined) return true
    try {
      const owner = ownerIdIn(fs, path)
      if (owner === mine) return true
      if (owner === nobodyId && again?.() === true) {
        if (!isHeld) throw gone(path)
        if (attempt(path, () => undefined) !== 'mine') return false
        held.set(path, fs.lstatSync(path, { throwIfNoEntry: false })?.ino)
        return true
      }
      if (holderFile !== undefined && kindOf(fs, holderFile) === undefined && rootNow() !== rootThen) throw gone(path)
      return false
    } catch (error) {
      throw new LeaseUnreadable(path, error)
    }
  }

  const acquire = async (path: string, { signal, waiting, prepare }: LeaseOptions): Promise<Lease> => {
    let told = false
    for (let delay = shortestPoll; ; delay = Math.min(longestPoll, delay * 1.5)) {
      signal.throwIfAborted()
      const found = attempt(path, prepare)
      if (found === 'mine') break
      if (!told) waiting(found.holder)
      told = true
      await pause(delay, signal)
    }
    try {
      const inode = fs.lstatSync(path, { throwIfNoEntry: false })?.ino
      held.set(path, inode)
      beat(path, inode)
    } catch (error) {
      held.delete(path)
      removeQuietly(fs, path)
      throw error
    }
    let released = false
    return {
      release: async () => {
        if (!released) giveBack(path)
        released = true
      },
    }
  }

  const livingHolder = async (path: string, signal: AbortSignal): Promise<LeaseHolder | undefined> => {
    const first = find(path)
    for (let found = first; ; found = find(path)) {
      if (found === undefined || found.life === 'dead') return undefined
      if (found.life === 'alive' || found.mark !== first?.mark) return found.holder
      signal.throwIfAborted()
      await pause(Math.min(watchPoll, limit / 10), signal)
    }
  }

  return {
    id: me.id,
    acquire,
    isOurs,
    holder: (path) => {
      const found = find(path)
      return found === undefined || found.life === 'dead' ? undefined : found.holder
    },
    livingHolder,
    present: () => {
      beatHolder(ensureHolder())
      presences++
      let ended = false
      return () => {
        if (!ended) presences--
        ended = true
      }
    },
    sweep: (folder) => {
      const takeOut = (path: string): void => void (attempt(path, () => undefined) === 'mine' && remove(fs, path))
      // Leases first: to take one over puts back what its holder has left of a checkpoint.
      quietly(() => {
        for (const name of fs.readdirSync(folder)) {
          if (name.endsWith(leaseEnding) && find(`${folder}/${name}`)?.life === 'dead') takeOut(`${folder}/${name}`)
        }
      })
      quietly(() => {
        const pins = `${folder}/.pins`
        for (const name of fs.readdirSync(pins))
          if (find(`${pins}/${name}`)?.life === 'dead') takeOut(`${pins}/${name}`)
        fs.rmdirSync(pins)
      })
      sweep(fs, folder, { ...sweeping(), removal: takeOut })
    },
    isLeft: (path, maker) => sweeping().isLeft(path, maker),
    tidy: () => {
      if (held.size === 0 && presences === 0) dropHolder()
      sweep(fs, root, sweeping())
    },
  }
}

const nobody: LeaseHolder = { host: 'unknown', pid: 0 }

/** Resolves after a while; rejects when the signal aborts. */
const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      forget()
      resolve()
    }, milliseconds)
    const forget = onAbort(signal, stop)
  })
