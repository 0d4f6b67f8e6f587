// Files as params, end to end: a chain over a real folder.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defineProject, defineTask, file, openChain, param, path, type Chain } from '../src/index.js'
import { testTask } from '../src/testing/index.js'

const rows = defineTask({ params: { source: file }, data: t.array(t.string) }).run(async ({ source }) =>
  (await readFile(source, 'utf8')).trim().split('\n'),
)
const count = defineTask({
  inputs: { rows },
  params: { scratch: param(path, { default: 'scratch', ignorePersistence: true }) },
  data: t.tuple([t.number, t.string]),
}).run(({ rows, scratch }): [number, string] => [rows.length, scratch])
const editing = defineTask({ params: { source: file }, data: t.string }).run(async ({ source }) => {
  const text = await readFile(source, 'utf8')
  writeFileSync(source, `${text}more\n`)
  return text
})

let root = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'taskchain-files-')))
  mkdirSync(join(root, 'configs/deep'), { recursive: true })
  writeFileSync(join(root, 'rows.txt'), 'one\ntwo\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const open = (values: object, globals: Readonly<Record<string, string>> = {}): Promise<Chain> =>
  openChain(defineProject({ pipelines: { p: { rows, count }, q: { editing } }, root, globals }), {
    config: { tasks: 'p.*', ...values },
  })

test('run gets absolute paths; relative ones start from the root of the project', async () => {
  const chain = await open({ source: 'rows.txt' })
  expect(await chain.value('count')).toEqual([2, join(root, 'scratch')])
  await chain.close()
})

test('a file that changes is another key, and what reads it is computed again; one that changes back is found', async () => {
  const outcome = async (): Promise<readonly string[]> => {
    const chain = await open({ source: '{IN}/rows.txt' }, { IN: root })
    const { computed } = await chain.run()
    await chain.close()
    return computed
  }
  expect(await outcome()).toEqual(['p:rows', 'p:count'])
  expect(await outcome()).toEqual([])
  writeFileSync(join(root, 'rows.txt'), 'one\ntwo\nthree\n')
  expect(await outcome()).toEqual(['p:rows', 'p:count'])
  writeFileSync(join(root, 'rows.txt'), 'one\ntwo\n')
  expect(await outcome()).toEqual([])
})

test('the same text means the same file in every config, context and folder', async () => {
  writeFileSync(join(root, 'configs/deep/a.yaml'), 'tasks: p.*\nsource: rows.txt\n')
  const project = defineProject({ pipelines: { p: { rows, count } }, root })
  const [fromFile, fromContext] = await Promise.all([
    openChain(project, { config: 'deep/a.yaml' }),
    openChain(project, { config: { tasks: 'p.*', source: 'none' }, context: { source: 'rows.txt' } }),
  ])
  expect(fromFile.task('p:rows').key).toBe(fromContext.task('p:rows').key)
})

test('a missing file is told before anything runs, with its place', async () => {
  writeFileSync(join(root, 'configs/deep/a.yaml'), 'tasks: p.*\nsource: row.txt\n')
  const opening = openChain(defineProject({ pipelines: { p: { rows, count } }, root }), { config: 'deep/a.yaml' })
  await expect(opening).rejects.toThrow(
    "configs/deep/a.yaml:2:9: param 'source' of 'p:rows': the file 'row.txt' cannot be read: there is no such file\n  did you mean 'rows.txt'?",
  )
})

describe('a file that is not what was planned with', () => {
  test('stops the task before it runs', async () => {
    const chain = await open({ source: 'rows.txt' })
    writeFileSync(join(root, 'rows.txt'), 'other\n')
    await expect(chain.value('rows')).rejects.toThrow(
      "task 'p:rows' reads the file 'rows.txt', which is not what was planned with: its content has changed",
    )
    expect(await chain.task('rows').hasData()).toBe(false)
  })

  test('leaves no result when it changes while the task runs', async () => {
    const chain = await openChain(defineProject({ pipelines: { q: { editing } }, root }), {
      config: { tasks: 'q.*', source: 'rows.txt' },
    })
    await expect(chain.value('editing')).rejects.toThrow('its content has changed')
    expect(await chain.task('editing').hasData()).toBe(false)
  })
})

test('run info says what was read', async () => {
  const chain = await open({ source: 'rows.txt' })
  await chain.run()
  const info = await chain.task('rows').runInfo()
  expect(info?.parameters).toEqual({
    source: { path: 'rows.txt', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  })
  expect(readFileSync(`${chain.task('rows').dataPath?.replace(/\.json$/, '')}.run_info.yaml`, 'utf8')).not.toContain(
    root,
  )
  await chain.close()
})

test('the testing kit takes any path and asks for no digest', async () => {
  expect(await testTask(rows, { params: { source: join(root, 'rows.txt') } })).toEqual(['one', 'two'])
})
