// What is left of the history, and what is read from it over time.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { runsToPrune } from '../../src/cli/history/prune-runs.js'
import { builtOnce } from '../build-once.js'
import { emptyFolder, inProcess, projectFiles, remove, write } from './fixture.js'

beforeAll(builtOnce)

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, projectFiles)
})
afterEach(() => remove(folder))

const say = (...words: string[]) => inProcess(folder, words)
const inHistory = (...names: string[]): string => join(folder, 'data/tasks/.runs', ...names)
const ids = (): readonly string[] =>
  readdirSync(inHistory())
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -5))
    .toSorted()

/** Makes the runs that there are so many days older, as their ids say too. */
const age = (days: number): void => {
  for (const id of ids()) {
    const record = JSON.parse(readFileSync(inHistory(`${id}.json`), 'utf8')) as { started: string }
    const started = new Date(Date.parse(record.started) - days * 86_400_000).toISOString()
    const older = `${started.slice(0, 10).replaceAll('-', '')}${id.slice(8)}`
    writeFileSync(inHistory(`${id}.json`), JSON.stringify({ ...record, id: older, started }))
    renameSync(inHistory(`${id}.json`), inHistory(`${older}.json`))
  }
}

test('prune deletes what is older and not among the latest, nothing that is pinned, and plans that nobody names', async () => {
  await say('run', 'films', '--set', 'how_many=1')
  await say('run', 'films', '--set', 'how_many=2')
  age(100)
  await say('run', 'films', '--set', 'how_many=3')
  const [first = '', second = '', latest = ''] = ids()
  expect(readdirSync(inHistory('plans')).length).toBe(3)
  await say('runs', 'pin', second)

  const looked = await say('runs', 'prune', '--older', '90d')
  expect(looked.out).toBe(`${first}\n1 run of 3 would be deleted; --yes does it\n`)
  expect(ids()).toEqual([first, second, latest])
  expect((await say('runs', 'prune', '--older', '90d', '--keep', '3')).out).toContain('0 runs of 3')

  const done = await say('runs', 'prune', '--older', '90', '--yes', '--json')
  expect(JSON.parse(done.out)).toMatchObject({ dryRun: false, runs: [first], plans: [expect.any(String)], left: 2 })
  expect(ids()).toEqual([second, latest])
  expect(readdirSync(inHistory('plans')).length).toBe(2)
  expect((await say('runs', 'diff', second, latest)).code).toBe(0)

  writeFileSync(inHistory(`${latest}.json`), 'damaged')
  await say('runs', 'unpin', second)
  expect((await say('runs', 'prune', '--keep', '1', '--yes')).out).toBe(`${second}\n1 run of 2 deleted\n`)
  expect(existsSync(inHistory(`${latest}.json`))).toBe(true)
  expect(readdirSync(inHistory('plans')).length).toBe(2) // what cannot be read may name any of them

  for (const words of [[], ['--older', 'long']]) expect(await say('runs', 'prune', ...words)).toMatchObject({ code: 3 })
})

test('what goes on, or may, stays, however old it is', () => {
  const run = (id: string, isGoing: boolean) => ({ id, started: 0, pinned: false, isGoing })
  expect(runsToPrune([run('a', true), run('b', false)], { olderThan: 1, keep: 0, now: 10 })).toEqual(['b'])
  expect(
    runsToPrune([{ ...run('a', false), started: undefined }], { olderThan: 1, keep: 0, now: 10 }), // not readable
  ).toEqual([])
})

test('metrics shows a number over the runs of a config, the earliest first', async () => {
  for (const howMany of ['3', '5', '5']) await say('run', 'films', '--set', `how_many=${howMany}`)
  await say('run', 'trouble')
  const { out, code } = await say('runs', 'metrics', 'summary.films', 'configs/films.yaml', '--json')
  expect(code).toBe(0)
  const { metrics, runs } = JSON.parse(out) as {
    metrics: string[]
    runs: { set: string[]; values: Record<string, number> }[]
  }
  expect(metrics).toEqual(['films:summary.films'])
  expect(runs.map(({ set, values }) => [set[0], values['films:summary.films']])).toEqual([
    ['how_many=3', 1],
    ['how_many=5', 3],
    ['how_many=5', 3],
  ])
  const table = (await say('runs', 'metrics', 'films', '--limit', '2')).out.trimEnd().split('\n')
  expect(table[0]).toMatch(/^id .*set .*films:summary\.films$/)
  expect(table.length).toBe(2) // of the two latest runs one has it
  expect(await say('runs', 'metrics', 'filsm')).toMatchObject({
    code: 3,
    err: expect.stringContaining('there are films:summary.films') as string,
  })
})
