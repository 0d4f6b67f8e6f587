// Batches of a provider: listed and cancelled by command, with real processes and a provider of files.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
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

/** A provider whose server answers with a page in place of an id, and moves the cursor of whoever reads it. */
const strange = `
import * as t from 'io-ts'
import { defineTask } from 'taskchain'

const page = '\\u001b[2J\\u009b31m\\r\\n<html>' + 'x'.repeat(1_000_000)
const provider = {
  submit: () => page,
  poll: () => ({ state: 'failed', problem: page }),
  fetch: () => [],
}
const ids = { ...provider, poll: () => { throw new Error('no connection') } }
export const scores = defineTask({ data: t.array(t.number) }).run((_, { mapItems }) =>
  mapItems([1, 2, 3], ids, { batch: { size: 3 }, retry: { attempts: 1 } }))
export const failed = defineTask({ data: t.array(t.number) }).run((_, { mapItems }) =>
  mapItems([1, 2, 3], provider, { batch: { size: 3 }, retry: { attempts: 1 } }))
`

test('what a provider says is shown shortened, and never as control characters; its key cancels a batch', async () => {
  write(folder, { 'judge.js': strange })
  const ran = await taskchain(folder, ['run', 'judge'])
  const listed = await inProcess(folder, ['items', '--only', 'batch'])
  const named = await inProcess(folder, ['items', 'judge:scores'])
  const refused = await inProcess(folder, ['items', '--cancel', 'none'])
  const key = listed.out.split('  ')[1] ?? ''
  expect(refused.err).toContain(`there are ${key} of judge:scores`)
  for (const text of [ran.out, ran.err, listed.out, named.out, refused.err]) {
    expect(text.length).toBeLessThan(3000)
    // oxlint-disable-next-line no-control-regex -- they must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  }
  expect(listed.out).toMatch(/ {2}\\x1b\[2J\\x9b31m\\x0d\\n<html>x+…, 3 items of \S+Z, .* ago: running\n$/)
  expect(await inProcess(folder, ['items', '--cancel', key, '--yes'])).toMatchObject({ code: 0 })
  expect((await inProcess(folder, ['items', '--only', 'batch'])).out).toMatch(/: running, to be cancelled\n$/)
  const log = readdirSync(join(folder, 'data/tasks/judge/failed'), { withFileTypes: true }).find(({ name }) =>
    name.endsWith('.log'),
  )
  expect(statSync(join(folder, 'data/tasks/judge/failed', log?.name ?? '')).size).toBeLessThan(50_000)
})

test('a batch whose time no calendar has is listed', async () => {
  const batch = { state: 'running', submitted: 1e300, items: 1, keys: [] }
  const log = await fileStore(join(folder, 'data/tasks')).items?.open({ folder: 'judge/scores', name: 'items' })
  log?.append({ key: 'ab'.repeat(16), kind: 'batch', at: 1, text: JSON.stringify({ schema: 1, batch }) })
  await log?.close()
  expect((await inProcess(folder, ['items', '--only', 'batch'])).out).toContain('1 item of 1e+300')
  expect((await inProcess(folder, ['items', '--only', 'batch', '--json'])).out).toContain('"submitted": "1e+300"')
  expect((await inProcess(folder, ['items', 'judge:scores'])).out).toContain('1 item of 1e+300')
})

test.each([
  ['--only', ['--only', 'failed'], '--only: only lists'],
  ['--key', ['--key', 'ab'], '--key: --cancel itself takes'],
  ['--remove', ['--remove'], '--cancel: --remove forgets items'],
])('%s beside --cancel is refused, since it would be ignored', async (_, more, said) => {
  const { code, err } = await inProcess(folder, ['items', '--cancel', 'batch-1', ...more])
  expect([code, err]).toEqual([3, expect.stringContaining(said)])
})
