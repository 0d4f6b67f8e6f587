import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, onTerminal, projectFiles, remove, root, start, taskchain, write } from './fixture.js'

beforeAll(builtOnce, 120_000)

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
const jsonLines = (text: string): any[] => text.trimEnd().split('\n').map(json)
// oxlint-disable-next-line no-control-regex -- escapes are what is looked for
const escapes = /\u001b/

describe('the command itself', () => {
  test('tells its version and helps with examples', async () => {
    const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
    expect(await taskchain(root, ['--version'])).toMatchObject({ code: 0, out: `${version}\n`, err: '' })
    const help = await taskchain(root, ['--help'])
    expect(help).toMatchObject({ code: 0, err: '' })
    for (const name of [
      'init',
      'plan',
      'run',
      'tasks',
      'show',
      'info',
      'log',
      'force',
      'link',
      'draw',
      'check',
      'completion',
    ])
      expect(help.out).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(help.out).not.toMatch(/^ {2}complete /m)
    expect((await taskchain(root, [])).out).toBe(help.out)
  })

  test('every command has help with examples and the common options', async () => {
    for (const name of ['run', 'plan', 'draw']) {
      const { code, out } = await taskchain(root, [name, '--help'])
      expect(code).toBe(0)
      expect(out).toContain(`Examples:\n  taskchain ${name}`)
      expect(out).toContain('--set <name=value>')
    }
  })

  test('says which project ended it while its code was loaded, and never with the exit code of success', async () => {
    const folder = project({ 'ends.js': 'process.exit(0)\n' })
    const file = join(folder, 'taskchain.config.js')
    writeFileSync(file, `import './ends.js'\n${readFileSync(file, 'utf8')}`)
    const sentence = `project '${file}' cannot be loaded: its code ended the process by process.exit(0)`
    for (const words of [['run', 'films'], ['check'], ['gc'], ['tasks', 'films']])
      expect(await taskchain(folder, words)).toMatchObject({ code: 3, out: '', err: `error: ${sentence}\n` })
    const { code, out } = await taskchain(folder, ['plan', 'films', '--json'])
    expect([code, json(out)]).toMatchObject([3, { errors: [{ message: sentence }] }])
  })

  test.each([
    ['process.exit(13)', 'its code ended the process by process.exit(13)'],
    ['process.exit(255)', 'its code ended the process by process.exit(255)'],
    ['process.exitCode = 4; await new Promise(() => undefined)', 'it waits with a top-level await for something'],
    ["setTimeout(() => { throw new Error('late') }); await new Promise((r) => setTimeout(r, 9000))", 'late'],
    ["Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 9000))", 'lost'],
  ])('says how the code of a project ended the process: %s', async (code, why) => {
    const folder = project({ 'films.js': `${code}\n` })
    const ended = await taskchain(folder, ['plan', 'films'])
    const file = join(folder, 'taskchain.config.js')
    expect(ended).toMatchObject({ code: 3, out: '' })
    expect(ended.err).toMatch(new RegExp(`^error: project '${file}' cannot be loaded: ${why.replace(/[()]/g, '\\$&')}`))
    expect(ended.err).not.toContain('cli/main.js')
  })

  test('is run by its own first line', async () => {
    expect(await start(command, ['-V'], root).ended).toMatchObject({ code: 0, err: '' })
  })
})

describe('wrong usage', () => {
  test('unknown commands and options are told with what was probably meant', async () => {
    expect(await taskchain(root, ['pln', 'a'])).toMatchObject({
      code: 3,
      out: '',
      err: "error: unknown command 'pln'\n(Did you mean plan?)\n",
    })
    expect(await taskchain(root, ['plan', 'a', '--jso'])).toMatchObject({
      code: 3,
      err: "error: unknown option '--jso'\n(Did you mean --json?)\n",
    })
    expect(await taskchain(root, ['plan'])).toMatchObject({
      code: 3,
      err: "error: missing required argument 'config'\n",
    })
    expect(await taskchain(root, ['run', 'a', '--concurrency', '0'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('It must be a whole number from 1.') as string,
    })
    expect(await taskchain(root, ['plan', 'a', '--log-level', 'loud'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('Allowed choices are') as string,
    })
  })

  test('a missing project says where it was looked for and what to do', async () => {
    const folder = emptyFolder([])
    folders.push(folder)
    const { code, out, err } = await taskchain(folder, ['plan', 'films'])
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toContain(`no taskchain.config.{ts,mts,js,mjs} in ${folder} or above`)
    expect(err).toContain('taskchain init')
    expect(await taskchain(folder, ['plan', 'films', '--project', 'nowhere.ts'])).toMatchObject({
      code: 3,
      err: expect.stringContaining("project 'nowhere.ts' not found") as string,
    })
  })
})

describe('wrong configs', () => {
  test('broken YAML is told with its place, and nothing runs', async () => {
    const folder = project({ 'configs/films.yaml': 'tasks: [films.*\nhow_many: 12\n' })
    const { code, out, err } = await taskchain(folder, ['run', 'films'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^error: configs\/films\.yaml:\d+:\d+: invalid YAML: /)
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })
})

describe('plan and run', () => {
  test('a run computes, the next one finds everything done, a changed value recomputes what depends on it', async () => {
    const folder = project()
    const plan = await taskchain(folder, ['plan', 'films'])
    expect(plan).toMatchObject({ code: 0, err: '' })
    expect(plan.out.trimEnd().split('\n').at(-1)).toBe('5 nodes: 0 cached, 4 to run, 1 in memory')

    const first = await taskchain(folder, ['run', 'films'])
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toMatch(/^started films:all$/m)
    expect(first.out).toMatch(/^computed films:all in .*B$/m)
    expect(first.out.trimEnd().split('\n').at(-1)).toMatch(/^5 computed, 0 loaded, 0 cached, 0 failed in \d/)
    expect(first.out).not.toMatch(escapes)

    const second = await taskchain(folder, ['run', 'films'])
    expect(second.out.trimEnd().split('\n').at(-1)).toMatch(/^0 computed, 0 loaded, 4 cached, 0 failed in \d/)

    const changed = await taskchain(folder, ['plan', 'films', '--set', 'min_votes=500'])
    expect(changed.out.trimEnd().split('\n').at(-1)).toMatch(
      /^5 nodes: 1 cached, 3 to run, 1 in memory, at least 1 and at most 3 computed, about \d/,
    )
    const third = await taskchain(folder, ['run', '--set', 'min_votes=500', 'films', 'summary', '--show'])
    expect(third.out).toContain('films:summary\n{\n  "films": 7\n}\n')
    expect(third.out.trimEnd().split('\n').at(-1)).toMatch(/^3 computed, 1 loaded, 0 cached, 0 failed/)
  })

  test('run --json is one document a line, the last one the report', async () => {
    const { code, out } = await taskchain(project(), ['--json', 'run', 'films', 'summary', '--show'])
    expect(code).toBe(0)
    const lines = jsonLines(out)
    expect(lines.every((line) => line.schema === 1)).toBe(true)
    expect(lines[0]).toMatchObject({ event: 'planned' })
    expect(lines.find((line) => line.event === 'started')).toMatchObject({ node: 'films:all', attempt: 1 })
    expect(lines.at(-2)).toMatchObject({ event: 'value', node: 'films:summary', value: { films: 10 } })
    expect(lines.at(-1)).toMatchObject({ event: 'ended', failed: [], stopped: false })
    expect([...lines.at(-1).computed].sort()).toEqual(['films:all', 'films:filtered', 'films:index', 'films:summary'])
  })

  test('what a project prints is beside the output that programs read', async () => {
    const said = `console.log('said')\nprocess.stdout.write('so\\n')\n${projectFiles['taskchain.config.js']}`
    const folder = project({ 'taskchain.config.js': said })
    const planned = await taskchain(folder, ['plan', 'films', '--json'])
    expect(json(planned.out).nodes).toHaveLength(5)
    expect(planned.err).toBe('said\nso\n')
    expect((await taskchain(folder, ['complete', '--', 'plan', 'fil'])).out).toBe('films\n')
    expect((await taskchain(folder, ['plan', 'films'])).out).toMatch(/^said\nso\n/)
  })

  test('a failing task leaves independent ones going, and names its log', async () => {
    const folder = project()
    const { code, out, err } = await taskchain(folder, ['run', 'trouble'])
    expect(code).toBe(1)
    expect(out).toContain('failed trouble:failing: no luck')
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/^1 computed, 0 loaded, 0 cached, 1 failed, 1 skipped in/)
    const path = /its log: (.*)/.exec(err)?.[1] ?? ''
    expect(readFileSync(path, 'utf8')).toContain('about to fail')
    expect(err).toContain("failed  task 'trouble:failing' failed: no luck")
    expect(err).toContain('skipped  1 task because of trouble:failing: trouble:after')
    expect(await taskchain(folder, ['log', 'trouble', 'failing', '--failed'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('about to fail') as string,
    })
    expect(await taskchain(folder, ['log', 'trouble', 'failing'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('add --failed') as string,
    })
  })
})

describe('interruption', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)('%s stops cleanly with %i', async (signal, code) => {
    const folder = project()
    const running = start(process.execPath, [command, 'run', 'slow'], folder)
    await running.says('started trouble:slow')
    running.kill(signal)
    const outcome = await running.ended
    expect(outcome).toMatchObject({ code, signal: null })
    expect(outcome.err).toContain(`${signal}: stopping, what was saved stays`)
    expect(outcome.err.includes('nohup has no effect on Node')).toBe(signal === 'SIGHUP')
    expect(outcome.out.trimEnd().split('\n').at(-1)).toContain('stopped before the end')
  })

  test('a second Ctrl-C ends what does not listen', async () => {
    const running = start(process.execPath, [command, 'run', 'stubborn'], project())
    await running.says('started trouble:stubborn')
    running.kill('SIGINT')
    await running.says('SIGINT: stopping')
    running.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 130, signal: null })
  })
})

describe('a terminal', () => {
  test('sees a live block that goes away, the cursor back, and the summary', async () => {
    const { code, out } = await onTerminal(project(), ['run', 'films']).ended
    expect(code).toBe(0)
    expect(out).toContain('\u001b[?25l')
    expect(out.lastIndexOf('\u001b[?25h')).toBeGreaterThan(out.lastIndexOf('\u001b[?25l'))
    // oxlint-disable-next-line no-control-regex -- colours are what is looked for
    expect(out).toMatch(/\u001b\[32m5 computed, 0 loaded, 0 cached, 0 failed in .*\u001b\[39m\r\n$/)
  })

  test('has no colours with NO_COLOR or --no-color', async () => {
    // oxlint-disable-next-line no-control-regex -- colours are what is looked for
    const colours = /\u001b\[\d+m/
    const folder = project()
    expect((await onTerminal(folder, ['run', 'films'], { NO_COLOR: '1' }).ended).out).not.toMatch(colours)
    expect((await onTerminal(folder, ['--no-color', 'plan', 'films']).ended).out).not.toMatch(colours)
    expect((await onTerminal(folder, ['plan', 'films']).ended).out).toMatch(colours)
  })

  test('gets its cursor back on Ctrl-C', async () => {
    const folder = project()
    const running = onTerminal(folder, ['run', 'slow'])
    await running.says('trouble:slow')
    running.type('\u0003')
    const { code, out } = await running.ended
    expect(code).toBe(130)
    expect(out.lastIndexOf('\u001b[?25h')).toBeGreaterThan(out.lastIndexOf('\u001b[?25l'))
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

  test('a reader that leaves early is no error', async () => {
    const { out, err } = await start(
      'bash',
      ['-c', `"${process.execPath}" "${command}" show films filtered --json --rows 5 | head -c 10`],
      folder,
    ).ended
    expect({ out, err }).toEqual({ out: '{"schema":', err: '' })
  })

  test('completion knows commands, configs and tasks', async () => {
    const complete = async (...words: readonly string[]): Promise<readonly string[]> =>
      (await taskchain(folder, ['complete', '--', ...words])).out.trimEnd().split('\n')
    expect(await complete('p')).toEqual(['plan', 'push', 'pull'])
    expect(await complete('run', 'fi')).toEqual(['films'])
    expect(await complete('run', 'films', 'films:f')).toEqual(['films:filtered'])
    expect(await complete('run', 'films', 'filt')).toEqual(['films:filtered'].map(() => 'filtered'))
    expect(await complete('run', '--fa')).toEqual(['--fail-fast'])
    expect(await complete('show', 'nowhere', '')).toEqual([''])
    const script =
      'source <("$NODE" "$COMMAND" completion bash); taskchain() { "$NODE" "$COMMAND" "$@"; }; COMP_LINE="taskchain show films films:su"; COMP_POINT=${#COMP_LINE}; _taskchain_completion; printf "%s\\n" "${COMPREPLY[@]}"'
    expect((await start('bash', ['-c', script], folder, { NODE: process.execPath, COMMAND: command }).ended).out).toBe(
      'summary\n',
    )
    for (const shell of ['zsh', 'fish'])
      expect((await taskchain(folder, ['completion', shell])).out).toContain('taskchain complete --')
    expect(await taskchain(folder, ['completion', 'csh'])).toMatchObject({ code: 3 })
  })
})

describe('init', () => {
  const packages = ['taskchain', 'io-ts', 'fp-ts', 'vitest', '@types/node', 'undici-types']
  const compiled = (folder: string) =>
    start(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', '--pretty', 'false'], folder)
      .ended

  test.each([
    ['minimal', [], 6],
    ['ml', ['--template', 'ml'], 6],
    ['llm', ['--template', 'llm'], 5],
  ] as const)(
    'writes a project of %s that compiles, and whose commands run, whatever package file is there',
    async (template, options, count) => {
      const folder = emptyFolder(packages)
      folders.push(folder)
      write(folder, { 'package.json': '{ "type": "module" }' })
      const made = await taskchain(folder, ['init', ...options])
      expect(made).toMatchObject({ code: 0, err: '' })
      expect(made.out).toContain('wrote  taskchain.config.ts')
      expect(await compiled(folder)).toMatchObject({ code: 0, out: '' })

      const readme = readFileSync(join(folder, 'README.md'), 'utf8')
      expect(readme).not.toMatch(/npm run|\{\{/)
      const lines = [...readme.matchAll(/^npx (.+?)(?: +#.*)?$/gm)].map(([, line = '']) => line.split(/ +/))
      expect(lines).toHaveLength(count)
      for (const [program, ...words] of lines)
        if (program === 'taskchain') expect(await taskchain(folder, words), words.join(' ')).toMatchObject({ code: 0 })
      const tests = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.']
      expect(lines.at(-1)).toEqual(['vitest', 'run'])
      expect(await start(process.execPath, tests, folder).ended).toMatchObject({ code: 0 })
      expect(await taskchain(folder, ['check', '--strict'])).toMatchObject({ code: 0, err: '' })
      const schema = readFileSync(join(folder, 'taskchain.schema.json'), 'utf8')
      expect((await taskchain(folder, ['schema'])).out).toBe(schema)

      const again = await taskchain(folder, ['init', '--template', template])
      expect(again).toMatchObject({
        code: 3,
        out: '',
        err: expect.stringContaining('exist already; nothing was wr') as string,
      })
    },
    120_000,
  )

  test('checks types of all files, and shares results between configs', async () => {
    const folder = emptyFolder(packages)
    folders.push(folder)
    expect(await taskchain(folder, ['init'])).toMatchObject({ code: 0 })
    expect((await taskchain(folder, ['run', 'poem', 'counts', '--show'])).out).toMatch(/^the +\d+$/m)
    expect((await taskchain(folder, ['run', 'long_words'])).out).toMatch(/^1 computed, 1 loaded/m)
    write(folder, {
      'test/more.test.ts': 'export const wrong: number = true\n',
      'scripts/deep/a.ts': 'export const wrong: string = 1\n',
    })
    expect((await compiled(folder)).out.match(/^\S+\.ts/gm)).toEqual(['scripts/deep/a.ts', 'test/more.test.ts'])
  })

  test('drafts a project from old configs, all of which can be planned; names in them never become code', async () => {
    const folder = emptyFolder(packages)
    folders.push(folder)
    write(folder, {
      'package.json': '{ "type": "module" }',
      'old/movies.yaml': `tasks: film_ratings.tasks.movies.* # all\ninput_file: '{DATA_DIR}/a.json'\nmin_votes: 10\nto_year: null\n`,
      'old/models/ridge.yaml': `uses: ../movies.yaml
tasks: [film_ratings.tasks.rating_model.*, film_ratings.tasks.features.AllFeaturesTask]
excluded_tasks: film_ratings.tasks.rating_model.OldTask
model: {class: film_ratings.models.Ridge, kwargs: {l2: 0.5, base: {class: film_ratings.models.Mean}}}
x2_value: 3
`,
      'old/models/knn.yaml': `uses: ../movies.yaml as films
tasks: film_ratings.tasks.rating_model.*
model: {class: film_ratings.models.Knn, args: [7]}
"'); process.exit(9); ('": 1
`,
      'old/hostile.yaml': `tasks: "a.b'; process.exit(9); '.*"\nmodel: {class: "x'); process.exit(9); ('"}\n`,
      'old/words.yaml': `tasks: [a.class.ImportTask, a.objects.ParamTask, a.t.*, a.import.Default]
text: 'a {{name}}'
model: {class: a.Odd, kwargs: {'x-y': 1, "it's": 2, 'b: process.exit(9), c': 3, class: 4}}
`,
      'old/broken.yaml': 'a: [',
    })
    writeFileSync(join(folder, 'old/latin.yaml'), Buffer.from('tasks: žádné.é\n', 'latin1'))
    const made = await taskchain(folder, ['init', '--from', 'old'])
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining('left out: broken.yaml:1') as string })
    expect(made.err).toContain("left out: config 'latin.yaml' cannot be read: it is not text in UTF-8")
    expect(await compiled(folder)).toMatchObject({ code: 0, out: '' })
    expect(readFileSync(join(folder, 'configs/movies.yaml'), 'utf8')).toMatch(/^tasks: movies\.\* # all$/m)
    expect(readFileSync(join(folder, 'configs/words.yaml'), 'utf8')).toContain(
      "tasks: [class.import, objects.param, t.*, import.default]\ntext: 'a {{name}}'\n",
    )
    expect((await taskchain(folder, ['plan', 'words'])).out).toContain('4 to run')
    for (const file of ['hostile', 'words']) rmSync(join(folder, `configs/${file}.yaml`))
    const checked = await taskchain(folder, ['check'])
    expect(checked.out).toContain('3 configs: 3 fine')
    expect((await taskchain(folder, ['plan', 'models/ridge'])).out).toContain('3 to run')
    const run = await taskchain(folder, ['run', 'movies'])
    expect(run).toMatchObject({ code: 1 })
    expect(run.out + run.err).toContain('movies:draft is not written yet')
    expect(await taskchain(folder, ['init', 'x', '--from', 'nowhere'])).toMatchObject({ code: 3 })
    expect(await taskchain(folder, ['init', 'x', '--from', 'old', '--template', 'ml'])).toMatchObject({ code: 3 })
  })

  test('keeps the package file that is there', async () => {
    const folder = emptyFolder()
    folders.push(folder)
    write(folder, { 'deep/package.json': '{ "name": "mine" }' })
    symlinkSync(join(folder, 'node_modules'), join(folder, 'deep/node_modules'))
    const { code, out } = await taskchain(folder, ['init', 'deep'])
    expect(code).toBe(0)
    expect(out).toContain('kept   deep/package.json')
    expect(readFileSync(join(folder, 'deep/package.json'), 'utf8')).toBe('{ "name": "mine" }')
    expect(await taskchain(join(folder, 'deep'), ['run', 'poem'])).toMatchObject({ code: 0 })
  })
})
