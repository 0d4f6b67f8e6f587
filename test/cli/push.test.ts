// push and pull between two folders, in this process; kills with real ones.
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, inProcess, projectFiles, remove, start, taskchain, write } from './fixture.js'

beforeAll(builtOnce)

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, projectFiles)
})
afterEach(() => remove(folder))

const json = async (...words: string[]) => {
  const { out, err, code } = await inProcess(folder, [...words, '--json'])
  expect([err, code]).toEqual(['', 0])
  return JSON.parse(out) as { there: number; lacking: object[]; artifacts: { task: string; outcome: string }[] }
}
const tasks = (report: Awaited<ReturnType<typeof json>>): readonly string[] =>
  report.artifacts.map(({ task, outcome }) => `${task} ${outcome}`).toSorted()
const filesIn = (store: string): readonly string[] =>
  readdirSync(join(folder, store), { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('.') && !name.includes('basic') && /\.(json|log|yaml|txt)$/.test(name))
    .toSorted()

test('a config without a store is not taken for the name of a new store', async () => {
  await inProcess(folder, ['run', 'films'])
  for (const word of ['films', 'configs/films', 'films.yaml'])
    expect(await inProcess(folder, ['push', word])).toMatchObject({
      code: 3,
      err: expect.stringContaining(`'${word}' is a config, and the store is missing: push ${word} STORE`),
    })
  expect(await inProcess(folder, ['push', 'films', 'films.yaml'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('the store is missing: push films films.yaml STORE'),
  })
  expect(readdirSync(folder).filter((name) => name.startsWith('films'))).toEqual(['films.js'])
  expect((await inProcess(folder, ['push', './films'])).code).toBe(0)
  expect((await inProcess(folder, ['push', 'films'])).out).toContain('4 were there already')
})

test('a chain that was pushed is pulled by somebody who then computes nothing', async () => {
  await inProcess(folder, ['run', 'films'])
  expect(tasks(await json('push', 'films', 'shared'))).toEqual([
    'films:all copied',
    'films:exported copied',
    'films:filtered copied',
    'films:summary copied',
  ])
  expect(filesIn('shared')).toEqual(filesIn('data/tasks'))
  rmSync(join(folder, 'data'), { recursive: true })
  expect(await inProcess(folder, ['pull', 'films', 'shared'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^4 artifacts, \d+ B pulled from shared\n$/),
  })
  const { out } = await inProcess(folder, ['run', 'films', '--json'])
  expect(out).not.toContain('"started"')
  expect(await inProcess(folder, ['pull', 'films', 'shared'])).toMatchObject({
    out: 'nothing pulled from shared; 4 were here already\n',
  })
})

test('without a config all of the store goes; what was never computed is counted', async () => {
  await inProcess(folder, ['run', 'films', '--context', 'contexts/few.yaml'])
  const { lacking, artifacts } = await json('push', 'films', 'shared')
  expect([lacking.length, artifacts]).toEqual([4, []])
  expect(tasks(await json('push', 'shared')).length).toBe(4)
})

test('damage, a store that is the same, and a place that is no folder are said', async () => {
  await inProcess(folder, ['run', 'films'])
  const [name = ''] = readdirSync(join(folder, 'data/tasks/films/summary')).filter((one) => one.endsWith('.json'))
  writeFileSync(join(folder, 'data/tasks/films/summary', name), '{"films":11}')
  const { code, out } = await inProcess(folder, ['push', 'films', 'shared'])
  expect(code).toBe(1)
  expect(out).toMatch(/^damaged: films:summary [0-9a-f]{32}: .*'taskchain verify' sets it aside\n3 artifacts/)
  expect(await inProcess(folder, ['push', 'films', 'data/tasks'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('that is the store itself'),
  })
  expect(await inProcess(folder, ['pull', 'films', 'nowhere'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('there is no folder'),
  })
  writeFileSync(join(folder, 'file'), '')
  expect(await inProcess(folder, ['push', 'films', 'file'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('file'),
  })
})

test('a push that was killed leaves whole artifacts alone, and the next one goes on', async () => {
  await inProcess(folder, ['sweep', 'films', '--range', 'how_many=1..10'])
  const all = tasks(await json('push', 'whole')).length
  expect(all).toBeGreaterThan(20)
  const child = start(process.execPath, [command, 'push', 'shared', '--concurrency', '1'], folder)
  const arrived = (): number => {
    try {
      return filesIn('shared').length
    } catch {
      return 0
    }
  }
  while (arrived() < 5) await new Promise((resolve) => void setImmediate(resolve))
  child.kill('SIGKILL')
  await child.ended
  const rest = await json('push', 'shared')
  expect(rest.there + rest.artifacts.length).toBe(all)
  expect(filesIn('shared')).toEqual(filesIn('data/tasks'))
  expect(await inProcess(folder, ['verify', '--store', 'shared'])).toMatchObject({ code: 0 })
})

test('a project with a shared store puts there what it computes; code of a pull request reads it only', async () => {
  const config = (mode: string): Readonly<Record<string, string>> => ({
    'taskchain.config.js': (projectFiles['taskchain.config.js'] ?? '').replace(
      'pipelines:',
      `store: ['data/tasks', { at: '../shared', mode: '${mode}' }], pipelines:`,
    ),
  })
  const ours = join(folder, 'ours')
  const theirs = join(folder, 'theirs')
  for (const one of [ours, theirs]) write(one, { ...projectFiles, ...config('read-write') })
  const run = (where: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    taskchain(where, ['run', 'films', ...words], { TASKCHAIN_SHARED: '', GITHUB_EVENT_NAME: 'push', ...environment })
  expect((await run(ours, [])).out).toContain('5 computed')
  expect(filesIn('shared')).toEqual(filesIn('ours/data/tasks'))
  const { out, err } = await run(theirs, [])
  expect([err, out]).toEqual(['', expect.stringContaining('0 computed, 0 loaded, 4 cached')])
  const before = filesIn('shared')
  expect((await run(theirs, ['--set', 'how_many=3'], { GITHUB_EVENT_NAME: 'pull_request' })).out).toContain(
    '5 computed',
  )
  expect(filesIn('shared')).toEqual(before)
  const told = { GITHUB_EVENT_NAME: 'pull_request', TASKCHAIN_SHARED: 'read-write' }
  await run(theirs, ['--set', 'how_many=4'], told)
  expect(filesIn('shared').length).toBe(2 * before.length)
  expect(await run(theirs, [], { TASKCHAIN_SHARED: 'sometimes' })).toMatchObject({
    code: 3,
    err: expect.stringContaining("say 'read-write'"),
  })
  expect(await run(theirs, ['--executor', 'workers'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('pull first'),
  })
  expect(await run(theirs, ['--store', '../fourth'])).toMatchObject({ out: expect.stringContaining('5 computed') })
})
