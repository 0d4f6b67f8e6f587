// The built server as a process, asked by the client of the protocol's own library.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, remove, start, write } from '../cli/fixture.js'

const secret = 'hunter2-hunter2'
const films = `import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
console.log('this is no message of the protocol')
export const all = defineTask({
  params: { howMany: t.number, apiKey: param(t.string, { secret: true }) },
  data: t.array(t.number),
}).run(({ howMany }) => Array.from({ length: howMany }, (_, index) => index))
export const sum = defineTask({ inputs: { all }, data: t.number }).run(({ all }) => all.length)
`
let folder = ''
let client: Client
let transport: StdioClientTransport

const ask = async (name: string, given: Record<string, unknown> = {}): Promise<{ error: boolean; text: string }> => {
  const { content, isError } = await client.callTool({ name, arguments: given })
  const [first] = content as readonly { readonly text: string }[]
  return { error: isError === true, text: first?.text ?? '' }
}

beforeAll(async () => {
  builtOnce()
  folder = emptyFolder()
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as films from './films.js'
export default defineProject({ pipelines: { films } })
`,
    'films.js': films,
    'configs/films.yaml': `tasks: films.*\nhow_many: 3\napi_key: ${secret}\n`,
    'configs/wrong.yaml': 'tasks: films.gone\n',
  })
  transport = new StdioClientTransport({
    command: process.execPath,
    args: [command, 'mcp'],
    cwd: folder,
    stderr: 'pipe',
  })
  client = new Client({ name: 'test', version: '1' })
  await client.connect(transport)
})
afterAll(async () => {
  await client.close()
  remove(folder)
})

test('offers tools that only read, each with a schema', async () => {
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['plan', 'why', 'check', 'runs', 'show', 'tasks', 'info'])
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true)
  expect(client.getInstructions()).toContain('nothing is computed')
})

test('answers before anything was run, computes nothing and shows no secret', async () => {
  const answers = [
    await ask('plan', { config: 'films' }),
    await ask('check'),
    await ask('tasks', { config: 'films', set: ['how_many=4'] }),
    await ask('why', { config: 'films', task: 'sum' }),
    await ask('runs'),
    await ask('info', { config: 'films', task: 'films:sum' }),
    await ask('show', { config: 'films', task: 'sum' }),
  ]
  expect(answers.map(({ error }) => error)).toEqual([false, false, false, false, false, false, true])
  const [planned, checked, , , , , shown] = answers
  expect(
    JSON.parse(planned?.text ?? '').nodes.map(({ id, state }: Record<string, string>) => `${id} ${state}`),
  ).toEqual(['films:all to_run', 'films:sum to_run'])
  expect(JSON.parse(checked?.text ?? '')).toMatchObject({ errors: 1, problems: [{ target: 'films.gone' }] })
  expect(shown?.text).toContain('films:sum needs 2 tasks that are not computed yet')
  expect(JSON.stringify(answers)).not.toContain(secret)
  const store = join(folder, 'data/tasks')
  expect(
    existsSync(store) ? readdirSync(store, { recursive: true }).filter((name) => /films/.test(String(name))) : [],
  ).toEqual([])
})

test('shows what was computed', async () => {
  await start(process.execPath, [command, 'run', 'films'], folder).ended
  expect(await ask('show', { config: 'films', task: 'all', rows: 2 })).toMatchObject({ error: false })
  expect((await ask('info', { config: 'films', task: 'sum' })).text).toContain('"key"')
  expect(JSON.parse((await ask('runs')).text).count).toBe(1)
  expect(JSON.parse((await ask('runs', { action: 'show', ids: ['last'] })).text)).toHaveProperty('config')
})

test('tells what is wrong as an error of the tool, with a hint', async () => {
  expect(await ask('plan', { config: 'flims' })).toEqual({
    error: true,
    text: expect.stringContaining('did you mean') as string,
  })
  expect(await ask('plan', { config: 'wrong' })).toEqual({
    error: true,
    text: expect.stringMatching(/^configs\/wrong\.yaml:1:8: no task matches 'films\.gone'\n {2}/) as string,
  })
  expect((await ask('plan', { config: '/etc/passwd' })).text).toContain('leads out of the project')
  expect((await ask('why', { config: 'films' })).text).toContain("'task' is missing")
  await expect(client.callTool({ name: 'run', arguments: {} })).rejects.toThrow(/no tool 'run'/)
})

test('sees code as it is now', async () => {
  write(folder, { 'films.js': 'export const = 3\n' })
  expect(await ask('plan', { config: 'films' })).toEqual({
    error: true,
    text: expect.stringContaining('cannot be loaded') as string,
  })
  write(folder, { 'films.js': films })
  expect((await ask('plan', { config: 'films' })).error).toBe(false)
})

test('killed, it leaves no command behind, though the project never ends loading', async () => {
  const busy = "import { writeFileSync } from 'node:fs'\nwriteFileSync('pid', String(process.pid))\nfor (;;) {}\n"
  write(folder, { 'busy/package.json': '{ "type": "module" }', 'busy/taskchain.config.js': busy })
  const place = join(folder, 'busy')
  const own = new StdioClientTransport({ command: process.execPath, args: [command, 'mcp'], cwd: place })
  const asking = new Client({ name: 'test', version: '1' })
  await asking.connect(own)
  const asked = asking.callTool({ name: 'check', arguments: {} }).catch(() => 'gone')
  const pid = await vi.waitFor(() => {
    const text = readFileSync(join(place, 'pid'), 'utf8')
    expect(text).not.toBe('') // as it is being written
    return Number(text)
  }, 20_000)
  process.kill(own.pid ?? 0, 'SIGKILL')
  expect(await asked).toBe('gone')
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 20_000)
})
