// The server of the page as a process of its own: who is answered, what is answered, what runs, what breaks.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { actionAddress, addressOf } from '../../src/ui/addresses.js'
import type { ChainAnswer, Preview } from '../../src/ui/contract.js'
import { builtOnce } from '../build-once.js'
import { emptyFolder, projectFiles, remove, start, command, taskchain, write } from '../cli/fixture.js'
import { startUi, type UiProcess } from './ui-process.js'

beforeAll(builtOnce)

const values = `
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
import { bytes, directory, jsonLines, largeTable, ndarray, ndarrays, nd, table, text, defineFormat } from 'taskchain/data'

const Row = t.type({ title: t.string, stars: t.number, votes: t.bigint })
const row = (index) => ({ title: '<img src=x onerror=alert(1)> ' + index, stars: index % 5, votes: 2n ** 60n + BigInt(index) })
export const films = defineTask({ data: table(Row) }).run(() => Array.from({ length: 250 }, (_, index) => row(index)))
export const many = defineTask({ data: largeTable(Row) }).run(function* () { for (let index = 0; index < 70000; index++) yield row(index) })
export const grid = defineTask({ data: ndarray('float64') }).run(() => nd(Float64Array.from({ length: 600 }, (_, index) => index), [20, 30]))
export const split = defineTask({ data: ndarrays() }).run(() => ({ train: nd(new Float64Array(4), [4]), test: nd(new Float64Array(2), [2]) }))
export const lines = defineTask({ data: jsonLines(t.number) }).run(function* () { for (let index = 0; index < 1000; index++) yield index })
export const page = defineTask({ data: text() }).run(() => '</script><script>alert(1)</script>')
export const raw = defineTask({ data: bytes() }).run(() => Uint8Array.of(0, 255))
export const metrics = defineTask({ params: { k: param(t.number, { default: 1 }) }, data: t.type({ rmse: t.number, deep: t.type({ mae: t.number }) }) })
  .run(({ k }) => ({ rmse: k / 2, deep: { mae: k } }))
export const files = defineTask({ data: directory() }).run(async (_, { dir }) => {
  await writeFile(join(dir, '"><script>.svg'), '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
  await writeFile(join(dir, 'a.txt'), 'hello')
})
export const own = defineTask({ data: defineFormat({ kind: 'celsius', extension: 'c', encode: (n) => Buffer.from(String(n)), decode: (b) => ({ degrees: Number(Buffer.from(b).toString()) }) }) })
  .run(() => 21)
export const exits = defineTask({ data: defineFormat({ kind: 'exits', extension: 'x', encode: () => Buffer.from('1'), decode: () => process.argv.includes('run') ? 1 : process.exit(7) }) })
  .run(() => 1)
export const chatty = defineTask({ data: t.number }).run((_, { log }) => { for (let line = 0; line < 100000; line++) log.info('line ' + line); return 1 })
export const token = defineTask({ params: { password: param(t.string, { secret: true }) }, data: t.number }).run(() => 1)
`

const files: Readonly<Record<string, string>> = {
  ...projectFiles,
  'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as films from './films.js'
import * as trouble from './trouble.js'
import * as values from './values.js'
export default defineProject({ pipelines: { films, trouble, values } })
`,
  'values.js': values,
  'configs/values.yaml': `tasks: values.*\nexcluded_tasks: [values.chatty, values.token]\n`,
  'configs/chatty.yaml': 'tasks: values.chatty\n',
  'configs/secret.yaml': 'tasks: values.token\npassword: correct-horse-battery\n',
  'configs/wrong.yaml': 'tasks: films.*\nhow_many: many\n',
}

let folder: string
let ui: UiProcess
const uses = (...words: string[]): void => {
  beforeAll(async () => {
    folder = emptyFolder()
    write(folder, files)
    ui = await startUi(folder, ...words)
  })
  afterAll(async () => {
    ui.kill()
    await ui.ended
    remove(folder)
  })
}

const previewOf = async (node: string, asked: object = {}, config = 'configs/values.yaml'): Promise<Preview> =>
  (await ui.ask('preview', { config, node, ...asked })).preview

describe('whoever asks', () => {
  uses()
  const project = addressOf('project', {})
  const bearer = () => ({ authorization: `Bearer ${ui.token}` })

  test('has the token, or the cookie that it is exchanged for', async () => {
    expect((await ui.send(project)).status).toBe(401)
    expect((await ui.send(project, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    expect((await ui.send(project, { headers: bearer() })).status).toBe(200)
    const json = { 'content-type': 'application/json' }
    const session = await ui.send(actionAddress('session'), {
      method: 'POST',
      headers: { ...bearer(), ...json },
      body: '{}',
    })
    expect(session.status).toBe(200)
    const [cookie = ''] = session.headers['set-cookie'] ?? []
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
    expect(cookie).not.toContain(ui.token)
    const known = { cookie: cookie.split(';', 1)[0] }
    expect((await ui.send(project, { headers: known })).status).toBe(200)
    const act = (headers: object) =>
      ui.send(actionAddress('abort'), {
        method: 'POST',
        headers: { ...known, ...json, ...headers },
        body: '{"started":1}',
      })
    expect((await act({})).status).toBe(403) // no origin
    expect((await act({ origin: 'http://evil.example' })).status).toBe(403)
    expect((await act({ origin: `http://127.0.0.1:${ui.port}` })).status).toBe(200)
    expect((await act({ origin: `http://127.0.0.1:${ui.port}`, 'content-type': 'text/plain' })).status).toBe(400)
  })

  test('comes from this machine by its own name', async () => {
    for (const host of ['evil.example', `evil.example:${ui.port}`, '127.0.0.1'])
      expect((await ui.send(project, { headers: { ...bearer(), host } })).status, host).toBe(403)
    expect((await ui.send(project, { headers: { ...bearer(), origin: 'http://evil.example' } })).status).toBe(403)
    expect((await ui.send('/', { headers: { host: 'evil.example' } })).status).toBe(403)
  })

  test('changes nothing by a GET', async () => {
    for (const name of ['start', 'force', 'abort', 'ask', 'session'] as const)
      expect((await ui.send(`${actionAddress(name)}?config=configs/films.yaml`, { headers: bearer() })).status).toBe(
        405,
      )
    await ui.ask('overview', {})
    await ui.ask('chain', { config: 'configs/films.yaml' })
    await ui.ask('node', { config: 'configs/films.yaml', node: 'films:all' })
    await ui.ask('preview', { config: 'configs/films.yaml', node: 'films:all' })
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  test('gets nothing that is kept or run, and no file but the page', async () => {
    const { headers } = await ui.send(project, { headers: bearer() })
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    const page = await ui.send('/')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/main.js/../../cli/main.js', '/.git/config'])
      expect((await ui.send(path, { headers: bearer() })).status, path).toBe(404)
  })

  test('is told what is wrong with a question', async () => {
    const failure = async (path: string) => {
      const { status, text } = await ui.send(path, { headers: bearer() })
      const [first] = (JSON.parse(text) as { errors: { tag: string; message: string }[] }).errors
      return [status, first?.tag, first?.message]
    }
    expect(await failure('/api/chain')).toEqual([
      400,
      'BadQuestion',
      'config: expected a text of at most 4,096 characters',
    ])
    expect(await failure('/api/chain?config=../../etc/passwd')).toEqual([
      404,
      'ConfigNotFound',
      "the project has no config '../../etc/passwd' in configs",
    ])
    for (const near of ['films', 'configs/film.yaml', 'films.json'])
      expect(JSON.parse((await ui.send(`/api/chain?config=${near}`, { headers: bearer() })).text), near).toMatchObject({
        errors: [{ tag: 'ConfigNotFound', hint: expect.stringContaining("did you mean 'configs/films.yaml'") }],
      })
    expect((await failure('/api/chain?config=configs/wrong.yaml')).slice(0, 2)).toEqual([422, 'InvalidParam'])
    expect((await failure(addressOf('node', { config: 'configs/films.yaml', node: 'films:non' }))).slice(0, 2)).toEqual(
      [404, 'NotInChain'],
    )
    expect((await failure('/api/run?id=../../x'))[0]).toBe(404)
    expect((await failure('/api/runs-diff?before=a&after=b'))[0]).toBe(404)
  })
})

describe('values', () => {
  uses()
  beforeAll(async () => {
    await taskchain(folder, ['run', 'values'])
  })

  test('of every format are shown, a part at a time', async () => {
    expect(await previewOf('values:films', { offset: 248, limit: 10, summary: 1 })).toMatchObject({
      kind: 'table',
      rows: 250,
      columnsInAll: 3,
      columns: [{ name: 'title' }, { name: 'stars', summary: { numbers: { min: 0, max: 4 } } }, { name: 'votes' }],
      cells: [
        ['<img src=x onerror=alert(1)> 248', 3, { kind: 'bigint', text: String(2n ** 60n + 248n) }],
        ['<img src=x onerror=alert(1)> 249', 4, { kind: 'bigint', text: String(2n ** 60n + 249n) }],
      ],
    })
    const many = await previewOf('values:many', { offset: 69_999, columnsFrom: 1, columnsLimit: 1 })
    expect(many).toMatchObject({ rows: 70_000, columnsFrom: 1, columns: [{ name: 'stars' }], cells: [[4]] })
    expect(await previewOf('values:many', { offset: 1e9 })).toMatchObject({ offset: 70_000, cells: [] })
    expect(await previewOf('values:grid')).toMatchObject({
      kind: 'array',
      dtype: 'float64',
      shape: [20, 30],
      summary: { min: 0, max: 599, mean: 299.5 },
      heatMap: { rows: 20, columns: 30 },
    })
    expect(await previewOf('values:split', { name: 'test' })).toMatchObject({
      kind: 'arrays',
      arrays: [{ name: 'test', shape: [2] }, { name: 'train' }],
      array: { line: { step: 1, mean: [0, 0] } },
    })
    expect(await previewOf('values:lines', { offset: 998 })).toMatchObject({
      kind: 'lines',
      items: [{ value: 998 }, { value: 999 }],
      total: 1000,
      end: true,
    })
    expect(await previewOf('values:page')).toEqual({
      kind: 'text',
      text: '</script><script>alert(1)</script>',
      more: 0,
      binary: false,
    })
    expect(await previewOf('values:raw')).toMatchObject({ kind: 'text', text: '00 ff', binary: true })
    expect(await previewOf('values:own')).toMatchObject({
      kind: 'tree',
      root: { fields: [{ name: 'degrees', value: { value: 21 } }] },
    })
    expect(await previewOf('values:files', { path: 'a.txt' })).toMatchObject({
      kind: 'folder',
      files: [
        { path: '"><script>.svg', kind: 'image' },
        { path: 'a.txt', kind: 'text' },
      ],
      preview: { kind: 'text', text: 'hello' },
    })
  })

  test('that are pictures run nothing, wherever they are opened', async () => {
    const at = addressOf('file', { config: 'configs/values.yaml', node: 'values:files', path: '"><script>.svg' })
    const { status, headers } = await ui.send(at, { headers: { authorization: `Bearer ${ui.token}` } })
    expect([status, headers['content-type']]).toEqual([200, 'image/svg+xml'])
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox$/)
    const asked = { config: 'configs/values.yaml', node: 'values:files' }
    for (const path of ['a.txt', '../x.svg', '/etc/x.png'])
      expect(await ui.ask('file', { ...asked, path }), path).toMatchObject({ errors: [{ tag: 'NoPicture' }] })
  })

  test('that are damaged, changed or gone are told so, and leave the server as it was', async () => {
    const file = (task: string, ending: string): string => {
      const at = join(folder, 'data/tasks/values', task)
      return join(at, readdirSync(at).find((name) => name.endsWith(ending)) ?? '')
    }
    const text = file('page', '.txt')
    const was = readFileSync(text)
    appendFileSync(text, 'more')
    expect(await previewOf('values:page')).toMatchObject({ kind: 'damaged' })
    writeFileSync(text, was)
    const parquet = file('films', '.parquet')
    const bytes = readFileSync(parquet)
    writeFileSync(parquet, Buffer.concat([bytes.subarray(0, 200), Buffer.alloc(bytes.length - 200, 7)]))
    expect(await previewOf('values:films')).toMatchObject({ kind: 'damaged' })
    writeFileSync(parquet, bytes)
    const info = file('metrics', '.run_info.yaml')
    const record = readFileSync(info, 'utf8')
    writeFileSync(info, record.replace('schema: 1', 'schema: 99'))
    expect(await ui.ask('node', { config: 'configs/values.yaml', node: 'values:metrics' })).toMatchObject({
      id: 'values:metrics',
    })
    writeFileSync(info, 'key: [')
    expect(await previewOf('values:metrics')).toMatchObject({ kind: 'unreadable' })
    writeFileSync(info, record)
    const lines = file('lines', '.jsonl')
    rmSync(lines)
    mkdirSync(join(folder, 'outside'))
    writeFileSync(join(folder, 'outside/lines.jsonl'), readFileSync(parquet))
    symlinkSync(join(folder, 'outside/lines.jsonl'), lines)
    expect((await previewOf('values:lines')).kind).toMatch(/not computed|damaged|unreadable/)
    const folderOf = (task: string): string => join(folder, 'data/tasks/values', task)
    renameSync(folderOf('own'), join(folder, 'outside/own'))
    symlinkSync(join(folder, 'outside/own'), folderOf('own'))
    const asked = { config: 'configs/values.yaml', node: 'values:own' }
    for (const answer of [await ui.ask('preview', asked), await ui.ask('log', { ...asked, which: 'kept' })])
      expect(answer).toMatchObject({ errors: [{ tag: 'OutsideStore' }] })
    rmSync(folderOf('own'))
    renameSync(join(folder, 'outside/own'), folderOf('own'))
    expect(await ui.ask('states', { config: 'configs/values.yaml' })).toMatchObject({
      counts: expect.any(Object) as object,
    })
  })

  test('are compared, between configs and over sweeps', async () => {
    write(folder, {
      'configs/two.yaml': 'tasks: values.metrics\nk: 2\n',
      'configs/three.yaml': 'tasks: values.metrics\nk: 3\n',
    })
    await taskchain(folder, ['run', 'two'])
    await taskchain(folder, ['run', 'three'])
    const [before, after] = ['configs/two.yaml', 'configs/three.yaml']
    await ui.until(({ kind }) => kind === 'hello')
    expect(await settled(() => ui.ask('compare', { before, after }))).toMatchObject({
      nodes: [{ id: 'values:metrics', change: 'root', because: ['param k'] }],
      params: [{ name: 'k', before: 2, after: 3, place: { after: { file: after, line: 2 } } }],
      metrics: [
        { name: 'rmse', before: 1, after: 1.5 },
        { name: 'deep.mae', before: 2, after: 3 },
      ],
    })
    expect(await ui.ask('metrics', { config: ['configs/two.yaml'], set: ['k=2,3,4'] })).toMatchObject({
      rowsInAll: 3,
      cells: { 'param:k': [2, 3, 4], 'metric:values:metrics.rmse': [1, 1.5, null] },
    })
    const two = ['k', 'l'].map((name) => `${name}=${Array.from({ length: 72 }, (_, value) => value).join()}`)
    expect(await ui.ask('metrics', { config: ['configs/two.yaml'], set: two, limit: 1 })).toMatchObject({
      rowsInAll: 5000,
      beyond: 184,
    })
    const many = ['k', 'l'].map((name) => `${name}=${Array.from({ length: 400 }, (_, value) => value).join()}`)
    expect(await ui.ask('metrics', { config: ['configs/two.yaml'], set: many })).toMatchObject({
      errors: [
        { tag: 'BadOption', message: expect.stringContaining('160000 combinations; at most 100000 are allowed') },
      ],
    })
    const { runs } = await ui.ask('runs', {})
    expect(runs.map(({ config, state }) => [config, state])).toEqual([
      ['configs/three.yaml', 'done'],
      ['configs/two.yaml', 'done'],
      ['configs/values.yaml', 'done'],
    ])
    const [last, former] = runs
    expect(await ui.ask('runs-diff', { before: former?.id ?? '', after: last?.id ?? '' })).toMatchObject({
      metrics: [{}, {}],
    })
    expect(await ui.ask('runs-metrics', { config: 'configs/two.yaml' })).toMatchObject({
      series: [{ values: [1] }, { values: [2] }],
    })
  })

  test('whose reader ends its process leave the server as it was', async () => {
    expect(await ui.ask('preview', { config: 'configs/values.yaml', node: 'values:exits' })).toMatchObject({
      errors: [{ tag: 'ReaderEnded' }],
    })
    expect(await previewOf('values:raw')).toMatchObject({ kind: 'text' })
  })

  test('that are secret are shown nowhere', async () => {
    const config = 'configs/secret.yaml'
    const answers = [
      await ui.ask('node', { config, node: 'values:token' }),
      await ui.ask('chain', { config }),
      await ui.ask('metrics', { config: [config] }),
      await ui.ask('overview', {}),
    ]
    expect(answers[0]).toMatchObject({ params: [{ name: 'password', text: '•••', secret: true }] })
    expect(JSON.stringify(answers)).not.toContain('correct-horse')
    for (const set of ['password=correct-horse-2,correct-horse-3', 'password.a=correct-horse-2'])
      expect(await ui.ask('metrics', { config: [config], set: [set] }), set).toEqual({
        schema: 1,
        errors: [{ tag: 'BadQuestion', message: expect.stringMatching(/^'[a-z.]+' is a secret/) }],
      })
  })
})

/** Files that were changed just now are looked at once more. */
const settled = async <A extends object>(ask: () => Promise<A>): Promise<A> => {
  for (;;) {
    const answer = await ask()
    if (!('errors' in answer)) return answer
    await ui.until(({ kind }) => kind === 'changed' || kind === 'hello')
  }
}

describe('runs', () => {
  uses()
  const films = 'configs/films.yaml'

  test('that the page starts are told as they go on, and are in the history', async () => {
    const asked = await ui.act('ask', { action: 'run', config: films, tasks: ['films:summary'] })
    expect(asked).toMatchObject({ nodes: ['films:all', 'films:filtered', 'films:summary'], inMemory: 1, stored: [] })
    const told = ui.until(({ kind }) => kind === 'ended')
    expect(await ui.act('start', { config: films, tasks: [] })).toEqual({ schema: 1, started: 1 })
    const events = await told
    const lines = events.flatMap((event) => (event.kind === 'events' ? event.events : []))
    expect(lines.filter(({ event }) => event === 'computed').map(({ node }) => node)).toContain('films:summary')
    expect(events.at(-1)).toMatchObject({ kind: 'ended', state: 'done', counts: { computed: 5 }, trouble: [] })
    expect(await ui.ask('states', { config: films })).toMatchObject({ counts: { cached: 4, in_memory: 1 } })
    expect((await ui.ask('runs', {})).runs).toMatchObject([{ config: films, state: 'done' }])
    expect(await ui.act('ask', { action: 'run', config: films, tasks: [] })).toMatchObject({ nodes: [], inMemory: 0 })
    const missed = await ui.until(({ kind }) => kind === 'ended', 1) // a page that comes back
    expect(missed.map(({ kind }) => kind)).not.toContain('hello')
  })

  test('that fail say why, with a log', async () => {
    const told = ui.until(({ kind }) => kind === 'ended')
    await ui.act('start', { config: 'configs/trouble.yaml', tasks: [] })
    expect((await told).at(-1)).toMatchObject({
      state: 'failed',
      failures: ['trouble:failing'],
      trouble: [{ tag: 'TaskFailed', message: expect.stringContaining('no luck') as string }],
    })
    const node = { config: 'configs/trouble.yaml', node: 'trouble:failing' }
    expect(await ui.ask('node', node)).toMatchObject({ state: 'to_run', logs: ['failed'] })
    expect((await ui.ask('log', { ...node, which: 'failed' })).text).toContain('about to fail')
  })

  test('are refused where the plan is wrong, a task unknown, or one of the config goes on; are stopped', async () => {
    expect(await ui.act('start', { config: 'configs/wrong.yaml', tasks: [] })).toMatchObject({
      errors: [{ tag: 'InvalidParam' }],
    })
    expect(await ui.act('start', { config: films, tasks: ['--help'] })).toMatchObject({
      errors: [{ tag: 'NotInChain' }],
    })
    const slow = 'configs/slow.yaml'
    const running = ui.until(
      (event) => event.kind === 'events' && event.events.some(({ event: what }) => what === 'started'),
    )
    const { started } = await ui.act('start', { config: slow, tasks: [] })
    await running
    expect(await ui.act('start', { config: slow, tasks: [] })).toMatchObject({ errors: [{ tag: 'Busy' }] })
    expect(await ui.act('force', { config: slow, tasks: ['trouble:slow'], delete: false })).toMatchObject({
      errors: [{ tag: 'Busy' }],
    })
    const told = ui.until(({ kind }) => kind === 'ended')
    expect(await ui.act('abort', { started })).toEqual({ schema: 1, stopping: true })
    expect((await told).at(-1)).toMatchObject({ state: 'stopped' })
    expect(await ui.act('abort', { started })).toEqual({ schema: 1, stopping: false })
  })

  test('of another process are followed, to their end and where they are killed', async () => {
    const running = ui.until(
      (event) => event.kind === 'events' && event.events.some(({ node }) => node === 'trouble:slow'),
    )
    const other = start(process.execPath, [command, 'run', 'slow'], folder)
    const events = await running
    expect(events.find(({ kind }) => kind === 'began')).toMatchObject({
      config: 'configs/slow.yaml',
      started: null,
      pid: other.pid,
    })
    const late = await ui.until(({ kind }) => kind === 'events') // a page that comes now hears of it too
    expect(late[0]).toMatchObject({ kind: 'hello', runs: [{ config: 'configs/slow.yaml' }] })
    const told = ui.until(({ kind }) => kind === 'ended')
    other.kill('SIGKILL')
    expect((await told).at(-1)).toMatchObject({ state: 'died' })
  })

  test('are forced by what is asked for and what depends on it', async () => {
    const asked = await ui.act('ask', { action: 'force', config: films, tasks: ['films:filtered'] })
    expect(asked.stored).toEqual(['films:filtered', 'films:exported', 'films:summary'])
    const { forced } = await ui.act('force', { config: films, tasks: ['films:filtered'], delete: false })
    expect(forced).toEqual(['films:filtered', 'films:exported', 'films:index', 'films:summary'])
    const { nodes } = await ui.ask('chain', { config: films })
    expect(nodes.flatMap(({ id, because }) => (because === undefined ? [] : [[id, because]]))).toEqual([
      ['films:filtered', 'forced'],
      ['films:exported', 'forced'],
      ['films:summary', 'forced'],
    ])
    await ui.act('force', { config: films, tasks: ['films:all'], delete: true })
    expect(await previewOf('films:all', {}, films)).toMatchObject({ kind: 'not computed' })
  })

  test('that log 100,000 lines are read a piece at a time', async () => {
    await taskchain(folder, ['run', 'chatty'])
    const asked = { config: 'configs/chatty.yaml', node: 'values:chatty', which: 'kept' } as const
    const tail = await ui.ask('log', asked)
    expect(tail.text).toMatch(/INFO {2}line 99999\n$/)
    expect(tail.text.length).toBeLessThan(70_000)
    const first = await ui.ask('log', { ...asked, offset: 0, limit: 1000 })
    expect(first.text).toMatch(/^[^\n]*line 0\n[^]*\n$/)
    expect((await ui.ask('log', { ...asked, offset: first.next, limit: 1000 })).offset).toBe(first.next)
    expect(await ui.ask('log', { ...asked, offset: 1e12 })).toMatchObject({
      text: '',
      offset: tail.size,
      next: tail.size,
    })
  })
})

describe('what changes under it', () => {
  beforeEach(async () => {
    folder = emptyFolder()
    write(folder, files)
  })
  afterEach(async () => {
    ui.kill()
    await ui.ended
    remove(folder)
  })

  test('configs and code are read anew; what is wrong with them is told until it is mended', async () => {
    ui = await startUi(folder)
    expect((await ui.ask('chain', { config: 'configs/films.yaml' })).nodes.length).toBe(5)
    const changed = ui.until((event) => event.kind === 'changed' && event.what === 'project')
    write(folder, { 'configs/films.yaml': 'tasks: films.all\nhow_many: 1\n' })
    await changed
    expect((await ui.ask('chain', { config: 'configs/films.yaml' })).nodes.length).toBe(1)
    const broken = ui.until((event) => event.kind === 'changed' && event.what === 'project')
    write(folder, { 'taskchain.config.js': 'no code (' })
    await broken
    expect(await ui.ask('project', {})).toMatchObject({ configs: [], trouble: [{ tag: 'ProjectNotLoaded' }] })
    expect(await ui.ask('chain', { config: 'configs/films.yaml' })).toMatchObject({
      errors: [{ tag: 'ProjectNotLoaded' }],
    })
    const mended = ui.until((event) => event.kind === 'changed' && event.what === 'project')
    write(folder, { 'taskchain.config.js': files['taskchain.config.js'] ?? '' })
    await mended
    expect(await ui.ask('project', {})).toMatchObject({ trouble: [], groups: ['films', 'trouble', 'values'] })
  })

  test('a store that vanishes, comes back, or is a file is told so', async () => {
    await taskchain(folder, ['run', 'films'])
    ui = await startUi(folder, '--read-only')
    const store = join(folder, 'data/tasks')
    const state = async () => (await ui.ask('project', {})).store.state
    const counts = async () => (await ui.ask('states', { config: 'configs/films.yaml' })).counts
    expect([await state(), await counts()]).toEqual(['usable', { cached: 4, in_memory: 1 }])
    renameSync(store, `${store}-away`)
    expect([await state(), await counts()]).toEqual(['empty', { to_run: 4, in_memory: 1 }])
    writeFileSync(store, 'a file')
    expect(await state()).toBe('unusable')
    expect(await ui.ask('node', { config: 'configs/films.yaml', node: 'films:all' })).toMatchObject({
      errors: [{ tag: 'StoreUnusable' }],
    })
    expect(await ui.ask('runs', {})).toMatchObject({ errors: [{ tag: 'SystemRefused' }] })
    rmSync(store)
    renameSync(`${store}-away`, store)
    expect([await state(), await counts()]).toEqual(['usable', { cached: 4, in_memory: 1 }])
    expect(await ui.act('force', { config: 'configs/films.yaml', tasks: ['films:all'], delete: true })).toMatchObject({
      errors: [{ tag: 'ReadOnly' }],
    })
  })

  test('pages that are open are told when it ends', async () => {
    ui = await startUi(folder)
    const closing = ui.until(({ kind }) => kind === 'closing')
    await ui.until(({ kind }) => kind === 'hello')
    ui.kill('SIGTERM')
    await closing
    expect(await ui.ended).toMatchObject({ code: 143, err: '' })
  })

  test('it ends with its terminal, its runs with it; a port in use is told', async () => {
    ui = await startUi(folder)
    const second = await taskchain(folder, ['ui', '--port', String(ui.port)])
    expect(second).toMatchObject({ code: 3, out: '' })
    expect(second.err).toBe(`error: --port ${ui.port}: it is in use; leave it out, and a free one is taken\n`)
    const running = ui.until(
      (event) => event.kind === 'events' && event.events.some(({ node }) => node === 'trouble:slow'),
    )
    await ui.act('start', { config: 'configs/slow.yaml', tasks: [] })
    await running
    ui.kill('SIGINT')
    expect(await ui.ended).toMatchObject({ code: 130, err: '' })
    const { out } = await taskchain(folder, ['runs', '--json'])
    expect(JSON.parse(out)).toMatchObject({ runs: [{ state: 'stopped' }] })
  })
})

/** `UI_NODES=10000 npx vitest run test/ui/server.test.ts` takes a few seconds more. */
const many = Number(process.env['UI_NODES'] ?? 2000)

test(`a chain of ${many} nodes is one answer`, async () => {
  folder = emptyFolder()
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': `import { defineProject, defineTask } from 'taskchain'
import * as t from 'io-ts'
const tasks = {}
for (let index = 0; index < ${many}; index++)
  tasks['t' + index] = defineTask({ name: 't' + index, inputs: index < 100 ? {} : { a: tasks['t' + (index - 100)], b: tasks['t' + (index - 99)] }, data: t.number }).run(() => index)
export default defineProject({ pipelines: { wide: tasks } })
`,
    'configs/all.yaml': 'tasks: wide.*\n',
  })
  ui = await startUi(folder)
  try {
    const asked = { headers: { authorization: `Bearer ${ui.token}`, 'accept-encoding': 'gzip' } }
    const { headers, bytes } = await ui.send(addressOf('chain', { config: 'configs/all.yaml' }), asked)
    expect(headers['content-encoding']).toBe('gzip')
    expect(bytes.length).toBeLessThan(40 * many)
    const { nodes, edges, groups } = JSON.parse(gunzipSync(bytes).toString()) as ChainAnswer
    expect([nodes.length, edges.length, groups]).toEqual([many, 2 * (many - 100), [{ name: 'wide', colour: 0 }]])
  } finally {
    ui.kill()
    await ui.ended
    remove(folder)
  }
})
