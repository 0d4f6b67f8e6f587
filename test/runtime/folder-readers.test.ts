import { listFolder } from '../../src/runtime/run-info/one-folder.js'
import * as t from 'io-ts'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { directory } from '../../src/data/index.js'
import { inMemory } from '../../src/declare/format.js'
import { lazy } from '../../src/declare/input.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { collectGarbage, surveyGarbage, type Collected, type WalkableStore } from '../../src/runtime/upkeep/gc.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { open, type Opened } from './fixture.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-readers-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

/** Short, since whoever is elsewhere is watched for a beat. */
const heartbeat = { every: 50, limit: 2000 }

const fill = (_: unknown, { dir }: { readonly dir: string }): void => {
  for (const name of ['a', 'b', 'c']) fs.writeFileSync(join(dir, name), name)
}
const made = defineTask({ data: directory() }).run(fill)
/** Counts the files of a folder after something has happened to it; what is not there it does not miss. */
const counted = (happens: () => Promise<unknown>) => {
  let runs = 0
  const count = defineTask({ inputs: { made }, data: t.number }).run(async ({ made: path }) => {
    if (runs++ === 0) await happens()
    return ['a', 'b', 'c'].filter((name) => fs.existsSync(join(path, name))).length
  })
  return { pipelines: { p: { made, count } }, runs: () => runs }
}
const nothingReachable = { has: () => false }
const collected = async (store: Store): Promise<Collected> => {
  const walked = store as WalkableStore
  return collectGarbage(walked, (await surveyGarbage(walked, nothingReachable)).unreachable, 'now')
}
const left = (): readonly string[] =>
  fs
    .readdirSync(root, { recursive: true })
    .map(String)
    .filter((path) => /(^|\/)\./.test(path) && !path.startsWith('.catalog') && !path.startsWith('.trash'))

describe.each([
  ['on disk', () => fileStore(root, { heartbeat })],
  ['in memory', () => memoryStore()],
] as const)('a task that reads a folder, %s', (_, make) => {
  it('keeps it from gc and from a deletion until it has ended', async () => {
    const store = make()
    const other = store.location === 'memory' ? store : fileStore(root, { host: 'far', heartbeat })
    let seen: Collected | undefined
    let forcing: Opened | undefined
    const { pipelines, runs } = counted(async () => {
      seen = await collected(other)
      await forcing?.chain.force(['made'], { delete: true })
    })
    forcing = open(pipelines, {}, { store: other })
    expect(await open(pipelines, {}, { store }).chain.value('p:count')).toBe(3)
    expect([seen?.moved, seen?.busy.length, seen?.failed, runs()]).toEqual([[], 1, [], 1])
    await other.flush()
    expect([store.location === 'memory' ? [] : left(), (await collected(other)).moved.length]).toEqual([[], 2])
  })

  it('is run again where the folder went all the same, even if it did not miss it', async () => {
    const store = make()
    let opened: Opened | undefined
    const { pipelines, runs } = counted(async () => store.remove(addressOf((opened as Opened).chain.task('made').node)))
    opened = open(pipelines, {}, { store })
    expect(await opened.chain.value('p:count')).toBe(3)
    expect([runs(), opened.told().filter((line) => line.startsWith('computed'))]).toEqual([
      2,
      ['computed p:made', 'computed p:made', 'computed p:count'],
    ])
  })
})

it('a folder that was replaced while it was read counts as gone, one that was only marked does not', async () => {
  for (const [happens, times] of [
    ['replaced', 2],
    ['marked', 1],
    ['marked, then half deleted', 2],
  ] as const) {
    fs.rmSync(root, { recursive: true, force: true })
    let opened: Opened | undefined
    const { pipelines, runs } = counted(async () => {
      const { node } = (opened as Opened).chain.task('made')
      if (happens !== 'replaced') await fileStore(root).markStale(addressOf(node))
      if (happens === 'marked') return undefined
      // a deletion that has come this far, or was killed here: the run info goes after the data
      if (happens !== 'replaced')
        return fs.rmSync(fileStore(root).pathOf(addressOf(node)) as string, { recursive: true })
      const again = open({ p: { made } }, {}, { store: fileStore(root) })
      await again.chain.force(['made'])
      return again.chain.run()
    })
    opened = open(pipelines, {}, { store: fileStore(root) })
    expect(await opened.chain.value('p:count')).toBe(3)
    expect([happens, runs()]).toEqual([happens, times])
  }
})

it.each([
  ['counts as gone, also if it moves again during the check', 'replaced', 'ENOENT', 2],
  ['counts as gone, also if the disk refuses the check', 'replaced', 'EMFILE', 2],
  ['only if its run info says so, where the check is refused', 'left alone', 'EMFILE', 1],
] as const)('a folder that was replaced while it was read %s', async (_, happens, code, times) => {
  let isRefused = false
  const readdirSync = ((path: string, options: never) => {
    if (isRefused && /made\/\w{32}\/?$/.test(path)) {
      isRefused = false
      throw Object.assign(new Error(`${code}: scandir '${path}'`), { code })
    }
    return fs.readdirSync(path, options)
  }) as typeof fs.readdirSync
  const fileSystem = { ...fs, readdirSync }
  const { pipelines, runs } = counted(async () => {
    const again = open({ p: { made } }, {}, { store: fileStore(root) })
    if (happens === 'replaced') await again.chain.force(['made'])
    await again.chain.run()
    isRefused = true
  })
  expect(await open(pipelines, {}, { store: fileStore(root, { fileSystem }) }).chain.value('p:count')).toBe(3)
  expect([isRefused, runs()]).toEqual([false, times])
})

it('a folder that is read through a value in memory is pinned as well', async () => {
  const path = defineTask({ inputs: { made }, data: inMemory<string>() }).run(({ made: folder }) => folder)
  let seen: Collected | undefined
  const count = defineTask({ inputs: { path }, data: t.number }).run(async ({ path: folder }) => {
    seen = await collected(fileStore(root))
    return fs.readdirSync(folder).length
  })
  expect(await open({ p: { made, path, count } }, {}, { store: fileStore(root) }).chain.value('p:count')).toBe(3)
  expect([seen?.moved, seen?.busy.length]).toEqual([[], 1])
})

it('a folder that a task asks for while it runs is pinned from then on', async () => {
  const asked = async (folder: string): Promise<number> => {
    const seen = await collected(fileStore(root))
    expect(seen.moved.map((artifact) => artifact.folder)).not.toContain('p/made')
    expect(seen.busy.map((artifact) => artifact.folder)).toContain('p/made')
    return fs.readdirSync(folder).length
  }
  let runs = 0
  const byThunk = defineTask({ inputs: { made: lazy(made) }, data: t.number }).run(async (args) => {
    runs++
    return asked(await args.made())
  })
  const byHandle = defineTask({ inputs: { made: lazy(made) }, data: t.number }).run(async (_, { inputs }) => {
    runs++
    return asked(await inputs.made.value())
  })
  const { chain } = open({ p: { made, byThunk, byHandle } }, {}, { store: fileStore(root) })
  expect([await chain.value('p:by_thunk'), await chain.value('p:by_handle'), runs]).toEqual([3, 3, 2])
  expect(left()).toEqual([])
})

it('the pin of a reader that was killed keeps nothing', async () => {
  const { pipelines } = counted(async () => undefined)
  const opened = open(pipelines, {}, { store: fileStore(root) })
  await opened.chain.run()
  const address = addressOf(opened.chain.task('made').node)
  const pins = join(root, address.folder, '.pins')
  await fileStore(root).upkeep?.pin(address)
  const [name] = fs.readdirSync(pins) as [string]
  const owner = JSON.parse(fs.readFileSync(join(pins, name), 'utf8')) as object
  expect((await collected(fileStore(root))).busy.length).toBe(1)
  fs.writeFileSync(join(pins, name), JSON.stringify({ ...owner, pid: 4_100_000 }))
  const store = fileStore(root)
  expect((await collected(store)).busy).toEqual([])
  await listFolder(store, address.folder)
  await store.flush()
  expect(fs.existsSync(pins)).toBe(false)
})

it('a link in place of the folder of pins is not followed', async () => {
  const { pipelines } = counted(async () => undefined)
  const outside = fs.mkdtempSync(join(tmpdir(), 'taskchain-outside-'))
  const opened = open(pipelines, {}, { store: fileStore(root) })
  await opened.chain.value('p:made')
  fs.symlinkSync(outside, join(root, addressOf(opened.chain.task('made').node).folder, '.pins'))
  expect(await opened.chain.value('p:count')).toBe(3)
  expect(fs.readdirSync(outside)).toEqual([])
  fs.rmSync(outside, { recursive: true })
})
