import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { LeaseHolder } from '../../src/runtime/ports/lease.js'
import { builtOnce } from '../build-once.js'
import { get, put, putFolder } from './artifacts.js'

interface Target {
  readonly kind: 'file' | 'stream' | 'folder' | 'checkpoint'
  readonly address: Address
}

const keys = Array.from({ length: 3 }, (_, at) => String(at).repeat(32))
const targets: readonly Target[] = (['file', 'stream', 'folder', 'checkpoint'] as const).flatMap((kind) =>
  keys.map((key) => ({
    kind,
    address: { folder: `tasks/${kind}`, key, extension: kind === 'file' || kind === 'stream' ? 'txt' : null },
  })),
)
const files = targets.filter(({ kind }) => kind === 'file')
const held = files[0]?.address as Address
const { signal } = new AbortController()

let root: string
let children: ChildProcess[]
beforeAll(builtOnce)
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-processes-'))
  children = []
})
afterEach(async () => {
  for (const child of children) await killed(child)
  fs.rmSync(root, { recursive: true, force: true })
})

const start = (mode: string, more: object = {}): ChildProcess => {
  const child = fork(
    resolve(import.meta.dirname, 'store-process.mjs'),
    [JSON.stringify({ mode, root, targets, ...more })],
    { execArgv: [] },
  )
  children.push(child)
  return child
}

const killed = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

it('a second process waits for the first, is told for whom, and goes on when it releases', async () => {
  const holder = start('hold')
  await once(holder, 'message')
  const told: LeaseHolder[] = []
  const lease = await fileStore(root).lease(held, {
    signal,
    waiting: (other) => {
      told.push(other)
      holder.send('release')
    },
  })
  await lease.release()
  expect(told.map(({ pid }) => pid)).toEqual([holder.pid])
})

it('a holder that was killed is replaced without anyone’s help, and nothing of it stays', async () => {
  const holder = start('hold')
  await once(holder, 'message')
  const store = fileStore(root)
  const told: LeaseHolder[] = []
  const waiting = Promise.all(
    [0, 1, 2].map(async () => {
      const lease = await store.lease(held, { signal, waiting: (other) => void told.push(other) })
      await lease.release()
    }),
  )
  await killed(holder)
  await waiting
  await store.flush()
  expect(told[0]?.pid).toBe(holder.pid)
  expect(fs.readdirSync(root, { recursive: true }).map(String).sort()).toEqual(['tasks', 'tasks/file'])
})

it('a lease whose pid belongs to another process by now is dead; one of another host is waited for', async () => {
  const store = fileStore(root)
  const path = join(root, held.folder, `${held.key}.lease`)
  const mine = await store.lease(held, { signal, waiting: () => undefined })
  const me = JSON.parse(fs.readFileSync(path, 'utf8')) as Record<string, unknown>
  await mine.release()
  const heldBy = async (content: string): Promise<string> => {
    fs.writeFileSync(path, content)
    const controller = new AbortController()
    const lease = await store
      .lease(held, { signal: controller.signal, waiting: ({ host }) => controller.abort(host) })
      .catch((reason: unknown) => String(reason))
    if (typeof lease !== 'string') await lease.release()
    fs.rmSync(path, { force: true })
    return typeof lease === 'string' ? `waits for ${lease}` : 'has it'
  }
  const other = (changes: Record<string, unknown>): Promise<string> =>
    heldBy(JSON.stringify({ ...me, id: 'abc', ...changes }))
  expect(await other({ start: '1' })).toBe('has it')
  expect(await other({ pid: 4_100_000 })).toBe('has it')
  expect(await other({ pid: -1 })).toBe('has it')
  expect(await other({})).toBe(`waits for ${String(me['host'])}`)
  expect(await other({ space: '00000000', host: 'far', machine: 'other' })).toBe('waits for far')
  expect(await other({ space: '00000000', machine: null, boot: null })).toBe(`waits for ${String(me['host'])}`)
  expect(await heldBy('not ours')).toBe('waits for unknown')
})

it('processes that want the same keys at once compute each of them once', async () => {
  const counter = join(root, 'counter')
  await Promise.all([0, 1, 2, 3].map(() => once(start('count', { targets: files, counter }), 'exit')))
  expect(fs.readFileSync(counter, 'utf8').trim().split('\n').sort()).toEqual(keys)
  expect(await Promise.all(files.map(({ address }) => get(fileStore(root), address)))).toEqual(keys)
})

it('twenty kills in the middle of commits: what has a final name is whole, always', async () => {
  let state = 12345
  const random = (below: number): number => (state = (state * 48271) % 2147483647) % below
  for (let round = 0; round < 7; round++) {
    const workers = [0, 1, 2].map(() => start('commit'))
    // One of them is enough to begin with: the others may be killed as they start.
    await Promise.race(workers.map((worker) => once(worker, 'message')))
    for (const worker of workers) {
      for (let turns = random(400); turns > 0; turns--) await new Promise((resolve) => void setImmediate(resolve))
      await killed(worker)
    }
    await checkAll()
  }
  // The next run repairs and tidies whatever is left.
  const store = fileStore(root)
  for (const { address } of targets) {
    const lease = await store.lease(address, { signal, waiting: () => undefined })
    await (address.extension === null ? putFolder(store, address, { a: 'end' }) : put(store, address, 'end'))
    await lease.release()
  }
  await store.flush()
  const left = fs.readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => entry.name)
  expect(left.filter((name) => name.startsWith('.') || /\.(stale|lease)$/.test(name))).toEqual([])
})

/**
 * Looks at every artifact as a reader would, and at every file under a final name as it is. Nobody writes meanwhile.
 */
const checkAll = async (): Promise<void> => {
  const store = fileStore(root)
  for (const { address } of targets) {
    const found = await openArtifact(store, address)
    const runInfo = await store.readRunInfo(address)
    expect(runInfo === undefined || runInfo.endsWith('attempts: 1\n')).toBe(true)
    // An artifact that is not marked as being replaced has its own run info; only a kill between the two names of a
    // first commit leaves the one without the other.
    if ('reason' in found) expect(['absent', 'no data', 'stale']).toContain(found.reason)
    else if (found.source !== undefined) expect(isWhole(Buffer.from(await found.source.bytes()).toString())).toBe(true)
    const path = store.pathOf(address) as string
    const stat = fs.statSync(path, { throwIfNoEntry: false })
    if (stat?.isFile()) expect(isWhole(fs.readFileSync(path, 'utf8'))).toBe(true)
    if (stat?.isDirectory()) {
      const texts = ['a', 'b', 'c'].map((name) => fs.readFileSync(join(path, name), 'utf8'))
      expect([new Set(texts).size, isWhole(texts[0] as string)]).toEqual([1, true])
    }
  }
}

/** Whether a text has the length that it says, and the same head and foot. */
const isWhole = (text: string): boolean => {
  const [first, middle, last] = text.split('\n')
  return first !== '' && first === last && Number(first?.split(' ')[1]) === middle?.length
}
