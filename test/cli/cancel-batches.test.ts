// Batches of a provider: listed and cancelled by command, with real processes and a provider of files.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, inProcess, remove, start, taskchain, write } from './fixture.js'

beforeAll(builtOnce)

/** Batches are files of the folder `provider`: `N.json` as submitted, `N.cancelled`. The first one never ends. */
const tasks = `
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import * as t from 'io-ts'
import { defineTask } from 'taskchain'

const provider = {
  submit: (items, { keys }) => {
    mkdirSync('provider', { recursive: true })
    const id = 'batch-' + (readdirSync('provider').filter((name) => name.endsWith('.json')).length + 1)
    writeFileSync('provider/' + id + '.json', JSON.stringify({ items, keys }))
    return id
  },
  poll: (id) => existsSync('provider/' + id + '.cancelled') ? 'cancelled' : id === 'batch-1' ? 'running' : 'ended',
  fetch: (id) => {
    const { items, keys } = JSON.parse(readFileSync('provider/' + id + '.json', 'utf8'))
    const isCancelled = existsSync('provider/' + id + '.cancelled')
    return items.slice(0, isCancelled ? 1 : undefined).map((item, at) => ({ key: keys[at], value: item * item }))
  },
  cancel: (id) => writeFileSync('provider/' + id + '.cancelled', ''),
}
export const scores = defineTask({ data: t.array(t.number) }).run((_, { mapItems }) =>
  mapItems([1, 2, 3], provider, { batch: { size: 3, pollDelay: 20, pollMaxDelay: 20 } }))
`
let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as judge from './judge.js'
export default defineProject({ pipelines: { judge } })
`,
    'judge.js': tasks,
    'configs/judge.yaml': 'tasks: judge.*\n',
  })
})
afterEach(() => remove(folder))

const sentIn = (): readonly string[] => readdirSync(join(folder, 'provider')).toSorted()

test('a batch is listed with its age, and cancelled by the run that waits for it; the next run asks for the rest', async () => {
  const run = start(process.execPath, [command, 'run', 'judge'], folder)
  await expect.poll(() => existsSync(join(folder, 'provider/batch-1.json')), { timeout: 60_000 }).toBe(true)
  await expect
    .poll(async () => (await inProcess(folder, ['items', '--only', 'batch'])).out, { timeout: 60_000 })
    .toMatch(/^judge:scores {2}[0-9a-f]{8} {2}batch-1, 3 items of \S+Z, \d.* ago: running\n$/)
  const dry = await inProcess(folder, ['items', '--cancel', 'batch-1'])
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('nothing was cancelled; --yes cancels it')])
  const { out } = await inProcess(folder, ['items', '--cancel', 'batch-1', '--yes', '--json'])
  expect(JSON.parse(out)).toMatchObject({
    cancelled: true,
    batches: [{ task: 'judge:scores', id: 'batch-1', state: 'running', items: 3, toBeCancelled: true }],
  })
  const ended = await run.ended
  expect([ended.code, ended.err + ended.out]).toEqual([
    1,
    expect.stringContaining('batch batch-1 was cancelled without a result for it'),
  ])
  expect(await inProcess(folder, ['items', '--only', 'batch'])).toMatchObject({ out: 'no batch is under way\n' })
  expect(await taskchain(folder, ['run', 'judge'])).toMatchObject({ code: 0 })
  expect(sentIn()).toEqual(['batch-1.cancelled', 'batch-1.json', 'batch-2.json'])
})

test('without a run that waits, the request is shown, and carried out by the next run', async () => {
  const run = start(process.execPath, [command, 'run', 'judge'], folder)
  await expect
    .poll(async () => (await inProcess(folder, ['items', '--only', 'batch'])).out, { timeout: 60_000 })
    .toContain('running')
  run.kill('SIGKILL')
  await run.ended
  expect(await inProcess(folder, ['items', 'judge:scores', '--cancel', 'batch-1', '--yes'])).toMatchObject({ code: 0 })
  expect((await inProcess(folder, ['items', '--only', 'batch'])).out).toMatch(/ago: running, to be cancelled\n$/)
  expect((await inProcess(folder, ['items', 'judge:scores'])).out).toMatch(/^batch.*to be cancelled\n$/) // no other item
  expect(await taskchain(folder, ['run', 'judge'])).toMatchObject({ code: 0 })
  expect(sentIn()).toEqual(['batch-1.cancelled', 'batch-1.json', 'batch-2.json'])
})

test('an id that no batch has is refused with those that there are', async () => {
  expect(await inProcess(folder, ['items', '--cancel', 'batch-9', '--yes'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('no batch under way has the id "batch-9"; none is under way'),
  })
})
