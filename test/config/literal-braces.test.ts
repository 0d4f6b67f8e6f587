import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import {
  defineObject,
  defineProject,
  defineTask,
  file,
  object,
  openChain,
  param,
  path,
  planConfig,
} from '../../src/index.js'

let root = ''
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'taskchain-braces-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const seen = defineObject('Seen', {
  args: { text: t.string, folder: param(path, { default: '{{DATA}}/{DATA}' }) },
}).create((args) => args)
const told = defineTask({
  params: {
    text: t.string,
    choice: t.keyof({ '{DATA}': null }),
    folder: path,
    source: file,
    model: object(seen),
    note: param(t.string, { default: '{{DATA}} {DATA}' }),
  },
  data: t.unknown,
}).run(({ model, ...others }) => ({ ...others, ...(model as object) }))
const projectWith = (DATA: string | number) =>
  defineProject({ root, pipelines: { p: { told } }, objects: { seen }, globals: { DATA } })

test('{{NAME}} reaches run as {NAME}, in texts, paths, files, objects and defaults, and keeps its form in plan and key', async () => {
  writeFileSync(join(root, '{DATA}.csv'), 'x')
  const config = {
    tasks: 'p.*',
    text: '{{DATA}} of {DATA}',
    choice: '{{DATA}}',
    folder: '{{DATA}}/{DATA}',
    source: '{{DATA}}.csv',
    model: { class: 'Seen', kwargs: { text: '{{DATA}}{DATA}' } },
  }
  const chain = await openChain(projectWith(7), { config, store: memoryStore() })
  const folder = join(root, '{DATA}/7')
  expect(await chain.value('told')).toEqual({
    text: '{DATA}7',
    choice: '{DATA}',
    folder,
    source: join(root, '{DATA}.csv'),
    note: '{DATA} 7',
  })
  const [node] = chain.plan.nodes
  expect(node?.params).toMatchObject({
    text: '{{DATA}} of {DATA}',
    choice: '{{DATA}}',
    folder: '{{DATA}}/{DATA}',
    source: { path: '{{DATA}}.csv', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  })
  const elsewhere = await planConfig(projectWith('other'), { config })
  expect('right' in elsewhere && elsewhere.right.nodes[0]?.key).toBe(node?.key)
  await chain.close()
})
