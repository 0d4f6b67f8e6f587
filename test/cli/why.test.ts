import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import pc from 'picocolors'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { diffLines } from '../../src/cli/render/render-diff.js'
import { whyLines } from '../../src/cli/render/render-why.js'
import type { Why } from '../../src/runtime/chain/why-node.js'
import { emptyFolder, inProcess as taskchain, projectFiles, remove, taskchain as asProcess, write } from './fixture.js'

beforeAll(builtOnce, 120_000) // the projects import the built package

const folders: string[] = []
const project = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, { ...projectFiles, ...files })
  return folder
}
afterEach(() => folders.splice(0).forEach(remove))

const json = (text: string): any => JSON.parse(text) // the shapes are what the tests are about
/** Times and keys differ from run to run. */
const steady = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DATE')
    .replaceAll(/\b[0-9a-f]{32}\b/g, 'KEY')
    .replaceAll(/\d+(\.\d+)? (ms|s)\b/g, 'TIME')
const plain = pc.createColors(false)

const git = (folder: string, ...words: readonly string[]): string =>
  execFileSync(
    'git',
    ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false', ...words],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    },
  )

describe('why', () => {
  test('names the values, their places, the way, and what it was told against', async () => {
    const folder = project()
    expect(steady((await taskchain(folder, ['why', 'films', 'summary'])).out)).toBe(
      'films:summary  to run\n\nbecause\n  films:summary  was never computed, with any values\n',
    )
    await taskchain(folder, ['run', 'films'])
    expect(steady((await taskchain(folder, ['why', 'films', 'summary'])).out)).toBe(
      'films:summary  cached, took TIME on DATE\n',
    )
    expect(
      steady(
        (
          await taskchain(folder, [
            'why',
            'films',
            'summary',
            '--context',
            'contexts/few.yaml',
            '--set',
            'min_votes=300',
          ])
        ).out,
      ),
    ).toBe(
      `films:summary  to run, took TIME before

because
  films:filtered  minVotes is 300, was 200
    --set
    by way of films:index → films:summary
  films:all  howMany is 3, was 12
    contexts/few.yaml:1:11, over configs/films.yaml:2:11
    by way of films:filtered → films:index → films:summary

compared with KEY of DATE, the nearest of 1 result of films:summary
`,
    )
  })

  test('tells one value alone where a kept result differs by it only, whatever a sweep has computed since', async () => {
    const folder = project({
      'flights.js': `import * as t from 'io-ts'
import { defineTask, inMemory, param } from 'taskchain'
const seed = param(t.number, { default: 7 })
export const flights = defineTask({ params: { maxDelay: param(t.number, { default: 60 }) }, data: t.number }).run(({ maxDelay }) => maxDelay)
export const split = defineTask({ inputs: { flights }, params: { seed }, data: t.number }).run(({ flights, seed }) => flights + seed)
export const model = defineTask({ inputs: { split }, params: { seed }, data: inMemory() }).run(({ split, seed }) => split * seed)
export const metrics = defineTask({ inputs: { model, split }, data: t.number }).run(({ model, split }) => model - split)
`,
      'taskchain.config.js': `import { defineProject } from 'taskchain'\nimport * as flights from './flights.js'\nexport default defineProject({ pipelines: { flights } })\n`,
      'configs/flights.yaml': 'tasks: flights.*\n',
      'configs/seeded.yaml': 'tasks: flights.*\nseed: 7\n',
    })
    await taskchain(folder, ['run', 'flights'])
    await taskchain(folder, ['sweep', 'flights', '--range', 'seed=1..4'])
    const because = async (...words: readonly string[]): Promise<string> =>
      /because\n([^]*)\ncompared/.exec((await taskchain(folder, ['why', ...words])).out)?.[1] ?? ''
    const delay =
      '  flights:flights  maxDelay is 300, was 60\n    --set\n    by way of flights:split → flights:model → flights:metrics\n'
    expect(await because('flights', 'metrics', '--set', 'max_delay=300')).toBe(delay.replace('flights:model → ', ''))
    expect(await because('flights', 'metrics', '--set', 'seed=9')).toMatch(
      /^ {2}flights:model, flights:split {2}seed is 9, was \d\n {4}--set\n {4}by way of flights:metrics\n$/,
    )
    expect(await because('seeded', 'metrics', '--set', 'max_delay=300')).toContain('maxDelay is 300, was 60')
    expect(await because('seeded', 'metrics', '--set', 'max_delay=300')).not.toContain('seed')
  })

  test('as JSON has its causes by kind', async () => {
    const folder = project()
    await taskchain(folder, ['run', 'films'])
    const { code, out } = await asProcess(folder, ['why', 'films', 'filtered', '--set', 'how_many=13', '--json'])
    const key = expect.stringMatching(/^[0-9a-f]{32}$/) as string
    const [seconds, ended] = [expect.any(Number) as number, expect.any(String) as string]
    expect({ code, ...json(out) }).toEqual({
      code: 0,
      schema: 1,
      adopted: null,
      node: 'films:filtered',
      task: 'films:filtered',
      key,
      state: 'to_run',
      seconds,
      ended,
      trouble: null,
      nearest: {
        key,
        ended,
        seconds,
        differences: [
          {
            kind: 'Input',
            role: 'all',
            reads: 'films:all',
            before: { task: 'films:all', key },
            after: { task: 'films:all', key },
          },
        ],
      },
      candidates: 1,
      causes: [
        {
          node: 'films:all',
          kind: 'Param',
          name: 'howMany',
          before: 12,
          after: 13,
          origin: {
            place: { origin: 'configs/films.yaml', line: 2, column: 11 },
            overrides: { origin: '--set', line: 0, column: 0 },
          },
          via: ['films:filtered', 'films:all'],
          against: key,
        },
      ],
      drifted: [],
      stale: null,
      refresh: null,
    })
  })

  test('of an unknown task is wrong usage', async () => {
    expect((await taskchain(project(), ['why', 'films', 'filterd'])).code).toBe(3)
  })

  test('has words for everything', () => {
    const base: Why = {
      node: 'p:a',
      task: 'p:a',
      key: 'k',
      state: 'to_run',
      seconds: undefined,
      ended: undefined,
      trouble: undefined,
      nearest: undefined,
      candidates: 0,
      causes: [],
      drifted: [],
      stale: undefined,
      adopted: undefined,
      former: undefined,
      refresh: undefined,
    }
    const cause = (reason: Why['causes'][number]['reason']): Why => ({
      ...base,
      causes: [{ node: 'p:a', reason, via: ['p:a'], against: undefined }],
    })
    const input = { _tag: 'Input', role: 'rows', recordKey: undefined, node: 'ns::p:b' } as const
    const said = [
      cause({
        _tag: 'Param',
        name: 'model',
        before: { class: 'Ridge', kwargs: { l2: 1 } },
        after: { class: 'Ridge', kwargs: { l2: 2 } },
        origin: undefined,
        originBefore: undefined,
      }),
      cause({
        _tag: 'Param',
        name: 'new',
        before: undefined,
        after: 'evil\u001b[2J',
        origin: undefined,
        originBefore: undefined,
      }),
      cause({ _tag: 'Param', name: 'old', before: 12n, after: undefined, origin: undefined, originBefore: undefined }),
      cause({ ...input, before: { task: 'p:c', key: '1' }, after: { task: 'p:b', key: '2' } }),
      cause({ ...input, recordKey: 'x', before: undefined, after: { task: 'p:b', key: '2' } }),
      cause({ ...input, before: { task: 'p:c', key: '1' }, after: undefined }),
      cause({ _tag: 'Version', before: undefined, after: 2 }),
      cause({ _tag: 'Scheme', before: 1, after: 2 }),
      cause({ _tag: 'Forgotten', before: 'abc' }),
    ].flatMap((why) => whyLines(why, plain).filter((line) => line.startsWith('  p:a')))
    expect(said).toEqual([
      '  p:a  model.kwargs.l2 is 2, was 1',
      '  p:a  new is "evil\\u001b[2J", was not in the key',
      '  p:a  old is not in the key any more, was 12n',
      '  p:a  input rows reads ns::p:b, read p:c before',
      '  p:a  input rows x is new, reads ns::p:b',
      '  p:a  input rows is gone, read p:c before',
      '  p:a  version is 2, was none',
      '  p:a  keys are made in another way now (scheme 2, was 1)',
      '  p:a  read was another result, abc; what that was made from is not known any more',
    ])
    expect(
      whyLines({ ...base, trouble: { reason: 'damaged', detail: 'its checksum is 1, not 2' } }, plain).slice(1),
    ).toEqual(['', 'because', '  its data is damaged: its checksum is 1, not 2'])
  })
})

describe('diff', () => {
  test('of two configs tells params, where it begins, what follows, what is to be computed', async () => {
    const folder = project({ 'configs/more.yaml': 'tasks: films.*\nhow_many: 14\n' })
    await taskchain(folder, ['run', 'films'])
    expect(steady((await taskchain(folder, ['diff', 'films', 'more'])).out)).toBe(`films → more

params
  howMany  12 → 14
    configs/films.yaml:2:11 → configs/more.yaml:2:11; read by films:all

tasks
  differs  films:all  howMany
  follows  4 nodes because of it: films:filtered, films:exported, films:index, films:summary

4 nodes of more to run, about TIME: films:all, films:filtered, films:exported, films:summary
`)
    expect(steady((await taskchain(folder, ['diff', 'films', 'films'])).out)).toBe(
      'films → films\n\nno difference: 5 nodes with equal results\n\neverything of films is computed\n',
    )
  })

  test('puts numbers side by side where both have them', async () => {
    const folder = project({ 'configs/more.yaml': 'tasks: films.*\nhow_many: 14\n' })
    await taskchain(folder, ['run', 'films'])
    await taskchain(folder, ['run', 'more'])
    const { out } = await taskchain(folder, ['diff', 'films', 'more'])
    expect(out).toContain(
      'metrics\n  task           number  before  after  change\n  films:summary  films       10     12      +2\n\neverything of more is computed\n',
    )
    const { before, after, params, tasks, toCompute, metrics } = json(
      (await taskchain(folder, ['diff', 'films', 'more', '--json'])).out,
    )
    expect({ before, after, toCompute, metrics }).toEqual({
      before: { config: 'films', revision: null, commit: null, nodes: 5 },
      after: { config: 'more', revision: null, commit: null, nodes: 5 },
      toCompute: { nodes: [], distinct: 0, seconds: 0, timed: 0 },
      metrics: [{ node: 'films:summary', name: 'films', before: 10, after: 12 }],
    })
    expect(params).toEqual([
      expect.objectContaining({ name: 'howMany', before: 12, after: 14, inKey: true, nodes: ['films:all'] }),
    ])
    expect(tasks).toEqual({
      roots: [{ node: 'films:all', params: ['howMany'], inputs: [] }],
      consequences: ['films:filtered', 'films:exported', 'films:index', 'films:summary'],
      added: [],
      removed: [],
      same: 0,
    })
  })

  test('of a config and itself at a revision of git', async () => {
    const folder = project({ '.gitignore': 'node_modules\ndata\n' })
    git(folder, 'init', '-q', '-b', 'main')
    git(folder, 'add', '.')
    git(folder, 'commit', '-qm', 'first')
    git(folder, 'tag', 'v1')
    write(folder, { 'configs/films.yaml': '# a comment\ntasks: films.*\nhow_many: 15\nmin_votes: 300\n' })
    const { code, out } = await asProcess(folder, ['diff', 'films@HEAD'])
    expect(code).toBe(0)
    expect(steady(out)).toContain(`films@HEAD → films

params
  howMany  12 → 15
    configs/films.yaml:2:11 → configs/films.yaml:3:11; read by films:all
  minVotes  200 → 300
    the default of the param → configs/films.yaml:4:12; read by films:filtered

tasks
  differs  films:all  howMany
  differs  films:filtered  minVotes
  follows  3 nodes because of these: films:exported, films:index, films:summary
`)
    git(folder, 'commit', '-qam', 'second')
    const told = json((await taskchain(folder, ['diff', 'configs/films.yaml@v1', 'films.yaml@main', '--json'])).out)
    expect([told.before, told.after]).toEqual([
      { config: 'configs/films.yaml', revision: 'v1', commit: git(folder, 'rev-parse', 'v1').trim(), nodes: 5 },
      { config: 'films.yaml', revision: 'main', commit: git(folder, 'rev-parse', 'main').trim(), nodes: 5 },
    ])
    rmSync(join(folder, 'configs/films.yaml'))
    write(folder, { 'configs/moved.yaml': 'tasks: films.*\nhow_many: 15\nmin_votes: 300\n' })
    expect((await taskchain(folder, ['diff', 'films@main', 'moved'])).out).toContain('no difference: 5 nodes')
    expect((await taskchain(folder, ['diff', 'films@v1'])).err).toContain("config 'configs/films' not found")
  })

  test('wrong usage is told', async () => {
    const folder = project()
    expect(await taskchain(folder, ['diff', 'films'])).toMatchObject({
      code: 3,
      err: 'error: diff films: name a second config, or a revision to compare it with: CONFIG@HEAD\n',
    })
    expect(await taskchain(folder, ['diff', 'films@HEAD'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('there is no git repository at') as string,
    })
    git(folder, 'init', '-q', '-b', 'main')
    git(folder, 'add', 'configs')
    git(folder, 'commit', '-qm', 'first')
    expect(await taskchain(folder, ['diff', 'films@mian'])).toMatchObject({
      code: 3,
      err: "error: git knows no revision 'mian'\n  did you mean 'main'?\n",
    })
    expect(await taskchain(folder, ['diff', 'film@main'])).toMatchObject({
      code: 3,
      err: expect.stringContaining("did you mean 'configs/films.yaml'?") as string,
    })
    expect(await asProcess(folder, ['diff', 'films@main'], { PATH: '/nowhere' })).toMatchObject({
      code: 3,
      err: expect.stringContaining('git is not installed') as string,
    })
  })

  test('an old config that the project no longer takes says which it is', async () => {
    const folder = project({ 'configs/films.yaml': 'tasks: films.gone\nhow_many: 12\n' })
    git(folder, 'init', '-q', '-b', 'main')
    git(folder, 'add', 'configs')
    git(folder, 'commit', '-qm', 'first')
    write(folder, { 'configs/films.yaml': 'tasks: films.*\nhow_many: 12\n' })
    const { code, err } = await taskchain(folder, ['diff', 'films@main'])
    expect(code).toBe(2)
    expect(err).toContain(
      "films as it was at main does not fit the project as it is now:\nerror: configs/films.yaml:1:8: no task matches 'films.gone'",
    )
  })

  test('a long list is shortened', () => {
    const ids = Array.from({ length: 100 }, (_, index) => `p:t${index}`)
    const lines = diffLines(
      {
        before: 'a',
        after: 'b',
        diff: {
          params: [],
          roots: ids.map((node) => ({
            node,
            params: ['x'],
            inputs: [],
            version: undefined,
            format: { before: 'json', after: 'text' },
          })),
          consequences: ids,
          added: ids,
          removed: ['p:z'],
          same: 0,
        },
        toCompute: { nodes: ids, distinct: 100, seconds: 3, timed: 2 },
        metrics: [],
      },
      plain,
      80,
    )
    expect(lines.length).toBeLessThan(45)
    expect(lines.at(-1)).toBe(
      '100 nodes of b to run, about 3.0 s for 2 of them: p:t0, p:t1, p:t2, p:t3, p:t4 and 95 more',
    )
  })
})

describe('results of older code', () => {
  /** The films with another filter. */
  const changed = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
    'films.js': (files['films.js'] ?? '').replace('film.votes >= minVotes', 'film.votes > minVotes'),
  })

  test('are told by run and plan, and accepted by bless', async () => {
    const folder = project()
    await asProcess(folder, ['run', 'films'])
    write(folder, changed(projectFiles))
    const ran = await asProcess(folder, ['run', 'films'])
    expect({ code: ran.code, err: ran.err }).toEqual({
      code: 0,
      err: "older code  1 result computed by older code: films:filtered\n  'taskchain bless' accepts them, 'taskchain force' marks them to be recomputed\n",
    })
    const events = (await asProcess(folder, ['run', 'films', '--json'])).out.trim().split('\n').map(json)
    expect(events.filter(({ event }) => event === 'drifted')).toEqual([
      expect.objectContaining({ node: 'films:filtered', action: 'kept', above: false }),
    ])
    expect(events.at(-1)).toMatchObject({ event: 'ended', drifted: ['films:filtered'] })
    expect(steady((await asProcess(folder, ['plan', 'films'])).out)).toMatch(
      /cached, older code  films:filtered .*1 of older code/s,
    )
    const { nodes } = json((await asProcess(folder, ['plan', 'films', '--json'])).out)
    expect(nodes.filter((node: any) => node.code === 'older').map((node: any) => node.id)).toEqual(['films:filtered'])
    expect(steady((await asProcess(folder, ['why', 'films', 'filtered'])).out)).toBe(
      "films:filtered  cached, took TIME on DATE\n  its code has changed since DATE; it is still used: 'force' computes it again, 'bless' accepts it\n",
    )

    expect(steady((await asProcess(folder, ['bless', 'films', '--dry-run'])).out)).toBe(
      '  films:filtered  computed DATE\n1 result would be accepted for the code as it is now; nothing was changed\n',
    )
    expect(json((await asProcess(folder, ['bless', 'films', 'filtered', '--json'])).out)).toMatchObject({
      schema: 1,
      dryRun: false,
      accepted: [{ node: 'films:filtered' }],
    })
    expect((await asProcess(folder, ['bless', 'films'])).out).toBe(
      'no stored result of this config was computed by older code\n',
    )
    expect((await asProcess(folder, ['run', 'films'])).err).toBe('')
  })

  test('are computed again where the task says so', async () => {
    const recomputing = {
      'films.js': (projectFiles['films.js'] ?? '').replace(
        'data: t.array(Film) })\n  .run',
        "data: t.array(Film), onCodeChange: 'recompute' })\n  .run",
      ),
    }
    const folder = project(recomputing)
    await asProcess(folder, ['run', 'films'])
    write(folder, changed(recomputing))
    expect((await asProcess(folder, ['plan', 'films'])).out).toMatch(/5 nodes: 1 cached, 3 to run, 1 in memory/)
    const { out } = await asProcess(folder, ['run', 'films'])
    expect(out).toContain('drifted films:filtered: computed by older code, computing it again\n')
    expect(out).toMatch(/4 computed, 1 loaded, 0 cached, 0 failed/)
    expect(json((await asProcess(folder, ['show', 'films', 'summary', '--json'])).out)).toMatchObject({
      value: { films: 9 },
    })
  })
})
