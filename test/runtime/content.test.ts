// What is recorded of contents: the digest of each result, and of all that was read to make it.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { bytes, defineFormat, directory } from '../../src/data/index.js'
import { inMemory } from '../../src/declare/format.js'
import { lazy, matching } from '../../src/declare/input.js'
import { defineObject, object } from '../../src/declare/object.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { parseRunInfo, type RunInfo } from '../../src/runtime/run-info/run-info.js'
import { gate, open, type Opened } from './fixture.js'

const scratch = mkdtempSync(join(tmpdir(), 'taskchain-content-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const onDisk = () => fileStore(mkdtempSync(join(scratch, 'store-')), { durability: 'none' })

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
const nodeOf = ({ plan }: Opened, name: string) =>
  plan.nodes.find((node) => node.name === name) as Opened['plan']['nodes'][number]
const infoOf = async (opened: Opened, name: string): Promise<RunInfo> => {
  const text = await opened.store.readRunInfo(addressOf(nodeOf(opened, name)))
  const parsed = parseRunInfo(text ?? '')
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right
}
const digestIn = async (opened: Opened, name: string) => (await infoOf(opened, name)).data?.digest
const keyIn = (opened: Opened, name: string): string => nodeOf(opened, name).key

const large = Uint8Array.from({ length: 9_000_001 }, (_, at) => at % 251)
const streamed = defineFormat({
  kind: 'streamed',
  extension: 'bin',
  encode: async function* (parts: readonly Uint8Array[]) {
    yield* parts
  },
  decode: (read) => [read],
})

describe.each([
  ['in memory', (): Store => memoryStore()],
  ['on disk', (): Store => onDisk()],
] as const)('in a store %s', (_, make) => {
  test('a result has the SHA-256 of its bytes, however they come: small, large, in parts, as a stream', async () => {
    const small = defineTask({ data: t.number }).run(() => 7)
    const whole = defineTask({ data: bytes() }).run(() => large)
    const stream = defineTask({ data: streamed }).run(() => [
      large.subarray(0, 5),
      large.subarray(5, 600_000),
      large.subarray(600_000),
    ])
    const none = defineTask({ data: streamed }).run(() => [])
    const opened = open({ p: { small, whole, stream, none } }, {}, { store: make() })
    expect((await opened.chain.run()).failed).toEqual([])
    expect(await digestIn(opened, 'small')).toBe(sha256('7'))
    expect(await digestIn(opened, 'whole')).toBe(sha256(large))
    expect(await digestIn(opened, 'stream')).toBe(sha256(large))
    expect(await digestIn(opened, 'none')).toBe(sha256(''))
  })

  test('a folder has one over path, type, size and digest of what is in it', async () => {
    const folder = defineTask({ data: directory() }).run(async (_, { dir }) => {
      await writeFile(join(dir, 'b'), 'two')
      await writeFile(join(dir, 'a'), large)
    })
    const opened = open({ p: { folder } }, {}, { store: make() })
    await opened.chain.run()
    const lines = [`a\0file\0${large.length}\0${sha256(large)}\n`, `b\0file\0${3}\0${sha256('two')}\n`]
    expect(await digestIn(opened, 'folder')).toBe(sha256(lines.join('')))
  })

  test('a format may say by itself what its content is', async () => {
    let written = 0
    const dated = defineFormat({
      kind: 'dated',
      extension: 'txt',
      encode: (value: string) => Buffer.from(`${value} ${written++}`),
      decode: (read) => Buffer.from(read).toString().split(' ')[0] ?? '',
      digest: (value) => value,
    })
    const task = defineTask({ data: dated }).run(() => 'same')
    const opened = open({ p: { task } }, {}, { store: make() })
    await opened.chain.run()
    expect(await digestIn(opened, 'task')).toBe(sha256('same'))
    await opened.chain.force('task')
    await opened.chain.run()
    expect([written, await digestIn(opened, 'task')]).toEqual([2, sha256('same')])
  })

  test('facts say the same, those of the catalog and those of a run info', async () => {
    const source = defineTask({ data: t.number }).run(() => 7)
    const kept = defineTask({ inputs: { source }, data: inMemory<number>() }).run(({ source }) => source)
    const reader = defineTask({ inputs: { kept }, data: t.number }).run(({ kept }) => kept)
    const store = make()
    const opened = open({ p: { source, kept, reader } }, {}, { store })
    await opened.chain.run()
    const factsNow = async () => {
      const found = await store.facts?.read(
        new Map([
          ['p/source', new Set([keyIn(opened, 'source')])],
          ['p/reader', new Set([keyIn(opened, 'reader')])],
        ]),
      )
      return [
        found?.get('p/source')?.get(keyIn(opened, 'source'))?.digest,
        found?.get('p/reader')?.get(keyIn(opened, 'reader'))?.reads,
      ]
    }
    const expected = [sha256('7'), { [keyIn(opened, 'source')]: sha256('7') }]
    expect(await factsNow()).toEqual(expected)
    if (store.location !== 'memory') rmSync(join(store.location, '.catalog'), { recursive: true })
    const again = store.location === 'memory' ? store : fileStore(store.location)
    const found = await again.facts?.read(new Map([['p/reader', undefined]]))
    expect(found?.get('p/reader')?.get(keyIn(opened, 'reader'))?.reads).toEqual(expected[1])
  })
})

describe('a run info says what was read', () => {
  const one = defineTask({ data: t.number }).run(() => 1)
  const two = defineTask({ data: t.number }).run(() => 2)
  const three = defineTask({ data: t.number }).run(() => 3)

  test('eager, lazy, by handle and by pattern; not what was never asked for', async () => {
    const reader = defineTask({
      inputs: { one, two: lazy(two), three, every: matching(/o.*/, t.number) },
      data: t.number,
    }).run(
      async ({ one, two, every }, { inputs }) =>
        one + (await two()) + (await inputs.three.value()) + Object.keys(every).length,
    )
    const idle = defineTask({ inputs: { two: lazy(two), three }, data: t.number }).run(
      (_args, { inputs }) => Object.keys(inputs).length,
    )
    const opened = open({ p: { one, two, three, reader, idle } })
    expect((await opened.chain.run()).failed).toEqual([])
    const said = (name: string, digest?: string) => ({
      task: `p:${name}`,
      key: keyIn(opened, name),
      ...(digest === undefined ? {} : { digest: sha256(digest) }),
    })
    const { input_tasks, also_read } = await infoOf(opened, 'reader')
    expect(also_read).toBeUndefined()
    expect(input_tasks).toEqual({
      one: said('one', '1'),
      two: said('two', '2'),
      three: said('three', '3'),
      every: { 'p:one': said('one', '1') },
    })
    expect((await infoOf(opened, 'idle')).input_tasks).toEqual({ two: said('two'), three: said('three') })
  })

  test('what objects asked the chain for, and what values in memory were made from', async () => {
    const Asker = defineObject('Asker', { args: { name: t.string } }).create(({ name }, { chain }) => ({
      ask: () => chain().value(name) as Promise<number>,
    }))
    const asker = { class: 'Asker', args: ['three'] }
    const kept = defineTask({ inputs: { one, two: lazy(two) }, data: inMemory<number>() }).run(
      async ({ one, two }) => one + (await two()),
    )
    const reader = defineTask({ inputs: { kept }, params: { asker: object(Asker) }, data: t.number }).run(
      async ({ kept, asker }) => kept + (await asker.ask()),
    )
    const opened = open({ p: { one, two, three, kept, reader } }, { objects: { Asker }, params: { asker } })
    expect((await opened.chain.run()).failed).toEqual([])
    const { input_tasks, also_read } = await infoOf(opened, 'reader')
    expect(input_tasks).toEqual({
      kept: { task: 'p:kept', key: keyIn(opened, 'kept'), identity: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    expect(also_read).toEqual(
      Object.fromEntries(
        [
          ['one', '1'],
          ['two', '2'],
          ['three', '3'],
        ].map(([name = '', text = '']) => [keyIn(opened, name), { task: `p:${name}`, digest: sha256(text) }]),
      ),
    )
  })

  test('a value in memory is by content what it was made from: the same from equal inputs, another from others', async () => {
    const identity = async (size: number, depth = 1) => {
      const base = defineTask({ params: { size: t.number }, data: t.number }).run(({ size }) => size % 2)
      const kept = defineTask({ inputs: { base }, params: { depth: t.number }, data: inMemory<number>() }).run(
        ({ base }) => base,
      )
      const again = defineTask({ inputs: { kept }, data: inMemory<number>() }).run(({ kept }) => kept)
      const reader = defineTask({ inputs: { again }, data: t.number }).run(({ again }) => again)
      const opened = open({ p: { base, kept, again, reader } }, { params: { size, depth } })
      await opened.chain.run()
      const { again: input } = (await infoOf(opened, 'reader')).input_tasks
      return (input as { readonly identity?: string }).identity
    }
    const [first, equal, other, deeper] = [
      await identity(1),
      await identity(3),
      await identity(2),
      await identity(1, 2),
    ]
    expect(first).toBe(equal)
    expect(new Set([first, other, deeper]).size).toBe(3)
  })

  test('what was read, not what is there at the end', async () => {
    const store = memoryStore()
    const [reading, go] = [gate(), gate()]
    let made = 0
    const source = defineTask({ data: t.number }).run(() => ++made)
    const reader = defineTask({ inputs: { source }, data: t.number }).run(async ({ source }) => {
      reading.open()
      await go.promise
      return source
    })
    const opened = open({ p: { source, reader } }, {}, { store })
    const running = opened.chain.run()
    await reading.promise
    const other = open({ p: { source, reader } }, {}, { store })
    await other.chain.force('source')
    await other.chain.run(['source'])
    go.open()
    await running
    expect([made, await digestIn(opened, 'source')]).toEqual([2, sha256('2')])
    expect((await infoOf(opened, 'reader')).input_tasks['source']).toMatchObject({ digest: sha256('1') })
  })

  test('results of earlier versions are used as they are, and what is made from them says that they are unknown', async () => {
    const store = onDisk()
    const reader = defineTask({ inputs: { one }, data: t.number }).run(({ one }) => one)
    const before = open({ p: { one, reader } }, {}, { store })
    await before.chain.run()
    for (const node of before.plan.nodes) {
      const { folder, key } = addressOf(node)
      const path = join(store.location, folder, `${key}.run_info.yaml`)
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/\n +digest: .*/g, ''))
    }
    const after = open({ p: { one, reader } }, {}, { store: fileStore(store.location) })
    expect((await after.chain.run()).computed).toEqual([])
    expect(await after.chain.value('reader')).toBe(1)
    await after.chain.force('reader')
    expect((await after.chain.run()).computed).toEqual(['p:reader'])
    expect((await infoOf(after, 'reader')).input_tasks['one']).not.toHaveProperty('digest')
    expect(await digestIn(after, 'reader')).toBe(sha256('1'))
  })
})
