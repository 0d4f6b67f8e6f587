import * as t from 'io-ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { inMemory } from '../../src/declare/format.js'
import { matching } from '../../src/declare/input.js'
import { defineTask } from '../../src/declare/task.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { open } from './fixture.js'

const scratch = mkdtempSync(join(tmpdir(), 'taskchain-dependents-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const base = defineTask({ params: { size: t.number }, data: t.number }).run(({ size }) => size)
const model = defineTask({ inputs: { base }, params: { depth: t.number }, data: inMemory<number>() }).run(
  ({ base, depth }) => base * depth,
)
const second = defineTask({ inputs: { model }, data: inMemory<number>() }).run(({ model }) => model)
const score = defineTask({ inputs: { second }, data: t.number }).run(({ second }) => second)
const long = defineTask({ inputs: { score }, params: { list: t.array(t.number) }, data: t.number }).run(
  ({ score }) => score,
)
const all = defineTask({ inputs: { parts: matching(/lon.*/, t.number) }, data: t.number }).run(() => 1)

const opened = (store: Store, size: number, depth: number, length = 1) =>
  open(
    { p: { base, model, second, score, long, all } },
    { params: { size, depth, list: Array.from({ length }, (_, index) => index) } },
    { store },
  ).chain

describe.each([
  ['in memory', () => memoryStore()],
  ['on disk', () => fileStore(mkdtempSync(join(scratch, 'store-')), { durability: 'none' })],
] as const)('what other chains have made from a result, in a store %s', (_, make: () => Store) => {
  const tasksOf = async (chain: ReturnType<typeof opened>, asked: string): Promise<readonly string[]> =>
    (await chain.storedDependents(asked)).map(({ task }) => task)

  test('is found through inputs in memory, patterns, and results too large for an index', async () => {
    const store = make()
    await opened(store, 1, 1).run()
    await opened(store, 1, 2, 10_000).run()
    await opened(store, 2, 1).run()
    expect(await tasksOf(opened(store, 1, 1), 'base')).toEqual(['p:all', 'p:long', 'p:score'])
    expect(await tasksOf(opened(store, 1, 1), 'model')).toEqual([])
    expect(await tasksOf(opened(store, 1, 2, 10_000), 'base')).toEqual(['p:all', 'p:long', 'p:score'])
    expect(await tasksOf(opened(store, 1, 3), 'base')).toHaveLength(6)
    expect(await tasksOf(opened(store, 1, 2), 'score')).toEqual(['p:all', 'p:long'])
  })

  test('is not told where it is marked or gone already, nor changed by force', async () => {
    const store = make()
    await opened(store, 1, 1).run()
    const other = opened(store, 1, 2)
    await other.run()
    await opened(store, 1, 1).force('base', { mark: true })
    const states = [...(await other.states()).values()].filter((state) => state === 'undecided' || state === 'cached')
    expect(states.toSorted()).toEqual(['cached', 'undecided', 'undecided']) // one has asked for nothing of its inputs
    await other.force('long', { mark: true })
    expect(await tasksOf(opened(store, 1, 1), 'base')).toEqual(['p:score'])
    await other.force('score', { delete: true })
    expect(await tasksOf(opened(store, 1, 1), 'base')).toEqual([])
  })
})
