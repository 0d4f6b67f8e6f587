// The built language server as a process, spoken to by a real client.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bestOf, cpuOf } from '../browser/measure.js'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, remove, start, write } from '../cli/fixture.js'
import { at, startClient, type Client, type ClientOptions } from './client.js'

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'taskchain.config.ts': `import { defineProject } from 'taskchain'
import * as films from './films.js'
console.log('this is no message of the protocol')
export default defineProject({ pipelines: { films } })
`,
  'films.ts': `import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'

export const all = defineTask({ params: { howMany: t.number }, data: t.number }).run(({ howMany }) => howMany)
export const filtered = defineTask({
  inputs: { all },
  params: {
    minVotes: param(t.number, { default: 200, doc: 'fewer do not count' }),
    apiKey: param(t.string, { secret: true, default: 'none' }),
  },
  data: t.number,
}).run(({ all, minVotes }) => all - minVotes)
`,
  'configs/base.yaml': 'tasks: films.all\nhow_many: 3\n',
  'configs/films.yaml': 'tasks: films.filtered\nuses: base.yaml\nmin_votes: 1\n',
}

let client: Client | undefined
let folder = ''
const started = async (more: Readonly<Record<string, string>> = {}, options: ClientOptions = {}): Promise<Client> => {
  folder = emptyFolder()
  write(folder, { ...files, ...more })
  client = await startClient(folder, options)
  return client
}
const text = (path: string): string => readFileSync(join(folder, path), 'utf8')

beforeAll(() => builtOnce())
afterEach(async () => {
  await client?.stop()
  client = undefined
  remove(folder)
})

describe('the language server', () => {
  test('reports what is typed and not saved, in place, and what is wrong in closed files', async () => {
    const { open, change, problems, shown } = await started({ 'configs/closed.yaml': 'tasks: films.gone\n' })
    open('.github/ci.yaml', 'jobs: [3\n') // no config
    open('configs/films.yaml', text('configs/films.yaml').replace('min_votes', 'min_vote'))
    expect(await problems('configs/films.yaml')).toEqual([
      "3:1-9 no task of this config reads 'min_vote'\ndid you mean 'min_votes'?",
    ])
    expect(await problems('configs/closed.yaml')).toEqual([
      "1:8-18 no task matches 'films.gone'\npatterns say 'pipeline.task', with '*' for any letters",
    ])
    change('configs/films.yaml', text('configs/films.yaml'))
    expect(await problems('configs/films.yaml', ({ length }) => length === 0)).toEqual([])
    expect(shown().filter((uri) => uri.includes('.github'))).toEqual([])
  })

  test('watches files itself for a client that does not', async () => {
    const { problems } = await started({ 'configs/closed.yaml': 'tasks: films.gone\n' }, { watches: false })
    await problems('configs/closed.yaml')
    writeFileSync(join(folder, 'configs/closed.yaml'), 'tasks: films.all\nhow_many: 1\n')
    expect(await problems('configs/closed.yaml', ({ length }) => length === 0)).toEqual([])
  })

  test('sees unsaved text of a config that others use', async () => {
    const { open, close, problems } = await started()
    open('configs/base.yaml', 'tasks: films.all\nhow_many: many\n')
    expect(await problems('configs/base.yaml')).toHaveLength(1)
    open('configs/films.yaml', text('configs/films.yaml'))
    close('configs/base.yaml')
    expect(await problems('configs/base.yaml', ({ length }) => length === 0)).toEqual([])
  })

  test('answers from the open file while the project loads', async () => {
    // a project that never ends loading
    const { open, change, complete, problems, server } = await started({
      'taskchain.config.ts': 'await new Promise(() => setInterval(() => {}, 1000))\n',
    })
    const { text: typed, position } = at('tasks: films.*\nuses: |')
    open('configs/films.yaml', typed)
    let labels: readonly string[] = []
    while (labels.length === 0) labels = (await complete('configs/films.yaml', position)).map(({ label }) => label)
    expect(labels).toEqual(['base.yaml']) // as soon as the folder is listed
    const took = await bestOf(5, 200, async () => {
      const before = cpuOf(server.pid ?? 0)
      change('configs/films.yaml', typed)
      expect(await complete('configs/films.yaml', position)).toHaveLength(1)
      return cpuOf(server.pid ?? 0) - before
    })
    expect(took, 'milliseconds of CPU time').toBeLessThan(200)
    change('configs/films.yaml', 'tasks: [films.*\nmin_votes: "\n')
    expect((await problems('configs/films.yaml')).length).toBeGreaterThan(0)
  })

  test('completes, explains and leads to code', async () => {
    const { open, change, complete, hover, definition, diagnostics, uri, lenses } = await started()
    open('configs/films.yaml', `${text('configs/films.yaml')}wrong: 1\n`)
    await diagnostics('configs/films.yaml') // the project is loaded
    const { text: typed, position } = at('tasks: films.filtered\nuses: base.yaml\n|')
    change('configs/films.yaml', typed)
    const found = await complete('configs/films.yaml', position)
    expect(found.slice(0, 2).map(({ label, detail }) => `${label} ${detail}`)).toEqual([
      'api_key string, secret',
      'min_votes number = 200',
    ])
    const pointed = at('tasks: films.filtered\nuses: base.yaml\nmin_|votes: 5')
    change('configs/films.yaml', pointed.text)
    expect(await hover('configs/films.yaml', pointed.position)).toContain('fewer do not count')
    const start = { line: 7, character: 4 }
    expect(await definition('configs/films.yaml', pointed.position)).toEqual([
      { uri: uri('films.ts'), range: { start, end: { line: 7, character: 12 } } },
    ])
    const [base] = await definition('configs/films.yaml', { line: 1, character: 8 })
    expect(base?.uri).toBe(uri('configs/base.yaml'))
    expect(await lenses('configs/films.yaml')).toEqual(['1: 2 nodes, 2 to run'])
  })

  test('says what is to run after a run of somebody else', async () => {
    const { open, lenses, refreshed } = await started()
    open('configs/films.yaml', text('configs/films.yaml'))
    while ((await lenses('configs/films.yaml')).length === 0);
    expect(await lenses('configs/films.yaml')).toEqual(['1: 2 nodes, 2 to run'])
    const told = refreshed()
    expect(await start(process.execPath, [command, 'run', 'films'], folder).ended).toMatchObject({ code: 0 })
    await told
    while ((await lenses('configs/films.yaml'))[0] !== '1: 2 nodes, nothing to run');
    expect(await start(process.execPath, [command, 'force', 'films', 'filtered'], folder).ended).toMatchObject({
      code: 0,
    })
    while ((await lenses('configs/films.yaml'))[0] !== '1: 2 nodes, 1 to run');
  })

  test('takes half-typed YAML, CRLF and letters beyond one code unit as they come', async () => {
    const { open, change, problems, complete } = await started()
    open(
      'configs/films.yaml',
      '# 😀\r\ntasks: films.filtered\r\nuses: base.yaml\r\nx-note: "😀😀"\r\nmin_vote: 1 # 😀\r\n',
    )
    expect((await problems('configs/films.yaml'))[0]).toMatch(/^5:1-9 /)
    change('configs/films.yaml', 'tasks: films.filtered\r\nuses: {"😀": [\r\n')
    expect(
      (await problems('configs/films.yaml', (found) => found.some((one) => !one.includes('min_vote')))).length,
    ).toBeGreaterThan(0)
    const { text: typed, position } = at('tasks: films.filtered\r\nx-note: "😀"\r\nmin|\r\n')
    change('configs/films.yaml', typed)
    const found = await complete('configs/films.yaml', position)
    expect(found.find(({ label }) => label === 'min_votes')?.textEdit).toEqual({
      range: { start: { line: 2, character: 0 }, end: { line: 2, character: 3 } },
      newText: 'min_votes: ',
    })
  })

  test('knows files by any name', async () => {
    const name = 'configs/mé & 100%/filmy žluté.yaml'
    const { open, problems, complete } = await started({
      [name]: 'tasks: films.*\n',
      'configs/mé & 100%/other one.yaml': 'tasks: films.all\n',
    })
    const { text: typed, position } = at('tasks: films.*\nhow_many: 3\nmin_vote: 1\nuses: |')
    open(name, typed)
    expect((await problems(name))[0]).toMatch(/^3:1-9 /)
    expect((await complete(name, position)).map(({ textEdit }) => textEdit?.newText)).toContain('"other one.yaml"')
  })

  test('sees a used config go, come back under another name, and the project change', async () => {
    const { changedOnDisk, problems } = await started()
    renameSync(join(folder, 'configs/base.yaml'), join(folder, 'configs/basis.yaml'))
    changedOnDisk('configs/base.yaml', 'configs/basis.yaml')
    expect((await problems('configs/films.yaml'))[0]).toMatch(/^2:7-16 config 'configs\/base.yaml' not found/)
    renameSync(join(folder, 'configs/basis.yaml'), join(folder, 'configs/base.yaml'))
    changedOnDisk('configs/base.yaml', 'configs/basis.yaml')
    expect(await problems('configs/films.yaml', ({ length }) => length === 0)).toEqual([])
    writeFileSync(
      join(folder, 'films.ts'),
      text('films.ts')
        .replace('minVotes: param', 'leastVotes: param')
        .replace('({ all, minVotes }) => all - minVotes', '({ all }) => all'),
    )
    changedOnDisk('films.ts')
    expect((await problems('configs/films.yaml'))[0]).toMatch(/^3:1-10 no task of this config reads 'min_votes'/)
  })
})

describe('a project that cannot be loaded', () => {
  test('is one diagnostic, goes on with what is known, and is loaded once it is mended', async () => {
    const { open, changedOnDisk, problems, complete } = await started()
    open('configs/films.yaml', 'tasks: films.filtered\nuses: base.yaml\nmin_vote: 1\n')
    await problems('configs/films.yaml')
    const good = text('films.ts')
    writeFileSync(join(folder, 'films.ts'), `${good}export const = 3\n`)
    changedOnDisk('films.ts')
    expect(await problems('films.ts')).toHaveLength(1)
    expect((await complete('configs/films.yaml', { line: 2, character: 3 })).map(({ label }) => label)).toContain(
      'min_votes',
    )
    expect(await problems('configs/films.yaml')).toHaveLength(1)
    writeFileSync(join(folder, 'films.ts'), good)
    changedOnDisk('films.ts')
    expect(await problems('films.ts', ({ length }) => length === 0)).toEqual([])
  })

  test('lacks a package', async () => {
    const { problems } = await started({ 'films.ts': "import 'no-such-package-here'\n" })
    expect((await problems('films.ts')).join()).toContain('no-such-package-here')
  })

  test('ends its process', async () => {
    const { problems } = await started({ 'films.ts': 'process.exit(7)\n' })
    expect((await problems('taskchain.config.ts'))[0]).toContain('exit code 7')
  })
})

describe('secrets', () => {
  test('are in nothing that is said', async () => {
    const secret = 'hunter2-hunter2'
    const { open, hover, problems, errors, lenses } = await started()
    const { text: typed, position } = at(
      `tasks: films.filtered\nuses: base.yaml\napi_k|ey: ${secret}\nwrong: ${secret}\nmin_votes: ${secret}\n`,
    )
    open('configs/films.yaml', typed)
    const found = await problems('configs/films.yaml')
    const said = [found, await hover('configs/films.yaml', position), await lenses('configs/films.yaml'), errors()]
    expect(found.length).toBeGreaterThan(0)
    expect(JSON.stringify(said)).not.toContain(secret)
  })
})

describe('the process', () => {
  test('keeps its output for the protocol: what the project prints goes to standard error', async () => {
    const { open, problems, errors } = await started()
    open('configs/films.yaml', 'tasks: films.gone\n')
    await problems('configs/films.yaml')
    expect(errors()).toContain('this is no message of the protocol')
  })

  test('ends when its client says so, and when its input ends', async () => {
    const first = await started()
    expect(await first.stop()).toBe(0)
    const second = await startClient(folder)
    const ended = once(second.server, 'exit')
    second.server.stdin?.end()
    await ended
    expect(second.server.exitCode).toBe(1) // without a goodbye
  })

  test('ends with its client though nobody closes its input, and with it the process of the project', async () => {
    const editor = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const busy = 'process.stderr.write("busy")\nfor (;;) {}\n'
    const { server, errors } = await started({ 'taskchain.config.ts': busy }, { processId: editor.pid ?? 0 })
    await new Promise<void>((resolve) => {
      server.stderr?.on('data', () => errors().includes('busy') && resolve())
      if (errors().includes('busy')) resolve()
    })
    const ended = once(server, 'close') // when nobody has its standard error any more, the project's process neither
    editor.kill('SIGKILL')
    await ended
  })

  test('is not confused by what is no message', async () => {
    const { server, open, problems } = await started()
    server.stdin?.write('Content-Length: 5\r\n\r\n{{{{{')
    open('configs/films.yaml', 'tasks: films.gone\n')
    expect(await problems('configs/films.yaml')).toHaveLength(1)
  })
})
