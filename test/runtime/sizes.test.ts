import * as t from 'io-ts'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { directory, jsonLines } from '../../src/data/index.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { open, type Opened } from './fixture.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-sizes-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const tasks = {
  number: defineTask({ data: t.number }).run(() => 12_345),
  silent: defineTask({ data: t.string, onCodeChange: 'ignore' }).run(
    () => 'its code is of no interest, and so its index is not read for that',
  ),
  lines: defineTask({ data: jsonLines(t.number) }).run(function* () {
    yield* [1, 2, 3]
  }),
  folder: defineTask({ data: directory() }).run((_, { dir }) => {
    fs.mkdirSync(join(dir, 'deep'))
    for (const name of ['a', 'deep/b']) fs.writeFileSync(join(dir, name), name)
  }),
}
const all = Object.keys(tasks).map((name) => `p:${name}`)
const start = (parts: Parameters<typeof open>[2] = {}): Opened =>
  open({ p: tasks }, {}, { store: fileStore(root, { durability: 'none' }), ...parts })
const pathOf = ({ chain, store }: Opened, name: keyof typeof tasks): string =>
  store.pathOf(addressOf(chain.task(name).node)) as string

/** What a crash or a copy that went wrong does to data, leaving its name. */
const losses: Readonly<Record<string, readonly [name: keyof typeof tasks, lose: (path: string) => void]>> = {
  'a file of 0 bytes': ['number', (path) => fs.truncateSync(path)],
  'a file of 0 bytes, of a task whose code is not looked at': ['silent', (path) => fs.truncateSync(path)],
  'a file that lost its end': ['lines', (path) => fs.truncateSync(path, 3)],
  'a file that grew': ['lines', (path) => fs.appendFileSync(path, 'x')],
  'a folder where a file was': ['number', (path) => (fs.rmSync(path), fs.mkdirSync(path))],
  'a link that leads nowhere': ['number', (path) => (fs.rmSync(path), fs.symlinkSync('gone', path))],
  'an empty folder': [
    'folder',
    (path) => fs.readdirSync(path).forEach((name) => fs.rmSync(join(path, name), { recursive: true })),
  ],
  'an empty file in a folder': ['folder', (path) => fs.truncateSync(join(path, 'deep/b'))],
}

describe.each([true, false])('where the catalog is there: %s', (isThere) => {
  it.each(Object.keys(losses))('%s is not called cached: it is named and computed again', async (loss) => {
    const [name, lose] = losses[loss] as (typeof losses)[string]
    const first = start()
    await first.chain.run()
    lose(pathOf(first, name))
    if (!isThere) fs.rmSync(join(root, '.catalog'), { recursive: true })
    expect((await start().chain.states()).get(`p:${name}`)).toBe('to_run')
    const again = start()
    const path = pathOf(again, name)
    if (loss.startsWith('a folder where')) fs.rmSync(path, { recursive: true }) // what is no artifact of ours is not replaced
    const { computed, cached } = await again.chain.run()
    expect([computed, cached.toSorted()]).toEqual([[`p:${name}`], all.filter((id) => id !== `p:${name}`).toSorted()])
    expect((await start().chain.run()).cached.toSorted()).toEqual(all.toSorted())
  })
})

describe('a run info that is cut short', () => {
  it.each([0, 40, 300])('to %i bytes is no hit to any who asks, and is computed again', async (length) => {
    const first = start()
    await first.chain.run()
    const runInfo = pathOf(first, 'number').replace(/json$/, 'run_info.yaml')
    fs.truncateSync(runInfo, length)
    expect((await start().chain.states()).get('p:number')).toBe('to_run')
    expect((await start().chain.run()).computed).toEqual(['p:number'])
    expect((await start().chain.states()).get('p:number')).toBe('cached')
  })

  it('or edited by hand, but tells size and checksum of the data, is a hit to all of them', async () => {
    const first = start()
    await first.chain.run()
    const runInfo = pathOf(first, 'number').replace(/json$/, 'run_info.yaml')
    fs.writeFileSync(runInfo, fs.readFileSync(runInfo, 'utf8').replace(/^peak_memory: .*\n/m, ''))
    expect((await start().chain.states()).get('p:number')).toBe('cached')
    expect((await start().chain.run()).computed).toEqual([])
  })
})

describe('a cached run', () => {
  it('says what is wrong with data of another size, and without repair is an error that names it', async () => {
    const first = start()
    await first.chain.run()
    fs.truncateSync(pathOf(first, 'number'))
    const strict = await start({ noRepair: true }).chain.run(['number'])
    expect(strict.failed).toMatchObject([
      { _tag: 'ArtifactUnreadable', node: 'p:number', path: pathOf(first, 'number') },
    ])
    const { chain, events } = start()
    await chain.run()
    expect(events.filter(({ _tag }) => _tag === 'missed')).toMatchObject([
      { node: 'p:number', reason: 'size differs: 0 bytes, the run info says 5' },
    ])
  })

  it('opens no data and no run info, and looks at each file once', async () => {
    await start().chain.run()
    const looked: string[] = []
    const opened: string[] = []
    const noting = {
      ...fs,
      statSync: (path: string, options: fs.StatSyncOptions) => (looked.push(path), fs.statSync(path, options)),
      openSync: (path: string, flags: string) => (opened.push(path), fs.openSync(path, flags)),
    } as unknown as typeof fs
    const { chain } = start({ store: fileStore(root, { durability: 'none', fileSystem: noting }) })
    expect((await chain.run()).cached).toHaveLength(all.length)
    expect([looked.length, opened.filter((path) => !path.startsWith(join(root, '.catalog')))]).toEqual([3, []])
  })

  it('is not misled by a catalog that tells another size: what is whole is cached', async () => {
    await start().chain.run()
    for (const name of fs.readdirSync(join(root, '.catalog'))) {
      const path = join(root, '.catalog', name)
      fs.writeFileSync(path, fs.readFileSync(path, 'utf8').replace('\tjson\t5\t', '\tjson\t500\t'))
    }
    const report = await start().chain.run()
    expect([report.computed, report.loaded, report.cached.length]).toEqual([[], [], all.length])
  })
})
