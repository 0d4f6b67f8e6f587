import { factsInFolder, listFolder } from '../src/runtime/run-info/one-folder.js'
import { openArtifact } from '../src/runtime/run-info/hit-or-miss.js'
import { hash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Address, Saved, StoredArtifact } from '../src/runtime/ports/artifact.js'
import type { ArtifactFacts } from '../src/runtime/ports/facts.js'
import type { Lease, LeaseHolder } from '../src/runtime/ports/lease.js'
import type { FullStore, Store } from '../src/runtime/ports/store.js'
import type { StoredKey } from '../src/runtime/ports/upkeep.js'
import { get, put, putFolder, runInfoFor, putRunInfo } from './adapters/artifacts.js'

/** A store to test; `dispose` removes what it left. */
export interface StoreUnderTest<Tested extends Store = Store> {
  /** Folders are read from a copy on this machine: what somebody changes in it is put right. */
  readonly heals?: boolean
  readonly store: Tested
  readonly dispose: () => Promise<void> | void
}

const keyA = 'a'.repeat(32)
const keyB = '0123456789abcdef0123456789abcdef'
const at = (key: string, extension: string | null = 'json', folder = 'movies/all_movies'): Address => ({
  folder,
  key,
  extension,
})
const { signal } = new AbortController()
const quiet = { signal, waiting: () => undefined }

const collect = async (parts: AsyncIterable<Uint8Array>): Promise<string> => {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return Buffer.concat(all).toString()
}

const walked = async (store: WithUpkeep): Promise<readonly StoredKey[]> => {
  const found: StoredKey[] = []
  for await (const stored of store.upkeep.walk()) found.push(stored)
  return found.sort((left, right) => (`${left.folder} ${left.key}` < `${right.folder} ${right.key}` ? -1 : 1))
}

const factsFor = (key: string, code: string): ArtifactFacts => ({
  key,
  ended: '2026-11-22 11:34:01.521',
  seconds: 1,
  code,
  format: 'json',
  extension: 'json',
  size: code.length,
})

type WithFacts = Store & Required<Pick<Store, 'facts'>>
type WithLinks = Store & Required<Pick<Store, 'links'>>
type WithUpkeep = Store & Required<Pick<Store, 'upkeep'>>

/** Addresses that could lead elsewhere. */
const unsafe: readonly Address[] = [
  ...['', '..', 'a/../b', '/etc', 'a//b', 'a/', 'C:', 'con', 'a\0b', 'ä', 'x'.repeat(300)].map((folder) =>
    at(keyA, 'json', folder),
  ),
  ...['', '..', '../x', 'a/b', 'a.b', '.hidden', 'a\0', 'x'.repeat(300)].map((key) => at(key)),
  ...['', '..', 'a/b', 'json\0', '../x', 'log', 'stale', 'lease', 'run_info.yaml', 'unfinished'].map((extension) =>
    at(keyA, extension),
  ),
]

/** What a store with all optional parts promises. */
export const fullContract = (name: string, make: () => StoreUnderTest<FullStore>): void => {
  storeContract(name, make)
  factsContract(name, make)
  linksContract(name, make)
  upkeepContract(name, make)
}

/** What every store promises. */
export const storeContract = (name: string, make: () => Promise<StoreUnderTest> | StoreUnderTest): void => {
  describe(`${name} keeps the store contract`, () => {
    let store: Store
    let dispose: StoreUnderTest['dispose']
    let heals: boolean
    beforeEach(async () => {
      ;({ store, dispose, heals = false } = await make())
    })
    afterEach(() => dispose())

    it('an absent folder is an empty listing, an absent artifact a miss', async () => {
      expect(await listFolder(store, 'movies/all_movies')).toEqual(new Map())
      expect(await openArtifact(store, at(keyA))).toEqual({ _tag: 'Miss', reason: 'absent' })
      expect(await store.readRunInfo(at(keyA))).toBeUndefined()
      expect(await store.log(at(keyA)).read('kept')).toBeUndefined()
      expect(await store.log(at(keyA)).read('failed')).toBeUndefined()
    })

    it('what was committed is listed and read back, whole, as a stream and in slices', async () => {
      const staging = await store.stage(at(keyA), 'file')
      const saved = await staging.write(Buffer.from('some text'))
      const digest = hash('sha256', 'some text', 'hex')
      expect(saved).toEqual({ size: 9, checksum: '4fbabdba', digest })
      expect(staging.directory).toBeUndefined()
      expect(Buffer.from(await staging.source().bytes()).toString()).toBe('some text')
      const runInfo = runInfoFor(at(keyA), saved)
      await staging.commit(runInfo)
      expect(await listFolder(store, 'movies/all_movies')).toEqual(
        new Map([[keyA, { extensions: ['json'], runInfo: true, log: false, stale: false, unfinished: false }]]),
      )
      const found = await openArtifact(store, at(keyA))
      if ('reason' in found || found.source === undefined) throw new Error('it is there')
      expect(found.runInfo).toBe(runInfo)
      expect(found.directory).toBeUndefined()
      expect(found.source.size).toBe(9)
      expect(await collect(found.source.stream())).toBe('some text')
      expect(await collect(found.source.stream())).toBe('some text')
      expect(Buffer.from(await found.source.slice(5, 9)).toString()).toBe('text')
      expect((await found.source.slice(9, 9)).length).toBe(0)
      await expect(found.source.slice(5, 10)).rejects.toThrow(RangeError)
      expect(await store.readRunInfo(at(keyA))).toBe(runInfo)
    })

    it('a source that was taken before the commit reads on after it', async () => {
      const staging = await store.stage(at(keyA), 'file')
      const saved = await staging.write(Buffer.from('text'))
      const source = staging.source()
      await staging.commit(runInfoFor(at(keyA), saved))
      expect(Buffer.from(await source.bytes()).toString()).toBe('text')
    })

    it('bytes come all at once, in parts or as a stream, and mean the same', async () => {
      const parts = ['one ', 'two ', '', 'three'].map((text) => Buffer.from(text))
      async function* stream(): AsyncGenerator<Uint8Array> {
        const same = Buffer.alloc(8) // producers may use their memory again
        for (const part of parts) yield (part.copy(same), same.subarray(0, part.length))
      }
      const measured = []
      for (const bytes of [Buffer.concat(parts), parts, stream()]) {
        const staging = await store.stage(at(keyA), 'file')
        measured.push(await staging.write(bytes))
        expect(Buffer.from(await staging.source().bytes()).toString()).toBe('one two three')
        await staging.discard()
      }
      expect(new Set(measured.map((saved) => JSON.stringify(saved))).size).toBe(1)
    })

    it('no bytes at all are an artifact too', async () => {
      await put(store, at(keyA, 'txt'), '')
      expect(await get(store, at(keyA, 'txt'))).toBe('')
    })

    it('large data goes through unchanged', async () => {
      const block = Buffer.alloc(700_000, 'abcdefg')
      const staging = await store.stage(at(keyA, 'bin'), 'file')
      const saved = await staging.write([block, block, Buffer.from('end')])
      expect(saved.size).toBe(1_400_003)
      await staging.commit(runInfoFor(at(keyA, 'bin'), saved))
      const found = await openArtifact(store, at(keyA, 'bin'))
      if ('reason' in found || found.source === undefined) throw new Error('it is there')
      const whole = Buffer.concat([block, block, Buffer.from('end')])
      expect(Buffer.compare(Buffer.from(await found.source.bytes()), whole)).toBe(0)
      expect((await collect(found.source.stream())) === whole.toString()).toBe(true)
      expect(Buffer.compare(Buffer.from(await found.source.slice(10, 1_300_010)), whole.subarray(10, 1_300_010))).toBe(
        0,
      )
    })

    it('nothing can be seen before the commit, nor after a discard', async () => {
      const staging = await store.stage(at(keyA), 'file')
      await staging.write(Buffer.from('text'))
      expect(await listFolder(store, 'movies/all_movies')).toEqual(new Map())
      await staging.discard()
      await staging.discard()
      expect(await listFolder(store, 'movies/all_movies')).toEqual(new Map())
      expect(await get(store, at(keyA))).toBe('miss: absent')
    })

    it('a new artifact takes the place of the old one, which stays until then', async () => {
      await put(store, at(keyA), 'old')
      const staging = await store.stage(at(keyA), 'file')
      const saved = await staging.write(Buffer.from('new'))
      expect(await get(store, at(keyA))).toBe('old')
      await staging.commit(runInfoFor(at(keyA), saved))
      expect(await get(store, at(keyA))).toBe('new')
    })

    it('a stream that fails leaves the old artifact and nothing else', async () => {
      await put(store, at(keyA), 'old')
      const staging = await store.stage(at(keyA), 'file')
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('half')
        throw new Error('the generator failed')
      }
      await expect(staging.write(failing())).rejects.toThrow('the generator failed')
      await staging.discard()
      expect(await get(store, at(keyA))).toBe('old')
    })

    it('is written once and committed once', async () => {
      const staging = await store.stage(at(keyA), 'file')
      await expect(staging.commit('x: 1\n')).rejects.toThrow('commit')
      const saved = await staging.write(Buffer.from('text'))
      await expect(staging.write(Buffer.from('again'))).rejects.toThrow('once')
      await staging.commit(runInfoFor(at(keyA), saved))
      await expect(staging.commit(runInfoFor(at(keyA), saved))).rejects.toThrow('commit')
    })

    it('what shares the file of another artifact has its bytes and views, and outlives it; one that is not there stages nothing', async () => {
      const first = await store.stage(at(keyA), 'file')
      if (first.share === undefined) return first.discard() // such files are copied
      const saved = await first.write(Buffer.from('some text'), { txt: Buffer.from('view') })
      await first.commit(runInfoFor(at(keyA), saved))
      const discarded = await store.stage(at(keyB), 'file')
      expect(await discarded.share?.(at(keyA), saved)).toBe(true)
      await discarded.discard()
      expect(await get(store, at(keyB))).toBe('miss: absent')
      const second = await store.stage(at(keyB, 'json', 'movies/other'), 'file')
      expect(await second.share?.(at('f'.repeat(32)), saved)).toBe(false)
      expect(await second.share?.(at(keyA), saved)).toBe(true)
      await expect(async () => second.share?.(at(keyA), saved)).rejects.toThrow('an artifact is written once')
      await second.commit(runInfoFor(at(keyB, 'json', 'movies/other'), saved))
      expect(await get(store, at(keyA))).toBe('some text')
      await store.remove(at(keyA))
      const found = await openArtifact(store, at(keyB, 'json', 'movies/other'))
      if ('reason' in found || found.source === undefined) throw new Error('it is there')
      expect(await collect(found.source.stream())).toBe('some text')
      expect(Buffer.from((await found.beside?.('txt')) ?? []).toString()).toBe('view')
      const third = await store.stage(at(keyA), 'file')
      expect(await third.share?.(at(keyA), saved)).toBe(false)
      await third.write(Buffer.from('another'))
      await third.discard()
    })

    it('a folder is filled, committed, read and replaced', async () => {
      const address = at(keyA, null)
      await putFolder(store, address, { 'a.txt': 'one', 'b.txt': 'two!' })
      const first = await openArtifact(store, address)
      if ('reason' in first) throw new Error(first.reason)
      expect(first.source).toBeUndefined()
      expect(readFileSync(join(first.directory as string, 'b.txt'), 'utf8')).toBe('two!')
      expect(await listFolder(store, 'movies/all_movies')).toEqual(
        new Map([[keyA, { extensions: [''], runInfo: true, log: false, stale: false, unfinished: false }]]),
      )
      await putFolder(store, address, { 'c.txt': 'three' })
      const second = await openArtifact(store, address)
      if ('reason' in second) throw new Error(second.reason)
      expect(existsSync(join(second.directory as string, 'a.txt'))).toBe(false)
      expect(readFileSync(join(second.directory as string, 'c.txt'), 'utf8')).toBe('three')
    })

    it('a folder that has lost a file, or whose file has another size, is a miss, or is made whole again', async () => {
      const address = at(keyA, null)
      const path = await putFolder(store, address, { 'a.txt': 'one', 'b.txt': '' })
      writeFileSync(join(path, 'a.txt'), 'longer')
      expect(await get(store, address)).toBe(heals ? `folder: ${path}` : 'miss: size differs')
      if (heals) expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('one')
      writeFileSync(join(path, 'a.txt'), 'two')
      writeFileSync(join(path, 'c.txt'), '')
      expect(await get(store, address)).toBe(heals ? `folder: ${path}` : 'miss: damaged')
    })

    it('a folder that was discarded is gone', async () => {
      const staging = await store.stage(at(keyA, null), 'folder')
      writeFileSync(join(staging.directory as string, 'a.txt'), 'one')
      await staging.discard()
      expect(existsSync(staging.directory as string)).toBe(false)
      expect(await get(store, at(keyA, null))).toBe('miss: absent')
    })

    it('a checkpoint survives its interruption and becomes the artifact', async () => {
      const address = at(keyA, null)
      const first = await store.stage(address, 'checkpoint')
      expect(first.resumed).toBe(false)
      writeFileSync(join(first.directory as string, 'step-1'), 'done')
      await first.discard()
      expect((await listFolder(store, 'movies/all_movies')).get(keyA)).toEqual({
        extensions: [],
        runInfo: false,
        log: false,
        stale: false,
        unfinished: true,
      })
      expect(await get(store, address)).toBe('miss: absent')
      const second = await store.stage(address, 'checkpoint')
      expect(second.resumed).toBe(true)
      expect(readFileSync(join(second.directory as string, 'step-1'), 'utf8')).toBe('done')
      writeFileSync(join(second.directory as string, 'step-2'), 'done')
      const path = await second.commit(runInfoFor(address, await second.measure()))
      expect(readFileSync(join(path, 'step-2'), 'utf8')).toBe('done')
      expect((await listFolder(store, 'movies/all_movies')).get(keyA)).toEqual({
        extensions: [''],
        runInfo: true,
        log: false,
        stale: false,
        unfinished: false,
      })
      expect((await store.stage(address, 'checkpoint')).resumed).toBe(false)
    })

    it('a folder is compared by names and sizes when it is opened, by its contents when it is examined', async () => {
      const address = at(keyA, null)
      const staging = await store.stage(address, 'folder')
      writeFileSync(join(staging.directory as string, 'part'), 'whole')
      const saved = await staging.measure()
      expect(saved.content).toMatch(/^[0-9a-f]{8}$/)
      await staging.commit(runInfoFor(address, saved))
      const opened = (await openArtifact(store, address)) as StoredArtifact
      expect(await opened.examine?.()).toBe(5)
      writeFileSync(join(opened.directory as string, 'part'), 'whale')
      const again = (await openArtifact(store, address)) as StoredArtifact
      if (heals) {
        expect(await again.examine?.()).toBe(5)
        expect(readFileSync(join(again.directory as string, 'part'), 'utf8')).toBe('whole')
      } else await expect(again.examine?.()).rejects.toMatchObject({ name: 'DamagedArtifact' })
    })

    it('a folder that changed between measuring and commit is found out when it is examined', async () => {
      const address = at(keyA, null)
      const staging = await store.stage(address, 'folder')
      writeFileSync(join(staging.directory as string, 'part'), 'whole')
      const saved = await staging.measure()
      writeFileSync(join(staging.directory as string, 'part'), 'whale')
      await staging.commit(runInfoFor(address, saved))
      await expect(((await openArtifact(store, address)) as StoredArtifact).examine?.()).rejects.toMatchObject({
        name: 'DamagedArtifact',
      })
    })

    it('a folder of an earlier version, without a checksum of its contents, is a hit and is examined by reading it', async () => {
      const address = at(keyA, null)
      const staging = await store.stage(address, 'folder')
      writeFileSync(join(staging.directory as string, 'part'), 'whole')
      const { size, checksum } = await staging.measure()
      await staging.commit(runInfoFor(address, { size, checksum }))
      expect(await ((await openArtifact(store, address)) as StoredArtifact).examine?.()).toBe(5)
    })

    it('what was marked as stale is a miss until it is committed again, and nothing is lost', async () => {
      await put(store, at(keyA), 'old')
      await store.markStale(at(keyA))
      await store.markStale(at(keyA))
      expect(await get(store, at(keyA))).toBe('miss: stale')
      expect((await listFolder(store, 'movies/all_movies')).get(keyA)).toEqual({
        extensions: ['json'],
        runInfo: true,
        log: false,
        stale: true,
        unfinished: false,
      })
      await put(store, at(keyA), 'new')
      expect(await get(store, at(keyA))).toBe('new')
      await store.markStale(at(keyB))
      expect((await listFolder(store, 'movies/all_movies')).has(keyB)).toBe(false)
    })

    it('a mark of staleness tells why, where a reason was given; the first one stays', async () => {
      await put(store, at(keyA), 'old')
      await store.markStale(at(keyA), 'damaged: line 3')
      await store.markStale(at(keyA), 'another reason')
      expect(await openArtifact(store, at(keyA))).toEqual({ _tag: 'Miss', reason: 'stale', detail: 'damaged: line 3' })
      await put(store, at(keyA), 'new')
      await store.markStale(at(keyA))
      expect(await openArtifact(store, at(keyA))).toEqual({ _tag: 'Miss', reason: 'stale' })
    })

    it('another extension under the same key is a miss that says so, and is replaced', async () => {
      await put(store, at(keyA, 'json'), 'text')
      expect(await get(store, at(keyA, 'txt'))).toBe('miss: no data')
      await put(store, at(keyA, 'txt'), 'other')
      expect(await get(store, at(keyA, 'txt'))).toBe('other')
      expect((await listFolder(store, 'movies/all_movies')).get(keyA)?.extensions).toEqual(['txt'])
    })

    it('a run info that has no size and checksum makes a miss', async () => {
      const staging = await store.stage(at(keyA), 'file')
      await staging.write(Buffer.from('text'))
      await staging.commit('some: text\n')
      expect(await get(store, at(keyA))).toBe('miss: unreadable run info')
      await putRunInfo(store, at(keyB), runInfoFor(at(keyB), undefined))
      expect(await get(store, at(keyB))).toBe('miss: no data')
    })

    it('the size that the run info tells is compared at opening, the checksum at reading', async () => {
      const commit = async (key: string, change: (saved: Saved) => Saved): Promise<void> => {
        const staging = await store.stage(at(key), 'file')
        const saved = await staging.write(Buffer.from('text'))
        await staging.commit(runInfoFor(at(key), change(saved)))
      }
      await commit(keyA, (saved) => ({ ...saved, size: 5 }))
      expect(await get(store, at(keyA))).toBe('miss: size differs')
      await commit(keyB, (saved) => ({ ...saved, checksum: '00000000' }))
      const found = await openArtifact(store, at(keyB))
      if ('reason' in found || found.source === undefined) throw new Error('the size is right')
      await expect(found.source.bytes()).rejects.toMatchObject({ name: 'DamagedArtifact' })
      await expect(collect(found.source.stream())).rejects.toMatchObject({ name: 'DamagedArtifact' })
    })

    it('two artifacts do not get in each other’s way', async () => {
      await put(store, at(keyA), 'a')
      await put(store, at(keyB), 'b')
      await put(store, at(keyA, 'json', 'movies/other'), 'c')
      await store.remove(at(keyA))
      expect([
        await get(store, at(keyA)),
        await get(store, at(keyB)),
        await get(store, at(keyA, 'json', 'movies/other')),
      ]).toEqual(['miss: absent', 'b', 'c'])
    })

    it('lines of a log are kept under the name that the run deserved', async () => {
      const sink = store.log(at(keyA))
      sink.write('first')
      sink.write('second ö')
      await sink.close('kept')
      expect(await store.log(at(keyA)).read('kept')).toBe('first\nsecond ö\n')
      const failed = store.log(at(keyA))
      failed.write('went wrong')
      await failed.close('failed')
      expect([await store.log(at(keyA)).read('kept'), await store.log(at(keyA)).read('failed')]).toEqual([
        'first\nsecond ö\n',
        'went wrong\n',
      ])
      expect((await listFolder(store, 'movies/all_movies')).get(keyA)).toMatchObject({ log: true })
    })

    it('a log without lines leaves none, and a commit takes away the log of an earlier run', async () => {
      expect(await store.log(at(keyA)).close('kept')).toBeUndefined()
      expect(await listFolder(store, 'movies/all_movies')).toEqual(new Map())
      const sink = store.log(at(keyA))
      sink.write('of the first run')
      await put(store, at(keyA), 'first')
      await sink.close('kept')
      expect(await store.log(at(keyA)).read('kept')).toBe('of the first run\n')
      await put(store, at(keyA), 'second')
      expect(await store.log(at(keyA)).read('kept')).toBeUndefined()
    })

    it('run info of what keeps no data can be written and read', async () => {
      const text = runInfoFor(at(keyA), undefined)
      await putRunInfo(store, at(keyA, null), text)
      expect(await store.readRunInfo(at(keyA, null))).toBe(text)
      expect((await listFolder(store, 'movies/all_movies')).get(keyA)).toEqual({
        extensions: [],
        runInfo: true,
        log: false,
        stale: false,
        unfinished: false,
      })
    })

    it('removing takes data, run info, logs, marks and unfinished work', async () => {
      await put(store, at(keyA), 'text')
      await store.markStale(at(keyA))
      for (const outcome of ['kept', 'failed'] as const) {
        const sink = store.log(at(keyA))
        sink.write('line')
        await sink.close(outcome)
      }
      await store.remove(at(keyA))
      await store.remove(at(keyA))
      await putFolder(store, at(keyB, null), { a: '1' })
      const checkpoint = await store.stage(at(keyB, null), 'checkpoint')
      writeFileSync(join(checkpoint.directory as string, 'step'), '')
      await store.remove(at(keyB, null))
      expect(await listFolder(store, 'movies/all_movies')).toEqual(new Map())
      expect([
        await store.log(at(keyA)).read('kept'),
        await store.log(at(keyA)).read('failed'),
        await store.readRunInfo(at(keyA)),
      ]).toEqual([undefined, undefined, undefined])
    })

    describe('what is kept beside the data', () => {
      const views = { svg: Buffer.from('<svg/>'), png: Buffer.from('png') }
      const putBoth = async (text: string, beside: Readonly<Record<string, Uint8Array>>): Promise<Saved> => {
        const staging = await store.stage(at(keyA), 'file')
        const saved = await staging.write(Buffer.from(text), beside)
        await staging.commit(runInfoFor(at(keyA), saved))
        return saved
      }
      const view = async (extension: string): Promise<string | undefined> => {
        const found = await openArtifact(store, at(keyA))
        if ('reason' in found) throw new Error(found.reason)
        const bytes = await found.beside?.(extension)
        return bytes && Buffer.from(bytes).toString()
      }
      const extensions = async (): Promise<readonly string[] | undefined> =>
        (await listFolder(store, 'movies/all_movies')).get(keyA)?.extensions.toSorted()

      it('is named in what was saved, listed, and read by its extension', async () => {
        expect(await putBoth('text', views)).toMatchObject({ size: 4, checksum: '3b8ba7c7', beside: ['png', 'svg'] })
        expect([
          await get(store, at(keyA)),
          await view('svg'),
          await view('png'),
          await view('json'),
          await view('gif'),
        ]).toEqual(['text', '<svg/>', 'png', undefined, undefined])
        expect(await extensions()).toEqual(['json', 'png', 'svg'])
      })

      it('appears with the commit and not with a discard', async () => {
        const staging = await store.stage(at(keyA), 'file')
        await staging.write(Buffer.from('text'), views)
        expect(await extensions()).toBeUndefined()
        await staging.discard()
        expect(await extensions()).toBeUndefined()
      })

      it('goes with the artifact that it belongs to', async () => {
        await putBoth('one', views)
        await putBoth('two', { svg: Buffer.from('<svg>2</svg>') })
        expect([await get(store, at(keyA)), await view('svg'), await view('png')]).toEqual([
          'two',
          '<svg>2</svg>',
          undefined,
        ])
        expect(await extensions()).toEqual(['json', 'svg'])
        await put(store, at(keyA, 'txt'), 'three')
        expect(await extensions()).toEqual(['txt'])
        await putBoth('four', views)
        await store.remove(at(keyA))
        expect(await extensions()).toBeUndefined()
      })

      it('cannot have the extension of the data, of the store, or one that leads elsewhere', async () => {
        for (const extension of ['json', 'log', 'run_info.yaml', '../x', 'a/b', '']) {
          const staging = await store.stage(at(keyA), 'file')
          await expect(
            staging.write(Buffer.from('text'), { [extension]: Buffer.from('x') }),
            extension,
          ).rejects.toThrow()
          await staging.discard()
        }
        expect(await extensions()).toBeUndefined()
      })
    })

    it('one lease a key: the second waits, is told for whom, and goes on', async () => {
      const first = await store.lease(at(keyA), quiet)
      const other = await store.lease(at(keyB), quiet)
      const order: string[] = []
      const told: LeaseHolder[] = []
      const second = store.lease(at(keyA), { signal, waiting: (holder) => void told.push(holder) }).then((lease) => {
        order.push('second has it')
        return lease
      })
      await new Promise((resolve) => void setImmediate(resolve))
      order.push('first releases')
      await first.release()
      await first.release()
      await (await second).release()
      await other.release()
      expect(order).toEqual(['first releases', 'second has it'])
      expect(told.map(({ pid }) => pid)).toEqual([process.pid])
    })

    it('who stops waiting for a lease is told so, and is in nobody’s way', async () => {
      const first = await store.lease(at(keyA), quiet)
      const controller = new AbortController()
      const impatient = store.lease(at(keyA), {
        signal: controller.signal,
        waiting: () => controller.abort(new Error('enough')),
      })
      const patient = store.lease(at(keyA), quiet)
      await expect(impatient).rejects.toThrow('enough')
      await expect(store.lease(at(keyA), { signal: controller.signal, waiting: () => undefined })).rejects.toThrow(
        'enough',
      )
      await first.release()
      await (await patient).release()
      await (await store.lease(at(keyA), quiet)).release()
    })

    it('a lease is of a key, whatever is stored, replaced or removed under it meanwhile', async () => {
      const lease = await store.lease(at(keyA), quiet)
      await put(store, at(keyA), 'one')
      await store.remove(at(keyA))
      await put(store, at(keyA), 'two')
      const told: LeaseHolder[] = []
      const other = store.lease(at(keyA), { signal, waiting: (holder) => void told.push(holder) })
      await store.flush()
      await new Promise((resolve) => void setImmediate(resolve))
      expect(told.map(({ pid }) => pid)).toEqual([process.pid])
      await lease.release()
      await (await other).release()
      expect(await get(store, at(keyA))).toBe('two')
    })

    it('many who want one lease have it one after the other', async () => {
      let inside = 0
      let most = 0
      const one = async (): Promise<void> => {
        const lease: Lease = await store.lease(at(keyA), quiet)
        most = Math.max(most, ++inside)
        await new Promise((resolve) => void setImmediate(resolve))
        inside--
        await lease.release()
      }
      await Promise.all(Array.from({ length: 6 }, one))
      expect(most).toBe(1)
    })

    it('waiting for a lease ends with the signal, and leaves the lease to others', async () => {
      const first = await store.lease(at(keyA), quiet)
      const controller = new AbortController()
      const second = store.lease(at(keyA), {
        signal: controller.signal,
        waiting: () => controller.abort(new Error('enough')),
      })
      await expect(second).rejects.toThrow('enough')
      await expect(store.lease(at(keyB), { signal: controller.signal, waiting: () => undefined })).rejects.toThrow(
        'enough',
      )
      await first.release()
      await (await store.lease(at(keyA), quiet)).release()
    })

    it('a lease leaves nothing behind and is no artifact', async () => {
      const lease = await store.lease(at(keyA), quiet)
      expect(await listFolder(store, 'movies/all_movies')).toEqual(new Map())
      await lease.release()
      expect(await listFolder(store, 'movies/all_movies')).toEqual(new Map())
    })

    it('flush can be called at any time', async () => {
      await store.flush()
      await put(store, at(keyA), 'text')
      await putFolder(store, at(keyB, null), { a: '1' })
      await Promise.all([store.flush(), store.flush()])
      expect(await get(store, at(keyA))).toBe('text')
    })

    it('names that could lead elsewhere are refused by every method', async () => {
      for (const address of unsafe) {
        const attempts: readonly (() => Promise<unknown>)[] = [
          () => openArtifact(store, address),
          () => store.stage(address, 'file'),
          async () => store.log(address),
          async () => store.log(address).read('kept'),
          () => putRunInfo(store, address, 'x: 1\n'),
          () => store.readRunInfo(address),
          async () => store.lease(address, quiet),
          () => store.markStale(address),
          () => store.remove(address),
          async () => store.pathOf(address),
        ]
        for (const attempt of attempts)
          await expect(attempt(), JSON.stringify(address)).rejects.toMatchObject({ name: 'UnsafePath' })
      }
    })
  })
}

/** What a store with an index promises. */
export const factsContract = (
  name: string,
  make: () => Promise<StoreUnderTest<WithFacts>> | StoreUnderTest<WithFacts>,
): void => {
  describe(`${name} keeps the contract of facts`, () => {
    let store: WithFacts
    let dispose: StoreUnderTest['dispose']
    beforeEach(async () => {
      ;({ store, dispose } = await make())
    })
    afterEach(() => dispose())

    it('facts of commits are told by key, of all or of some; those of a new artifact take the place of the old ones', async () => {
      const commit = async (key: string, code: string): Promise<void> => {
        const staging = await store.stage(at(key), 'file')
        const { size, checksum } = await staging.write(Buffer.from(code))
        await staging.commit(runInfoFor(at(key), { size, checksum }), factsFor(key, code))
      }
      expect(await factsInFolder(store.facts, 'movies/all_movies')).toEqual(new Map())
      await commit(keyA, 'one')
      await commit(keyB, 'two')
      expect(await factsInFolder(store.facts, 'movies/all_movies')).toEqual(
        new Map([
          [keyA, factsFor(keyA, 'one')],
          [keyB, factsFor(keyB, 'two')],
        ]),
      )
      expect((await factsInFolder(store.facts, 'movies/all_movies', new Set([keyA]))).get(keyA)).toEqual(
        factsFor(keyA, 'one'),
      )
      await store.facts.bless('movies/all_movies', [
        { key: keyA, computedBy: 'one', acceptedFor: 'new', at: '', user: '' },
      ])
      expect(await store.facts.blessings(['movies/all_movies', 'movies/other'])).toEqual(
        new Map([
          ['movies/all_movies', [{ key: keyA, computedBy: 'one', acceptedFor: 'new', at: '', user: '' }]],
          ['movies/other', []],
        ]),
      )
      await commit(keyA, 'three')
      expect((await factsInFolder(store.facts, 'movies/all_movies')).get(keyA)).toEqual(factsFor(keyA, 'three'))
      await store.remove(at(keyA))
      expect([...(await factsInFolder(store.facts, 'movies/all_movies')).keys()]).toEqual([keyB])
      await expect(factsInFolder(store.facts, '../x')).rejects.toThrow()
    })
  })
}

/** What a store with readable links promises. */
export const linksContract = (
  name: string,
  make: () => Promise<StoreUnderTest<WithLinks>> | StoreUnderTest<WithLinks>,
): void => {
  describe(`${name} keeps the contract of links`, () => {
    let store: WithLinks
    let dispose: StoreUnderTest['dispose']
    beforeEach(async () => {
      ;({ store, dispose } = await make())
    })
    afterEach(() => dispose())

    it('a readable link is made for what is stored, and only for that', async () => {
      await put(store, at(keyA), 'text')
      expect(await store.links.link(at(keyA), 'basic')).toMatch(/movies\/all_movies\/basic\.json$/)
      await store.links.link(at(keyA), 'basic')
      expect([...(await listFolder(store, 'movies/all_movies')).keys()]).toEqual([keyA])
      await expect(store.links.link(at(keyB), 'other')).rejects.toThrow('nothing is stored')
    })

    it('names that could lead elsewhere are refused', async () => {
      for (const address of unsafe)
        await expect(store.links.link(address, 'name'), JSON.stringify(address)).rejects.toMatchObject({
          name: 'UnsafePath',
        })
      await put(store, at(keyA), 'text')
      for (const name of ['', '..', '../x', 'a/b', '.x', 'a\0', keyB, `${keyB}.run_info`])
        await expect(store.links.link(at(keyA), name)).rejects.toMatchObject({ name: 'UnsafePath' })
    })
  })
}

/** What a store that can be tidied promises. */
export const upkeepContract = (
  name: string,
  make: () => Promise<StoreUnderTest<WithUpkeep>> | StoreUnderTest<WithUpkeep>,
): void => {
  describe(`${name} keeps the contract of upkeep`, () => {
    let store: WithUpkeep
    let dispose: StoreUnderTest['dispose']
    beforeEach(async () => {
      ;({ store, dispose } = await make())
    })
    afterEach(() => dispose())

    it('a walk tells every key with its names, sizes and times, and nothing else', async () => {
      await put(store, at(keyA), 'text')
      await putFolder(store, at(keyB, null, 'a/b/c'), { x: '12345' })
      const checkpoint = await store.stage(at(keyA, null, 'a'), 'checkpoint')
      writeFileSync(join(checkpoint.directory as string, 'step'), '123')
      const found = await walked(store)
      expect(found.map(({ folder, key, names }) => ({ folder, key, names }))).toEqual([
        {
          folder: 'a',
          key: keyA,
          names: { extensions: [], runInfo: false, log: false, stale: false, unfinished: true },
        },
        {
          folder: 'a/b/c',
          key: keyB,
          names: { extensions: [''], runInfo: true, log: false, stale: false, unfinished: false },
        },
        {
          folder: 'movies/all_movies',
          key: keyA,
          names: { extensions: ['json'], runInfo: true, log: false, stale: false, unfinished: false },
        },
      ])
      const runInfos = await Promise.all(
        [at(keyB, null, 'a/b/c'), at(keyA)].map(async (address) => (await store.readRunInfo(address))?.length ?? 0),
      )
      expect(found.map(({ bytes }) => bytes)).toEqual([3, 5 + (runInfos[0] as number), 4 + (runInfos[1] as number)])
      expect(found.every(({ written }) => Math.abs(Date.now() - written) < 3_600_000)).toBe(true)
    })

    it('who holds a lease is told without waiting for it', async () => {
      expect(await store.upkeep.held(at(keyA))).toBeUndefined()
      const lease = await store.lease(at(keyA), quiet)
      expect((await store.upkeep.held(at(keyA)))?.pid).toBe(process.pid)
      expect(await store.upkeep.held(at(keyB))).toBeUndefined()
      await lease.release()
      expect(await store.upkeep.held(at(keyA))).toBeUndefined()
    })

    it('what is set aside is out of sight, counted, and there until it is removed', async () => {
      await put(store, at(keyA), 'text')
      await putFolder(store, at(keyB, null), { a: '1' })
      const sink = store.log(at(keyA))
      sink.write('line')
      await sink.close('failed')
      await put(store, at(keyB, 'txt', 'other'), 'stays')
      for (const stored of await walked(store))
        if (stored.folder !== 'other') await store.upkeep.setAside(stored, 'trash', 'first')
      expect([
        await listFolder(store, 'movies/all_movies'),
        await get(store, at(keyA)),
        await store.log(at(keyA)).read('failed'),
      ]).toEqual([new Map(), 'miss: absent', undefined])
      expect((await walked(store)).map(({ folder }) => folder)).toEqual(['other'])
      await put(store, at(keyA), 'text')
      for (const stored of await walked(store))
        if (stored.folder !== 'other') await store.upkeep.setAside(stored, 'damaged', 'second')
      const aside = await store.upkeep.aside()
      expect(aside.map(({ place, label }) => `${place} ${label}`)).toEqual(['trash first', 'damaged second'])
      expect(aside.every(({ files, bytes }) => files > 0 && bytes > 4)).toBe(true)
      expect(await store.upkeep.aside({ remove: true })).toEqual(aside)
      expect(await store.upkeep.aside()).toEqual([])
      expect(await get(store, at(keyB, 'txt', 'other'))).toBe('stays')
      await put(store, at(keyA), 'anew')
      expect(await get(store, at(keyA))).toBe('anew')
    })

    it('labels that could lead elsewhere are refused', async () => {
      await put(store, at(keyA), 'text')
      const [stored] = await walked(store)
      for (const label of ['', '..', '../x', 'a/b', '.x', 'a\0'])
        await expect(store.upkeep.setAside(stored as StoredKey, 'trash', label)).rejects.toMatchObject({
          name: 'UnsafePath',
        })
      expect(await get(store, at(keyA))).toBe('text')
    })
  })
}
