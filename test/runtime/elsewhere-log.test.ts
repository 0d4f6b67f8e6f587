import { PassThrough } from 'node:stream'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { winstonLog } from '../../src/adapters/log/winston-log.js'
import { defineTask } from '../../src/declare/task.js'
import type { Executor } from '../../src/runtime/ports/executor.js'
import { open } from './fixture.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-elsewhere-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the last lines of a node that another machine computes are shown before the run ends', async () => {
  const executor: Executor = {
    execute: (job) => job.run(),
    takesLeases: true,
    elsewhere: async ({ node, key }, { log }) => {
      log({ level: 'warn', message: 'at the very end', node: `${node} ${key.slice(0, 8)}` })
      return { _tag: 'unfinished', reason: 'not today' }
    },
  }
  const stream = new PassThrough()
  const task = defineTask({ data: t.number }).run(() => 1)
  await open({ p: { task } }, {}, { store: fileStore(folder), executor, log: winstonLog({ stream }) }).chain.run()
  expect(String(stream.read())).toBe('WARN  p:task: at the very end\n')
})
