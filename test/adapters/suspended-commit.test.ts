import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { fileStore, type FileStoreOptions } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { builtOnce } from '../build-once.js'
import { runInfoFor } from './artifacts.js'

/**
 * A holder on another host that falls asleep between any two calls, is taken for dead and replaced, and wakes up: the
 * one who replaced it has the last word.
 */

let root: string
let sleeper: Worker
beforeAll(() => {
  builtOnce()
  sleeper = new Worker(resolve(import.meta.dirname, 'suspended-commit.mjs'), { execArgv: [] })
})
afterAll(() => sleeper.terminate())
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-asleep-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

/** `plain`: a file without views, which most artifacts are. */
type Kind = 'file' | 'plain' | 'folder' | 'checkpoint'
const key = 'a'.repeat(32)
const isFile = (kind: Kind): boolean => kind === 'file' || kind === 'plain'
const addressOf = (kind: Kind): Address => ({ folder: 'tasks/one', key, extension: isFile(kind) ? 'txt' : null })
const { signal } = new AbortController()
const taking: FileStoreOptions = { durability: 'none', heartbeat: { every: 1e6, limit: 1 } }

/** Takes the key over and commits; files of all versions have one size, so that only what is in them tells. */
const commit = async (store: Store, kind: Kind, version: string, meanwhile?: () => Promise<unknown>): Promise<void> => {
  const address = addressOf(kind)
  const lease = await store.lease(address, { signal, waiting: () => undefined })
  const log = store.log(address)
  log.write(version)
  const staging = await store.stage(address, kind === 'plain' ? 'file' : kind)
  if (staging.directory !== undefined) fs.writeFileSync(join(staging.directory, 'data'), version)
  await meanwhile?.()
  const saved =
    staging.directory === undefined
      ? await staging.write(Buffer.from(version), kind === 'plain' ? {} : { svg: Buffer.from(version) })
      : await staging.measure()
  await staging.commit(`version: ${version}\n${runInfoFor(address, saved)}`)
  await log.close('kept')
  await lease.release()
  await store.flush()
}

/** Everything under the key, by what it says of its version. */
const found = async (kind: Kind): Promise<Readonly<Record<string, string | undefined>>> => {
  const store = fileStore(root)
  const opened = await openArtifact(store, addressOf(kind))
  const folder = join(root, 'tasks/one')
  const others = fs
    .readdirSync(folder)
    .filter((name) => name.startsWith('.') || /\.(stale|lease|unfinished)$/.test(name))
  if ('reason' in opened) return { reason: opened.reason, others: others.join() }
  const data =
    opened.source === undefined
      ? fs.readFileSync(join(opened.directory as string, 'data'), 'utf8')
      : Buffer.from(await opened.source.bytes()).toString()
  const beside = Buffer.from((await opened.beside?.('svg')) ?? '').toString()
  return {
    data,
    runInfo: /^version: (.*)$/m.exec(opened.runInfo)?.[1],
    ...(kind === 'file' ? { beside } : {}),
    log: (await store.log(addressOf(kind)).read('kept'))?.trim(),
    others: others.join(),
  }
}

const whole = (kind: Kind, version: string) => ({
  data: version,
  runInfo: version,
  ...(kind === 'file' ? { beside: version } : {}),
  log: version,
  others: '',
})

interface Told {
  readonly asleep: boolean
  readonly outcome?: string
}

/**
 * Starts the commit that falls asleep at a call; the answer wakes it and tells how it ended. Undefined where it ended
 * before that call.
 */
const fallingAsleep = async (
  kind: Kind,
  sleepsAt: number,
): Promise<(() => Promise<string | undefined>) | undefined> => {
  const bell = new SharedArrayBuffer(4)
  sleeper.postMessage({ root, address: addressOf(kind), kind, version: 'slp', sleepsAt, bell })
  const [told] = (await once(sleeper, 'message')) as [Told]
  if (!told.asleep) return undefined
  silence()
  return async () => {
    const ended = once(sleeper, 'message')
    Atomics.store(new Int32Array(bell), 0, 1)
    Atomics.notify(new Int32Array(bell), 0)
    return ((await ended) as [Told])[0].outcome
  }
}

/** Whoever holds the lease, or just takes it over, says that it beats every millisecond, and does not. */
const silence = (): void => {
  const folder = join(root, 'tasks/one')
  for (const name of fs.readdirSync(folder).filter((one) => /\.(lease|removal)$/.test(one))) {
    const owner = JSON.parse(fs.readFileSync(join(folder, name), 'utf8')) as object
    fs.writeFileSync(join(folder, name), JSON.stringify({ ...owner, space: '00000000', every: 0 }))
  }
}

for (const kind of ['file', 'plain', 'folder', 'checkpoint'] as const) {
  it(`a ${kind}: a holder that sleeps at any call of its commit touches nothing once it was replaced`, async () => {
    for (const before of [undefined, 'old']) {
      const outcomes = new Set<string | undefined>()
      for (let sleepsAt = 0; ; sleepsAt++) {
        fs.rmSync(root, { recursive: true, force: true })
        if (before !== undefined) await commit(fileStore(root), kind, before)
        const wake = await fallingAsleep(kind, sleepsAt)
        if (wake === undefined) break
        await commit(fileStore(root, taking), kind, 'new')
        expect([sleepsAt, await found(kind)]).toEqual([sleepsAt, whole(kind, 'new')])
        outcomes.add(await wake())
        expect([sleepsAt, await found(kind)]).toEqual([sleepsAt, whole(kind, 'new')])
      }
      expect([...outcomes].sort()).toEqual(
        isFile(kind) ? ['LeaseLost', 'committed'] : ['LeaseLost', 'TaskFailed', 'committed'],
      )
    }
  })
}

it('a checkpoint: a holder that wakes while the one who replaced it works does not write into its folder', async () => {
  const outcomes = new Set<string | undefined>()
  for (let sleepsAt = 0; ; sleepsAt++) {
    fs.rmSync(root, { recursive: true, force: true })
    const wake = await fallingAsleep('checkpoint', sleepsAt)
    if (wake === undefined) break
    await commit(fileStore(root, taking), 'checkpoint', 'new', async () => outcomes.add(await wake()))
    expect([sleepsAt, await found('checkpoint')]).toEqual([sleepsAt, whole('checkpoint', 'new')])
  }
  expect([...outcomes].sort()).toEqual(['LeaseLost', 'TaskFailed', 'committed'])
})

/** A file system on which everything fails from the `last`-th call on: a kill at that moment. */
const dyingAfter = (last: number): { readonly fileSystem: FileSystem; readonly calls: () => number } => {
  let calls = 0
  const changes = Object.fromEntries(
    (
      [
        'openSync',
        'writeSync',
        'closeSync',
        'renameSync',
        'unlinkSync',
        'rmSync',
        'writeFileSync',
        'linkSync',
        'mkdirSync',
        'readdirSync',
      ] as const
    ).map((name) => [
      name,
      (...args: unknown[]): unknown => {
        if (calls++ >= last) throw Object.assign(new Error('killed'), { code: 'KILLED' })
        return (fs[name] as (...args: unknown[]) => unknown)(...args)
      },
    ]),
  )
  return { fileSystem: { ...fs, ...changes }, calls: () => calls }
}

it('who replaces a sleeping holder may be killed at any call as well: the third one has the last word', async () => {
  for (const sleepsAt of [8, 20]) {
    for (let last = 0; ; last++) {
      fs.rmSync(root, { recursive: true, force: true })
      await commit(fileStore(root), 'file', 'old')
      const wake = await fallingAsleep('file', sleepsAt)
      if (wake === undefined) throw new Error('it takes more calls than that')
      const dying = dyingAfter(last)
      const ended = await commit(
        fileStore(root, { ...taking, host: 'farther', fileSystem: dying.fileSystem }),
        'file',
        'mid',
      ).then(
        () => true,
        () => false,
      )
      silence()
      await commit(fileStore(root, taking), 'file', 'new')
      await wake()
      const { others: _, ...rest } = await found('file')
      const { others: __, ...expected } = whole('file', 'new')
      expect([sleepsAt, last, rest]).toEqual([sleepsAt, last, expected])
      if (ended && dying.calls() <= last) break
    }
  }
})

it('an unfinished checkpoint, one of an earlier version too, outlives a kill at any call of who goes on in it', async () => {
  const address = addressOf('checkpoint')
  for (const inside of ['taskchain-3', '']) {
    for (let last = 0, ended = false; !ended; last++) {
      fs.rmSync(root, { recursive: true, force: true })
      const left = join(root, 'tasks/one', `${key}.unfinished`, inside)
      fs.mkdirSync(join(left, 'deep'), { recursive: true })
      for (const name of ['one', 'deep/two']) fs.writeFileSync(join(left, name), name)
      expect(fileStore(root).pathOf(address, 'unfinished')).toBe(left)
      const { fileSystem } = dyingAfter(last)
      const dying = fileStore(root, { durability: 'none', host: 'far', heartbeat: { every: 1e6 }, fileSystem })
      ended = await dying
        .lease(address, { signal, waiting: () => undefined })
        .then(() => dying.stage(address, 'checkpoint'))
        .then(
          () => true,
          () => false,
        )
      silence()
      const next = fileStore(root, taking)
      const lease = await next.lease(address, { signal, waiting: () => undefined })
      const { directory, resumed } = await next.stage(address, 'checkpoint')
      const found = ['one', 'deep/two'].map((name) => fs.readFileSync(join(directory as string, name), 'utf8'))
      expect([last, resumed, found]).toEqual([last, true, ['one', 'deep/two']])
      expect(next.pathOf(address, 'unfinished')).toBe(directory)
      await lease.release()
    }
  }
})
