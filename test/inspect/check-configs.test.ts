import * as t from 'io-ts'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import pc from 'picocolors'
import { fileSource } from '../../src/adapters/project/config-files.js'
import { checkConfigs } from '../../src/inspect/check-configs.js'
import { problemsOf } from '../../src/inspect/check-problems.js'
import { causeLines, checkSummary, githubLines, outcomeLines, placeLines } from '../../src/cli/render/render-check.js'
import { defineObject, object } from '../../src/declare/object.js'
import { file } from '../../src/declare/file-param.js'
import { param } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'

const Ridge = defineObject('Ridge', { args: { l2: param(t.number, { default: 1 }) } }).create(({ l2 }) => ({ l2 }))
const all = defineTask({ params: { source: t.string }, data: t.array(t.string) }).run(({ source }) => [source])
const filtered = defineTask({
  inputs: { all },
  params: { minVotes: param(t.number, { default: 1 }) },
  data: t.array(t.string),
}).run(({ all }) => all)
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
const checked = async (root: string, contexts: readonly object[] = [], set: Readonly<Record<string, unknown>> = {}) =>
  checkConfigs({ project, root, file: join(root, 'taskchain.config.ts') }, await fileSource(root).list('configs'), {
    contexts: contexts as never,
    set,
  })

describe('a tree that has rotted for years', () => {
  const root = join(import.meta.dirname, '../cli/rotten-tree')

  test('is told in full, by file and then by cause', async () => {
    const outcomes = await checked(root)
    const problems = problemsOf(outcomes)
    const text = [
      ...outcomeLines(outcomes, plain),
      '',
      ...placeLines(problems, plain),
      ...causeLines(problems, plain),
      '',
      checkSummary(outcomes, problems),
      '',
    ].join('\n')
    await expect(text).toMatchFileSnapshot(join(root, 'expected.txt'))
  })

  test('as annotations has one line a cause and file, in which nothing can start another', async () => {
    const lines = githubLines(problemsOf(await checked(root)), { root, workspace: dirname(root) })
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(root, 'expected-github.txt'))
    expect(
      lines.every((line) => /^::(error|warning) (file=[^:,]+,(line=\d+,col=\d+,)?)?title=\w+::[^\r\n]+$/.test(line)),
    ).toBe(true)
  })
})

describe('a large tree with few causes', () => {
  const wide = defineTask({ params: { source: t.string }, data: t.number }).run(() => 1)
  const wider = defineTask({
    inputs: { wide },
    params: { source: t.string, minVotes: param(t.number, { default: 1 }) },
    data: t.number,
  }).run(() => 1)
  const widest = defineTask({ params: { source: t.string, table: file, model: object(Ridge) }, data: t.number }).run(
    () => 1,
  )
  const large = defineProject({
    pipelines: { movies: { all, filtered }, features: { matrix }, wide: { wide, wider, widest } },
    objects: { Ridge },
    globals: { DATA: 'data' },
  })
  const model = (text: string): string => `tasks: wide.widest\nsource: a\ntable: films.csv\nmodel: ${text}\n`
  const causes: readonly (readonly [count: number, (index: number) => string])[] = [
    [60, () => 'tasks: wide.*\ntable: films.csv\nmodel: { class: Ridge }\n'], // read by three tasks
    [45, () => model('{ class: Lasso }')],
    [40, () => model('{ class: Ridge, kwargs: { normalise: true } }')],
    [30, (index) => `tasks: movies.*\nsource: a\nmin_votes: x${index}\n`],
    [25, (index) => `${'# moved\n'.repeat(index)}tasks: [moveis.*, movies.all]\nsource: a\n`],
    [20, () => 'uses: ../shared/base.yaml\n'],
    [12, () => 'tasks: features.matrix\ncolumns: []\n'],
    [1, () => 'tasks: wide.widest\nsource: a\ntable: flims.csv\nmodel: { class: Ridge }\n'],
    [1, () => 'tasks: [\n'],
    [1, () => 'tasks: movies.all\nsource: a\nsource: b\n'],
    [1, () => 'tasks: movies.all\nsource: a\nx-note: 12345678901234567890\n'],
    [1, (index) => `uses: 11_${index}.yaml\ntasks: movies.all\nsource: a\n`],
    [1, () => '- a list\n'],
  ]
  const files = (): Readonly<Record<string, string>> => {
    const made: Record<string, string> = { 'films.csv': 'a' }
    causes.forEach(([count, text], cause) => {
      for (let index = 0; index < count; index++) made[`configs/team_${index % 7}/${cause}_${index}.yaml`] = text(index)
    })
    for (let index = Object.keys(made).length - 1; index < 254; index++)
      made[`configs/good_${index}.yaml`] = 'tasks: movies.all\nsource: a\n'
    return made
  }

  test('is told in about twenty lines: each cause once, those of most configs first', async () => {
    const root = tree(files())
    const outcomes = await checkConfigs(
      { project: large, root, file: join(root, 'taskchain.config.ts') },
      await fileSource(root).list('configs'),
      { contexts: [], set: {} },
    )
    const problems = problemsOf(outcomes)
    const lines = [...causeLines(problems, plain), '', checkSummary(outcomes, problems)]
    expect(problems).toHaveLength(13)
    expect(lines.length).toBeLessThanOrEqual(21)
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, '../cli/rotten-tree', 'expected-large.txt'),
    )
    expect(problems.slice(0, 3)).toMatchObject([
      { code: 'MissingParam', param: 'source', tasks: ['wide:wide', 'wide:wider', 'wide:widest'] },
      { code: 'UnknownClass', param: 'model', task: 'wide:widest', class: 'Lasso' },
      { code: 'WrongClassArguments', param: 'model', task: 'wide:widest', class: 'Ridge', argument: 'normalise' },
    ])
    const annotations = githubLines(problems, { root, workspace: root })
    expect(annotations).toHaveLength(238) // 238 files with one cause each, whoever reads the param
  })
})

describe('partial configs', () => {
  const partial = async (files: Readonly<Record<string, string>>) =>
    (await checked(tree(files))).map(({ config, outcome, usedBy, errors }) => [
      config.replace('configs/', ''),
      outcome,
      usedBy?.replace('configs/', ''),
      errors.map(({ _tag }) => _tag),
    ])

  test('lack only what a config that uses them brings', async () => {
    expect(
      await partial({
        'configs/base.yaml': 'tasks: movies.all\nsource: a\n',
        'configs/part.yaml': 'tasks: movies.filtered\n',
        'configs/user.yaml': 'uses: [base.yaml, part.yaml]\n',
      }),
    ).toEqual([
      ['base.yaml', 'fine', undefined, []],
      ['part.yaml', 'partial', 'user.yaml', ['MissingInput']],
      ['user.yaml', 'fine', undefined, []],
    ])
  })

  test('are recognised in a namespace too', async () => {
    expect(
      (
        await partial({
          'configs/part.yaml': 'tasks: movies.filtered\n',
          'configs/user.yaml':
            'configs:\n  all: { main_part: true, uses: ["part.yaml as a", "#base as a"] }\n  base: { tasks: movies.all, source: a }\n',
        })
      )[0],
    ).toEqual(['part.yaml', 'partial', 'user.yaml', ['MissingInput']])
  })

  test('are wrong where nobody who uses them brings it: told once, at the file', async () => {
    const root = tree({
      'configs/part.yaml': 'tasks: movies.filtered\n',
      'configs/user.yaml': 'uses: part.yaml\n',
      'configs/base.yaml': 'tasks: movies.all\nsource: a\n',
    })
    const outcomes = await checked(root)
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['fine', 'wrong', 'wrong'])
    expect(problemsOf(outcomes).map(({ code, hint, configs }) => [code, hint, configs])).toEqual([
      ['MissingInput', "'configs/base.yaml' has it: add it to 'uses'", ['configs/part.yaml', 'configs/user.yaml']],
    ])
  })

  test('keep the errors that no user could put right', async () => {
    expect(
      (
        await partial({
          'configs/base.yaml': 'tasks: movies.all\nsource: a\n',
          'configs/part.yaml': 'tasks: movies.filtered\nmin_votes: x\n',
          'configs/user.yaml': 'uses: [base.yaml, part.yaml]\n',
        })
      )[1],
    ).toEqual(['part.yaml', 'wrong', undefined, ['InvalidParam']])
  })

  test('a file of parts without a main one is checked part by part', async () => {
    expect(
      await partial({
        'configs/parts.yaml': 'configs:\n  a: { tasks: movies.all, source: a }\n  b: { tasks: movies.all }\n',
      }),
    ).toEqual([
      ['parts.yaml#a', 'fine', undefined, []],
      ['parts.yaml#b', 'wrong', undefined, ['MissingParam']],
    ])
  })
})

describe('files and secrets', () => {
  const reading = defineTask({
    params: { table: file, apiKey: param(t.string, { secret: true }) },
    data: t.number,
  }).run(() => 1)
  const withFiles = defineProject({ pipelines: { reading: { reading } } })
  const check = async (files: Readonly<Record<string, string>>) => {
    const root = tree(files)
    return checkConfigs(
      { project: withFiles, root, file: join(root, 'taskchain.config.ts') },
      await fileSource(root).list('configs'),
      { contexts: [], set: {} },
    )
  }

  test('a file that is missing is told as by plan', async () => {
    const outcomes = await check({
      'films.csv': 'a',
      'configs/a.yaml': 'tasks: "**"\ntable: films.csv\napi_key: { env: KEY }\n',
      'configs/b.yaml': 'tasks: "**"\ntable: flims.csv\napi_key: { env: KEY }\n',
    })
    expect(
      outcomes.map(({ outcome, errors }) => [
        outcome,
        errors.map((error) => ('place' in error ? error.place : undefined)),
      ]),
    ).toEqual([
      ['fine', []],
      ['wrong', [{ origin: 'configs/b.yaml', line: 2, column: 8 }]],
    ])
  })

  test('variables of secrets need not be set, and what configs say of secrets is not repeated', async () => {
    const outcomes = await check({
      'films.csv': 'a',
      'configs/a.yaml': 'tasks: "**"\ntable: films.csv\napi_key: { env: TASKCHAIN_NOT_SET }\n',
      'configs/b.yaml': 'tasks: [reading.*, sk-1234]\ntable: films.csv\napi_key: sk-1234\n',
    })
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['fine', 'wrong'])
    expect(
      [...placeLines(problemsOf(outcomes), plain), ...causeLines(problemsOf(outcomes), plain)].join('\n'),
    ).not.toContain('sk-1234')
  })
})

describe('contexts of a check', () => {
  const files = {
    'configs/a.yaml': 'tasks: movies.*\nsource: a\n',
    'configs/b.yaml': 'tasks: weights.*\nweights: { a: 1 }\n',
  }

  test('warn only of what no config at all reads', async () => {
    const told = problemsOf(await checked(tree(files), [{ min_votes: 2, min_vote: 3 }])).map(({ code, message }) => [
      code,
      message,
    ])
    expect(told).toEqual([['UnusedContextValue', expect.stringContaining("'min_vote'") as string]])
  })

  test('a value of --set that no config at all reads is an error, one that some read is none', async () => {
    const told = problemsOf(await checked(tree(files), [], { min_votes: 2, min_vote: 3 }))
    expect(told.map(({ severity, code, message, hint }) => [severity, code, message, hint])).toEqual([
      ['error', 'UnreadValue', "no task of this chain reads 'min_vote'", "did you mean 'min_votes'?"],
    ])
  })

  test('give what configs lack', async () => {
    const [only] = await checked(tree({ 'configs/a.yaml': 'tasks: movies.*\n' }), [{ source: 'a' }])
    expect(only?.outcome).toBe('fine')
  })
})
