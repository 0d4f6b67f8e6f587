import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fileStore, type FileStoreOptions } from '../../src/adapters/file-store.js'
import type { FileSystem } from '../../src/adapters/file-system.js'
import { leaseWatch } from '../../src/adapters/lease-watch.js'
import { lifeOf, processIdentity } from '../../src/adapters/process-identity.js'
import type { Address, LeaseHolder } from '../../src/runtime/ports.js'
import { builtOnce } from '../build-once.js'

const address: Address = { folder: 'tasks/one', key: 'a'.repeat(32), extension: 'txt' }
const { signal } = new AbortController()
/** Short, so that tests are; long enough for a machine that is busy with other tests. */
const heartbeat = { every: 250, limit: 1600 }

let root: string
let children: ChildProcess[]
beforeAll(builtOnce)
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-lease-'))
  children = []
})
afterEach(async () => {
  for (const child of children) await killed(child)
  fs.rmSync(root, { recursive: true, force: true })
})

const script = resolve(import.meta.dirname, 'lease-process.mjs')
const start = (mode: string, more: object = {}): ChildProcess => {
  const child = fork(script, [JSON.stringify({ mode, root, address, heartbeat, ...more })], { execArgv: [] })
  children.push(child)
  return child
}

const killed = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Takes the lease and gives it back; the holders that had to be waited for. */
const taken = async (options: FileStoreOptions = {}, stop: AbortSignal = signal, onWaiting: () => void = () => undefined): Promise<readonly LeaseHolder[]> => {
  const store = fileStore(root, { heartbeat, ...options })
  const told: LeaseHolder[] = []
  const lease = await store.lease(address, {
    signal: stop,
    waiting: (holder) => {
      told.push(holder)
      onWaiting()
    },
  })
  await lease.release()
  await store.flush()
  return told
}

const leasePath = (): string => join(root, address.folder, `${address.key}.lease`)

describe('a holder on another host', () => {
  it('whose thread is blocked by a computation for longer than the limit is not robbed', async () => {
    const note = join(root, 'done')
    const holder = start('block', { host: 'far', busy: 2 * heartbeat.limit, note })
    await once(holder, 'message')
    const told = await taken()
    expect([told, fs.existsSync(note)]).toEqual([[{ host: 'far', pid: holder.pid }], true])
  })

  it('that was killed is replaced when it has been silent for the limit', async () => {
    const holder = start('hold', { host: 'far' })
    await once(holder, 'message')
    await killed(holder)
    expect(await taken()).toEqual([{ host: 'far', pid: holder.pid }])
    expect(fs.readdirSync(root, { recursive: true }).map(String).sort()).toEqual(['tasks', 'tasks/one'])
  })

  it('that was killed is replaced whatever the clocks of both and of the disk were set to', async () => {
    for (const shift of [-1e9, 1e9]) {
      const holder = start('hold', { host: 'far' })
      await once(holder, 'message')
      await killed(holder)
      const time = (Date.now() + shift) / 1000
      fs.utimesSync(leasePath(), time, time)
      expect(await taken()).toEqual([{ host: 'far', pid: holder.pid }])
    }
  })

  it('that lives is not robbed because the disk’s clock jumps ahead', async () => {
    const holder = start('hold', { host: 'far' })
    await once(holder, 'message')
    let asked = 0
    const ahead = { ...fs, fstatSync: (descriptor: number) => (asked++, Object.assign(fs.fstatSync(descriptor), { mtimeMs: Date.now() + 1e9 })) } as unknown as FileSystem
    const gaveUp = AbortSignal.timeout(2 * heartbeat.limit)
    await expect(taken({ fileSystem: ahead }, gaveUp)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(asked).toBeGreaterThan(2) // it has seen several beats, each with the clock of the disk
  })

  it('on a disk without hard links beats as well', async () => {
    const noLinks = { ...fs, linkSync: () => { throw Object.assign(new Error('EPERM'), { code: 'EPERM' }) } } as unknown as FileSystem
    const far = await fileStore(root, { heartbeat, host: 'far', fileSystem: noLinks }).lease(address, { signal, waiting: () => undefined })
    const gaveUp = AbortSignal.timeout(2 * heartbeat.limit)
    await expect(taken({}, gaveUp)).rejects.toMatchObject({ name: 'TimeoutError' })
    await far.release()
    expect(await taken()).toEqual([])
  })
})

describe('a holder on this host', () => {
  it('that was killed is replaced at once: no heartbeat is waited for', async () => {
    const holder = start('hold')
    await once(holder, 'message')
    await killed(holder)
    expect(await taken({ heartbeat: { every: 1e6, limit: 1e9 } })).toEqual([])
  })

  it('that lives is never robbed, however silent it is', async () => {
    const holder = start('hold', { heartbeat: { every: 1e6, limit: 1e6 } })
    await once(holder, 'message')
    const past = Date.now() / 1000 - 1e6
    fs.utimesSync(leasePath(), past, past)
    const gaveUp = AbortSignal.timeout(500)
    await expect(taken({ heartbeat: { every: 10, limit: 50 } }, gaveUp)).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('is told from another process with its pid', () => {
    const me = processIdentity()
    expect([lifeOf(me, me), lifeOf({ ...me, start: '1' }, me), lifeOf({ ...me, pid: 4_100_000 }, me), lifeOf({ ...me, space: 'other' }, me)]).toEqual(['alive', 'dead', 'dead', 'unknown'])
  })
})

describe.skipIf(!fs.existsSync('/proc/thread-self'))('a worker thread that holds a lease', () => {
  const startThread = async (mode: string): Promise<Worker> => {
    const worker = new Worker(script, { workerData: { mode, root, address, heartbeat }, execArgv: [] })
    await once(worker, 'message')
    return worker
  }

  it('is waited for, and replaced at once when it is terminated', async () => {
    const worker = await startThread('hold')
    const told = await taken({ heartbeat: { every: 1e6, limit: 1e9 } }, signal, () => void worker.terminate())
    expect(told).toEqual([{ host: processIdentity().host, pid: process.pid }])
  })

  it('gives it back when it ends in order', async () => {
    const worker = await startThread('exit')
    await once(worker, 'exit')
    expect(fs.existsSync(leasePath())).toBe(false)
  })
})

describe('what is concluded from beats', () => {
  const seen = { touched: 0, every: 5, limit: 60, diskTime: () => 1000 }
  const watching = (looks: readonly (readonly [at: number, mark: string])[], changes: Partial<typeof seen> = {}): readonly boolean[] => {
    let now = 0
    const watch = leaseWatch(() => now)
    return looks.map(([at, mark]) => ((now = at), watch.isDead('path', mark, { ...seen, ...changes })))
  }

  it('an old lease is given up after three beats were left out under our eyes', () => {
    expect(watching([[0, 'a'], [14, 'a'], [15, 'a']])).toEqual([false, false, true])
  })
  it('one that is younger than the limit is, when it gets older than that', () => {
    expect(watching([[0, 'a'], [49, 'a'], [50, 'a']], { touched: 990 })).toEqual([false, false, true])
  })
  it('a beat begins all anew', () => {
    expect(watching([[0, 'a'], [14, 'b'], [28, 'c'], [42, 'd'], [57, 'd']])).toEqual([false, false, false, false, true])
  })
  it('a lease from the future, or on a disk without a clock, is given up after the limit on our own watch', () => {
    expect(watching([[0, 'a'], [59, 'a'], [60, 'a']], { touched: 5000 })).toEqual([false, false, true])
    expect(watching([[0, 'a'], [59, 'a'], [60, 'a']], { diskTime: () => undefined as never })).toEqual([false, false, true])
  })
})
