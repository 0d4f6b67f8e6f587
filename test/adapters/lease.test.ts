import { listFolder } from '../../src/runtime/run-info/one-folder.js'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { fileStore, type FileStoreOptions } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import { openAgain } from '../../src/adapters/open-store.js'
import { leaseWatch } from '../../src/adapters/lease/lease-watch.js'
import { lifeOf, processIdentity } from '../../src/adapters/lease/process-identity.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { LeaseHolder } from '../../src/runtime/ports/lease.js'
import type { StoreOpening } from '../../src/runtime/ports/store.js'
import { taskIn } from '../../src/workers/message-codecs.js'
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
  vi.restoreAllMocks()
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
const taken = async (
  options: FileStoreOptions = {},
  stop: AbortSignal = signal,
  onWaiting: () => void = () => undefined,
): Promise<readonly LeaseHolder[]> => {
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

  it('that lives is not robbed, and what it has made stays, whatever this process and the disk take for the time', async () => {
    const holder = start('hold', { host: 'far' })
    await once(holder, 'message')
    const files = elsewhere()
    vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + 3 * 24 * 3600 * 1000)
    const ahead = {
      ...fs,
      fstatSync: (descriptor: number) => Object.assign(fs.fstatSync(descriptor), { mtimeMs: Date.now() }),
    } as unknown as FileSystem
    const store = fileStore(root, { heartbeat, fileSystem: ahead })
    const look = async (): Promise<void> => {
      await listFolder(store, address.folder)
      await store.flush()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    for (const until = performance.now() + 2 * heartbeat.limit; performance.now() < until; ) await look()
    await expect(taken({ fileSystem: ahead }, AbortSignal.timeout(2 * heartbeat.limit))).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect(files.filter((path) => !fs.existsSync(path))).toEqual([])
    await killed(holder)
    // each is judged when it is looked at, so the last of them may go a look later
    const left = [...files, leasePath()]
    while (left.some((path) => fs.existsSync(path))) await look()
    expect(fs.readdirSync(join(root, address.folder))).toEqual([])
  })

  it('that took a lease while this machine was suspended, without a sign of it on the clock, keeps it', async () => {
    const network = { ...fs, statfsSync: () => ({ type: 0x6969 }) } as unknown as FileSystem // NFS
    const lease = await fileStore(root, { heartbeat, fileSystem: network }).lease(address, {
      signal,
      waiting: () => undefined,
    })
    vi.spyOn(performance, 'now').mockReturnValue(performance.now())
    fs.rmSync(leasePath())
    const far = await fileStore(root, { heartbeat, host: 'far' }).lease(address, { signal, waiting: () => undefined })
    await lease.release()
    expect(fs.existsSync(leasePath())).toBe(true)
    await far.release()
    expect(fs.existsSync(leasePath())).toBe(false)
  })

  it('on a disk without hard links beats as well', async () => {
    const noLinks = {
      ...fs,
      linkSync: () => {
        throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
      },
    } as unknown as FileSystem
    const far = await fileStore(root, { heartbeat, host: 'far', fileSystem: noLinks }).lease(address, {
      signal,
      waiting: () => undefined,
    })
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
    expect([
      lifeOf(me, me),
      lifeOf({ ...me, start: '1' }, me),
      lifeOf({ ...me, pid: 4_100_000 }, me),
      lifeOf({ ...me, space: 'other' }, me),
    ]).toEqual(['alive', 'dead', 'dead', 'unknown'])
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
    const worker = new Worker(script, { workerData: { mode: 'exit', root, address, heartbeat }, execArgv: [] })
    await once(worker, 'exit')
    expect(fs.existsSync(leasePath())).toBe(false)
  })
})

it('a store that a thread opens again beats as often, under the same host name, as the one that sent it', async () => {
  const { opening } = fileStore(root, { heartbeat, host: 'far' })
  const job = { node: 'n', key: 'k', attempted: 0, store: opening, root, noRepair: false, checkMutation: false }
  const received = taskIn(structuredClone({ task: { project: 'p', planNumber: 0, job } }))
  const store = await openAgain(received?.job.store as StoreOpening)
  const lease = await store.lease(address, { signal, waiting: () => undefined })
  expect(JSON.parse(fs.readFileSync(leasePath(), 'utf8'))).toMatchObject({ host: 'far', every: heartbeat.every })
  await lease.release()
  await store.flush()
})

describe('what is concluded from beats', () => {
  const watching = (looks: readonly (readonly [at: number, mark: string])[]): readonly boolean[] => {
    let now = 0
    const watch = leaseWatch(() => now)
    return looks.map(([at, mark]) => ((now = at), watch.isSilent('path', mark, 60)))
  }

  it('one look tells nothing, however old a lease is', () => {
    expect(watching([[1e9, 'a']])).toEqual([false])
  })
  it('a lease that stays the same for the limit of our own watch is given up', () => {
    expect(
      watching([
        [0, 'a'],
        [59, 'a'],
        [60, 'a'],
        [61, 'a'],
      ]),
    ).toEqual([false, false, true, true])
  })
  it('a beat begins all anew, even after it was given up', () => {
    expect(
      watching([
        [0, 'a'],
        [50, 'b'],
        [100, 'c'],
        [159, 'c'],
        [160, 'c'],
        [161, 'd'],
      ]),
    ).toEqual([false, false, false, false, true, false])
  })
})

describe('what a lease says', () => {
  const heldBy = async (content: string | Buffer): Promise<LeaseHolder | undefined> => {
    fs.mkdirSync(join(root, address.folder), { recursive: true })
    fs.writeFileSync(leasePath(), content)
    return fileStore(root, { heartbeat }).upkeep?.held(address)
  }
  const me = processIdentity()
  const record = { schema: 1, ...me, every: 250, beat: '000000000007' }

  it('is its holder, also in the form of before there was a number of the form', async () => {
    const { schema: _, beat: __, ...before } = record
    for (const one of [record, before])
      expect(await heldBy(JSON.stringify(one))).toEqual({ host: me.host, pid: process.pid })
  })

  it('is nobody known, where it is forged or of a later version: it is waited for, and nothing crashes', async () => {
    const unknown = { host: 'unknown', pid: 0 }
    const odd = [
      { pid: '1' },
      { pid: 1.5 },
      { id: '../../x' },
      { space: '/' },
      { host: 'a\nb' },
      { host: 'x'.repeat(600) },
      { start: 'x' },
      { start: {} },
      { thread: '1/../2' },
      { every: -1 },
      { every: null },
      { beat: 'x' },
      { schema: 2 },
    ]
    for (const changes of odd)
      expect([changes, await heldBy(JSON.stringify({ ...record, ...changes }))]).toEqual([changes, unknown])
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '"a"',
      '{"pid":1}',
      '{"__proto__":{"pid":1}}',
      '[['.repeat(40_000),
      Buffer.alloc(20_000, 0xff),
    ])
      expect(await heldBy(text)).toEqual(unknown)
  })

  it('does not make a living process of any pid: without its start the heartbeat counts', async () => {
    const forged = JSON.stringify({ ...record, pid: process.ppid, start: null })
    expect(await heldBy(forged)).toEqual({ host: me.host, pid: process.ppid })
    if (me.start !== null) expect(await taken()).toEqual([{ host: me.host, pid: process.ppid }])
  })
})

/**
 * What a holder elsewhere has in a store: the holder file of the only process that has one, and old temporary files,
 * all by the names of another system.
 */
const elsewhere = (): readonly string[] => {
  const [mine] = fs.readdirSync(root).filter((name) => name.startsWith('.holder.'))
  const [, maker] = /^\.holder\.[0-9a-f]{8}(-\d+-\d+)-/.exec(mine as string) as unknown as [string, string]
  const holder = join(root, `.holder.0badcafe${maker}-a1.tmp`)
  fs.linkSync(join(root, mine as string), holder)
  const folder = join(root, address.folder)
  const [file, staging] = [
    join(folder, `.${address.key}.0badcafe${maker}-a2.tmp`),
    join(folder, `.${address.key}.0badcafe${maker}t5-6-a3.tmp`),
  ]
  fs.writeFileSync(file, 'x')
  fs.mkdirSync(staging)
  for (const path of [file, staging]) fs.utimesSync(path, 1e9, 1e9)
  return [holder, file, staging]
}
