import * as t from 'io-ts'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openCatalog } from '../../src/adapters/catalog/catalog.js'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import { fileLeases } from '../../src/adapters/lease/file-lease.js'
import { defineTask } from '../../src/declare/task.js'
import type { RunEvent } from '../../src/runtime/ports/events.js'
import { builtOnce } from '../build-once.js'
import { open } from '../runtime/fixture.js'

let root: string
beforeAll(builtOnce)
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-catalog-faults-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const catalogIn = (): string => join(root, '.catalog')
const names = ['one', 'two', 'three']

/** A chain of three tasks, and which run infos it opens. */
const start = (failing: Partial<FileSystem> = {}, source = 'one') => {
  const read: string[] = []
  const openSync = (path: string, flags: never): number => {
    if (path.endsWith('.run_info.yaml')) read.push(path)
    return (failing.openSync ?? fs.openSync)(path, flags)
  }
  const store = fileStore(root, { fileSystem: { ...fs, ...failing, openSync } as FileSystem, durability: 'none' })
  const tasks = Object.fromEntries(
    names.map((name) => [
      name,
      defineTask({ params: { [name]: t.number }, data: t.number }).run(
        // a function of other code, where that is wanted
        source === 'one' ? () => 1 : () => 2,
      ),
    ]),
  )
  return { ...open({ p: tasks }, { params: { one: 1, two: 2, three: 3 } }, { store }), store, read }
}

/** What a second process finds: nothing to compute, and what it had to read for that. */
const found = async (
  failing: Partial<FileSystem> = {},
): Promise<readonly [read: number, because: string | undefined]> => {
  const { chain, events, read } = start(failing, 'two')
  const report = await chain.run()
  expect([report.computed, report.cached.length, report.drifted.length]).toEqual([[], 3, 3])
  const told = events.filter((event): event is RunEvent & { readonly _tag: 'rebuilt' } => event._tag === 'rebuilt')
  expect(told.reduce((sum, { artifacts }) => sum + artifacts, 0)).toBe(read.length)
  return [read.length, told[0]?.because]
}

const error = (code: string) => (): never => {
  throw Object.assign(new Error(`${code}: refused`), { code })
}
const isCatalog = (path: string): boolean => path.startsWith(catalogIn())

describe('what the catalog has lost is read from run infos, said, and known from then on', () => {
  const whole = [0, undefined]

  it('where it is whole, nothing is', async () => {
    await start().chain.run()
    expect(await found()).toEqual(whole)
  })

  it('where it was removed', async () => {
    await start().chain.run()
    fs.rmSync(catalogIn(), { recursive: true })
    expect(await found()).toEqual([3, 'none'])
    expect(await found()).toEqual(whole)
  })

  it('where a process was killed between a commit and its line', async () => {
    const first = start({ writeSync: dying(2) } as never)
    await first.chain.run()
    expect(await found()).toEqual([2, 'behind'])
    expect(await found()).toEqual(whole)
  })

  it('where a line is torn', async () => {
    await start().chain.run()
    for (const name of fs.readdirSync(catalogIn())) {
      const path = join(catalogIn(), name)
      fs.writeFileSync(path, fs.readFileSync(path, 'latin1').replace('\tjson\t', '\tcsv\t'))
    }
    expect(await found()).toEqual([1, 'damaged'])
  })

  it('where the store is one of an earlier version, whose indexes are removed then', async () => {
    await start().chain.run()
    fs.rmSync(catalogIn(), { recursive: true })
    for (const name of names) fs.writeFileSync(join(root, 'p', name, '.index.jsonl'), '\n{"key":"x"}\n')
    expect(await found()).toEqual([3, 'none'])
    expect(names.filter((name) => fs.existsSync(join(root, 'p', name, '.index.jsonl')))).toEqual([])
    expect(await found()).toEqual(whole)
  })

  it('where it was copied with the store: the files are others then', async () => {
    await start().chain.run()
    const copy = `${root}-copy`
    fs.cpSync(root, copy, { recursive: true })
    fs.rmSync(root, { recursive: true })
    fs.renameSync(copy, root)
    expect((await found())[0]).toBe(3)
    expect(await found()).toEqual(whole)
  })

  it('where a run info was edited', async () => {
    await start().chain.run()
    const folder = join(root, 'p', 'two')
    const name = fs.readdirSync(folder).find((one) => one.endsWith('.run_info.yaml')) ?? ''
    fs.writeFileSync(join(folder, name), `${fs.readFileSync(join(folder, name), 'utf8')}\n# mine\n`)
    expect(await found()).toEqual([1, 'behind'])
    expect(await found()).toEqual(whole)
  })

  /** Writes as usual, until so many lines of the catalog are there; then nothing more comes. */
  const dying = (lines: number) => {
    let left = lines
    return (descriptor: number, bytes: Uint8Array, ...rest: readonly never[]): number => {
      const text = Buffer.from(bytes).toString('latin1')
      if (/^[0-9a-f]{8}\t/.test(text) && left-- <= 0) throw Object.assign(new Error('gone'), { code: 'EIO' })
      return fs.writeSync(descriptor, bytes, ...(rest as []))
    }
  }
})

describe('where the catalog cannot be written, runs go on and read run infos', () => {
  it.each([
    [
      'a read-only disk',
      {
        mkdirSync: (path: string, options: never) => (isCatalog(path) ? error('EROFS')() : fs.mkdirSync(path, options)),
      },
    ],
    [
      'a full disk',
      {
        writeSync: (descriptor: number, bytes: Uint8Array, ...rest: readonly []) =>
          /^[0-9a-f]{8}\t/.test(Buffer.from(bytes).toString('latin1'))
            ? (fs.writeSync(descriptor, bytes.subarray(0, bytes.length >> 1)), error('ENOSPC')())
            : fs.writeSync(descriptor, bytes, ...rest),
      },
    ],
  ] as const)('%s', async (_, failing) => {
    await start(failing as never).chain.run()
    for (let time = 0; time < 2; time++) expect((await found(failing as never))[0]).toBe(3)
    expect((await found())[0]).toBe(3)
    expect(await found()).toEqual([0, undefined])
  })

  it('says why, and leaves the index of an earlier version where it is', async () => {
    await start().chain.run()
    fs.rmSync(catalogIn(), { recursive: true })
    const former = join(root, 'p/one/.index.jsonl')
    fs.writeFileSync(former, '')
    const refusing = { mkdirSync: (path: string) => (isCatalog(path) ? error('EROFS')() : undefined) }
    const { chain, events } = start(refusing as never, 'two')
    await chain.run()
    expect(events.filter(({ _tag }) => _tag === 'rebuilt')).toMatchObject([{ because: 'none', refused: 'EROFS' }])
    expect(fs.existsSync(former)).toBe(true)
    expect(await found()).toEqual([3, 'none'])
    expect(fs.existsSync(former)).toBe(false)
  })

  it.skipIf(process.getuid?.() !== 0)('belongs to whom the store belongs, whoever made it by looking', async () => {
    await start().chain.run()
    fs.rmSync(catalogIn(), { recursive: true })
    fs.chownSync(root, 65_534, 65_534)
    fs.chmodSync(root, 0o775)
    expect((await found())[0]).toBe(3)
    const { uid, gid, mode } = fs.statSync(catalogIn())
    expect([uid, gid, mode & 0o777]).toEqual([65_534, 65_534, 0o775])
  })

  it('a catalog that is removed while a run goes on', async () => {
    let computed = 0
    await start().chain.run(undefined, {
      concurrency: 1,
      onEvent: ({ _tag }) => {
        if (_tag === 'computed' && ++computed === 1) fs.rmSync(catalogIn(), { recursive: true })
      },
    })
    expect(await found()).toEqual([1, 'behind'])
    expect(await found()).toEqual([0, undefined])
  })
})

describe('eight processes that write at once', () => {
  it('lose nothing that was written, though half of them are killed', { timeout: 60_000 }, async () => {
    const written: string[] = []
    const children = Array.from({ length: 8 }, (_, number): ChildProcess => {
      const given = JSON.stringify({ root, number, batches: 60 })
      const child = fork(resolve(import.meta.dirname, 'catalog-process.mjs'), [given], { execArgv: [] })
      let batches = 0
      child.on('message', (keys: readonly string[]) => {
        for (const key of keys) written.push(key)
        if (number % 2 === 1 && ++batches === 10 * number) child.kill('SIGKILL')
      })
      return child
    })
    await Promise.all(children.map((child) => once(child, 'exit')))
    const catalog = openCatalog(fs, root, fileLeases(fs, root), () => 'now')
    const wanted = written.map((key) => ({ folder: 'a/b', key, stamp: 'now' }))
    expect(written.length).toBeGreaterThan(4 * 60 * 20)
    expect(catalog.find(wanted).filter((one) => one === undefined)).toEqual([])
    expect(catalog.state().damaged).toEqual([])
    catalog.add([{ folder: 'a/b', key: 'last', stamp: 'now', identity: '', text: '' }])
    await catalog.flush()
    expect(catalog.find(wanted).filter((one) => one === undefined)).toEqual([])
    expect(fs.readdirSync(catalogIn()).filter((name) => !/\.(sorted|segment)$/.test(name))).toEqual([])
  })
})
