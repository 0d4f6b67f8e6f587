import { factsInFolder, listFolder } from '../../src/runtime/run-info/one-folder.js'
import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import { processIdentity } from '../../src/adapters/lease/process-identity.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
import { fullContract } from '../store.contract.js'
import { get, put, putFolder, runInfoFor, putRunInfo } from './artifacts.js'
import { watchedSyncs } from './watched-syncs.js'

const freshFolder = (): string => fs.mkdtempSync(join(tmpdir(), 'taskchain-store-'))

for (const durability of ['group', 'each', 'none'] as const) {
  fullContract(`fileStore, durability ${durability}`, () => {
    const root = freshFolder()
    return {
      store: fileStore(join(root, 'store'), { durability }),
      dispose: () => fs.rmSync(root, { recursive: true }),
    }
  })
}

const key = 'a'.repeat(32)
const folder = 'movies/all_movies'
const address = { folder, key, extension: 'json' } as const
const asFolder = { folder, key, extension: null } as const
const { signal } = new AbortController()

let root: string
let store: FullStore
beforeEach(() => {
  root = freshFolder()
  store = fileStore(join(root, 'store'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const inStore = (...parts: readonly string[]): string => join(root, 'store', ...parts)
const names = (): readonly string[] => fs.readdirSync(inStore(folder)).sort()
const systemError = (code: string): Error => Object.assign(new Error(`${code}: on purpose`), { code })

/** node:fs with some calls replaced. */
const failing = (changes: Partial<Record<keyof FileSystem, unknown>>): FileSystem =>
  ({ ...fs, ...changes }) as FileSystem

describe('what is removed while it is being synced', () => {
  it('needs no sync: a folder and what is in it', async () => {
    const data = inStore(folder, key)
    for (const [gone, left] of [
      [data, 0],
      [join(data, 'deep'), 1],
    ] as const) {
      const removing = watchedSyncs((path) => path === gone && fs.rmSync(path, { recursive: true }))
      const unlucky = fileStore(join(root, 'store'), { fileSystem: removing })
      const staging = await unlucky.stage(asFolder, 'folder')
      fs.mkdirSync(join(staging.directory as string, 'deep'))
      for (const name of ['a', 'deep/b']) fs.writeFileSync(join(staging.directory as string, name), name)
      await staging.commit(runInfoFor(asFolder, await staging.measure()))
      await unlucky.flush()
      expect(names().filter((name) => name === key).length).toBe(left)
    }
  })
})

describe('layout', () => {
  it('data, run info and log stand beside each other under the key', async () => {
    const sink = store.log(address)
    sink.write('line')
    expect(await put(store, address, 'text')).toBe(inStore(folder, `${key}.json`))
    expect(await sink.close('kept')).toBe(inStore(folder, `${key}.log`))
    expect(names()).toEqual([`${key}.json`, `${key}.log`, `${key}.run_info.yaml`])
    expect(store.pathOf(address)).toBe(inStore(folder, `${key}.json`))
    expect(store.pathOf(asFolder)).toBe(inStore(folder, key))
  })

  it('opening, listing and asking for paths make nothing', async () => {
    await openArtifact(store, address)
    await listFolder(store, folder)
    await store.markStale(address)
    await store.remove(address)
    await store.flush()
    expect(fs.existsSync(inStore())).toBe(false)
  })

  it('a link is relative, is replaced when it leads elsewhere, and replaces nothing but links', async () => {
    await put(store, address, 'text')
    const path = await store.links.link(address, 'basic')
    expect(fs.readlinkSync(path)).toBe(`${key}.json`)
    const other = { ...address, key: 'b'.repeat(32) }
    await put(store, other, 'other')
    await store.links.link(other, 'basic')
    expect(fs.readFileSync(path, 'utf8')).toBe('other')
    fs.writeFileSync(inStore(folder, 'notes.json'), 'mine')
    await expect(store.links.link(address, 'notes')).rejects.toMatchObject({ code: 'EEXIST' })
    expect(fs.readFileSync(inStore(folder, 'notes.json'), 'utf8')).toBe('mine')
  })

  it('what is kept beside the data has the key for its name, gets links of its own, and goes with it', async () => {
    const putViews = async (files: FileSystem = fs): Promise<void> => {
      const staging = await fileStore(join(root, 'store'), { fileSystem: files, durability: 'none' }).stage(
        address,
        'file',
      )
      await staging.commit(
        runInfoFor(
          address,
          await staging.write(Buffer.from('text'), { svg: Buffer.from('<svg/>'), png: Buffer.from('png') }),
        ),
      )
    }
    await putViews()
    expect(names()).toEqual([`${key}.json`, `${key}.png`, `${key}.run_info.yaml`, `${key}.svg`])
    expect(await store.links.link(address, 'basic')).toBe(inStore(folder, 'basic.json'))
    expect(['json', 'png', 'svg'].map((extension) => fs.readlinkSync(inStore(folder, `basic.${extension}`)))).toEqual([
      `${key}.json`,
      `${key}.png`,
      `${key}.svg`,
    ])
    for (const link of ['json', 'png', 'svg']) fs.unlinkSync(inStore(folder, `basic.${link}`))
    fs.unlinkSync(inStore(folder, `${key}.png`))
    expect(await get(store, address)).toBe('text')
    let renames = 0
    const noFourth = failing({
      renameSync: (from: string, to: string) =>
        ++renames === 4 ? expect.unreachable('disk failure on purpose') : fs.renameSync(from, to),
    })
    await expect(putViews(noFourth)).rejects.toThrow('on purpose')
    expect([await get(store, address), names().filter((name) => !name.startsWith('.'))]).toEqual([
      'text',
      [`${key}.json`, `${key}.run_info.yaml`, `${key}.svg`],
    ])
    await store.remove(address)
    expect(names().filter((name) => !name.startsWith('.'))).toEqual([])
  })

  it('foreign names in a folder are left alone and not listed', async () => {
    await put(store, address, 'text')
    fs.writeFileSync(inStore(folder, 'README.md'), 'mine')
    fs.writeFileSync(inStore(folder, '.hidden'), 'mine')
    fs.mkdirSync(inStore(folder, 'sub_task'))
    expect([...(await listFolder(store, folder)).keys()]).toEqual([key])
  })
})

describe('damage', () => {
  it('is a miss with its reason', async () => {
    await put(store, address, 'text')
    const data = inStore(folder, `${key}.json`)
    const runInfo = inStore(folder, `${key}.run_info.yaml`)
    const text = fs.readFileSync(runInfo, 'utf8')
    const seen: Record<string, string> = {}
    const after = async (name: string, change: () => void): Promise<void> => {
      change()
      seen[name] = await get(store, address).catch((error: Error) => error.name)
      fs.rmSync(data, { recursive: true, force: true })
      fs.rmSync(runInfo, { recursive: true, force: true })
      fs.writeFileSync(data, 'text')
      fs.writeFileSync(runInfo, text)
    }
    await after('nothing', () => undefined)
    await after('truncated', () => fs.truncateSync(data, 2))
    await after('empty', () => fs.truncateSync(data, 0))
    await after('one letter changed', () => fs.writeFileSync(data, 'texT'))
    await after('data removed', () => fs.unlinkSync(data))
    await after('data is a folder', () => (fs.unlinkSync(data), fs.mkdirSync(data)))
    await after('run info removed', () => fs.unlinkSync(runInfo))
    await after('run info empty', () => fs.truncateSync(runInfo, 0))
    await after('run info cut', () => fs.writeFileSync(runInfo, text.slice(0, 60)))
    await after('run info is a folder', () => (fs.unlinkSync(runInfo), fs.mkdirSync(runInfo)))
    await after('run info is noise', () => fs.writeFileSync(runInfo, Buffer.from([0xff, 0, 0x7b, 0x22, 0x0a, 0xc0])))
    expect(seen).toEqual({
      nothing: 'text',
      truncated: 'miss: size differs',
      empty: 'miss: size differs',
      'one letter changed': 'DamagedArtifact',
      'data removed': 'miss: no data',
      'data is a folder': 'miss: no data',
      'run info removed': 'miss: no run info',
      'run info empty': 'miss: unreadable run info',
      'run info cut': 'miss: unreadable run info',
      'run info is a folder': 'miss: unreadable run info',
      'run info is noise': 'miss: unreadable run info',
    })
  })

  it('is mended by the next commit', async () => {
    for (const damage of [
      () => fs.writeFileSync(inStore(folder, `${key}.json`), 'something else'),
      () => fs.mkdirSync(inStore(folder, `${key}.run_info.yaml`)),
      () => fs.symlinkSync('/nowhere', inStore(folder, `${key}.json`)),
      () => fs.symlinkSync('/nowhere', inStore(folder, `${key}.stale`)),
      () => fs.mkdirSync(inStore(folder, `${key}.log`)),
    ]) {
      await put(store, { ...address, key: 'b'.repeat(32) }, 'other')
      damage()
      await put(store, address, 'text')
      expect(await get(store, address)).toBe('text')
      await store.remove(address)
    }
  })

  it('a folder where a file belongs, or a file where a folder does, is somebody’s own: refused, and left', async () => {
    fs.mkdirSync(inStore(folder, `${key}.json`), { recursive: true })
    fs.writeFileSync(inStore(folder, `${key}.json`, 'notes'), 'mine')
    fs.writeFileSync(inStore(folder, key), 'mine')
    await expect(put(store, address, 'text')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(putFolder(store, asFolder, { a: '1' })).rejects.toMatchObject({ code: 'EEXIST' })
    expect([
      fs.readFileSync(inStore(folder, `${key}.json`, 'notes'), 'utf8'),
      fs.readFileSync(inStore(folder, key), 'utf8'),
    ]).toEqual(['mine', 'mine'])
    expect(await listFolder(store, folder)).toEqual(
      new Map([[key, { extensions: ['', 'json'], runInfo: false, log: false, stale: false, unfinished: false }]]),
    )
  })

  it('data that goes away between opening and reading is damage, not a crash', async () => {
    await put(store, address, 'text')
    const found = await openArtifact(store, address)
    fs.unlinkSync(inStore(folder, `${key}.json`))
    if ('reason' in found || found.source === undefined) throw new Error('it was there')
    await expect(found.source.bytes()).rejects.toMatchObject({ name: 'DamagedArtifact' })
    await expect(found.source.slice(0, 1)).rejects.toMatchObject({ name: 'DamagedArtifact' })
    await expect(found.source.stream()[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      name: 'DamagedArtifact',
    })
  })
})

describe('a disk that refuses', () => {
  it('a file in the way of a folder is told with its path, and stays', async () => {
    fs.mkdirSync(inStore('movies'), { recursive: true })
    fs.writeFileSync(inStore('movies', 'all_movies'), 'mine')
    await expect(put(store, address, 'text')).rejects.toMatchObject({
      code: 'ENOTDIR',
      message: expect.stringContaining('all_movies is in the way') as string,
    })
    await expect(store.lease(address, { signal, waiting: () => undefined })).rejects.toMatchObject({ code: 'ENOTDIR' })
    expect(fs.readFileSync(inStore('movies', 'all_movies'), 'utf8')).toBe('mine')
    fs.writeFileSync(join(root, 'file'), 'mine')
    await expect(put(fileStore(join(root, 'file')), address, 'text')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(put(fileStore(join(root, 'file', 'below')), address, 'text')).rejects.toMatchObject({
      code: 'ENOTDIR',
    })
  })

  it('a full disk at any write or rename leaves the earlier artifact and no temporary file', async () => {
    await put(store, address, 'old')
    const before = names()
    for (const call of ['writeSync', 'renameSync', 'openSync', 'writeFileSync'] as const) {
      for (let after = 0; after < 6; after++) {
        let calls = 0
        const original = fs[call] as (...args: unknown[]) => unknown
        const full = fileStore(inStore(), {
          durability: 'none',
          fileSystem: failing({
            [call]: (...args: unknown[]) => {
              if (calls++ === after) throw systemError('ENOSPC')
              return original(...args)
            },
          }),
        })
        const staging = await full.stage(address, 'file')
        const outcome = await staging
          .write(Buffer.from('new'))
          .then((saved) => staging.commit(runInfoFor(address, saved)))
          .catch((error: NodeJS.ErrnoException) => error.code)
        await staging.discard()
        if (outcome === 'ENOSPC') {
          expect([call, after, names(), await get(store, address)]).toEqual([call, after, before, 'old'])
        } else {
          expect(await get(store, address)).toBe('new')
          await put(store, address, 'old')
        }
      }
    }
  })

  it('a full disk in the middle of a stream, or of a folder, is the same', async () => {
    await put(store, address, 'old')
    await putFolder(store, { ...asFolder, key: 'b'.repeat(32) }, { a: 'old' })
    const before = names()
    const large = Buffer.alloc(3_000_000)
    const open: typeof fs.promises.open = async (...args) => {
      const handle = await fs.promises.open(...args)
      let calls = 0
      const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>
      return Object.assign(handle, {
        write: (...rest: unknown[]) => (calls++ === 2 ? Promise.reject(systemError('EIO')) : write(...rest)),
      })
    }
    const full = fileStore(inStore(), { fileSystem: failing({ promises: { ...fs.promises, open } }) })
    const staging = await full.stage(address, 'file')
    await expect(staging.write([large, large, large])).rejects.toMatchObject({ code: 'EIO' })
    await staging.discard()
    let renames = 0
    const noRoom = fileStore(inStore(), {
      fileSystem: failing({
        renameSync: (from: string, to: string) =>
          renames++ === 3
            ? (() => {
                throw systemError('ENOSPC')
              })()
            : fs.renameSync(from, to),
      }),
    })
    await expect(putFolder(noRoom, { ...asFolder, key: 'b'.repeat(32) }, { a: 'new' })).rejects.toMatchObject({
      code: 'ENOSPC',
    })
    expect(names().filter((name) => !name.startsWith('.'))).toEqual(before)
    expect(await get(store, address)).toBe('old')
    expect(fs.readFileSync(inStore(folder, 'b'.repeat(32), 'a'), 'utf8')).toBe('old')
  })

  it('a failing sync is told by flush or by the commit, as durability asks', async () => {
    const fileSystem = watchedSyncs(() => {
      throw systemError('EIO')
    })
    const group = fileStore(inStore(), { durability: 'group', fileSystem })
    await put(group, address, 'text')
    await expect(group.flush()).rejects.toMatchObject({ code: 'EIO' })
    await expect(put(fileStore(inStore(), { durability: 'each', fileSystem }), address, 'new')).rejects.toMatchObject({
      code: 'EIO',
    })
    expect(await get(store, address)).toBe('text')
    const none = fileStore(inStore(), { durability: 'none', fileSystem })
    await put(none, address, 'text')
    await none.flush()
  })

  it('group commits sync each file and folder once, when flushed and not before', async () => {
    const synced: string[] = []
    const group = fileStore(inStore(), { fileSystem: watchedSyncs((path) => synced.push(path)) })
    await put(group, address, 'text')
    await put(group, address, 'again')
    await putFolder(group, { ...asFolder, key: 'b'.repeat(32) }, { x: '1' })
    expect(synced).toEqual([])
    await group.flush()
    await group.flush()
    const b = inStore(folder, 'b'.repeat(32))
    expect(synced.sort()).toEqual(
      [
        inStore(folder, `${key}.json`),
        inStore(folder, `${key}.run_info.yaml`),
        b,
        join(b, 'x'),
        `${b}.run_info.yaml`,
        root,
        inStore(),
        inStore('movies'),
        inStore(folder),
      ].sort(),
    )
  })

  it('logging to a full disk never throws into the task; closing tells', async () => {
    const full = fileStore(inStore(), {
      fileSystem: failing({
        writeSync: () => {
          throw systemError('ENOSPC')
        },
      }),
    })
    const sink = full.log(address)
    sink.write('one')
    sink.write('two')
    await expect(sink.close('kept')).rejects.toMatchObject({ code: 'ENOSPC' })
  })

  it('a store that is removed under a run is made again', async () => {
    await put(store, address, 'text')
    const lease = await store.lease(address, { signal, waiting: () => undefined })
    const staging = await store.stage(address, 'file')
    fs.rmSync(inStore(), { recursive: true })
    const saved = await staging.write(Buffer.from('text'))
    await staging.commit(runInfoFor(address, saved))
    await lease.release()
    await (await store.lease(address, { signal, waiting: () => undefined })).release()
    expect(await get(store, address)).toBe('text')
  })
})

describe('a store that is being removed', () => {
  it('is made again as often as its folders go', async () => {
    let removals = 0
    const vanishing = failing({
      mkdirSync: (path: fs.PathLike, options?: fs.MakeDirectoryOptions) => {
        const made = fs.mkdirSync(path, options)
        if (String(path) === inStore('movies') && removals++ < 3) fs.rmSync(inStore(), { recursive: true })
        return made
      },
    })
    await put(fileStore(inStore(), { fileSystem: vanishing }), address, 'text')
    expect([removals, await get(store, address)]).toEqual([4, 'text'])
  })
})

describe('links that lead out of the store', () => {
  const outside = (): string => join(root, 'outside')
  const { space } = processIdentity()
  const deadOne = `.${key}.${space}-4100000-77-abc0.tmp`
  const outsideFiles = (): readonly string[] => fs.readdirSync(outside(), { recursive: true }).map(String).sort()
  beforeEach(() => {
    fs.mkdirSync(join(outside(), 'all_movies'), { recursive: true })
    fs.writeFileSync(join(outside(), 'all_movies', `${key}.json`), 'mine')
    fs.writeFileSync(join(outside(), 'all_movies', deadOne), 'looks like ours')
    fs.mkdirSync(inStore('movies'), { recursive: true })
  })

  it('are not followed by writes and deletes, where a folder is one', async () => {
    for (const link of [inStore('movies'), inStore('movies', 'all_movies')]) {
      fs.rmSync(link, { recursive: true, force: true })
      fs.symlinkSync(link.endsWith('all_movies') ? join(outside(), 'all_movies') : outside(), link)
      const before = outsideFiles()
      const fresh = fileStore(inStore())
      const refused = { code: 'EACCES', message: expect.stringContaining('leads out of the store') as string }
      await expect(put(fresh, address, 'text')).rejects.toMatchObject(refused)
      await expect(fresh.remove(address)).rejects.toMatchObject(refused)
      await expect(fresh.markStale(address)).rejects.toMatchObject(refused)
      await expect(putRunInfo(fresh, address, 'x: 1\n')).rejects.toMatchObject(refused)
      await expect(fresh.lease(address, { signal, waiting: () => undefined })).rejects.toMatchObject(refused)
      await expect(fresh.links.link(address, 'name')).rejects.toMatchObject(refused)
      const sink = fresh.log(address)
      sink.write('line')
      await expect(sink.close('kept')).rejects.toMatchObject(refused)
      await listFolder(fresh, folder)
      await fresh.flush()
      expect(outsideFiles()).toEqual(before)
      fs.unlinkSync(link)
      fs.mkdirSync(link)
    }
  })

  it('are replaced or removed as links, where an artifact is one', async () => {
    fs.mkdirSync(inStore(folder), { recursive: true })
    const target = join(outside(), 'all_movies')
    fs.symlinkSync(join(target, `${key}.json`), inStore(folder, `${key}.json`))
    await put(store, address, 'text')
    fs.symlinkSync(target, inStore(folder, key))
    await putFolder(store, asFolder, { a: '1' })
    fs.rmSync(inStore(folder, key), { recursive: true })
    fs.symlinkSync(target, inStore(folder, key))
    await store.remove(asFolder)
    fs.symlinkSync(target, inStore(folder, `${key}.unfinished`))
    await expect(store.stage(asFolder, 'checkpoint')).rejects.toMatchObject({ code: 'ENOTDIR' })
    await store.remove(asFolder)
    expect([outsideFiles(), fs.readFileSync(join(target, `${key}.json`), 'utf8')]).toEqual([
      ['all_movies', `all_movies/${deadOne}`, `all_movies/${key}.json`],
      'mine',
    ])
  })

  it('within the store are followed', async () => {
    fs.mkdirSync(inStore('elsewhere'))
    fs.symlinkSync(inStore('elsewhere'), inStore('movies', 'all_movies'))
    await put(store, address, 'text')
    expect(await get(store, address)).toBe('text')
    expect(fs.readdirSync(inStore('elsewhere')).length).toBe(2)
  })
})

describe('something else in place of a file of ours', () => {
  const ours = [
    '.blessed.jsonl',
    `${key}.run_info.yaml`,
    `${key}.log`,
    `${key}.failed.log`,
    `${key}.stale`,
    `${key}.svg`,
    `${key}.lease`,
  ]
  const facts = {
    key,
    ended: '2026-11-22 11:34:01.521',
    seconds: 1,
    code: 'one',
    format: 'json',
    extension: 'json',
    size: 4,
  }
  const target = (): string => join(root, 'outside')
  const placed: Readonly<Record<string, (path: string) => void>> = {
    link: (path) => fs.symlinkSync(target(), path),
    'link to nothing': (path) => fs.symlinkSync(join(root, 'nowhere'), path),
    pipe: (path) => void execFileSync('mkfifo', [path]),
    device: (path) => fs.symlinkSync('/dev/zero', path),
    folder: (path) => fs.mkdirSync(path),
  }

  it.each(Object.keys(placed))(
    'a %s is refused: nothing is written to it, read from it or waited for',
    async (what) => {
      fs.writeFileSync(target(), 'mine')
      for (const name of ours) {
        fs.rmSync(inStore(), { recursive: true, force: true })
        const first = await store.stage(address, 'file')
        await first.commit(runInfoFor(address, await first.write(Buffer.from('text'), { svg: Buffer.from('<svg/>') })))
        await store.flush()
        fs.rmSync(inStore(folder, name), { force: true })
        placed[what]?.(inStore(folder, name))
        const fresh = fileStore(inStore(), { durability: 'none' })
        const told: string[] = []
        const tried = async (act: () => Promise<unknown>): Promise<void> =>
          void told.push(JSON.stringify((await act().catch((error: Error) => error.message)) ?? null))
        await tried(() => listFolder(fresh, folder))
        await tried(async () => {
          const found = await openArtifact(fresh, address)
          return 'reason' in found
            ? found.reason
            : [found.runInfo, Buffer.from((await found.beside?.('svg')) ?? '').toString()]
        })
        await tried(() => fresh.readRunInfo(address))
        await tried(() => fresh.log(address).read('kept'))
        await tried(() => fresh.log(address).read('failed'))
        await tried(async () => [...(await factsInFolder(fresh.facts, folder))])
        await tried(async () =>
          fresh.facts.bless(folder, [{ key, computedBy: 'one', acceptedFor: 'two', at: '', user: '' }]),
        )
        await tried(async () => void (await fresh.upkeep?.held(address)))
        await tried(() => fresh.markStale(address, 'because'))
        await tried(async () => {
          const staging = await fresh.stage(address, 'file')
          return staging.commit(
            runInfoFor(address, await staging.write(Buffer.from('new!'), { svg: Buffer.from('<svg/>') })),
            facts,
          )
        })
        await tried(() => fresh.flush())
        expect([name, told.filter((text) => text.includes('mine'))]).toEqual([name, []])
        const isKept = what === 'folder' && name.endsWith('.svg') // a folder where a view belongs may be somebody's own: nothing takes its place
        expect([
          name,
          fs.readFileSync(target(), 'utf8'),
          fs.existsSync(join(root, 'nowhere')),
          await get(fresh, address),
        ]).toEqual([name, 'mine', false, isKept ? 'miss: stale' : 'new!'])
      }
    },
  )
})

describe('what a dead process left', () => {
  it('goes with the half-done takeover of a lease', async () => {
    await put(store, address, 'text')
    await store.flush()
    const removal = inStore(folder, `.${key}.lease.abc.removal`)
    const other = { ...processIdentity(), id: 'def' }
    fs.writeFileSync(removal, JSON.stringify(other))
    const first = fileStore(inStore())
    await first.stage(address, 'file')
    await first.flush()
    expect(fs.existsSync(removal)).toBe(true)
    fs.writeFileSync(removal, JSON.stringify({ ...other, pid: 4_100_000 }))
    const fresh = fileStore(inStore())
    await listFolder(fresh, folder)
    await fresh.flush()
    expect([fs.existsSync(removal), fs.readdirSync(inStore())]).toEqual([false, ['movies']])
  })

  const temporary = (space: string, pid: number, start: string): string =>
    inStore(folder, `.${key}.${space}-${pid}-${start}-abc0.tmp`)

  it('is swept by the next stage or flush; what lives or may live stays', async () => {
    const staging = await store.stage(address, 'file')
    await staging.write(Buffer.from('text'))
    const mine = names().find((name) => name.startsWith('.')) as string
    const [, space, start] = /\.([0-9a-f]{8})-\d+-(\d+)-[^.]+\.tmp$/.exec(mine) as unknown as [string, string, string]
    const dead = temporary(space, 4_100_000, '77')
    const reused = temporary(space, process.pid, '1')
    const alive = temporary(space, process.pid, start)
    const far = temporary('00000000', 4_100_000, '77')
    const farAndOld = temporary('00000001', 4_100_000, '77')
    const farFolder = temporary('00000002', 4_100_000, '77')
    const old = new Date(Date.now() - 2 * 24 * 3600 * 1000)
    const lay = (): void => {
      for (const path of [dead, reused, alive, far, farAndOld]) fs.writeFileSync(path, 'x')
      fs.mkdirSync(farFolder, { recursive: true })
      for (const path of [farAndOld, farFolder]) fs.utimesSync(path, old, old)
    }
    const left = [
      mine,
      ...[alive, far, farAndOld, farFolder].map((path) => path.slice(inStore(folder).length + 1)),
    ].sort()
    lay()
    await fileStore(inStore()).stage(address, 'file')
    expect(names()).toEqual(left)
    lay()
    const reading = fileStore(inStore())
    expect(await listFolder(reading, folder)).toEqual(new Map())
    await reading.flush()
    expect(names()).toEqual(left)
  })
})
