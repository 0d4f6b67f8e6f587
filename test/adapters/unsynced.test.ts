import { listFolder } from '../../src/runtime/run-info/one-folder.js'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { builtOnce } from '../build-once.js'
import { put, putFolder } from './artifacts.js'
import { watchedSyncs } from './watched-syncs.js'

const folder = 'movies/all_movies'
const key = 'a'.repeat(32)
const address = { folder, key, extension: 'json' } as const
const asFolder = { folder, key: 'b'.repeat(32), extension: null } as const

let root: string
beforeAll(builtOnce)
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-unsynced-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const inStore = (name: string): string => join(root, folder, name)
const lists = (): readonly string[] => fs.readdirSync(root).filter((name) => name.startsWith('.unsynced.'))
const written = (): readonly string[] =>
  [`${key}.json`, `${key}.run_info.yaml`, asFolder.key, `${asFolder.key}/file`, `${asFolder.key}.run_info.yaml`].map(
    inStore,
  )

/** A store, and the paths that it has synced; a sync of what `refused` names fails. */
const watched = (
  refused: (path: string) => boolean = () => false,
): { readonly store: Store; readonly synced: Set<string> } => {
  const synced = new Set<string>()
  const fileSystem = watchedSyncs((path) => {
    if (refused(path)) throw Object.assign(new Error('EIO: on purpose'), { code: 'EIO' })
    synced.add(path)
  })
  return { store: fileStore(root, { fileSystem }), synced }
}

/** Another process commits both and is killed before it has synced any. */
const killedAfterCommits = (): void => {
  const dist = pathToFileURL(resolve(import.meta.dirname, '../../dist/adapters/file-store/file-store.js')).href
  const script = `
    import { writeFileSync } from 'node:fs'
    import { fileStore } from '${dist}'
    const store = fileStore(${JSON.stringify(root)})
    const one = await store.stage(${JSON.stringify(address)}, 'file')
    await one.write(Buffer.from('text'))
    await one.commit('a run info')
    const two = await store.stage(${JSON.stringify(asFolder)}, 'folder')
    writeFileSync(two.directory + '/file', 'x')
    await two.measure()
    await two.commit('a run info')
    process.kill(process.pid, 'SIGKILL')`
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL')
}

describe('what several callers have committed', () => {
  it('is synced once for all that wait for the same flush, and before any of them goes on', async () => {
    const times = new Map<string, number>()
    const fileSystem = watchedSyncs((path) => times.set(path, (times.get(path) ?? 0) + 1))
    const store = fileStore(root, { fileSystem })
    const addresses = ['1', '2', '3', '4'].map((digit) => ({ ...address, key: digit.repeat(32) }))
    const dataOf = ({ key: one }: { readonly key: string }): string => inStore(`${one}.json`)
    const isSynced = async (one: (typeof addresses)[number]): Promise<boolean> => {
      await put(store, one, 'text')
      await store.flush(true)
      return times.has(dataOf(one))
    }
    expect(await Promise.all(addresses.map(isSynced))).toEqual([true, true, true, true])
    expect(addresses.map((one) => times.get(dataOf(one)))).toEqual([1, 1, 1, 1])
    expect(times.get(join(root, folder))).toBeLessThan(4)
  })
})

describe('what somebody has committed and not synced', () => {
  it('since it was killed, is synced before the next one says that it is done, once', async () => {
    killedAfterCommits()
    expect(lists()).toHaveLength(1)
    const { store, synced } = watched()
    await listFolder(store, folder)
    await store.flush()
    expect([...written(), join(root, folder), join(root, 'movies'), root].filter((path) => !synced.has(path))).toEqual(
      [],
    )
    expect(lists()).toEqual([])
    synced.clear()
    await store.flush()
    expect([...synced]).toEqual([])
  })

  it('since its disk refused, is synced by its next flush and by others', async () => {
    let isBroken = true
    const first = watched((path) => isBroken && path.endsWith('.json'))
    await put(first.store, address, 'text')
    await putFolder(first.store, asFolder, { file: 'x' })
    await expect(first.store.flush()).rejects.toMatchObject({ code: 'EIO' })
    isBroken = false
    const other = watched()
    await other.store.flush()
    expect(written().filter((path) => !other.synced.has(path))).toEqual([])
    await first.store.flush()
    expect(written().filter((path) => !first.synced.has(path))).toEqual([])
    expect(lists()).toEqual([])
  })

  it('stays told where the disk refuses whoever comes next', async () => {
    killedAfterCommits()
    await expect(watched((path) => path.endsWith('.json')).store.flush()).rejects.toMatchObject({ code: 'EIO' })
    const { store, synced } = watched()
    await store.flush()
    expect(written().filter((path) => !synced.has(path))).toEqual([])
  })

  it('is nobody’s business where nothing is promised, and stays told', async () => {
    killedAfterCommits()
    await fileStore(root, { durability: 'none' }).flush()
    expect(lists()).toHaveLength(1)
  })

  it('may be forged: nothing outside is opened, nothing blocks, nothing crashes', async () => {
    const outside = join(root, '..', 'outside')
    const odd = [
      '["../outside"]',
      '["/etc/passwd"]',
      '["a/../../outside"]',
      '["gone"]',
      '["pipe"]',
      '[1]',
      '{}',
      'null',
      '[',
      '["a\\u0000b"]',
      '["real"]',
      '["tor',
    ]
    killedAfterCommits()
    fs.writeFileSync(join(root, lists()[0] as string), odd.join('\n'))
    fs.writeFileSync(join(root, 'real'), '')
    expect(spawnSync('mkfifo', [join(root, 'pipe')]).status).toBe(0)
    fs.mkdirSync(join(root, '.unsynced.0badcafe-1-1-a.list'))
    const { store, synced } = watched()
    await store.flush()
    expect([synced.has(join(root, 'real')), synced.has(outside), synced.has('/etc/passwd')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('leaves no list behind when all is synced, and none where a commit failed', async () => {
    const { store } = watched()
    await put(store, address, 'text')
    const staging = await store.stage(asFolder, 'folder')
    await staging.measure()
    fs.mkdirSync(inStore(asFolder.key)) // somebody's own
    fs.rmSync(inStore(asFolder.key), { recursive: true })
    fs.writeFileSync(inStore(asFolder.key), 'mine')
    await expect(staging.commit('a run info')).rejects.toThrow()
    await store.flush()
    expect(lists()).toEqual([])
  })
})

describe('what a thread or process commits for the one that asks', () => {
  /** Commits as one of them does, who was told that it is expected. */
  const commitFor = async (store: Store, views: Readonly<Record<string, Uint8Array>> = {}): Promise<void> => {
    const staging = await store.stage(address, 'file', true)
    await staging.write(Buffer.from('text'), views)
    await staging.commit('a run info')
  }
  const names = (): readonly string[] => [`${key}.json`, `${key}.run_info.yaml`].map(inStore)

  it('is noted and synced by who asks alone, once', async () => {
    const [asking, computing] = [watched(), watched()]
    const ended = asking.store.expect?.(address)
    expect(lists()).toHaveLength(1) // before any name is given
    await commitFor(computing.store)
    await computing.store.flush(true)
    await ended?.()
    expect([lists().length, [...computing.synced]]).toEqual([1, []])
    await asking.store.flush()
    expect([names().filter((path) => !asking.synced.has(path)), lists()]).toEqual([[], []])
  })

  it('is synced by the next one where both were killed', async () => {
    const dist = pathToFileURL(resolve(import.meta.dirname, '../../dist/adapters/file-store/file-store.js')).href
    const script = `
      import { fileStore } from '${dist}'
      const [asking, computing] = [fileStore(${JSON.stringify(root)}), fileStore(${JSON.stringify(root)})]
      asking.expect(${JSON.stringify(address)})
      const staging = await computing.stage(${JSON.stringify(address)}, 'file', true)
      await staging.write(Buffer.from('text'))
      await staging.commit('a run info')
      process.kill(process.pid, 'SIGKILL')`
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL')
    const { store, synced } = watched()
    await store.flush()
    expect([names().filter((path) => !synced.has(path)), lists()]).toEqual([[], []])
  })

  it('is synced by itself where more is kept beside the data than was expected', async () => {
    const { store, synced } = watched()
    await commitFor(store, { txt: Buffer.from('view') })
    await store.flush(true)
    expect([...names(), inStore(`${key}.txt`)].filter((path) => !synced.has(path))).toEqual([])
  })

  it('stays noted while it goes on, however often who asks syncs, in a list that does not grow', async () => {
    const { store } = watched()
    for (let at = 0; at < 1000; at++) {
      const ended = store.expect?.({ ...address, key: at.toString(16).padStart(32, '0') })
      if (at > 0) await ended?.()
      if (at % 100 === 99) await store.flush(true)
    }
    const text = lists()
      .map((name) => fs.readFileSync(join(root, name), 'utf8'))
      .join('')
    expect([text.includes('0'.repeat(32)), text.length < 128 * 1024]).toEqual([true, true])
  })
})
