import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { fieldOf } from '../../base/records.js'

/** Identity of a process that lets another one decide whether it is alive: pids alone are reused. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks between boot and the start of the process; null if the system does not provide it (not Linux). */
  readonly start: string | null
  /**
   * The thread's id in the system and its start time, since worker threads end before their process. Null for a main
   * thread, and if the system does not provide it.
   */
  readonly thread: string | null
  readonly host: string
  /** The installation, which distinguishes hosts of the same name; null if there is no machine id. */
  readonly machine: string | null
  readonly boot: string | null
  /** Hash of host, machine, boot and pid namespace: pids are comparable if it is equal. */
  readonly space: string
  /** Unique for each created identity. */
  readonly id: string
}

/** `unknown`: on another host or in another container, which cannot be checked from here. */
export type Life = 'alive' | 'dead' | 'unknown'

const read = (make: () => string): string | null => {
  try {
    return make().trim() || null
  } catch {
    return null
  }
}

let namespace: string | null = null
let facts: Omit<ProcessIdentity, 'id' | 'pid' | 'start' | 'thread'> | undefined
let start: string | null | undefined
let thread: string | null | undefined

/** This process and thread. Each call creates a new `id`; `elsewhere` replaces the system's host name. */
export const processIdentity = (elsewhere?: string): ProcessIdentity => {
  if (facts === undefined) {
    const machine = read(() => readFileSync('/etc/machine-id', 'latin1'))
    const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'))
    namespace = read(() => readlinkSync('/proc/self/ns/pid'))
    facts = { host: hostname(), machine, boot, space: '' }
    facts = { ...facts, space: spaceOf(facts, facts.host) }
  }
  if (start === undefined) start = startOf(process.pid)?.start ?? null
  if (thread === undefined) thread = isMainThread ? null : thisThread()
  const host = elsewhere ?? facts.host
  return {
    ...facts,
    host,
    space: elsewhere === undefined ? facts.space : spaceOf(facts, host),
    pid: process.pid,
    start,
    thread,
    id: randomBytes(8).toString('hex'),
  }
}

const spaceOf = ({ machine, boot }: Pick<ProcessIdentity, 'machine' | 'boot'>, host: string): string =>
  createHash('sha256')
    .update(JSON.stringify([host, machine, boot, namespace]))
    .digest('hex')
    .slice(0, 8)

/** `/proc/thread-self` names the thread that reads it: `<pid>/task/<thread>`. */
const thisThread = (): string | null => {
  const id = read(() => readlinkSync('/proc/thread-self'))
    ?.split('/')
    .at(-1)
  const started = id === undefined ? undefined : startOf(`${process.pid}/task/${id}`)?.start
  return id === undefined || started === undefined ? null : `${id}-${started}`
}

/**
 * Whether the process and thread of an identity are alive. Dead is final: a pid may be reused, but not with the same
 * start.
 * Names of hosts and machines prove nothing: copies of one image share them.
 */
export const lifeOf = (
  other: Pick<ProcessIdentity, 'pid' | 'start' | 'thread' | 'space'>,
  me: Pick<ProcessIdentity, 'space' | 'start'>,
): Life => {
  if (other.space !== me.space) return 'unknown'
  // no process of this host writes such a record: any living pid would be taken for the holder
  if (other.start === null && me.start !== null) return 'unknown'
  if (!isAlive(other.pid, other.start)) return 'dead'
  if (other.thread === null) return 'alive'
  const [id, started] = other.thread.split('-')
  return startOf(`${other.pid}/task/${id}`)?.start === started ? 'alive' : 'dead'
}

/** Whether a pid of this host is still the process with that start. */
export const isAlive = (pid: number, started: string | null): boolean => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (fieldOf(error, 'code') !== 'EPERM') return false
  }
  const now = startOf(pid)
  if (now === undefined) return true // no /proc available
  return now.state !== 'Z' && now.state !== 'X' && (started === null || now.start === started)
}

const startOf = (pid: number | string): { readonly state: string; readonly start: string } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const parts = text.slice(text.lastIndexOf(')') + 2).split(' ') // the name in parentheses may contain anything
    return parts[0] === undefined || parts[19] === undefined ? undefined : { state: parts[0], start: parts[19] }
  } catch {
    return undefined
  }
}
