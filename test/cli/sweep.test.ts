import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, inProcess, remove, taskchain, write } from './fixture.js'

beforeAll(builtOnce, 120_000) // the projects import the built package

/**
 * Tasks that write down in a file that they ran: `ran.txt` counts over processes. One fails while `broken.txt` is
 * there.
 */
const files: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as films from './films.js'
export default defineProject({ pipelines: { films } })
`,
  'films.js': `import { appendFileSync, existsSync } from 'node:fs'
import * as t from 'io-ts'
import { defineTask, inMemory, param } from 'taskchain'
const file = (name) => new URL(name, import.meta.url)
const ran = (name) => appendFileSync(file('ran.txt'), name + '\\n')
export const all = defineTask({ params: { howMany: t.number }, data: t.array(t.number) }).run(({ howMany }) => {
  ran('all')
  return Array.from({ length: howMany }, (_, index) => index)
})
export const filtered = defineTask({ inputs: { all }, params: { minVotes: param(t.number, { default: 2 }) }, data: t.array(t.number) }).run(({ all, minVotes }) => {
  ran('filtered ' + minVotes)
  if (minVotes === 13 && existsSync(file('broken.txt'))) throw new Error('no luck')
  return all.filter((votes) => votes >= minVotes)
})
export const scaled = defineTask({ inputs: { filtered }, params: { model: t.type({ l2: t.number }) }, data: inMemory() }).run(({ filtered, model }) => filtered.map((votes) => votes * model.l2))
export const metrics = defineTask({ inputs: { scaled }, params: { label: param(t.string, { default: '' }) }, data: t.type({ count: t.number, sum: t.number, label: t.string }) }).run(({ scaled, label }) => {
  ran('metrics')
  return { count: scaled.length, sum: scaled.reduce((sum, one) => sum + one, 0), label }
})
`,
  'configs/films.yaml': 'tasks: films.*\nhow_many: 20\nmodel: { l2: 1 }\n',
}

const folders: string[] = []
const project = (more: Readonly<Record<string, string>> = {}): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, { ...files, ...more })
  return folder
}
afterEach(() => folders.splice(0).forEach(remove))
const ranIn = (folder: string): readonly string[] =>
  existsSync(join(folder, 'ran.txt'))
    ? readFileSync(join(folder, 'ran.txt'), 'utf8').trimEnd().split('\n').toSorted()
    : []
const lastLines = (text: string, count: number): readonly string[] => text.trimEnd().split('\n').slice(-count)
const json = (text: string): any => JSON.parse(text) // the shapes are what the tests are about

const votesAndL2 = ['--set', 'min_votes=1,5,13', '--set', 'model.l2=0.1,10']

describe('a sweep as a process', () => {
  test('previews, runs what is shared once, goes on beside a failure, and resumes', async () => {
    const folder = project({ 'broken.txt': '' })
    const preview = await taskchain(folder, ['sweep', 'films', ...votesAndL2, '--metrics', 'metrics', '--dry-run'])
    expect(preview).toMatchObject({ code: 0, err: '' })
    expect(preview.out.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
      'task with',
      'films:all',
      'films:filtered min_votes=1',
      'films:metrics min_votes=1 model.l2=0.1',
      'films:metrics min_votes=1 model.l2=10',
      'films:filtered min_votes=5',
      'films:metrics min_votes=5 model.l2=0.1',
      'films:metrics min_votes=5 model.l2=10',
      'films:filtered min_votes=13',
      'films:metrics min_votes=13 model.l2=0.1',
      'films:metrics min_votes=13 model.l2=10',
      '24 nodes in 6 chains → 16 distinct, 0 cached, 10 to run, 6 in memory',
      '',
    ])
    expect(ranIn(folder)).toEqual([])

    const first = await taskchain(folder, ['sweep', 'films', ...votesAndL2, '--metrics', 'metrics'])
    expect(first.code).toBe(1)
    expect(first.out.split('\n')[0]).toBe('24 nodes in 6 chains → 16 distinct, 0 cached, 10 to run, 6 in memory')
    expect(first.out).toContain('computed films:filtered [min_votes=5] in')
    expect(lastLines(first.out, 9).slice(0, 7)).toEqual([
      'min_votes  model.l2  count   sum  outcome',
      '        1       0.1     19    19',
      '        1        10     19  1900',
      '        5       0.1     15    18',
      '        5        10     15  1800',
      '       13       0.1               failed: TaskFailed in films:filtered',
      '       13        10               failed: TaskFailed in films:filtered',
    ])
    expect(first.err).toMatch(
      /^failed {2}task 'films:filtered' failed: no luck\n[^]*\n {2}with min_votes=13, in 2 combinations\n$/,
    )
    expect(ranIn(folder)).toEqual([
      'all',
      'filtered 1',
      'filtered 13',
      'filtered 5',
      'metrics',
      'metrics',
      'metrics',
      'metrics',
    ])

    rmSync(join(folder, 'broken.txt'))
    rmSync(join(folder, 'ran.txt'))
    const second = await taskchain(folder, [
      'sweep',
      'films',
      ...votesAndL2,
      '--metrics',
      'metrics',
      '--csv',
      '--sort',
      '-sum',
    ])
    expect(second).toMatchObject({
      code: 0,
      out: 'min_votes,model.l2,count,sum,label,outcome,error\n1,10,19,1900,,done,\n5,10,15,1800,,done,\n13,10,7,1120,,done,\n1,0.1,19,19,,done,\n5,0.1,15,18,,done,\n13,0.1,7,11.200000000000001,,done,\n',
    })
    expect(second.err.split('\n')[0]).toMatch(
      /^24 nodes in 6 chains → 16 distinct, 7 cached, 3 to run, 6 in memory, about /,
    )
    expect(ranIn(folder)).toEqual(['filtered 13', 'metrics', 'metrics'])
  })
})

describe('the options of a sweep', () => {
  test('a file, whose values the command line replaces', async () => {
    const folder = project({
      'sweep.yaml':
        'set:\n  min_votes: [1, 5]\n  label: [\'a,b\', say "no"]\nrange: { how_many: 10..30:10 }\nzip: [[min_votes, label]]\nmetrics: metrics\n',
    })
    const { code, out, err } = await inProcess(folder, [
      'sweep',
      'films',
      '--sweep',
      'sweep.yaml',
      '--set',
      'how_many=10,20',
      '--csv',
      '--only-metrics',
    ])
    expect({ code, out }).toEqual({
      code: 0,
      out: 'min_votes,label,how_many,metrics.count,metrics.sum,metrics.label,outcome,error\n1,"a,b",10,9,45,"a,b",done,\n1,"a,b",20,19,190,"a,b",done,\n5,"say ""no""",10,5,35,"say ""no""",done,\n5,"say ""no""",20,15,180,"say ""no""",done,\n',
    })
    expect(err).toContain('16 nodes in 4 chains')
  })

  test('JSON is one document; progress stays beside it', async () => {
    const folder = project()
    const preview = json(
      (await inProcess(folder, ['sweep', 'films', '--range', 'min_votes=1..3', '--json', '--dry-run'])).out,
    )
    expect(preview).toEqual({
      schema: 1,
      preview: {
        chains: 3,
        nodes: 12,
        distinct: 10,
        cached: 0,
        toRun: 7,
        inMemory: 3,
        unfinished: 0,
        waiting: 0,
        notNeeded: 0,
        seconds: null,
      },
      combinations: [{ min_votes: 1 }, { min_votes: 2 }, { min_votes: 3 }],
      dryRun: true,
    })
    const { code, out } = await inProcess(folder, [
      'sweep',
      'films',
      '--range',
      'min_votes=1..3:2',
      '--json',
      '--metrics',
      'metrics',
    ])
    expect(code).toBe(0)
    const told = json(out)
    expect(told.columns).toEqual({ params: ['min_votes'], metrics: ['count', 'sum', 'label'] })
    expect(told.rows).toEqual([
      { params: { min_votes: 1 }, metrics: { count: 19, sum: 190, label: '' }, outcome: 'done' },
      { params: { min_votes: 3 }, metrics: { count: 17, sum: 187, label: '' }, outcome: 'done' },
    ])
    expect(told.report).toMatchObject({ computed: 7, failed: 0 })
  })

  test('without metrics the table tells what came of each combination', async () => {
    const { out } = await inProcess(project(), ['sweep', 'films', 'filtered', '--set', 'min_votes=1,2'])
    expect(out.split('\n')[0]).toBe('4 nodes in 2 chains → 3 distinct, 0 cached, 3 to run')
    expect(lastLines(out, 5).slice(0, 3)).toEqual(['min_votes  outcome', '        1  done', '        2  done'])
  })

  test('wrong usage names the option, and nothing runs', async () => {
    const folder = project({ 'sweep.yaml': 'sets: {}\nzip: all\nrange: { a: 1..0:1 }\n' })
    const told = async (...words: readonly string[]) => {
      const { code, err } = await inProcess(folder, ['sweep', 'films', ...words])
      return [code, err.split('\n')[0]]
    }
    expect(await told()).toEqual([
      3,
      'error: sweep: nothing to sweep over: use --set name=a,b or --range name=1..10 or --sweep FILE',
    ])
    expect(await told('--set', 'min_vote=1,2')).toEqual([
      3,
      "error: sweep over 'min_vote': no task of this chain reads it; did you mean 'min_votes'?",
    ])
    expect(await told('--set', 'min_votes')).toEqual([
      3,
      'error: --set min_votes: say name=value,value, as in --set min_votes=100,500',
    ])
    expect(await told('--range', 'min_votes=1-5')).toEqual([
      3,
      'error: --range min_votes=1-5: use from..to, from..to:step or from..to:*factor, as in 1..10:3',
    ])
    expect(await told('--set', 'min_votes=1,2', '--set', 'how_many=1,2,3', '--zip')).toEqual([
      3,
      "error: zip: 'min_votes' has 2 values, 'how_many' has 3 values: they need the same number",
    ])
    expect(await told('--sweep', 'nowhere.yaml')).toEqual([3, 'error: --sweep nowhere.yaml: there is no such file'])
    expect(await told('--set', 'min_votes=1,2', '--csv', '--json')).toEqual([
      3,
      'error: --csv: cannot be combined with --json',
    ])
    expect(await told('--range', 'min_votes=1..1001')).toEqual([
      3,
      expect.stringContaining('1001 combinations; add --yes') as string,
    ])
    expect(await told('--set', 'min_votes=many,2')).toEqual([
      2,
      expect.stringContaining('expected number, got "many"') as string,
    ])
    const wrongFile = await inProcess(folder, ['sweep', 'films', '--sweep', 'sweep.yaml'])
    expect(wrongFile.code).toBe(2)
    for (const place of ['sweep.yaml:1:7', 'sweep.yaml:2:6', 'sweep.yaml:3:13']) expect(wrongFile.err).toContain(place)
    expect(ranIn(folder)).toEqual([])
  })

  test('a name whose values change no result is told', async () => {
    const folder = project({
      'films.js': `import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
export const all = defineTask({ params: { threads: param(t.number, { default: 1, ignorePersistence: true }), size: t.number }, data: t.number }).run(({ size }) => size)
`,
      'configs/films.yaml': 'tasks: films.*\nsize: 1\n',
    })
    const { code, out, err } = await inProcess(folder, [
      'sweep',
      'films',
      '--set',
      'threads=1,2',
      '--set',
      'size=1,2',
      '--metrics',
      'all',
    ])
    expect({ code, err }).toEqual({ code: 0, err: "warning: 'threads' changes no key: its values make equal rows\n" })
    expect(out.split('\n')[0]).toBe('4 nodes in 4 chains → 2 distinct, 0 cached, 2 to run')
  })

  test('an unknown column to sort by is told, and the table comes all the same', async () => {
    const { code, err, out } = await inProcess(project(), [
      'sweep',
      'films',
      'filtered',
      '--set',
      'min_votes=1,2',
      '--sort',
      'rmse',
    ])
    expect(code).toBe(0)
    expect(err).toContain('warning: --sort rmse: no such column; there are min_votes')
    expect(out).toContain('min_votes  outcome')
  })
})
