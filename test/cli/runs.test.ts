// The history of runs: what a run leaves, also one that is killed, what is read from it, and what gc keeps for it.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { processIdentity } from '../../src/adapters/lease/process-identity.js'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, inProcess, projectFiles, remove, start, write } from './fixture.js'

beforeAll(builtOnce)

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, { ...projectFiles, '.gitignore': 'node_modules\n' })
})
afterEach(() => remove(folder))

const say = (...words: string[]) => inProcess(folder, words)
const historyFolder = (): string => join(folder, 'data/tasks/.runs')

interface Listed {
  readonly count: number
  readonly runs: readonly (Record<string, unknown> & { readonly id: string })[]
  readonly unreadable: readonly string[]
}
const listed = async (...words: string[]): Promise<Listed> =>
  JSON.parse((await say('runs', '--json', ...words)).out) as Listed
const git = (...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], { cwd: folder, encoding: 'utf8' })

describe('a run', () => {
  test('leaves what was asked for, at which revision, and what came of it', async () => {
    git('init', '-q')
    git('add', '-A')
    git('commit', '-qm', 'first')
    await say('run', 'films', '--context', 'contexts/few.yaml')
    await say('run', 'films', '--set', 'how_many=5', '--context', 'contexts/few.yaml')
    writeFileSync(join(folder, 'configs/new.yaml'), 'tasks: films.*\n')
    await say('run', 'trouble')
    await say('sweep', 'films', '--set', 'how_many=3,4')
    const commit = git('rev-parse', 'HEAD').trim()
    const { runs } = await listed()
    expect(
      runs.map(({ command: what, config, state, exit, set, revision, counts }) => ({
        what,
        config,
        state,
        exit,
        set,
        revision,
        counts,
      })),
    ).toEqual([
      {
        what: 'sweep',
        config: 'films',
        state: 'done',
        exit: 0,
        set: ['how_many=3,4'],
        revision: { commit, clean: false },
        counts: counts({ computed: 5, cached: 4, loaded: 0 }),
      },
      {
        what: 'run',
        config: 'trouble',
        state: 'failed',
        exit: 1,
        set: [],
        revision: { commit, clean: false },
        counts: counts({ computed: 1, failed: 1, skipped: 1 }),
      },
      {
        what: 'run',
        config: 'films',
        state: 'done',
        exit: 0,
        set: ['how_many=5'],
        revision: { commit, clean: true },
        counts: counts({ computed: 5 }),
      },
      {
        what: 'run',
        config: 'films',
        state: 'done',
        exit: 0,
        set: [],
        revision: { commit, clean: true },
        counts: counts({ computed: 5 }),
      },
    ])
    expect(runs[1]?.['failures']).toEqual(['trouble:failing'])
    expect(runs[3]?.['context']).toEqual(['contexts/few.yaml'])
    expect(readdirSync(historyFolder()).filter((name) => name.endsWith('.events') || name.endsWith('.tmp'))).toEqual([])
  })

  test('removes the file of a run that was killed while it wrote its record, also where their plan is the same', async () => {
    await say('run', 'films')
    const left = `.run.${processIdentity().space}-4100000-77-abc0.tmp`
    writeFileSync(join(historyFolder(), left), '{')
    await say('force', 'films', 'index')
    expect((await say('run', 'films')).code).toBe(0)
    expect(readdirSync(historyFolder())).not.toContain(left)
  })

  test('that is killed has died, and one that goes on is running', async () => {
    const running = start(process.execPath, [command, 'run', 'slow', '--json'], folder)
    await running.says('"started"')
    expect((await listed()).runs).toMatchObject([{ state: 'running', pid: running.pid, exit: null, ended: null }])
    running.kill('SIGKILL')
    await running.ended
    expect((await listed()).runs).toMatchObject([{ state: 'died', exit: null }])
    expect((await say('runs', 'show', 'last')).out).toContain('state     died')
  })

  test('is not kept from its work by a history that cannot be written, nor led out of the store', async () => {
    mkdirSync(join(folder, 'data/tasks'), { recursive: true })
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), historyFolder())
    const { code, err } = await say('run', 'films')
    expect([code, readdirSync(join(folder, 'elsewhere'))]).toEqual([0, []])
    expect(err).toMatch(/warning: the history has no record of this run: .*\.runs is in the way/)
    expect((await say('runs')).out).toBe('nothing has run yet in this store\n')
  })

  test('leaves no secret', async () => {
    write(folder, {
      'films.js': `import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
export const told = defineTask({ params: { password: param(t.string, { secret: true }), howMany: t.number }, data: t.number }).run(() => 1)`,
    })
    await say('run', 'films', '--set', 'password=open-sesame-1234', '--set', 'how_many=3')
    const { runs } = await listed()
    expect(runs).toMatchObject([{ state: 'done', set: ['password=(hidden)', 'how_many=3'] }])
    const plans = readdirSync(join(historyFolder(), 'plans')).map((name) =>
      gunzipSync(readFileSync(join(historyFolder(), 'plans', name))).toString(),
    )
    expect(plans).toHaveLength(1)
    expect(JSON.stringify([runs, plans])).not.toContain('sesame')
  })
})

const none = { computed: 0, loaded: 0, cached: 0, adopted: 0, failed: 0, skipped: 0, unfinished: 0, stale: 0 }
const counts = (some: Partial<typeof none>): unknown => ({ ...none, loaded: expect.any(Number), ...some })

describe('runs', () => {
  test('diff says what was asked for otherwise, in which params, and metrics, though the config says more by now', async () => {
    await say('run', 'films')
    await say('run', 'films', '--set', 'how_many=5')
    writeFileSync(join(folder, 'configs/films.yaml'), 'tasks: films.*\nhow_many: 99\n')
    const { code, out } = await say('runs', 'diff', 'last~1', 'last')
    expect([code, out.split('\n').slice(1).join('\n')]).toEqual([
      0,
      `  set  (none) → how_many=5

params
  howMany  12 → 5
    configs/films.yaml:2:11 → --set, over configs/films.yaml:2:11; read by films:all

tasks
  differs  films:all  howMany
  follows  4 nodes because of it: films:filtered, films:exported, films:index, films:summary

metrics
  task           number  before  after  change
  films:summary  films       10      3      -7
`,
    ])
    const json = JSON.parse((await say('runs', 'diff', 'last~1', 'last', '--json')).out) as Record<string, unknown>
    expect(json).toMatchObject({
      schema: 1,
      params: [{ name: 'howMany', before: 12, after: 5 }],
      metrics: [{ before: 10, after: 3 }],
    })
  })

  test('pinned keep what they reached from gc, and damaged ones stop it', async () => {
    await say('run', 'films', '--set', 'how_many=5')
    await say('run', 'films', '--set', 'how_many=6')
    const [later, first] = (await listed()).runs
    const unreachable = async () =>
      (JSON.parse((await say('gc', '--json')).out) as { unreachable: unknown[] }).unreachable.length
    const without = await unreachable()
    expect((await say('runs', 'pin', first!.id)).out).toBe(`${first!.id} is pinned: gc keeps what it reached\n`)
    expect([await unreachable(), (await listed()).runs.map(({ pinned }) => pinned)]).toEqual([
      without / 2,
      [false, true],
    ])
    const plan = join(historyFolder(), 'plans', `${String(first!['plan'])}.gz`)
    chmodSync(plan, 0o600)
    writeFileSync(plan, readFileSync(join(historyFolder(), 'plans', `${String(later!['plan'])}.gz`)))
    const refused = await say('gc', '--yes')
    expect([refused.code, refused.err]).toEqual([3, expect.stringMatching(/cannot be read, so nothing is touched/)])
    await say('runs', 'unpin', first!.id)
    expect(await unreachable()).toBe(without)
  })

  test('of which there are 10,000 are listed without reading them all, and what is no record is said to be so', async () => {
    await say('run', 'films')
    const [one] = readdirSync(historyFolder()).filter((name) => name.endsWith('.json'))
    const text = readFileSync(join(historyFolder(), one!), 'utf8')
    for (let at = 0; at < 10_000; at++) {
      const id = `20200101-000000-000-${at.toString(16).padStart(4, '0')}`
      writeFileSync(
        join(historyFolder(), `${id}.json`),
        at === 9_998 ? '{"schema":2}' : text.replace(one!.slice(0, -5), id),
      )
    }
    const { count, runs, unreadable } = await listed('--limit', '4')
    expect([count, runs.length, unreadable]).toEqual([10_001, 3, ['20200101-000000-000-270e']])
    const lines = (await say('runs')).out.trimEnd().split('\n')
    expect([lines.length, lines.at(-1)]).toEqual([22, '9981 earlier; --limit 10001 shows all'])
  })

  test.each([
    [['runs', 'show', 'nope'], 'run nope: no run has this id; `taskchain runs` lists them'],
    [['runs', 'show', 'last~7'], 'run last~7: no run has this id'],
    [['runs', 'show'], 'runs show: it takes one id'],
    [['runs', 'show', '2'], 'runs match'],
    [['runs', 'shw'], 'runs shw: there are list, show, diff, metrics, prune, pin, unpin'],
    [['runs', 'show', '../../x'], 'no run has this id'],
  ])('%j is refused', async (words, problem) => {
    await say('run', 'films')
    await say('run', 'films')
    const { code, err } = await say(...words)
    expect([code, err]).toEqual([3, expect.stringContaining(problem)])
  })

  test('shows names as text: nothing in a record reaches a terminal as an order', async () => {
    await say('run', 'films')
    const { id } = (await listed()).runs[0]!
    const path = join(historyFolder(), `${id}.json`)
    const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    writeFileSync(path, JSON.stringify({ ...record, config: '\u001b[2J\u0007films\nnext', set: ['\u001b]0;x\u0007'] }))
    for (const words of [['runs'], ['runs', 'show', 'last'], ['runs', 'diff', 'last', 'last']])
      expect([...(await say(...words)).out].filter((sign) => sign < ' ' && sign !== '\n')).toEqual([])
    expect(existsSync(path)).toBe(true)
  })
})
