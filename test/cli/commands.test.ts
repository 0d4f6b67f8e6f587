import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { builtOnce } from '../build-once.js'
import { emptyFolder, inProcess as taskchain, projectFiles, remove, write, taskchain as asProcess } from './fixture.js'

beforeAll(builtOnce, 120_000) // the projects import the built package

const folders: string[] = []
/** A fresh project; removed after the test. */
const project = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, { ...projectFiles, ...files })
  return folder
}
afterEach(() => folders.splice(0).forEach(remove))

const json = (text: string): any => JSON.parse(text) // the shapes are what the tests are about

describe('wrong usage', () => {
  test('a project that cannot be loaded shows where in its own files, not a stack of ours', async () => {
    const folder = project({ 'films.js': 'export const all = undefined.task\n' })
    const { code, err } = await taskchain(folder, ['plan', 'films'])
    expect(code).toBe(3)
    expect(err).toContain('cannot be loaded: TypeError: Cannot read properties of undefined')
    expect(err).toContain('films.js:1')
    expect(err).not.toContain('dist/')
    expect(await taskchain(project({ 'taskchain.config.js': 'export default 1\n' }), ['plan', 'films'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('exports no project') as string,
    })
  })

  test('a name imported from the wrong entry point is told the right one, and the message is there once', async () => {
    const folder = project({
      'films.js': "import { defineTask, ndarray } from 'taskchain'\nexport const all = ndarray\n",
    })
    const { code, err } = await asProcess(folder, ['plan', 'films'])
    expect([code, err]).toEqual([
      3,
      expect.stringContaining("\n  'ndarray' is exported by 'taskchain/data': import it from there\n"),
    ])
    expect(err.split("'taskchain' does not provide an export named 'ndarray'")).toHaveLength(2)
    expect(err).toContain('films.js:1\n')
    write(folder, { 'films.js': "import { ndarrrray } from 'taskchain'\n" })
    expect((await asProcess(folder, ['plan', 'films'])).err).not.toContain('is exported by')
  })

  test.each(['message', 'stack'])(
    'a project that throws an error without a text as its %s is no bug of ours',
    async (field) => {
      const thrown = `Object.defineProperty(new Error('x'), '${field}', { value: Symbol('no text') })`
      const { code, err } = await taskchain(project({ 'films.js': `throw ${thrown}\n` }), ['plan', 'films'])
      expect([code, err]).toEqual([3, expect.stringMatching(/^error: project '.*' cannot be loaded: something that/)])
    },
  )

  test('unknown configs and tasks are told with what was probably meant', async () => {
    const folder = project()
    expect(await taskchain(folder, ['plan', 'filsm.yaml'])).toMatchObject({
      code: 3,
      err: expect.stringMatching(
        /^error: config 'configs\/filsm.yaml' not found\n  did you mean 'configs\/films.yaml'/,
      ) as string,
    })
    expect(await taskchain(folder, ['run', 'films', 'filterd'])).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringMatching(/no task 'filterd' in this chain\n {2}did you mean .*'films:filtered'\?/) as string,
    })
    const told = await taskchain(folder, ['plan', 'filsm', '--json'])
    expect(json(told.out)).toMatchObject({
      schema: 1,
      errors: [{ code: 'ConfigNotFound', message: "config 'configs/filsm' not found" }],
    })
  })

  test('a wrong --set names the option', async () => {
    expect(await taskchain(project(), ['plan', 'films', '--set', 'how_many'])).toMatchObject({
      code: 3,
      err: 'error: --set how_many: say name=value, as in --set min_votes=500\n',
    })
  })
})

describe('wrong configs', () => {
  test('all errors are told at once', async () => {
    const folder = project({ 'configs/films.yaml': 'tasks: [films.*, flims.all]\nhowmany: 12\nmin_votes: many\n' })
    const { code, err } = await taskchain(folder, ['plan', 'films'])
    expect(code).toBe(2)
    expect(err).toContain("no task matches 'flims.all'")
    const planned = await taskchain(
      project({ 'configs/films.yaml': 'tasks: films.*\nhowmany: 12\nmin_votes: many\n' }),
      ['plan', 'films'],
    )
    expect(planned.code).toBe(2)
    expect(planned.err).toContain("'howMany'")
    expect(planned.err).toContain("'minVotes'")
  })

  test('warnings do not stop anything and stay off standard output', async () => {
    const folder = project({ 'configs/films.yaml': 'tasks: films.*\nhow_many: 12\nmin_vote: 3\n' })
    const { code, out, err } = await taskchain(folder, ['plan', 'films'])
    expect(code).toBe(0)
    expect(err).toBe(
      "warning: configs/films.yaml:3:11: no task of this config reads 'min_vote'\n  did you mean 'min_votes'?\n",
    )
    expect(out).not.toContain('warning')
  })

  test('check groups errors by file and cause and tells partial configs from wrong ones', async () => {
    const folder = project({
      'configs/base.yaml': 'tasks: films.all\nhow_many: 1\n',
      'configs/user.yaml': 'tasks: [films.filtered]\nuses: base.yaml\n',
      'configs/part.yaml': 'tasks: films.filtered\n',
      'configs/uses_part.yaml': 'tasks: films.all\nhow_many: 2\nuses: part.yaml\n',
      'configs/wrong.yaml': 'tasks: films.*\nhow_many: [\n',
      'configs/context.yaml': 'how_many: 3\n',
    })
    const { code, out, err } = await taskchain(folder, ['check', '--all'])
    expect({ code, err }).toEqual({ code: 2, err: '' })
    expect(out.split('\n').map((line) => line.split('  ').slice(0, 2).join(' '))).toEqual([
      'fine configs/base.yaml',
      'values configs/context.yaml',
      'fine configs/films.yaml',
      'partial configs/part.yaml',
      'fine configs/slow.yaml',
      'fine configs/stopping.yaml',
      'fine configs/stubborn.yaml',
      'fine configs/trouble.yaml',
      'fine configs/user.yaml',
      'fine configs/uses_part.yaml',
      'wrong configs/wrong.yaml',
      '',
      'configs/wrong.yaml: 1 error',
      expect.stringMatching(/^ configs\/wrong\.yaml:\d+:\d+: error: invalid YAML/) as string,
      ' ',
      '',
      expect.stringMatching(/^configs\/wrong\.yaml:\d+:\d+: error: invalid YAML/) as string,
      expect.stringMatching(/^ \S/) as string,
      '',
      '11 configs: 8 fine, 1 wrong, 1 partial, 1 with values only; 1 error, 0 warnings',
      '',
    ])
    expect(await taskchain(folder, ['check', 'configs/wrong.yaml'])).toMatchObject({ code: 3 })
    expect(await taskchain(folder, ['check', '--format', 'github', '--json'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('--format github') as string,
    })
    const annotations = await taskchain(folder, ['check', '--format', 'github'])
    expect(annotations).toMatchObject({
      code: 2,
      err: '',
      out: expect.stringMatching(
        /^::error file=configs\/wrong\.yaml,line=\d+,col=\d+,title=YamlSyntax::invalid YAML[^\n]*\n11 configs: /,
      ) as string,
    })
    const asJson = json((await taskchain(folder, ['check', 'configs', '--json'])).out)
    expect(asJson.schema).toBe(1)
    expect(asJson.configs.find((one: any) => one.outcome === 'partial')).toMatchObject({
      config: 'configs/part.yaml',
      usedBy: 'configs/uses_part.yaml',
    })
  })
})

describe('plan and run', () => {
  test('plan --json is the documented shape', async () => {
    const folder = project()
    await taskchain(folder, ['run', 'films', 'all'])
    const { schema, nodes, warnings } = json((await taskchain(folder, ['plan', 'films', '--json'])).out)
    expect({ schema, warnings }).toEqual({ schema: 1, warnings: [] })
    const all = nodes.find((node: any) => node.name === 'all')
    expect(all).toEqual({
      id: 'films:all',
      task: 'films:all',
      group: 'films',
      name: 'all',
      namespace: '',
      key: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      config: 'films',
      params: { howMany: 12 },
      inputs: {},
      format: 'json',
      path: join(folder, 'data/tasks/films/all', `${all.key}.json`),
      state: 'cached',
    })
    expect(existsSync(all.path)).toBe(true)
    expect(nodes.map(({ name, state, inputs }: any) => [name, state, inputs])).toEqual([
      ['all', 'cached', {}],
      ['filtered', 'to_run', { all: 'films:all' }],
      ['exported', 'to_run', { filtered: 'films:filtered' }],
      ['index', 'in_memory', { filtered: 'films:filtered' }],
      ['summary', 'to_run', { index: 'films:index' }],
    ])
  })

  test('contexts, stores and projects can be named from anywhere', async () => {
    const folder = project()
    const elsewhere = emptyFolder([])
    folders.push(elsewhere)
    const { code, out, err } = await taskchain(elsewhere, [
      'run',
      'films',
      'summary',
      '--show',
      '--project',
      join(folder, 'taskchain.config.js'),
      '--store',
      'kept',
      '--context',
      join(folder, 'contexts/few.yaml'),
      '--set',
      'min_votes=0',
    ])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('"films": 3')
    expect(existsSync(join(elsewhere, 'kept/films/all'))).toBe(true)
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  test('--force computes again what depends on a task', async () => {
    const folder = project()
    await taskchain(folder, ['run', 'films'])
    const { out } = await taskchain(folder, ['run', 'films', '--force', 'filtered'])
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^4 computed, 1 loaded, 0 cached, 0 failed/)
  })

  test('a task that stops on purpose leaves the run unfinished', async () => {
    const { code, err } = await taskchain(project(), ['run', 'stopping'])
    expect(code).toBe(4)
    expect(err).toContain('trouble:stopping: the quota is used up; run again to continue')
  })
})

describe('run', () => {
  test('--dry-run shows the plan of what is asked for and computes nothing', async () => {
    const folder = project()
    const whole = await taskchain(folder, ['run', 'films', '--dry-run'])
    expect(whole).toEqual(await taskchain(folder, ['plan', 'films']))
    const { nodes } = json((await taskchain(folder, ['run', 'films', 'filtered', '--dry-run', '--json'])).out) as {
      nodes: { id: string; state: string }[]
    }
    expect(nodes.map(({ id, state }) => [id, state])).toEqual([
      ['films:all', 'to_run'],
      ['films:filtered', 'to_run'],
    ])
    expect(existsSync(join(folder, 'data/tasks/films'))).toBe(false)
    expect(await taskchain(folder, ['run', 'films', '--dry-run', '--force', 'all'])).toMatchObject({ code: 3 })
  })

  test('--quiet shows what goes wrong and nothing else', async () => {
    const folder = project()
    expect(await taskchain(folder, ['run', 'films', '--quiet'])).toMatchObject({ code: 0, out: '', err: '' })
    const { code, out, err } = await taskchain(folder, ['run', 'trouble', '--quiet'])
    expect([code, out, err.split('\n')[0]]).toEqual([1, '', "failed  task 'trouble:failing' failed: no luck"])
    const ended = (await taskchain(folder, ['run', 'films', '--quiet', '--json'])).out
    expect(json(ended)).toMatchObject({ schema: 1, event: 'ended', computed: [] })
  })
})

describe('looking at results', () => {
  let folder = ''
  beforeAll(async () => {
    folder = emptyFolder()
    write(folder, projectFiles)
    await taskchain(folder, ['run', 'films'])
  }, 60_000)
  afterAll(() => remove(folder))

  test('tasks is a table, or JSON', async () => {
    const { code, out } = await taskchain(folder, ['tasks', 'films'])
    expect(code).toBe(0)
    const lines = out.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^task +computed +when +took +size +path +params +inputs$/)
    expect(lines[1]).toMatch(
      /^films:all +yes +\d{4}-\d\d-\d\d \d\d:\d\d +\S+ ms +\d+ B +data\/tasks\/films\/all\/[0-9a-f]{32}\.json +howMany=12$/,
    )
    expect(lines).toHaveLength(6)
    const { schema, tasks } = json((await taskchain(folder, ['tasks', 'films', '--json'])).out)
    expect(schema).toBe(1)
    expect(tasks[1]).toMatchObject({
      fullName: 'films:filtered',
      computed: true,
      state: 'cached',
      inputs: ['films:all'],
      params: { minVotes: 200 },
    })
  })

  test('show previews by shape', async () => {
    expect((await taskchain(folder, ['show', 'films', 'filtered', '--rows', '2'])).out).toBe(
      'title    votes\nstring  number\nFilm 2     200\nFilm 3     300\n10 rows × 2 columns\n',
    )
    expect((await taskchain(folder, ['show', 'films', 'summary'])).out).toBe('{\n  "films": 10\n}\n')
    expect((await taskchain(folder, ['show', 'films', 'exported'])).out).toMatch(
      /^file +size\ntitles\.txt +\d+ B\n1 file in /,
    )
    expect((await taskchain(folder, ['show', 'films', 'index'])).out).toContain('Map(10)')
    expect(json((await taskchain(folder, ['show', 'films', 'summary', '--json'])).out)).toMatchObject({
      schema: 1,
      task: 'films:summary',
      format: 'json',
      value: { films: 10 },
    })
  })

  test('show does not compute unless told', async () => {
    const told = await taskchain(folder, ['show', 'films', 'summary', '--set', 'how_many=20'])
    expect(told).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('films:summary needs 3 tasks that are not computed yet') as string,
    })
    expect((await taskchain(folder, ['show', 'films', 'summary', '--set', 'how_many=20', '--compute'])).out).toContain(
      '"films": 18',
    )
  })

  test('info is the run info, log the log', async () => {
    const { out } = await taskchain(folder, ['info', 'films', 'all'])
    expect(out).toMatch(/^parameters:\n {2}howMany: 12$/m)
    expect(out).toMatch(/made: 12/)
    expect(json((await taskchain(folder, ['info', 'films', 'all', '--json'])).out)).toMatchObject({
      schema: 1,
      task: 'films:all',
      info: { parameters: { howMany: 12 }, log: [{ made: 12 }] },
    })
    expect((await taskchain(folder, ['log', 'films', 'all'])).out).toContain('making films')
    expect(await taskchain(folder, ['info', 'films', 'all', '--set', 'how_many=77'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('not computed yet') as string,
    })
  })

  test('draw speaks Mermaid and DOT, and says which package a picture needs', async () => {
    expect((await taskchain(folder, ['draw', 'films'])).out).toMatch(/^flowchart/)
    expect((await taskchain(folder, ['draw', 'films', '--dot'])).out).toMatch(/^digraph/)
    expect(await taskchain(folder, ['draw', 'films', '--dot', '--svg'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('one drawing at a time') as string,
    })
    const hook =
      'export const resolve = (name, context, next) => {' +
      " if (name === '@viz-js/viz') throw new Error('not there'); return next(name, context) }"
    const lacking = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hook).replaceAll("'", '%27')}')`
    expect(
      await asProcess(folder, ['draw', 'films', '--svg'], {
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(lacking)}`,
      }),
    ).toMatchObject({ code: 3, out: '', err: expect.stringContaining('npm install @viz-js/viz') as string })
  })

  test('draw writes the picture that the ending of a file names', async () => {
    expect((await taskchain(folder, ['draw', 'films', '-o', 'films.svg'])).err).toBe('drawn to films.svg\n')
    const svg = readFileSync(join(folder, 'films.svg'), 'utf8')
    for (const name of ['all', 'filtered', 'index', 'summary', 'exported']) expect(svg).toContain(`>${name}</text>`)
    await taskchain(folder, ['draw', 'films', '-o', 'films.png'])
    expect(readFileSync(join(folder, 'films.png')).subarray(1, 4).toString('latin1')).toBe('PNG')
    await taskchain(folder, ['draw', 'films', '-o', 'films.gv'])
    expect(readFileSync(join(folder, 'films.gv'), 'utf8')).toMatch(/^digraph/)
  })

  test('draw shows chosen groups, and names a group that is none', async () => {
    expect((await taskchain(folder, ['draw', 'films', '--group', 'films', '--neighbours'])).out).toContain('<br>all')
    expect(await taskchain(folder, ['draw', 'films', '--group', 'film'])).toMatchObject({
      code: 3,
      err: expect.stringContaining("no task of this chain is in it; did you mean 'films'?") as string,
    })
    expect(await taskchain(folder, ['draw', 'films', '--neighbours'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('name a group with --group') as string,
    })
  })

  test('link makes readable links', async () => {
    const { code, out } = await taskchain(folder, ['link', 'films'])
    expect(code).toBe(0)
    expect(out).toContain('4 links')
    expect(json(readFileSync(join(folder, 'data/tasks/films/summary/films.json'), 'utf8'))).toEqual({ films: 10 })
  })
})

describe('force', () => {
  test('marks what is stored, with all that depends on it, or deletes it', async () => {
    const folder = project()
    await taskchain(folder, ['run', 'films'])
    const state = async (): Promise<string> =>
      (await taskchain(folder, ['plan', 'films'])).out.trimEnd().split('\n').at(-1) ?? ''
    expect((await taskchain(folder, ['force', 'films', 'filtered', '--dry-run'])).out).toBe(
      '  films:filtered\n  films:exported\n  films:summary\n3 results would be computed again; nothing was changed\n',
    )
    expect(await state()).toContain('4 cached, 0 to run')
    expect((await taskchain(folder, ['force', 'films', 'summary'])).out).toBe(
      '  films:summary\n1 result will be computed again by the next run\n',
    )
    expect(await state()).toContain('3 cached, 1 to run')
    expect((await taskchain(folder, ['force', 'films', 'all', '--delete'])).out).toContain('3 results deleted')
    expect(await state()).toContain('0 cached, 4 to run')
  })

  test('names what it could not delete, since a process reads it', async () => {
    const folder = project()
    await taskchain(folder, ['run', 'films'])
    const store = fileStore(join(folder, 'data/tasks'))
    const [exported] = readdirSync(join(folder, 'data/tasks/films/exported'))
      .filter((name) => name.endsWith('.run_info.yaml'))
      .map((name) => name.slice(0, -'.run_info.yaml'.length))
    const pin = await store.upkeep.pin({ folder: 'films/exported', key: exported as string, extension: 'exported' })
    expect((await taskchain(folder, ['force', 'films', 'filtered', '--delete'])).out).toBe(
      '  films:filtered\n  films:summary\n2 results deleted\n' +
        '  films:exported\n1 result left where a process reads or computes it; the next run computes it again\n',
    )
    expect((await taskchain(folder, ['plan', 'films'])).out).toContain('1 cached, 3 to run')
    await pin.release()
    const { out } = await taskchain(folder, ['force', 'films', 'all', '--delete', '--json'])
    expect(json(out)).toMatchObject({ stored: ['films:all'], busy: [] })
  })

  test('names what other configs have made from it, which becomes stale with it', async () => {
    const folder = project()
    write(folder, {
      'configs/popular.yaml': 'tasks: films.*\nhow_many: 12\nmin_votes: 700\n',
      'configs/other.yaml': 'tasks: films.*\nhow_many: 5\n',
    })
    for (const config of ['films', 'popular', 'other']) await taskchain(folder, ['run', config])
    const elsewhere =
      /^3 results of other configs or other values were made from these and are recomputed when they are next requested, if the contents of these change:\n {2}films:exported {2}[0-9a-f]{8}, of popular, \d{4}-.*\n {2}films:filtered .*popular.*\n {2}films:summary .*popular.*\n$/m
    expect((await taskchain(folder, ['force', 'films', 'all', '--dry-run'])).out).toMatch(elsewhere)
    expect((await taskchain(folder, ['force', 'films', 'filtered'])).out).not.toContain('other configs')
    const told = await taskchain(folder, ['force', 'films', 'all', '--json'])
    expect(json(told.out)).toMatchObject({
      elsewhere: [{ task: 'films:exported', config: 'popular' }, { task: 'films:filtered' }, { task: 'films:summary' }],
    })
    expect((await taskchain(folder, ['plan', 'popular'])).out).toContain('1 to run, 1 in memory, 3 undecided')
    const run = await taskchain(folder, ['run', 'films', '--force', 'all'])
    expect(run.err).toMatch(elsewhere)
    expect((await taskchain(folder, ['plan', 'popular'])).out).toContain('4 cached, 0 to run')
  })
})
