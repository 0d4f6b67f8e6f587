import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { quietly, removeQuietly, type FileSystem } from './file-system.js'
import { lifeOf, processIdentity, type ProcessIdentity } from './process-identity.js'

/** Names of what is not finished yet: hidden, unique, and telling who made them, so that what a dead process left can be removed. */

const me: ProcessIdentity = processIdentity()
const mine = `${me.space}-${me.pid}-${me.start ?? 0}${me.thread === null ? '' : `t${me.thread}`}-${randomBytes(4).toString('hex')}`
let count = 0

/** `.<of>.<space>-<pid>-<start>-<random>.tmp` in a folder, of a worker thread `<start>t<thread>-<its start>`; never given twice. */
export const temporaryName = (folder: string, of: string): string => `${folder}/.${of}.${mine}${(count++).toString(36)}.tmp`

const pattern = /^\..+\.([0-9a-f]{8})-(\d{1,10})-(\d{1,20})(?:t(\d{1,10}-\d{1,20}))?-[0-9a-z]+\.tmp$/

/** Ending of what is held for the moment in which a dead holder's lease is taken away; hidden as well. */
export const removalEnding = '.removal'

export const isTemporary = (name: string): boolean => name.charCodeAt(0) === 46 && (name.endsWith(removalEnding) || pattern.test(name))

const day = 24 * 60 * 60 * 1000

/**
 * Removes what dead processes and threads left in a folder; of other hosts only what nobody has touched for a day. Removals of leases are left to `removal`.
 * Never throws: a folder that cannot be swept is no obstacle.
 */
export const sweep = (fs: FileSystem, folder: string, removal?: (path: string) => void): void => {
  let names: readonly string[]
  try {
    names = fs.readdirSync(folder)
  } catch {
    return
  }
  for (const name of names) {
    if (name.charCodeAt(0) !== 46) continue
    if (name.endsWith(removalEnding)) quietly(() => removal?.(join(folder, name)))
    const parts = pattern.exec(name)
    if (parts === null) continue
    const [, space, pid, start, thread] = parts as unknown as [string, string, string, string, string | undefined] // the groups of the pattern; the last is optional
    const path = join(folder, name)
    const left = space === me.space ? lifeOf({ space, pid: Number(pid), start: start === '0' ? null : start, thread: thread ?? null }, me) === 'dead' : Date.now() - lastTouched(fs, path) > day
    if (left) removeQuietly(fs, path)
  }
}

/** Newest change of a file or of anything in a folder: someone far away may be filling it. */
const lastTouched = (fs: FileSystem, path: string): number => {
  try {
    const stat = fs.lstatSync(path)
    if (!stat.isDirectory()) return stat.mtimeMs
    return fs.readdirSync(path).reduce((newest, name) => Math.max(newest, lastTouched(fs, join(path, name))), stat.mtimeMs)
  } catch {
    return Date.now()
  }
}
