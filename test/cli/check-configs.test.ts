import * as t from 'io-ts'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import pc from 'picocolors'
import { fileSource } from '../../src/adapters/config-files.js'
import { checkConfigs } from '../../src/cli/check-configs.js'
import { problemsOf } from '../../src/cli/check-problems.js'
import { checkLines, checkSummary, githubLines, outcomeLines } from '../../src/cli/render-check.js'
import { defineObject, object } from '../../src/declare/object.js'
import { file } from '../../src/declare/file-param.js'
import { param } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'

const Ridge = defineObject('Ridge', { args: { l2: param(t.number, { default: 1 }) } }).create(({ l2 }) => ({ l2 }))
const all = defineTask({ params: { source: t.string }, data: t.array(t.string) }).run(({ source }) => [source])
const filtered = defineTask({ inputs: { all }, params: { minVotes: param(t.number, { default: 1 }) }, data: t.array(t.string) }).run(({ all }) => all)
const matrix = defineTask({ inputs: { filtered }, params: { columns: t.array(t.string) }, data: t.number }).run(() => 1)
const trained = defineTask({ inputs: { matrix }, params: { model: object(Ridge) }, data: t.number }).run(() => 1)
const weighted = defineTask({ params: { weights: t.record(t.string, t.number) }, data: t.number }).run(() => 1)
const project = defineProject({
  pipelines: { movies: { all, filtered }, features: { matrix }, model: { trained }, weights: { weighted } },
  objects: { Ridge },
  globals: { DATA: 'data' },
})

const folders: string[] = []
const tree = (files: Readonly<Record<string, string>>): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'taskchain-check-')))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))

const plain = pc.createColors(false)
const checked = async (root: string, contexts: readonly object[] = []) =>
  checkConfigs({ project, root, file: join(root, 'taskchain.config.ts') }, await fileSource(root).list('configs'), { contexts: contexts as never, set: {} })

describe('a tree that has rotted for years', () => {
  const root = join(import.meta.dirname, 'rotten-tree')

  test('is told in full, by file, each thing once', async () => {
    const outcomes = await checked(root)
    const files = problemsOf(outcomes)
    const text = [...outcomeLines(outcomes, plain), '', ...checkLines(files, plain), checkSummary(outcomes, files), ''].join('\n')
    await expect(text).toMatchFileSnapshot(join(root, 'expected.txt'))
  })

  test('as annotations has one line a problem, in which nothing can start another', async () => {
    const lines = githubLines(problemsOf(await checked(root)), { root, workspace: dirname(root) })
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(root, 'expected-github.txt'))
    expect(lines.every((line) => /^::(error|warning) (file=[^:,]+,(line=\d+,col=\d+,)?)?title=\w+::[^\r\n]+$/.test(line))).toBe(true)
  })
})

describe('partial configs', () => {
  const partial = async (files: Readonly<Record<string, string>>) => (await checked(tree(files))).map(({ config, outcome, usedBy, errors }) => [config.replace('configs/', ''), outcome, usedBy?.replace('configs/', ''), errors.map(({ _tag }) => _tag)])

  test('lack only what a config that uses them brings', async () => {
    expect(await partial({ 'configs/base.yaml': 'tasks: movies.all\nsource: a\n', 'configs/part.yaml': 'tasks: movies.filtered\n', 'configs/user.yaml': 'uses: [base.yaml, part.yaml]\n' })).toEqual([
      ['base.yaml', 'fine', undefined, []],
      ['part.yaml', 'partial', 'user.yaml', ['MissingInput']],
      ['user.yaml', 'fine', undefined, []],
    ])
  })

  test('are recognised in a namespace too', async () => {
    expect((await partial({ 'configs/part.yaml': 'tasks: movies.filtered\n', 'configs/user.yaml': 'configs:\n  all: { main_part: true, uses: ["part.yaml as a", "#base as a"] }\n  base: { tasks: movies.all, source: a }\n' }))[0]).toEqual(['part.yaml', 'partial', 'user.yaml', ['MissingInput']])
  })

  test('are wrong where nobody who uses them brings it: told once, at the file', async () => {
    const root = tree({ 'configs/part.yaml': 'tasks: movies.filtered\n', 'configs/user.yaml': 'uses: part.yaml\n', 'configs/base.yaml': 'tasks: movies.all\nsource: a\n' })
    const outcomes = await checked(root)
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['fine', 'wrong', 'wrong'])
    expect(problemsOf(outcomes).flatMap(({ problems }) => problems.map(({ code, hint, configs }) => [code, hint, configs]))).toEqual([['MissingInput', "'configs/base.yaml' brings it: add it to 'uses'", ['configs/part.yaml', 'configs/user.yaml']]])
  })

  test('keep the errors that no user could put right', async () => {
    expect((await partial({ 'configs/base.yaml': 'tasks: movies.all\nsource: a\n', 'configs/part.yaml': 'tasks: movies.filtered\nmin_votes: x\n', 'configs/user.yaml': 'uses: [base.yaml, part.yaml]\n' }))[1]).toEqual(['part.yaml', 'wrong', undefined, ['InvalidParam']])
  })

  test('a file of parts without a main one is checked part by part', async () => {
    expect(await partial({ 'configs/parts.yaml': 'configs:\n  a: { tasks: movies.all, source: a }\n  b: { tasks: movies.all }\n' })).toEqual([
      ['parts.yaml#a', 'fine', undefined, []],
      ['parts.yaml#b', 'wrong', undefined, ['MissingParam']],
    ])
  })
})

describe('files and secrets', () => {
  const reading = defineTask({ params: { table: file, apiKey: param(t.string, { secret: true }) }, data: t.number }).run(() => 1)
  const withFiles = defineProject({ pipelines: { reading: { reading } } })
  const check = async (files: Readonly<Record<string, string>>) => {
    const root = tree(files)
    return checkConfigs({ project: withFiles, root, file: join(root, 'taskchain.config.ts') }, await fileSource(root).list('configs'), { contexts: [], set: {} })
  }

  test('a file that is missing is told as by plan', async () => {
    const outcomes = await check({ 'films.csv': 'a', 'configs/a.yaml': 'tasks: "**"\ntable: films.csv\napi_key: { env: KEY }\n', 'configs/b.yaml': 'tasks: "**"\ntable: flims.csv\napi_key: { env: KEY }\n' })
    expect(outcomes.map(({ outcome, errors }) => [outcome, errors.map((error) => ('place' in error ? error.place : undefined))])).toEqual([
      ['fine', []],
      ['wrong', [{ origin: 'configs/b.yaml', line: 2, column: 8 }]],
    ])
  })

  test('variables of secrets need not be set, and what configs say of secrets is not repeated', async () => {
    const outcomes = await check({ 'films.csv': 'a', 'configs/a.yaml': 'tasks: "**"\ntable: films.csv\napi_key: { env: TASKCHAIN_NOT_SET }\n', 'configs/b.yaml': 'tasks: [reading.*, sk-1234]\ntable: films.csv\napi_key: sk-1234\n' })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['fine', 'wrong'])
    expect(checkLines(problemsOf(outcomes), plain).join('\n')).not.toContain('sk-1234')
  })
})

describe('contexts of a check', () => {
  const files = { 'configs/a.yaml': 'tasks: movies.*\nsource: a\n', 'configs/b.yaml': 'tasks: weights.*\nweights: { a: 1 }\n' }

  test('warn only of what no config at all reads', async () => {
    const told = problemsOf(await checked(tree(files), [{ min_votes: 2, min_vote: 3 }])).flatMap(({ problems }) => problems.map(({ code, message }) => [code, message]))
    expect(told).toEqual([['UnusedContextValue', expect.stringContaining("'min_vote'") as string]])
  })

  test('give what configs lack', async () => {
    const [only] = await checked(tree({ 'configs/a.yaml': 'tasks: movies.*\n' }), [{ source: 'a' }])
    expect(only?.outcome).toBe('fine')
  })
})
