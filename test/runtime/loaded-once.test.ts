// What a run says that it has loaded: each node once, and none that it has computed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { defineTask } from '../../src/declare/task.js'
import type { Executor } from '../../src/runtime/ports/executor.js'
import { open } from './fixture.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-loaded-once-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const all = defineTask({ data: t.number }).run(() => 1)
const left = defineTask({ inputs: { all }, data: t.number }).run(({ all }) => all)
const right = defineTask({ inputs: { all }, data: t.number }).run(({ all }) => all)
const executor: Executor = {
  execute: (job) => job.run(),
  elsewhere: async ({ plan, node, key }, { emit }) => {
    const input = plan.nodes.find(({ id }) => id === 'p:all' && id !== node)
    if (input !== undefined) emit({ _tag: 'loaded', node: input.id, key: input.key, seconds: 0 })
    emit({ _tag: 'computed', node, key, seconds: 0, size: 1, path: undefined })
    return { _tag: 'kept' }
  },
}
const opened = (elsewhere: boolean) =>
  open({ p: { all, left, right } }, {}, { store: fileStore(folder), ...(elsewhere ? { executor } : {}) }).chain

test('a result that this run has computed elsewhere, and that others read there, is not loaded too', async () => {
  const { computed, loaded, failed } = await opened(true).run()
  expect({ computed: computed.toSorted(), loaded, failed }).toEqual({
    computed: ['p:all', 'p:left', 'p:right'],
    loaded: [],
    failed: [],
  })
})

test('one that an earlier run has stored is loaded once, however many read it elsewhere', async () => {
  await opened(false).run(['all'])
  const { computed, loaded, failed } = await opened(true).run()
  expect({ computed: computed.toSorted(), loaded, failed }).toEqual({
    computed: ['p:left', 'p:right'],
    loaded: ['p:all'],
    failed: [],
  })
})
