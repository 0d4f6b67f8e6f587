import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import * as t from 'io-ts'
import nd from 'ndarray'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import {
  bytes,
  checkpoint,
  defineFormat,
  directory,
  hdf5,
  jsonLines,
  largeArray,
  largeTable,
  ndarray,
  ndarrays,
  rows,
  table,
  text,
} from '../../src/data/index.js'
import { inMemory } from '../../src/declare/format.js'
import { lazy } from '../../src/declare/input.js'
import { defineTask, type Task } from '../../src/declare/task.js'
import { verifyStore } from '../../src/runtime/upkeep/verify.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { open, type Opened } from './fixture.js'

const Row = t.type({ name: t.string, votes: t.number })
const given = Array.from({ length: 3000 }, (_, index) => ({ name: `film ${index}`, votes: index }))
const numbers = (): nd.NdArray<Float64Array> =>
  nd(
    Float64Array.from(given, ({ votes }) => votes),
    [300, 10],
  )
const later = defineFormat({
  kind: 'later',
  extension: 'dat',
  encode: (value: string) => Buffer.from(value),
  open: (source) => ({
    read: async () => {
      let size = 0
      for await (const part of source.stream()) size += part.length
      return size
    },
  }),
})
const fill = (_: unknown, { dir }: { readonly dir: string }): void => {
  for (const name of ['a', 'b', 'c']) fs.writeFileSync(join(dir, `${name}.txt`), name.repeat(1000))
}
const readFolder = (path: string): string =>
  ['a', 'b', 'c'].map((name) => fs.readFileSync(join(path, `${name}.txt`), 'utf8')).join('')

/** How often each `run` ran since the last look. */
let ran: string[] = []
const noting = <A>(name: string, value: A): A => (ran.push(name), value)

interface Kept {
  readonly task: Task<any>
  /** What a consumer makes of the value: all of it is read. */
  readonly read: (value: any) => unknown // each format has a value of its own
  /** What a flipped bit is met by: at loading, by the consumer, or by `verify` alone since no whole is read. */
  readonly flipped: 'loading' | 'reading' | 'verify'
}

const count = async (items: AsyncIterable<unknown>): Promise<number> => {
  let found = 0
  for await (const _ of items) found++
  return found
}

/** One task for each format, the name it goes by in the file's tests being its own. */
const formats: Readonly<Record<string, Kept>> = {
  json: {
    task: defineTask({ data: t.array(Row) }).run(() => noting('made', given)),
    read: (value) => value.length,
    flipped: 'loading',
  },
  text: {
    task: defineTask({ data: text() }).run(() => noting('made', 'text '.repeat(500))),
    read: (value) => value.length,
    flipped: 'loading',
  },
  bytes: {
    task: defineTask({ data: bytes() }).run(() => noting('made', Buffer.alloc(5000, 7))),
    read: (value) => value.length,
    flipped: 'loading',
  },
  rows: {
    task: defineTask({ data: rows(Row) }).run(() => noting('made', given)),
    read: (value) => value.length,
    flipped: 'loading',
  },
  table: {
    task: defineTask({ data: table(Row) }).run(() => noting('made', given)),
    read: (value) => value.length,
    flipped: 'loading',
  },
  ndarray: {
    task: defineTask({ data: ndarray('float64') }).run(() => noting('made', numbers())),
    read: (value) => value.get(299, 9),
    flipped: 'loading',
  },
  jsonLines: {
    task: defineTask({ data: jsonLines(Row) }).run(function* () {
      yield* noting('made', given)
    }),
    read: count,
    flipped: 'reading',
  },
  'jsonLines, packed': {
    task: defineTask({ data: jsonLines(Row, { compression: 'gzip' }) }).run(function* () {
      yield* noting('made', given)
    }),
    read: count,
    flipped: 'reading',
  },
  'a stream of one’s own': {
    task: defineTask({ data: later }).run(() => noting('made', 'text '.repeat(500))),
    read: (value) => value.read(),
    flipped: 'reading',
  },
  largeTable: {
    task: defineTask({ data: largeTable(Row) }).run(() => noting('made', given)),
    read: count,
    flipped: 'reading',
  },
  largeArray: {
    task: defineTask({ data: largeArray('float64') }).run(() => noting('made', numbers())),
    read: async (value) => (await value.slice(299, 300)).get(0, 9),
    flipped: 'reading',
  },
  ndarrays: {
    task: defineTask({ data: ndarrays() }).run(() => noting('made', { one: numbers(), two: numbers() })),
    read: (value) => value.two.get(299, 9),
    flipped: 'loading',
  },
  directory: {
    task: defineTask({ data: directory() }).run((_, context) => noting('made', fill(_, context))),
    read: readFolder,
    flipped: 'verify',
  },
  hdf5: {
    task: defineTask({ data: hdf5() }).run(async (_, { file }) => {
      const votes = await file.dataset('votes', { dtype: 'float64' })
      votes.append(Float64Array.from(given, (row) => row.votes))
      noting('made', undefined)
    }),
    read: async (value) => (await value.dataset('votes', 'float64').slice(299, 300)).get(0),
    flipped: 'loading',
  },
  checkpoint: {
    task: defineTask({ data: checkpoint() }).run((_, context) => noting('made', fill(_, context))),
    read: readFolder,
    flipped: 'verify',
  },
}

let root: string
const roots: string[] = []
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-damage-'))
  roots.push(root)
  ran = []
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))
afterAll(() => roots.forEach((path) => fs.rmSync(path, { recursive: true, force: true })))

interface Case {
  readonly kept: Kept
  readonly start: (noRepair?: boolean) => Opened
  readonly data: string
  readonly runInfo: string
  readonly log: string
  /** All files of the data: one, or those in the folder. */
  readonly files: readonly string[]
  readonly expected: unknown
}

/** A task and its consumer, computed; the consumer's own artifact is gone, so that the next ask reads the task's. */
const prepared = async (name: string): Promise<Case> => {
  const kept = formats[name] as Kept
  const consumer = defineTask({ inputs: { made: kept.task }, data: t.unknown as t.Type<any> }).run(async ({ made }) => {
    const read = await kept.read(made)
    return noting('consumer', read)
  })
  const other = defineTask({ data: kept.task.declaration.data as never }).run(kept.task.run as never)
  const start = (noRepair = false): Opened =>
    open({ p: { made: kept.task, other, consumer } }, {}, { store: fileStore(root, { durability: 'none' }), noRepair })
  const opened = start()
  const expected = await opened.chain.value('consumer')
  await opened.chain.value('other')
  await opened.chain.force(['consumer'], { delete: true })
  ran = []
  const address = addressOf(opened.chain.task('made').node)
  const base = join(root, address.folder, address.key)
  const data = opened.store.pathOf(address) as string
  const files = fs.statSync(data).isDirectory()
    ? fs
        .readdirSync(data)
        .sort()
        .map((file) => join(data, file))
    : [data]
  return { kept, start, data, runInfo: `${base}.run_info.yaml`, log: `${base}.log`, files, expected }
}

const flip = (path: string): void => {
  const content = fs.readFileSync(path)
  const at = Math.floor(content.length / 2)
  content[at] = (content[at] as number) ^ 4
  fs.writeFileSync(path, content)
}

const otherOf = ({ data, runInfo }: Case): { readonly data: string; readonly runInfo: string } => {
  const folder = join(root, 'p', 'other')
  const [found] = fs.readdirSync(folder).filter((name) => name.endsWith('.run_info.yaml'))
  const base = join(folder, (found as string).slice(0, -'.run_info.yaml'.length))
  return { data: `${base}${data.slice(runInfo.length - '.run_info.yaml'.length)}`, runInfo: `${base}.run_info.yaml` }
}

/** What is done to an artifact. */
const damages: Readonly<Record<string, (made: Case) => void>> = {
  truncated: ({ files: [file] }) => fs.truncateSync(file as string, fs.statSync(file as string).size - 5),
  longer: ({ files: [file] }) => fs.appendFileSync(file as string, 'more'),
  empty: ({ files }) => files.forEach((file) => fs.truncateSync(file, 0)),
  'in another format': ({ files: [file] }) => fs.writeFileSync(file as string, '%PDF-1.7 this is something else'),
  'without its data': ({ data }) => fs.rmSync(data, { recursive: true }),
  'half deleted': ({ files }) => fs.rmSync(files.at(-1) as string),
  'without its run info': ({ runInfo }) => fs.rmSync(runInfo),
  'with a run info that is not YAML': ({ runInfo }) => fs.writeFileSync(runInfo, 'task: [unclosed\n\tdata: {{{'),
  'with an empty run info': ({ runInfo }) => fs.truncateSync(runInfo, 0),
  'with a run info that is half there': ({ runInfo }) => fs.truncateSync(runInfo, 100),
  'with the run info of another artifact': (made) => fs.copyFileSync(otherOf(made).runInfo, made.runInfo),
  'another artifact, whole, under its name': (made) => {
    fs.rmSync(made.data, { recursive: true })
    fs.cpSync(otherOf(made).data, made.data, { recursive: true })
    fs.copyFileSync(otherOf(made).runInfo, made.runInfo)
  },
}

/** Contents by path. */
const filesBelow = (folder: string): ReadonlyMap<string, string> => {
  const files = (fs.readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
    fs.statSync(join(folder, name)).isFile(),
  )
  return new Map(files.map((name) => [name, fs.readFileSync(join(folder, name), 'latin1')]))
}

/** Asks for the damaged value without computing, and reads all of it; true where that is an error that says so. */
const onlyRead = async ({ kept, start }: Case): Promise<boolean> => {
  try {
    await kept.read(await start().chain.task('made').value({ compute: false }))
    return false
  } catch (cause) {
    const errors = (cause as { readonly errors?: readonly { readonly _tag: string }[] }).errors?.map(({ _tag }) => _tag)
    return errors === undefined
      ? /DamagedArtifact|FormatProblem/.test((cause as Error).name)
      : errors.every((tag) => tag === 'ArtifactUnreadable' || tag === 'NotComputed')
  }
}

/** Asks for the consumer in a new session; what it came to, and what was told of the damaged task. */
const asked = async (made: Case, noRepair = false) => {
  ran = []
  const { chain, events } = made.start(noRepair)
  const why = await chain.task('made').why()
  const value = await chain
    .value('consumer')
    .catch(
      (error: {
        readonly errors?: readonly { readonly _tag: string; readonly node?: string; readonly path?: string }[]
      }) => error.errors?.map(({ _tag, node }) => `${_tag} of ${node}`),
    )
  const missed = events.flatMap((event) => (event._tag === 'missed' && event.node === 'p:made' ? [event.reason] : []))
  const planned = events.flatMap((event) => (event._tag === 'planned' ? event.toRun : []))
  return { value, missed, named: missed.length > 0 || planned.includes('p:made') || why.trouble !== undefined, ran }
}

describe.each(Object.keys(formats))('%s', (name) => {
  it.each(Object.keys(damages))('%s: never served, named, computed again', async (damage) => {
    const made = await prepared(name)
    damages[damage]?.(made)
    const before = filesBelow(root)
    await expect(onlyRead(made)).resolves.toBe(true)
    expect([filesBelow(root), ran]).toEqual([before, []])
    const strict = await asked(made, true)
    // What is not there at all is a plain miss; anything that is there and wrong is refused.
    if (strict.ran.includes('consumer'))
      expect([strict.value, strict.ran]).toEqual([made.expected, ['made', 'consumer']])
    else {
      expect(strict).toMatchObject({ value: ['ArtifactUnreadable of p:made'], named: true, ran: [] })
      const repaired = await asked(made)
      expect(repaired).toMatchObject({ value: made.expected, named: true, ran: ['made', 'consumer'] })
    }
    expect(await asked(made)).toMatchObject({ value: made.expected, missed: [], ran: [] })
    expect((await verifyStore(fileStore(root) as never, { label: 'x', lookOnly: true })).damage).toEqual([])
  })

  it('a bit that flipped is met where the content is read', async () => {
    const made = await prepared(name)
    flip(made.files[0] as string)
    if (made.kept.flipped === 'verify') {
      expect((await verifyStore(fileStore(root) as never, { label: 'x', lookOnly: true })).damage).toMatchObject([
        { kind: 'damaged', key: addressOf(made.start().chain.task('made').node).key },
      ])
      return
    }
    const strict = await asked(made, true)
    expect(strict).toMatchObject({ value: ['ArtifactUnreadable of p:made'], ran: [] })
    const repaired = await asked(made)
    expect(repaired).toMatchObject({ value: made.expected, ran: ['made', 'consumer'] })
    expect(repaired.missed).toEqual([expect.stringMatching(/damaged|refused/)])
    expect(await asked(made)).toMatchObject({ value: made.expected, missed: [], ran: [] })
  })

  it('without its log it is served', async () => {
    const made = await prepared(name)
    fs.rmSync(made.log, { force: true })
    expect(await asked(made)).toMatchObject({ value: made.expected, missed: [], ran: ['consumer'] })
  })
})

describe('what a large table says about its columns', () => {
  it('is computed again where a bit of it flipped', async () => {
    const made = await prepared('largeTable')
    const [file] = made.files
    const content = fs.readFileSync(file as string)
    const brace = content.indexOf('{', content.indexOf('taskchain.table'))
    content[brace] = (content[brace] as number) ^ 1
    fs.writeFileSync(file as string, content)
    expect(await asked(made)).toMatchObject({
      value: made.expected,
      missed: [expect.stringContaining('damaged')],
      ran: ['made', 'consumer'],
    })
    expect(await asked(made)).toMatchObject({ value: made.expected, missed: [], ran: [] })
  })
})

describe('a file of somebody else’s where the folder was', () => {
  it('is not removed: it is named, and who asks is told to move it', async () => {
    const made = await prepared('directory')
    fs.rmSync(made.data, { recursive: true })
    fs.writeFileSync(made.data, 'mine')
    expect(await asked(made)).toMatchObject({ value: ['ArtifactNotSaved of p:made'], named: true })
    expect(fs.readFileSync(made.data, 'utf8')).toBe('mine')
  })
})

describe('a deletion while somebody computes the same key', () => {
  it('marks it, and whoever computes it replaces it; else it deletes', async () => {
    const made = await prepared('json')
    const { chain, store } = made.start()
    const lease = await fileStore(root).lease(addressOf(chain.task('made').node), {
      signal: new AbortController().signal,
      waiting: () => undefined,
    })
    await chain.force(['made'], { delete: true })
    expect([fs.existsSync(made.data), await openArtifact(store, addressOf(chain.task('made').node))]).toEqual([
      true,
      { _tag: 'Miss', reason: 'stale' },
    ])
    await lease.release()
    await chain.force(['made'], { delete: true })
    expect([fs.existsSync(made.data), fs.existsSync(made.runInfo)]).toEqual([false, false])
  })
})

describe('damage that is met while a consumer reads', () => {
  const lines = defineTask({ data: jsonLines(t.number) }).run(function* () {
    ran.push('lines')
    for (let number = 0; number < 200_000; number++) yield number
  })
  const length = async (items: AsyncIterable<number>): Promise<number> => {
    let found = 0
    for await (const _ of items) found++
    return found
  }
  const counted = (name: string) =>
    defineTask({ inputs: { lines }, data: t.number }).run(async ({ lines }) => (ran.push(name), length(lines)))
  const one = counted('one')
  const two = counted('two')
  /** Makes of every error a value, as real code does. */
  const careless = defineTask({ inputs: { lines }, data: t.number }).run(
    async ({ lines }) => (ran.push('careless'), length(lines).catch(() => -1)),
  )
  const copied = defineTask({ inputs: { lines }, data: jsonLines(t.number) }).run(async function* ({ lines }) {
    ran.push('copied')
    yield* lines as AsyncIterable<number>
  })
  const asking = defineTask({ inputs: { lines: lazy(lines) }, data: t.number }).run(
    async ({ lines }) => (ran.push('asking'), length(await lines())),
  )
  const wrapped = defineTask({ inputs: { lines }, data: inMemory<{ readonly inner: AsyncIterable<number> }>() }).run(
    ({ lines }) => (ran.push('wrapped'), { inner: lines }),
  )
  const through = defineTask({ inputs: { wrapped }, data: t.number }).run(
    async ({ wrapped }) => (ran.push('through'), length(wrapped.inner).catch(() => -1)),
  )
  const pipelines = { p: { lines, one, two, careless, copied, asking, wrapped, through } }

  const damaged = async (): Promise<{ readonly start: (noRepair?: boolean) => Opened; readonly path: string }> => {
    const start = (noRepair = false): Opened =>
      open(pipelines, {}, { store: fileStore(root, { durability: 'none' }), noRepair })
    const { chain, store } = start()
    await chain.value('lines')
    const path = store.pathOf(addressOf(chain.task('lines').node)) as string
    const content = fs.readFileSync(path)
    content.write('1', content.length - 3) // the last number is another one: only the checksum at the very end tells
    fs.writeFileSync(path, content)
    ran = []
    return { start, path }
  }

  it.each([
    ['one', ['one', 'lines', 'one'], 200_000],
    ['careless', ['careless', 'lines', 'careless'], 200_000],
    ['asking', ['asking', 'asking', 'lines'], 200_000],
    ['through', ['wrapped', 'through', 'lines', 'wrapped', 'through'], 200_000],
  ])('the result of %s is not kept; its input is computed anew and it runs once more', async (name, order, value) => {
    const { start, path } = await damaged()
    const { chain, events, store } = start()
    expect(await chain.value(name)).toBe(value)
    expect(ran).toEqual(order)
    expect(events.flatMap((event) => (event._tag === 'missed' ? [[event.node, event.reason]] : []))).toEqual([
      ['p:lines', expect.stringContaining(`damaged: ${path}`)],
    ])
    ran = []
    expect([await start().chain.value(name), ran]).toEqual([value, []])
    expect((await verifyStore(store as never, { label: 'x', lookOnly: true })).damage).toEqual([])
  })

  it('a generator that passes it on leaves nothing', async () => {
    const { start } = await damaged()
    const { chain } = start()
    expect(await length((await chain.value('copied')) as AsyncIterable<number>)).toBe(200_000)
    expect(ran).toEqual(['copied', 'lines', 'copied'])
  })

  it('several consumers at once have it computed anew once', async () => {
    const { start } = await damaged()
    const { chain } = start()
    const report = await chain.run(['one', 'two', 'careless'])
    expect([report.failed, report.computed.toSorted()]).toEqual([[], ['p:careless', 'p:lines', 'p:one', 'p:two']])
    expect(ran.filter((name) => name === 'lines')).toEqual(['lines'])
  })

  it('without repair it is an error that names it, and everything stays as it was', async () => {
    const { start, path } = await damaged()
    const before = fs.readdirSync(join(root, 'p', 'lines')).sort()
    const report = await start(true).chain.run(['careless'])
    expect(report.failed).toMatchObject([{ _tag: 'ArtifactUnreadable', node: 'p:lines', path }])
    expect([ran, fs.readdirSync(join(root, 'p', 'lines')).sort()]).toEqual([['careless'], before])
  })

  it('met by who asked for the stream, it is an error to them, and the next ask computes it anew', async () => {
    const { start, path } = await damaged()
    const { chain } = start()
    await expect(length((await chain.value('lines')) as AsyncIterable<number>)).rejects.toMatchObject({
      name: 'DamagedArtifact',
      message: expect.stringContaining(path) as string,
    })
    expect(ran).toEqual([])
    expect(await length((await chain.value('lines')) as AsyncIterable<number>)).toBe(200_000)
    expect(ran).toEqual(['lines'])
  })

  it('is told to other sessions too, with the reason', async () => {
    const { start } = await damaged()
    await length((await start().chain.value('lines')) as AsyncIterable<number>).catch(() => undefined)
    const { chain } = start()
    for (let turns = 0; turns < 1000 && (await chain.task('lines').why()).trouble === undefined; turns++)
      await new Promise((resolve) => void setImmediate(resolve))
    expect((await chain.task('lines').why()).trouble).toMatchObject({
      reason: 'stale',
      detail: expect.stringContaining('damaged: ') as string,
    })
    expect(await chain.value('one')).toBe(200_000)
  })

  it('on a store that takes no marks it is still not served', async () => {
    const { start } = await damaged()
    const { chain } = open(
      pipelines,
      {},
      { store: { ...start().store, markStale: () => Promise.reject(new Error('EROFS')) } },
    )
    expect(await chain.value('careless')).toBe(200_000)
  })

  it('a consumer that fails for another reason is told as it is', async () => {
    const failing = defineTask({ inputs: { lines }, data: t.number }).run(async ({ lines }) => {
      ran.push('failing')
      await lines.take(3)
      throw new Error('no')
    })
    const { chain } = open({ p: { lines, failing } }, {}, { store: fileStore(root, { durability: 'none' }) })
    expect((await chain.run(['failing'])).failed).toMatchObject([{ _tag: 'TaskFailed', node: 'p:failing' }])
    expect(ran).toEqual(['lines', 'failing'])
  })

  it('a folder that lost a file under a consumer is computed anew', async () => {
    const folder = defineTask({ data: directory() }).run((_, context) => noting('folder', fill(_, context)))
    const reading = defineTask({ inputs: { folder }, data: t.string }).run(({ folder }) => {
      if (ran.push('reading') === 2) fs.rmSync(join(folder, 'b.txt'))
      return readFolder(folder)
    })
    const { chain } = open({ p: { folder, reading } }, {}, { store: fileStore(root, { durability: 'none' }) })
    expect(((await chain.value('reading')) as string).length).toBe(3000)
    expect(ran).toEqual(['folder', 'reading', 'folder', 'reading'])
  })

  it('inputs that go one after the other, while the one before is being computed anew, fail nobody', async () => {
    const one = defineTask({ data: directory() }).run((_, context) => noting('one', fill(_, context)))
    const two = defineTask({ data: directory() }).run((_, context) => noting('two', fill(_, context)))
    const reading = defineTask({ inputs: { one, two }, data: t.number }).run(({ one, two }) => {
      const rounds = ran.filter((name) => name === 'reading').length
      ran.push('reading')
      if (rounds < 3) fs.rmSync([one, two, one][rounds] as string, { recursive: true }) // as `gc` of another process moves them
      return readFolder(one).length + readFolder(two).length
    })
    const { chain } = open({ p: { one, two, reading } }, {}, { store: fileStore(root, { durability: 'none' }) })
    expect(await chain.value('reading')).toBe(6000)
    expect(ran).toEqual(['one', 'two', 'reading', 'one', 'reading', 'two', 'reading', 'one', 'reading'])
  })

  it('an input that is damaged again and again is an error that names it, not a run without end', async () => {
    const folder = defineTask({ data: directory() }).run((_, context) => noting('folder', fill(_, context)))
    const reading = defineTask({ inputs: { folder }, data: t.string }).run(({ folder }) => {
      fs.rmSync(join(folder, 'b.txt'))
      return readFolder(folder)
    })
    const { chain } = open({ p: { folder, reading } }, {}, { store: fileStore(root, { durability: 'none' }) })
    expect((await chain.run(['reading'])).failed).toMatchObject([{ _tag: 'ArtifactUnreadable', node: 'p:folder' }])
    expect(ran).toEqual(['folder', 'folder', 'folder', 'folder'])
  })
})
