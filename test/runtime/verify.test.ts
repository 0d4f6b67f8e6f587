import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { checkpoint, directory } from '../../src/data/index.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { collectGarbage, removeDeadLeases, surveyGarbage, type WalkableStore } from '../../src/runtime/upkeep/gc.js'
import { verifyStore, type Verified } from '../../src/runtime/upkeep/verify.js'
import { problemsIn } from '../chaos/inspect.js'
import { open, type Opened } from './fixture.js'

let root: string
let runs = 0
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-verify-'))
  runs = 0
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const fill = (_: unknown, { dir }: { readonly dir: string }): void => {
  runs++
  fs.mkdirSync(join(dir, 'inner'))
  fs.writeFileSync(join(dir, 'inner/small.txt'), 'small')
  fs.writeFileSync(join(dir, 'large.bin'), Buffer.alloc(3_000_000, 'large'))
}
const tasks = {
  kept: defineTask({ data: directory() }).run(fill),
  resumed: defineTask({ data: checkpoint() }).run(fill),
}
const start = (options: Parameters<typeof fileStore>[1] = {}): Opened =>
  open({ p: tasks }, {}, { store: fileStore(root, { durability: 'none', ...options }) })
const verified = (lookOnly = false): Promise<Verified> =>
  verifyStore(fileStore(root) as never, { label: 'now', lookOnly })
const folderOf = ({ chain, store }: Opened, name: string): string =>
  store.pathOf(addressOf(chain.task(name).node)) as string

const flip = (path: string): void => {
  const content = fs.readFileSync(path)
  content[content.length - 1] = (content[content.length - 1] as number) ^ 1
  fs.writeFileSync(path, content)
}

describe.each(['kept', 'resumed'])('a folder (%s)', (name) => {
  it.each(['inner/small.txt', 'large.bin'])(
    'whose %s has a flipped bit is damage to verify, set aside and computed again',
    async (file) => {
      const first = start()
      await first.chain.run()
      const path = folderOf(first, name)
      const whole = fs.readFileSync(join(path, file))
      flip(join(path, file))
      const { key, folder } = addressOf(first.chain.task(name).node)
      expect((await verified()).damage).toMatchObject([
        {
          folder,
          key,
          kind: 'damaged',
          problem: `the contents of the files in ${path} are not those of the run info`,
          setAside: true,
        },
      ])
      expect((await start().chain.run()).computed.length).toBe(1)
      expect(fs.readFileSync(join(path, file)).equals(whole)).toBe(true)
      expect(await verified()).toMatchObject({ checked: 2, sizesOnly: 0, damage: [] })
    },
  )

  it('of an earlier version is a hit, and verify tells that it knows names and sizes only', async () => {
    const first = start()
    await first.chain.run()
    const runInfo = `${folderOf(first, name)}.run_info.yaml`
    const text = fs.readFileSync(runInfo, 'utf8')
    expect(text).toMatch(/\n {2}checksum: .*\n {2}content: "?[0-9a-f]{8}"?\n/)
    fs.writeFileSync(runInfo, text.replace(/\n {2}content: .*/, ''))
    expect((await start().chain.run()).computed).toEqual([])
    expect(await verified()).toMatchObject({ checked: 2, sizesOnly: 1, damage: [] })
  })
})

it('what a run finds in the store is read by nobody: no file of a folder is opened', async () => {
  const first = start()
  await first.chain.run()
  const folders = ['kept', 'resumed'].map((name) => folderOf(first, name))
  const opened: string[] = []
  const noting = <A>(path: unknown, value: () => A): A => {
    if (folders.some((folder) => String(path).startsWith(`${folder}/`))) opened.push(String(path))
    return value()
  }
  const fileSystem = {
    ...fs,
    openSync: (...args: Parameters<typeof fs.openSync>) => noting(args[0], () => fs.openSync(...args)),
    readFileSync: (...args: Parameters<typeof fs.readFileSync>) => noting(args[0], () => fs.readFileSync(...args)),
    createReadStream: (...args: Parameters<typeof fs.createReadStream>) =>
      noting(args[0], () => fs.createReadStream(...args)),
    promises: {
      ...fs.promises,
      open: (...args: Parameters<typeof fs.promises.open>) => noting(args[0], () => fs.promises.open(...args)),
      readFile: (...args: Parameters<typeof fs.promises.readFile>) =>
        noting(args[0], () => fs.promises.readFile(...args)),
    },
  } as unknown as typeof fs
  const second = start({ fileSystem })
  expect((await second.chain.run()).computed).toEqual([])
  expect(await second.chain.value('kept')).toBe(folders[0])
  expect([runs, opened]).toEqual([2, []])
})

it('the checksum of contents can be told without the library', async () => {
  await start().chain.run()
  const contents = (): string[] =>
    problemsIn(root, new Map())
      .filter((problem) => problem.includes('contents'))
      .map((problem) => problem.replace(/^.*: tells contents/, 'tells contents'))
  expect(contents()).toEqual([])
  flip(join(folderOf(start(), 'kept'), 'large.bin'))
  expect(contents()).toEqual([expect.stringMatching(/^tells contents [0-9a-f]{8}, its folder has [0-9a-f]{8}$/)])
})

describe('a folder that takes long to measure', () => {
  /** Never done with measuring; `begun` resolves when it has begun. */
  const slow = (): { readonly store: Store; readonly begun: Promise<void> } => {
    const store = fileStore(root, { durability: 'none' })
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const stage: Store['stage'] = async (...args) => ({
      ...(await store.stage(...args)),
      measure: () => (begin(), new Promise(() => undefined)),
    })
    return { store: { ...store, stage }, begun }
  }

  it('does not keep a run from stopping; nothing is left', async () => {
    const { store, begun } = slow()
    const controller = new AbortController()
    const { chain } = open({ p: { kept: tasks.kept } }, {}, { store })
    const running = chain.run(undefined, { signal: controller.signal })
    await begun
    controller.abort()
    expect(await running).toMatchObject({ stopped: true, computed: [], failed: [] })
    expect((await verified()).checked).toBe(0)
  })

  it('counts towards the timeout', async () => {
    const { store } = slow()
    const { chain } = open({ p: { kept: defineTask({ data: directory(), timeout: 0.05 }).run(fill) } }, {}, { store })
    expect((await chain.run()).failed.map(({ _tag }) => _tag)).toEqual(['TimedOut'])
  })
})

describe('an artifact that is wrong while somebody holds its lease', () => {
  const heartbeat = { every: 50, limit: 400 }
  const store = (): WalkableStore => fileStore(root, { heartbeat })
  const held = async (): Promise<{
    readonly release: () => void
    readonly data: string
    readonly name: { readonly folder: string; readonly key: string }
  }> => {
    const first = start()
    await first.chain.run()
    const address = addressOf(first.chain.task('kept').node)
    const data = folderOf(first, 'kept')
    flip(join(data, 'large.bin'))
    const lease = `${data}.lease`
    fs.writeFileSync(
      lease,
      JSON.stringify({
        schema: 1,
        pid: 7,
        start: '5',
        thread: null,
        host: 'container',
        machine: null,
        boot: null,
        space: '0badcafe',
        id: 'abc',
        every: 50,
        beat: '000000000001',
      }),
    )
    return { release: () => fs.rmSync(lease), data, name: { folder: address.folder, key: address.key } }
  }

  it('by a container that was killed is damage: its lease is as old for everyone', async () => {
    const { data, name } = await held()
    expect(await verifyStore(store(), { label: 'now' })).toMatchObject({
      checked: 2,
      unsure: [],
      damage: [{ ...name, kind: 'damaged', setAside: true }],
    })
    expect([data, `${data}.lease`].filter((path) => fs.existsSync(path))).toEqual([])
  })

  it('by a process elsewhere that lives is told, as what could not be looked at', async () => {
    const { data, name } = await held()
    let beat = 1
    const beats = setInterval(
      () =>
        fs.writeFileSync(
          `${data}.lease`,
          fs
            .readFileSync(`${data}.lease`, 'utf8')
            .replace(/"beat":"\d+"/, `"beat":"${String(++beat).padStart(12, '0')}"`),
        ),
      50,
    )
    const found = await verifyStore(store(), { label: 'now' }).finally(() => clearInterval(beats))
    const problem = `the contents of the files in ${data} are not those of the run info`
    expect(found).toMatchObject({
      checked: 2,
      damage: [],
      unsure: [{ ...name, problem, heldBy: { host: 'container', pid: 7 } }],
    })
  })

  it('by a process of this system that lives is told at once, and is damage when that lets go', async () => {
    const { release, data, name } = await held()
    release()
    const holder = start()
    const lease = await holder.store.lease(addressOf(holder.chain.task('kept').node), {
      signal: new AbortController().signal,
      waiting: () => undefined,
    })
    expect(await verifyStore(fileStore(root), { label: 'now' })).toMatchObject({
      damage: [],
      unsure: [{ ...name, heldBy: { pid: process.pid } }],
    })
    expect(fs.existsSync(data)).toBe(true)
    await lease.release()
    expect(await verifyStore(store(), { label: 'now' })).toMatchObject({ damage: [name], unsure: [] })
  })

  it('is garbage all the same, once a dead holder is known to be dead; one that lives keeps it', async () => {
    const { data, name } = await held()
    const nothing = { has: () => false }
    const survey = await surveyGarbage(store(), nothing)
    expect(survey.unreachable.map(({ heldBy }) => heldBy)).toEqual([undefined, undefined])
    expect((await collectGarbage(store(), survey.unreachable, 'now')).busy).toMatchObject([name]) // who has not looked on does not know
    const looking = store()
    const { moved } = await collectGarbage(looking, (await surveyGarbage(looking, nothing)).unreachable, 'later')
    expect([moved, fs.existsSync(data), fs.existsSync(`${data}.lease`)]).toMatchObject([[name], false, false])
  })

  it('goes with gc beside what is reachable too, once its heartbeat was looked at; with it pins and staging', async () => {
    const { data } = await held()
    flip(join(data, 'large.bin')) // whole again: nobody has a reason to look on
    const lease = fs.readFileSync(`${data}.lease`)
    const folder = dirname(data)
    const stranger = `${basename(data)}.0badcafe-7-5`
    fs.mkdirSync(join(folder, '.pins'))
    fs.writeFileSync(join(folder, '.pins', stranger), lease)
    fs.mkdirSync(join(folder, `.${stranger}-abc.tmp`))
    const litter = (): readonly string[] =>
      fs.readdirSync(folder).filter((name) => /^\..*\.tmp$|^\.pins$|\.lease$/.test(name))
    const all = { has: () => true }
    const before = litter()
    const looked = await surveyGarbage(store(), all)
    expect(looked.leases.map(({ life, reads, heldBy }) => [life, reads, heldBy.host])).toEqual([
      ['unknown', false, 'container'],
      ['unknown', true, 'container'],
    ])
    expect(litter()).toEqual(before)
    const looking = store()
    const { leases } = await surveyGarbage(looking, all, { everyLease: true })
    expect((await removeDeadLeases(looking, leases)).map(({ reads }) => reads)).toEqual([false, true])
    expect(litter()).toEqual([])
    expect(await verifyStore(store(), { label: 'now' })).toMatchObject({ checked: 2, damage: [] })
  })

  it('is left beside what is reachable while its holder lives, here or elsewhere', async () => {
    const { data } = await held()
    const holder = start()
    const own = await holder.store.lease(addressOf(holder.chain.task('resumed').node), {
      signal: new AbortController().signal,
      waiting: () => undefined,
    })
    let beat = 1
    const beats = setInterval(() => {
      const said = fs.readFileSync(`${data}.lease`, 'utf8')
      fs.writeFileSync(`${data}.lease`, said.replace(/"beat":"\d+"/, `"beat":"${String(++beat).padStart(12, '0')}"`))
    }, 50)
    try {
      const { leases } = await surveyGarbage(store(), { has: () => true }, { everyLease: true })
      expect(leases).toEqual([])
    } finally {
      clearInterval(beats)
    }
    expect(fs.existsSync(`${data}.lease`)).toBe(true)
    await own.release()
  })
})
