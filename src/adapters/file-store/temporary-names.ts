import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { quietly, removeQuietly, type FileSystem } from './file-system.js'
import { lifeOf, processIdentity, type Life, type ProcessIdentity } from '../lease/process-identity.js'

/**
 * Names of temporary files: hidden, unique, and naming their creator, so that leftovers of a dead process can be
 * removed.
 */

const me: ProcessIdentity = processIdentity()
const mine =
  `${me.space}-${me.pid}-${me.start ?? 0}` +
  `${me.thread === null ? '' : `t${me.thread}`}-${randomBytes(4).toString('hex')}`
let count = 0

/**
 * `.<of>.<space>-<pid>-<start>-<random>.tmp` in a folder, in a worker thread with `<start>t<thread>-<its start>`; never
 * returns the same name twice.
 */
export const temporaryName = (folder: string, of: string, ending = 'tmp'): string =>
  `${folder}/.${of}.${mine}${(count++).toString(36)}.${ending}`

const pattern =
  /^\..+\.([0-9a-f]{8})-(\d{1,10})-(\d{1,20})(?:t(\d{1,10}-\d{1,20}))?-[0-9a-z]+\.(tmp|list|segment|sorted|items)$/

export interface Maker {
  readonly life: Life
  /** Prefix of the middle part of the names that this creator generates. */
  readonly start: string
  /** Whether it is this thread of this process. */
  readonly isMe: boolean
}

/** The creator of a name with that ending; undefined for other names. */
export const makerOf = (name: string, ending = 'tmp'): Maker | undefined => {
  const parts = pattern.exec(name)
  if (parts === null || parts[5] !== ending) return undefined
  const [, space = '', pid, start = '', thread] = parts
  const life = lifeOf({ space, pid: Number(pid), start: start === '0' ? null : start, thread: thread ?? null }, me)
  return { life, start: `${space}-${pid}-${start}`, isMe: name.includes(`.${mine}`) }
}

/** Ending of the lease held while a dead holder's lease is removed; hidden as well. */
export const removalEnding = '.removal'

export const isTemporary = (name: string): boolean =>
  name.charCodeAt(0) === 46 && (name.endsWith(removalEnding) || pattern.exec(name)?.[5] === 'tmp')

/** Functions of leases that a sweep needs. */
export interface Sweeping {
  /** Called for leases on the removal of leases. */
  readonly removal?: (path: string) => void
  /**
   * Whether a file created on another host was left by a dead process; `maker` is the prefix of its creator's names.
   */
  readonly isLeft: (path: string, maker: string) => boolean
}

/**
 * Removes leftovers of dead processes and threads in a folder. The operating system answers for processes of this host;
 * on other hosts the heartbeat decides, never the age of a file: it may belong to a task that computes for days before
 * it writes.
 * Never throws: a folder that cannot be swept does no harm. `names`: its content, if just listed.
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

/** Names in a folder; empty if it cannot be read. */
export const namesOrNone = (fs: FileSystem, folder: string): readonly string[] => {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

/** Newest change of a file or of anything in a folder, by the disk's clock; to be compared only with itself. */
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
