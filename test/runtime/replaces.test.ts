import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterEach, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import type { Executor } from '../../src/runtime/ports/executor.js'
import { generationOf } from '../../src/runtime/session/generation.js'
import { open } from './fixture.js'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const emptyStore = () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-replaces-'))
  folders.push(folder)
  return fileStore(folder)
}

/** An executor for other machines, which computes nothing, and what it was told to replace. */
const elsewhere = () => {
  const replaced: (string | undefined)[] = []
  const executor: Executor = {
    execute: (job) => job.run(),
    takesLeases: true,
    elsewhere: async ({ replaces }) => {
      replaced.push(replaces)
      return { _tag: 'unfinished', reason: 'not today' }
    },
  }
  return { replaced, executor }
}

const task = defineTask({ data: t.number }).run(() => 1)

test('a node that nothing is stored of replaces nothing, and its run info is not looked for again', async () => {
  const store = emptyStore()
  let looked = 0
  const counting = {
    ...store,
    readRunInfo: (...at: Parameters<typeof store.readRunInfo>) => (looked++, store.readRunInfo(...at)),
  }
  const { replaced, executor } = elsewhere()
  await open({ p: { task } }, {}, { store: counting, executor }).chain.run()
  expect([replaced, looked]).toEqual([[undefined], 0])
})

test('one that is marked stale, or forced, replaces what is there', async () => {
  const store = emptyStore()
  const { plan, chain } = open({ p: { task } }, {}, { store })
  await chain.run()
  const [node] = plan.nodes
  if (node === undefined) throw new Error('the plan has a node')
  const there = await generationOf(store, addressOf(node))
  const { replaced, executor } = elsewhere()
  const forcing = open({ p: { task } }, {}, { store, executor })
  forcing.session.forced.add(node.key)
  await forcing.chain.run()
  await store.markStale(addressOf(node))
  await open({ p: { task } }, {}, { store, executor }).chain.run()
  expect(there).toMatch(/^[0-9a-f]{16}$/)
  expect(replaced).toEqual([there, there])
})
