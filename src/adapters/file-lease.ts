import { basename, dirname } from 'node:path'
import { onAbort } from '../runtime/on-abort.js'
import type { Lease, LeaseHolder } from '../runtime/ports.js'
import { codeOf, quietly, remove, removeQuietly, writeNew, type FileSystem } from './file-system.js'
import { beating } from './heartbeat.js'
import { readOwner, type Owner } from './lease-owner.js'
import { leaseWatch } from './lease-watch.js'
import { lifeOf, processIdentity } from './process-identity.js'
import { storeEndings } from './safe-path.js'
import { removalEnding, sweep, temporaryName } from './temporary-names.js'

/**
 * The right to compute one key, between processes: a file that only one can make. Each process has one holder file that says who it is;
 * a lease is a hard link to it, so a lease is never seen half-written, and one touch of the holder file is a heartbeat for all of them.
 * Holders on this host are asked of the system; those on others are given up after `limit` milliseconds without a heartbeat.
 */
export interface FileLeases {
  /** Waits until nobody else holds the path. Rejects when `signal` aborts, and with the system's error where the disk refuses. */
  acquire(path: string, options: LeaseOptions): Promise<Lease>
  /** Who holds a path just now; undefined where nobody does, or where the holder is dead. */
  holder(path: string): LeaseHolder | undefined
  /** Removes from a folder what dead processes left there: temporary files, leases, half-done takeovers of leases. */
  sweep(folder: string): void
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

/** What was read of a lease. Two readings are of the same lease where `id` is the same, and of one beat where `mark` is. */
interface Found {
  readonly id: string
  readonly mark: string
  readonly holder: LeaseHolder
  readonly dead: boolean
}

/** A lease that cannot be read for so long was not just being written. */
const unreadableFor = 10_000
/** A living holder on another host may leave out as many beats as this, whatever limit is set here. */
const fewestBeats = 6

const leaseEnding = `.${storeEndings.lease}`
const shortestPoll = 5
const longestPoll = 250

/** `host`: instead of the system's own name. */
export const fileLeases = (fs: FileSystem, root: string, heartbeat: HeartbeatOptions = {}, host?: string): FileLeases => {
  const { every = 5000, limit = 60_000 } = heartbeat
  const me: Owner = { ...processIdentity(host), every }
  const content = JSON.stringify(me)
  const watch = leaseWatch()
  /** Paths of leases that are held, with the inode by which they are known to be ours. */
  const held = new Map<string, number | undefined>()
  /** Leases that are files of their own, since this disk has no hard links, and what ends their beats. */
  const beats = new Map<string, () => void>()
  let holderFile: string | undefined
  let holderBeats: (() => void) | undefined

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
    sweep(fs, root)
    const path = temporaryName(root, 'holder')
    writeNew(fs, path, content)
    endings().add(leave)
    holderFile = path
    return path
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
    holderBeats ??= beating({ path: holderFile, every, content })
    if (fs.lstatSync(holderFile, { throwIfNoEntry: false })?.ino !== inode) beats.set(path, beating({ path, every, content: undefined }))
  }

  /** The time on a file that was written just now. */
  const diskTime = (): number | undefined => {
    try {
      const descriptor = fs.openSync(ensureHolder(), 'r+')
      try {
        fs.writeSync(descriptor, content, 0)
        return fs.fstatSync(descriptor).mtimeMs
      } finally {
        fs.closeSync(descriptor)
      }
    } catch {
      return undefined
    }
  }

  /** Makes the lease file if there is none. */
  const make = (path: string): boolean => {
    try {
      fs.linkSync(ensureHolder(), path)
      return true
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EEXIST') return false
      // Another disk, or one without hard links, or too many of them: a file of its own, made by whoever is first.
      if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error
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
    const said = readOwner(fs, path) // opened before it is looked at: only then does a network file system ask for what is new
    const stat = fs.lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) {
      watch.forget(path)
      return undefined
    }
    const owner = stat.isFile() ? said : undefined
    const id = owner?.id ?? `x${stat.ino.toString(36)}`
    const mark = `${id} ${stat.mtimeMs}`
    const isSilent = (longest: number, between: number): boolean => watch.isDead(path, mark, { touched: stat.mtimeMs, every: between, limit: longest, diskTime })
    if (owner === undefined) return { id, mark, holder: { host: 'unknown', pid: 0 }, dead: isSilent(unreadableFor, unreadableFor / 3) }
    const life = lifeOf(owner, me)
    const dead = life === 'dead' || (life === 'unknown' && isSilent(Math.max(limit, fewestBeats * owner.every), owner.every))
    return { id, mark, holder: { host: owner.host, pid: owner.pid }, dead }
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
      if (!found.dead || depth > 8) return found
      if (!takeAway(path, found, prepare, depth)) return found
    }
    return found ?? { id: '', mark: '', holder: { host: 'unknown', pid: 0 }, dead: false } // many want it at once; asked again after a pause
  }

  /**
   * Removes a dead holder's lease. Several may see that it is dead, so only the one that holds a lease on this very removal may do it:
   * otherwise a slow process would remove the lease of the quick one that has replaced it already.
   */
  const takeAway = (path: string, dead: Found, prepare: () => void, depth: number): boolean => {
    const removal = `${dirname(path)}/.${basename(path)}.${dead.id}${removalEnding}`
    if (attempt(removal, prepare, depth + 1) !== 'mine') return false
    try {
      if (find(path)?.mark === dead.mark) remove(fs, path)
    } finally {
      removeQuietly(fs, removal)
    }
    return true
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
    watch.forget(path)
    const inode = fs.lstatSync(path, { throwIfNoEntry: false })?.ino
    held.set(path, inode)
    beat(path, inode)
    let released = false
    return {
      release: async () => {
        if (!released) giveBack(path)
        released = true
      },
    }
  }

  return {
    acquire,
    holder: (path) => {
      const found = find(path)
      return found === undefined || found.dead ? undefined : found.holder
    },
    sweep: (folder) => {
      const takeOut = (path: string): void => void (attempt(path, () => undefined) === 'mine' && remove(fs, path))
      sweep(fs, folder, takeOut)
      quietly(() => {
        for (const name of fs.readdirSync(folder)) if (name.endsWith(leaseEnding) && find(`${folder}/${name}`)?.dead === true) takeOut(`${folder}/${name}`)
      })
    },
    tidy: () => {
      if (held.size === 0) dropHolder()
      sweep(fs, root)
    },
  }
}

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

let atExit: Set<() => void> | undefined

/** What is done when this process ends; one listener for all stores, however many are opened. */
const endings = (): Set<() => void> => {
  if (atExit === undefined) {
    const all = new Set<() => void>()
    process.once('exit', () => {
      for (const end of all) end()
    })
    atExit = all
  }
  return atExit
}
