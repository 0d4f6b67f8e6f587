import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { quietly, removeQuietly, type FileSystem } from './file-system.js'
import { lifeOf, processIdentity, type Life, type ProcessIdentity } from '../lease/process-identity.js'

/**
 * Names of what is not finished yet: hidden, unique, and telling who made them, so that what a dead process left can be
 * removed.
 */

const me: ProcessIdentity = processIdentity()
const mine =
  `${me.space}-${me.pid}-${me.start ?? 0}` +
  `${me.thread === null ? '' : `t${me.thread}`}-${randomBytes(4).toString('hex')}`
let count = 0

/**
 * `.<of>.<space>-<pid>-<start>-<random>.tmp` in a folder, of a worker thread `<start>t<thread>-<its start>`; never
 * given twice.
 */
export const temporaryName = (folder: string, of: string, ending = 'tmp'): string =>
  `${folder}/.${of}.${mine}${(count++).toString(36)}.${ending}`

const pattern =
  /^\..+\.([0-9a-f]{8})-(\d{1,10})-(\d{1,20})(?:t(\d{1,10}-\d{1,20}))?-[0-9a-z]+\.(tmp|list|segment|sorted|items)$/

export interface Maker {
  readonly life: Life
  /** How the middle of the names begins that it gives. */
  readonly start: string
  /** This thread of this process. */
  readonly isMe: boolean
}

/**
 * Who gave a name of that ending; `start` is how the middle of the names begins that it gives. Undefined for other
 * names.
 */
export const makerOf = (name: string, ending = 'tmp'): Maker | undefined => {
  const parts = pattern.exec(name)
  if (parts === null || parts[5] !== ending) return undefined
  const [, space = '', pid, start = '', thread] = parts
  const life = lifeOf({ space, pid: Number(pid), start: start === '0' ? null : start, thread: thread ?? null }, me)
  return { life, start: `${space}-${pid}-${start}`, isMe: name.includes(`.${mine}`) }
}

/** Ending of what is held for the moment in which a dead holder's lease is taken away; hidden as well. */
export const removalEnding = '.removal'

export const isTemporary = (name: string): boolean =>
  name.charCodeAt(0) === 46 && (name.endsWith(removalEnding) || pattern.exec(name)?.[5] === 'tmp')

/** What a sweep asks of leases. */
export interface Sweeping {
  /** Told of what is held for the removal of a lease. */
  readonly removal?: (path: string) => void
  /**
   * Whether something that a process elsewhere has made is left by a dead one; `maker` is how the names begin that it
   * gives.
   */
  readonly isLeft: (path: string, maker: string) => boolean
}

/**
 * Removes what dead processes and threads left in a folder. This system is asked of those that are its own; of others
 * their heartbeat tells, never the age of a file: it may belong to a task that computes for days before it writes.
 * Never throws: a folder that cannot be swept is no obstacle. `names`: what is in it, where that was listed just now.
 */
export const sweep = (
  fs: FileSystem,
  folder: string,
  { removal, isLeft }: Sweeping,
  names: readonly string[] = namesOrNone(fs, folder),
): void => {
  for (const name of names) {
    if (name.charCodeAt(0) !== 46) continue
    if (name.endsWith(removalEnding)) quietly(() => removal?.(join(folder, name)))
    const maker = makerOf(name)
    if (maker === undefined) continue
    const path = join(folder, name)
    quietly(() => {
      if (maker.life === 'dead' || (maker.life === 'unknown' && isLeft(path, maker.start))) removeQuietly(fs, path)
    })
  }
}

/** What is in a folder; nothing where it cannot be read. */
export const namesOrNone = (fs: FileSystem, folder: string): readonly string[] => {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

/** Newest change of a file or of anything in a folder, as the disk tells it; to be compared with itself only. */
export const lastChange = (fs: FileSystem, path: string): number => {
  try {
    const stat = fs.lstatSync(path)
    if (!stat.isDirectory()) return stat.mtimeMs
    return fs
      .readdirSync(path)
      .reduce((newest, name) => Math.max(newest, lastChange(fs, join(path, name))), stat.mtimeMs)
  } catch {
    return 0
  }
}
