import { factsInFolder } from '../../src/runtime/run-info/one-folder.js'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { checkpoint } from '../../src/data/folder.js'
import { text } from '../../src/data/text.js'
import { inMemory } from '../../src/declare/format.js'
import { defineTask } from '../../src/declare/task.js'
import type { Store } from '../../src/runtime/ports/store.js'
import type { Why } from '../../src/runtime/chain/why-node.js'
import { open } from './fixture.js'

const folders: string[] = []
const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-why-'))
  folders.push(folder)
  return folder
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

const base = defineTask({ params: { size: t.number }, data: t.number }).run(({ size }) => size)
const model = defineTask({ inputs: { base }, params: { depth: t.number }, data: inMemory<number>() }).run(
  ({ base, depth }) => base * depth,
)
const score = defineTask({ inputs: { model }, data: t.number }).run(({ model }) => model)

const opened = (store: Store, size = 1, depth = 1) =>
  open({ p: { base, model, score } }, { params: { size, depth } }, { store })

/** An answer in short. */
const short = (why: Why) => ({
  state: why.state,
  ...(why.trouble === undefined ? {} : { trouble: why.trouble.reason }),
  ...(why.causes.length === 0
    ? {}
    : {
        causes: why.causes.map(
          ({ node, reason }) =>
            `${node} ${reason._tag === 'Param' ? `${reason.name} ${String(reason.before)} → ${String(reason.after)}` : reason._tag}`,
        ),
      }),
  ...(why.drifted.length === 0 ? {} : { drifted: why.drifted.map(({ node, action }) => `${node} ${action}`) }),
})

describe.each([
  ['in memory', () => memoryStore()],
  ['on disk', () => fileStore(scratch(), { durability: 'none' })],
] as const)('why, of a store %s', (_, make: () => Store) => {
  test('what is stored is cached, with the time it took', async () => {
    const store = make()
    await opened(store).chain.run()
    const why = await opened(store).chain.task('p:score').why()
    expect(short(why)).toEqual({ state: 'cached' })
    expect(why.seconds).toBeGreaterThanOrEqual(0)
    expect(why.ended).toMatch(/^\d{4}-/)
  })

  test('what is in memory only says so', async () => {
    expect(short(await opened(make()).chain.task('p:model').why())).toEqual({ state: 'in_memory' })
  })

  test('another value is found through inputs in memory', async () => {
    const store = make()
    await opened(store).chain.run()
    expect(short(await opened(store, 2, 1).chain.task('p:score').why())).toEqual({
      state: 'to_run',
      causes: ['p:base size 1 → 2'],
    })
    const why = await opened(store, 1, 2).chain.task('p:score').why()
    expect(short(why)).toEqual({ state: 'to_run', causes: ['p:model depth 1 → 2'] })
    expect(why.seconds).toBeGreaterThanOrEqual(0)
    expect(short(await opened(make()).chain.task('p:score').why())).toEqual({
      state: 'to_run',
      causes: ['p:score NeverComputed'],
    })
  })

  test('what force has asked for says so', async () => {
    const store = make()
    const { chain } = opened(store)
    await chain.run()
    await chain.task('p:base').force()
    expect(short(await chain.task('p:base').why())).toEqual({ state: 'to_run', trouble: 'forced' })
    await chain.task('p:base').force({ mark: true })
    expect(short(await opened(store).chain.task('p:base').why())).toEqual({ state: 'to_run', trouble: 'stale' })
  })

  test('another format of the same value says so', async () => {
    const store = make()
    const one = (format: 'json' | 'text') =>
      open(
        {
          p: {
            one:
              format === 'json'
                ? defineTask({ data: t.string }).run(() => 'x')
                : defineTask({ data: text() }).run(() => 'x'),
          },
        },
        {},
        { store },
      )
    await one('json').chain.run()
    const { state, trouble } = await one('text').chain.task('p:one').why()
    expect({ state, trouble }).toEqual({
      state: 'to_run',
      trouble: { reason: 'other format', detail: '.json is stored, .txt is wanted' },
    })
  })

  test('a checkpoint that has stopped says so', async () => {
    const store = make()
    const stopping = defineTask({ data: checkpoint() }).run((_, { unfinished }) => unfinished('later'))
    const { chain } = open({ p: { stopping } }, {}, { store })
    await chain.run()
    expect(short(await chain.task('p:stopping').why())).toEqual({ state: 'unfinished', trouble: 'unfinished' })
  })

  test('code that has changed above says so where that recomputes', async () => {
    const store = make()
    const chain = (run: () => number) => {
      const first = defineTask({ data: t.number, onCodeChange: 'recompute' }).run(run)
      const second = defineTask({ inputs: { first }, data: t.number }).run(({ first }) => first)
      return open({ p: { first, second } }, {}, { store }).chain
    }
    await chain(() => 1).run()
    expect(
      short(
        await chain(() => 2)
          .task('p:second')
          .why(),
      ),
    ).toEqual({ state: 'to_run', trouble: 'older code', drifted: ['p:second recompute', 'p:first recompute'] })
  })
})

describe('why, of damaged files', () => {
  const spoiled = async (spoil: (path: string) => void): Promise<Why> => {
    const folder = scratch()
    await opened(fileStore(folder)).chain.run()
    const { chain } = opened(fileStore(folder))
    spoil(chain.task('p:base').dataPath ?? '')
    return chain.task('p:base').why()
  }

  test.each([
    ['no data', (path: string) => rmSync(path)],
    ['no run info', (path: string) => rmSync(path.replace(/json$/, 'run_info.yaml'))],
    ['size differs', (path: string) => writeFileSync(path, '123')],
    ['damaged', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('1', '2'))],
  ])('%s', async (reason, spoil) => {
    expect(short(await spoiled(spoil))).toEqual({ state: 'to_run', trouble: reason })
  })
})

describe('why, among many', () => {
  test('reads one index, no run info, and finds the nearest of a thousand', async () => {
    const folder = scratch()
    const value = defineTask({ params: { seed: t.number, other: t.number }, data: t.number }).run(({ seed }) => seed)
    const configs: Record<string, object> = {
      main: { uses: Array.from({ length: 1000 }, (_, index) => `c${index} as n${index}`) },
    }
    for (let index = 0; index < 1000; index++) configs[`c${index}`] = { tasks: 'p.*', seed: index, other: -index }
    await open({ p: { value } }, { configs }, { store: fileStore(folder, { durability: 'none' }) }).chain.run()
    const asked: string[] = []
    const store = fileStore(folder)
    const counted: Store = {
      ...store,
      facts: {
        ...store.facts,
        read: (folders) => (
          asked.push(...[...folders.keys()].map((name) => `facts ${name}`)), store.facts.read(folders)
        ),
      },
      readRunInfo: (address) => (asked.push('run info'), store.readRunInfo(address)),
    }
    const why = await open({ p: { value } }, { params: { seed: 500, other: 7 } }, { store: counted })
      .chain.task('p:value')
      .why()
    expect({ ...short(why), candidates: why.candidates }).toEqual({
      state: 'to_run',
      causes: ['p:value other -500 → 7'],
      candidates: 1000,
    })
    expect(asked.filter((one) => one === 'run info')).toEqual([])
  })

  test('a pre-image too large for the index is read from the run info', async () => {
    const store = fileStore(scratch())
    const long = defineTask({ params: { list: t.array(t.number), seed: t.number }, data: t.number }).run(
      ({ seed }) => seed,
    )
    const list = Array.from({ length: 10_000 }, (_, index) => index)
    const chain = (seed: number) => open({ p: { long } }, { params: { list, seed } }, { store }).chain
    await chain(1).run()
    expect([...(await factsInFolder(store.facts, 'p/long')).values()].map(({ preImage }) => preImage)).toEqual([
      undefined,
    ])
    expect(short(await chain(2).task('p:long').why())).toEqual({ state: 'to_run', causes: ['p:long seed 1 → 2'] })
  })

  test('a store without indexes is asked for run infos', async () => {
    const { facts: _, ...bare } = memoryStore()
    await opened(bare).chain.run()
    expect(short(await opened(bare, 2).chain.task('p:score').why())).toEqual({
      state: 'to_run',
      causes: ['p:base size 1 → 2'],
    })
  })
})

describe('why, of a node whose differences are far above it', () => {
  const values = ['w', 'x', 'y', 'z'] as const
  type Values = Readonly<Record<(typeof values)[number], number>>

  /** w and x are read by rows; y by the model, z by both model and report: all ways lead to the report. */
  const chain = (store: Store, params: Values) => {
    const rows = defineTask({ params: { w: t.number, x: t.number }, data: t.number }).run(({ w, x }) => w + x)
    const features = defineTask({ inputs: { rows }, data: inMemory<number>() }).run(({ rows }) => rows)
    const model = defineTask({ inputs: { features }, params: { y: t.number, z: t.number }, data: t.number }).run(
      ({ features, y, z }) => features + y + z,
    )
    const test = defineTask({ inputs: { rows, model }, data: t.number }).run(({ rows, model }) => rows + model)
    const report = defineTask({ inputs: { test, model, features }, params: { z: t.number }, data: t.number }).run(
      ({ test, z }) => test + z,
    )
    return open({ p: { rows, features, model, test, report } }, { params }, { store }).chain
  }
  const changesOf = (why: Why): ReadonlyMap<string, unknown> =>
    new Map(
      why.causes.map(({ reason }) =>
        reason._tag === 'Param' ? [reason.name, reason.before] : [reason._tag, undefined],
      ),
    )

  test('one root alone is told where a kept result differs by it only, whatever was computed since', async () => {
    const store = memoryStore()
    const usual = { w: 1, x: 1, y: 7, z: 1 }
    await chain(store, usual).run()
    for (const y of [1, 2, 3, 4]) await chain(store, { ...usual, y }).run()
    await chain(store, { w: 8, x: 8, y: 8, z: 8 }).run()
    expect(
      short(
        await chain(store, { ...usual, w: 300 })
          .task('report')
          .why(),
      ),
    ).toEqual({ state: 'to_run', causes: ['p:rows w 1 → 300'] })
    expect(
      short(
        await chain(store, { ...usual, w: 300 })
          .task('test')
          .why(),
      ),
    ).toEqual({ state: 'to_run', causes: ['p:rows w 1 → 300'] })
    expect(
      changesOf(
        await chain(store, { ...usual, z: 300 })
          .task('report')
          .why(),
      ),
    ).toEqual(new Map([['z', 1]]))
    expect(changesOf(await chain(store, { w: 8, x: 8, y: 8, z: 9 }).task('report').why())).toEqual(new Map([['z', 8]]))
  })

  const small = fc.record({ w: fc.nat(2), x: fc.nat(2), y: fc.nat(2), z: fc.nat(2) })

  test('as few values are told as some kept result differs by, and each really does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(small, { minLength: 1, maxLength: 6 }), small, async (kept, wanted) => {
        const store = memoryStore()
        for (const params of kept) await chain(store, params).run()
        const distance = (params: Values): number => values.filter((name) => params[name] !== wanted[name]).length
        const told = changesOf(await chain(store, wanted).task('report').why())
        expect(told.size).toBe(Math.min(...kept.map(distance)))
        expect(
          kept.some((params) =>
            values.every((name) => (told.has(name) ? params[name] === told.get(name) : params[name] === wanted[name])),
          ),
        ).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})
