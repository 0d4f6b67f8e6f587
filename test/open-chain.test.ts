import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { winstonLog } from '../src/adapters/log/winston-log.js'
import {
  defineProject,
  defineTask,
  inMemory,
  openChain,
  openChains,
  openSweep,
  param,
  planConfig,
  TaskchainError,
} from '../src/index.js'
import { checkpoint, rows } from '../src/data/index.js'
import { memoryStore } from '../src/store/index.js'

let root = ''
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'taskchain-open-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

const files = (texts: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

const Film = t.type({ title: t.string, votes: t.number })

const projectWith = () => {
  const runs: string[] = []
  const all = defineTask({ params: { sourceFile: t.string }, data: rows(Film) }).run(({ sourceFile }, { log }) => {
    runs.push('all')
    log.info('reading', { sourceFile })
    return JSON.parse(readFileSync(sourceFile, 'utf8')) as { title: string; votes: number }[]
  })
  const good = defineTask({
    inputs: { all },
    params: { minVotes: param(t.number, { default: 10 }) },
    data: t.array(Film),
  }).run(({ all, minVotes }, { note }) => {
    runs.push('good')
    note({ of: all.length })
    return all.filter((film) => film.votes >= minVotes)
  })
  const index = defineTask({ inputs: { good }, data: inMemory<ReadonlyMap<string, number>>() }).run(({ good }) => {
    runs.push('index')
    return new Map(good.map((film) => [film.title, film.votes]))
  })
  const project = defineProject({
    root,
    pipelines: { films: { all, good, index } },
    globals: { DATA: join(root, 'source') },
  })
  return { project, runs, all, good, index }
}

const source = JSON.stringify([
  { title: 'Brazil', votes: 5 },
  { title: 'Alien', votes: 50 },
])

describe('openChain', () => {
  test('reads configs, keeps results where the store says, and finds them again', async () => {
    files({
      'source/films.json': source,
      'configs/films.yaml': 'tasks: films.*\nsource_file: "{DATA}/films.json"\nhuman_readable_data_name: films',
    })
    const { project, runs, good, index } = projectWith()
    const chain = await openChain(project, { config: 'films' })
    expect(await chain.value(good)).toEqual([{ title: 'Alien', votes: 50 }])
    expect((await chain.value(index)).get('Alien')).toBe(50)
    await chain.close()
    const again = await openChain(project, { config: 'configs/films.yaml' })
    expect(await again.value('films:good')).toEqual([{ title: 'Alien', votes: 50 }])
    expect(runs).toEqual(['all', 'good', 'index'])

    const { key, dataPath } = again.task('good')
    expect(dataPath).toBe(join(root, 'data/tasks/films/good', `${key}.json`))
    expect(existsSync(dataPath as string)).toBe(true)
    const info = readFileSync(join(root, 'data/tasks/films/good', `${key}.run_info.yaml`), 'utf8')
    expect(info).toContain('of: 2')
    expect(info).not.toContain(root) // the placeholder is kept, not this machine's path
    const allKey = again.task('all').key
    expect(readFileSync(join(root, 'data/tasks/films/all', `${allKey}.log`), 'utf8')).toMatch(/INFO +reading/)
    const [link] = (await again.linkReadable()).filter((path) => path.includes('good'))
    expect(readlinkSync(link as string)).toBe(`${key}.json`)
    expect((await again.tasks()).map((row) => [row.fullName, row.computed])).toEqual([
      ['films:all', true],
      ['films:good', true],
      ['films:index', false],
    ])
  })

  test('gives one key on two machines: placeholders stay unexpanded', async () => {
    files({ 'configs/films.yaml': 'tasks: films.*\nsource_file: "{DATA}/films.json"' })
    const { project } = projectWith()
    const here = await openChain(project, { config: 'films' })
    const there = await openChain(
      defineProject({ root, pipelines: project.pipelines, globals: { DATA: '/elsewhere' } }),
      { config: 'films' },
    )
    expect(there.plan.nodes).toEqual(here.plan.nodes)
  })

  test('takes a config, contexts and values as objects', async () => {
    files({ 'source/films.json': source, 'contexts/low.yaml': 'min_votes: 1' })
    const { project, good } = projectWith()
    const config = { tasks: 'films.*', source_file: join(root, 'source/films.json') }
    const low = await openChain(project, { config, context: 'contexts/low.yaml', store: 'elsewhere' })
    expect(await low.value(good)).toHaveLength(2)
    expect(readdirSync(join(root, 'elsewhere/films'))).toContain('good')
    const high = await openChain(project, {
      config,
      context: ['contexts/low.yaml', { min_votes: 20 }],
      set: { min_votes: 99 },
    })
    expect(await high.value(good)).toEqual([])
  })

  test('rejects with every error, each with its place', async () => {
    files({ 'configs/films.yaml': 'tasks: [films.*, film.*]\nmin_votes: many' })
    const { project } = projectWith()
    const planned = await planConfig(project, { config: 'films' })
    expect(E.isLeft(planned) && planned.left.map((error) => error._tag).sort()).toEqual([
      'InvalidParam',
      'MissingParam',
      'UnknownTasks',
    ])
    const error = await openChain(project, { config: 'films' }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TaskchainError)
    expect((error as TaskchainError).message).toContain('configs/films.yaml:2:12')
  })
})

describe('openChains', () => {
  test('computes what configs share once, from a folder of configs', async () => {
    files({
      'source/films.json': source,
      'configs/base.yaml': 'tasks: films.all\nsource_file: "{DATA}/films.json"',
      'configs/models/low.yaml': 'tasks: [films.good, films.index]\nmin_votes: 1\nuses: ../base.yaml',
      'configs/models/high.yaml': 'tasks: [films.good, films.index]\nmin_votes: 20\nuses: ../base.yaml',
    })
    const { project, runs, good } = projectWith()
    const chains = await openChains(project, 'configs/models')
    const report = await chains.run()
    expect(report.failed).toEqual([])
    expect(runs.toSorted()).toEqual(['all', 'good', 'good'])
    expect([...chains.chains.keys()]).toEqual(['models/high', 'models/low'])
    expect(await chains.chain('models/low').value(good)).toHaveLength(2)
    expect([...chains.shared().values()]).toEqual([['models/high', 'models/low']])
    expect(() => chains.chain('models/middle')).toThrow(/there are: models\/high, models\/low/)
  })

  test('opens one config under several contexts', async () => {
    files({
      'source/films.json': source,
      'contexts/low.yaml': 'min_votes: 1',
      'configs/films.yaml': 'tasks: [films.all, films.good]\nsource_file: "{DATA}/films.json"\nmin_votes: 20',
    })
    const { project, runs, good } = projectWith()
    const requests = [
      'films',
      { config: 'films', context: 'contexts/low.yaml' },
      { config: 'films', set: { min_votes: 99 }, name: 'none' },
      { config: 'films', context: { min_votes: 2 } },
    ]
    const chains = await openChains(project, requests)
    expect((await chains.run()).failed).toEqual([])
    expect(runs.filter((run) => run === 'all')).toHaveLength(1)
    const sizes = [...chains.chains].map(async ([name, chain]) => [name, (await chain.value(good)).length])
    expect(await Promise.all(sizes)).toEqual([
      ['films', 1],
      ['films (contexts/low)', 2],
      ['none', 0],
      ['films (context(min_votes))', 2],
    ])
    const laid = await openChains(project, [{ config: 'films', context: { min_votes: 1 }, name: 'a' }], {
      context: 'contexts/low.yaml',
      set: { min_votes: 99 },
    })
    expect(await laid.chain('a').value(good)).toEqual([])
    await expect(
      openChains(project, [
        { config: 'films', name: 'a' },
        { config: 'films', name: 'a' },
      ]),
    ).rejects.toThrow(/two chains 'a'/)
  })
})

describe('options that mean nothing', () => {
  test.each([
    ['films', "openChain: options are an object such as { config: 'model' }, not 'films'"],
    [[{ config: 'films', context: { token: 's' } }], /not a list$/],
    [null, "openChain: options are an object such as { config: 'model' }, not null"],
  ])('%j in place of the options is one error', async (options, problem) => {
    const { project } = projectWith()
    const refused = openChain(project, options as unknown as { config: string })
    await expect(refused).rejects.toThrow(problem)
    await expect(refused).rejects.toMatchObject({ errors: [{ _tag: 'BadOption' }] })
  })

  test.each([
    [
      { part: 'test' },
      "openChain with 'part': there is no such option; a part is named with its file: config: 'model#part'",
    ],
    [{ contexts: 'x' }, "openChain with 'contexts': there is no such option; did you mean 'context'?"],
    [{ namespace: 'x', name: 'y' }, /'namespace'.*\n?[^]*'name'/],
  ])('are refused: %j', async (options, problem) => {
    files({ 'configs/films.yaml': 'tasks: films.*\nsource_file: "{DATA}/films.json"' })
    const { project } = projectWith()
    await expect(openChain(project, { config: 'films', ...options })).rejects.toThrow(problem)
    await expect(openChains(project, ['films'], options as object)).rejects.toThrow(TaskchainError)
    await expect(openSweep(project, { config: 'films', set: {}, ...options })).rejects.toThrow(TaskchainError)
  })

  test('one that is undefined is none', async () => {
    files({ 'configs/films.yaml': 'tasks: films.*\nsource_file: "{DATA}/films.json"' })
    const given = { config: 'films', part: undefined }
    await expect(openChain(projectWith().project, given)).resolves.toBeDefined()
  })
})

describe('an open chain', () => {
  test('links the results of chosen groups under a given name', async () => {
    files({ 'source/films.json': source, 'configs/films.yaml': 'tasks: films.*\nsource_file: "{DATA}/films.json"' })
    const chain = await openChain(projectWith().project, { config: 'films' })
    await chain.run()
    const links = await chain.linkReadable({ groups: ['films'], name: 'baseline' })
    expect(links.map((path) => path.slice(root.length))).toEqual([
      '/data/tasks/films/all/baseline.parquet',
      '/data/tasks/films/good/baseline.json',
    ])
    await expect(chain.linkReadable({ groups: 'film' })).rejects.toThrow(
      "link group 'film': no task of this chain is in it; did you mean 'films'?",
    )
    await expect(chain.linkReadable({ name: '../x' })).rejects.toThrow(TaskchainError)
    expect((await chain.tasks()).map(({ config }) => config)).toEqual(['films', 'films', 'films'])
  })

  test('shows from now on what it is told to show of logs', async () => {
    const stream = new PassThrough()
    const log = winstonLog({ stream, consoleLevel: 'silent' })
    const lines: string[] = []
    stream.on('data', (data: Buffer) => lines.push(data.toString()))
    for (const level of ['silent', 'info', 'error'] as const) {
      log.setLevel?.(level)
      for (const line of ['info', 'error'] as const)
        log.write({ level: line, message: `${line} under ${level}`, node: 'a' })
    }
    await log.detach('a')
    await new Promise((resolve) => void setImmediate(resolve))
    expect(lines.join('').match(/\w+ under \w+/g)).toEqual(['info under info', 'error under info', 'error under error'])
    const log2 = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      const chain = await openChain(projectWith().project, { config: { tasks: 'films.*', source_file: 'none' } })
      chain.setLogLevel('silent')
      expect((await chain.run()).failed).toHaveLength(1)
      expect(log2.mock.calls.join()).not.toContain('ERROR')
    } finally {
      log2.mockRestore()
    }
  })

  test('says where an unfinished checkpoint has left its files', async () => {
    let isDone = false
    const trained = defineTask({ data: checkpoint() }).run(async (_, { dir, unfinished }) => {
      writeFileSync(join(dir, 'step.txt'), '1')
      return isDone ? undefined : unfinished('one step of two')
    })
    for (const store of ['kept', memoryStore()]) {
      isDone = false
      const chain = await openChain(defineProject({ root, pipelines: { p: { trained } } }), {
        config: { tasks: 'p.*' },
        store,
      })
      const handle = chain.task(trained)
      expect(await handle.unfinishedPath()).toBeUndefined()
      await chain.run()
      expect(readFileSync(join((await handle.unfinishedPath()) as string, 'step.txt'), 'utf8')).toBe('1')
      isDone = true
      await chain.run()
      expect(await handle.unfinishedPath()).toBeUndefined()
    }
  })
})
