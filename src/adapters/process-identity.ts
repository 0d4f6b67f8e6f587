import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Who a process is, well enough for another one to tell whether it still lives: pids alone are used again. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks between boot and the start of the process; null where the system does not say (not Linux). */
  readonly start: string | null
  readonly host: string
  /** The installation, so that two hosts of one name are two; null where there is no machine id. */
  readonly machine: string | null
  readonly boot: string | null
  /** Hash of host, machine, boot and pid namespace: where it is the same, pids mean the same. */
  readonly space: string
  /** Unique for each identity that was made. */
  readonly id: string
}

/** `unknown` is said of other hosts and containers: nothing can be told from here. */
export type Life = 'alive' | 'dead' | 'unknown'

const read = (make: () => string): string | null => {
  try {
    return make().trim() || null
  } catch {
    return null
  }
}

let facts: Omit<ProcessIdentity, 'id' | 'pid' | 'start'> | undefined
let start: string | null | undefined

/** This process. Each call makes a new `id`. */
export const processIdentity = (): ProcessIdentity => {
  if (facts === undefined) {
    const host = hostname()
    const machine = read(() => readFileSync('/etc/machine-id', 'latin1'))
    const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'))
    const namespace = read(() => readlinkSync('/proc/self/ns/pid'))
    const space = createHash('sha256').update(JSON.stringify([host, machine, boot, namespace])).digest('hex').slice(0, 8)
    facts = { host, machine, boot, space }
  }
  if (start === undefined) start = startOf(process.pid)?.start ?? null
  return { ...facts, pid: process.pid, start, id: randomBytes(8).toString('hex') }
}

/** Whether the process of an identity lives. Dead is for ever: its pid may be used again, but not with its start. */
export const lifeOf = (other: Pick<ProcessIdentity, 'pid' | 'start' | 'space' | 'host' | 'machine' | 'boot'>, me: ProcessIdentity): Life => {
  if (other.space === me.space) return isAlive(other.pid, other.start) ? 'alive' : 'dead'
  // The same installation after a restart: none of its processes can be left.
  if (other.machine !== null && other.boot !== null && me.boot !== null && other.machine === me.machine && other.host === me.host && other.boot !== me.boot) return 'dead'
  return 'unknown'
}

/** Whether a pid of this host is still the process that started then. */
export const isAlive = (pid: number, started: string | null): boolean => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = startOf(pid)
  if (now === undefined) return true // no /proc to ask
  return now.state !== 'Z' && now.state !== 'X' && (started === null || now.start === started)
}

const startOf = (pid: number): { readonly state: string; readonly start: string } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const parts = text.slice(text.lastIndexOf(')') + 2).split(' ') // the name in brackets may hold anything
    return parts[0] === undefined || parts[19] === undefined ? undefined : { state: parts[0], start: parts[19] }
  } catch {
    return undefined
  }
}
