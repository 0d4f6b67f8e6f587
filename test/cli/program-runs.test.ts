// The history of what programs run themselves.
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, inProcess, projectFiles, remove, start, write, type Outcome } from './fixture.js'

beforeAll(builtOnce)

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, { ...projectFiles, '.gitignore': 'node_modules\n' })
})
afterEach(() => remove(folder))

const historyFolder = (): string => join(folder, 'data/tasks/.runs')
const listed = async (): Promise<readonly (Record<string, unknown> & { readonly id: string })[]> =>
  (JSON.parse((await inProcess(folder, ['runs', '--json'])).out) as { readonly runs: readonly any[] }).runs
const counts = (some: Record<string, number>) => expect.objectContaining(some)

/** A program of the project, which has `chain`, `project` and the package's exports. */
const program = (body: string, options = ''): void =>
  write(folder, {
    'scripts/nightly.mjs': `import { openChain, openChains, openSweep } from 'taskchain'
import { fileStore, memoryStore } from 'taskchain/store'
import project from '../taskchain.config.js'
const chain = await openChain(project, { config: 'films', logLevel: 'silent', ${options} })
${body}
await chain.close()
`,
  })
const ran = async (): Promise<Outcome> => start(process.execPath, ['scripts/nightly.mjs'], folder).ended
const git = (...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], { cwd: folder, encoding: 'utf8' })

describe('a run of a program', () => {
  test('leaves a record as one of the command line does, and nothing where there was nothing to do', async () => {
    program(
      `await chain.run(['summary']); await chain.run(); await chain.run(); await chain.value('summary')`,
      `set: { how_many: 4 }, context: ['contexts/few.yaml', { min_votes: 100 }],`,
    )
    git('init', '-q')
    git('add', '-A')
    git('commit', '-qm', 'first')
    expect((await ran()).code).toBe(0)
    const common = {
      command: 'run',
      config: 'films',
      program: 'scripts/nightly.mjs',
      set: ['how_many=4'],
      context: ['contexts/few.yaml', '(values)'],
      revision: { commit: git('rev-parse', 'HEAD').trim(), clean: true },
      state: 'done',
      nodes: 5,
    }
    expect(await listed()).toMatchObject([
      { ...common, tasks: [], counts: counts({ computed: 1, failed: 0 }) },
      { ...common, tasks: ['films:summary'], counts: counts({ computed: 4 }) },
    ])
    expect(readdirSync(historyFolder()).filter((name) => /\.(events|tmp)$/.test(name))).toEqual([])
    expect((await inProcess(folder, ['runs', 'show', 'last'])).out).toContain('program   scripts/nightly.mjs')
    const diff = JSON.parse((await inProcess(folder, ['runs', 'diff', 'last~1', 'last', '--json'])).out) as object
    expect(diff).toMatchObject({ params: [] })
  })

  test('of several chains, of a sweep and of one value leave theirs', async () => {
    program(`
const chains = await openChains(project, [{ config: 'films', set: { how_many: 2 } }, { config: 'slow' }], { logLevel: 'silent' })
await chains.run({ signal: AbortSignal.timeout(1000) })
await chains.close()
const sweep = await openSweep(project, { config: 'films', set: { how_many: [5, 6] }, tasks: ['all'], logLevel: 'silent' })
await sweep.run()
await sweep.close()
await chain.value('filtered')`)
    expect((await ran()).code).toBe(0)
    expect(await listed()).toMatchObject([
      { command: 'run', tasks: ['films:filtered'], state: 'done', counts: counts({ computed: 2 }) },
      { command: 'sweep', config: 'films', set: ['how_many=5,6'], state: 'done', counts: counts({ computed: 2 }) },
      { command: 'run', config: 'films, slow', state: 'stopped', exit: 130 },
    ])
  })

  test('that fails says what failed, one that is killed has died', async () => {
    write(folder, {
      'fail.mjs': `import { openChain } from 'taskchain'
import project from './taskchain.config.js'
const chain = await openChain(project, { config: 'trouble', logLevel: 'silent' })
await chain.run()
process.exit(0)
`,
      'slow.mjs': `import { openChain } from 'taskchain'
import project from './taskchain.config.js'
const chain = await openChain(project, { config: 'slow', logLevel: 'silent', onEvent: ({ _tag }) => console.log(_tag) })
await chain.run()
`,
    })
    await start(process.execPath, ['fail.mjs'], folder).ended
    const running = start(process.execPath, ['slow.mjs'], folder)
    await running.says('started')
    expect(await listed()).toMatchObject([{ state: 'running', pid: running.pid }, {}])
    running.kill('SIGKILL')
    await running.ended
    expect(await listed()).toMatchObject([
      { state: 'died', config: 'slow', program: 'slow.mjs' },
      { state: 'failed', exit: 1, failures: ['trouble:failing'] },
    ])
  })

  test('that is killed says what its items have cost until then', async () => {
    write(folder, {
      'taskchain.config.js': `import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
const judged = defineTask({ data: t.array(t.number) }).run(async (_, { mapItems }) =>
  mapItems([1, 2, 3], async (item, { usage }) => {
    usage({ cost: 0.1, tokens: 20 })
    if (item === 2) await new Promise((resolve) => setTimeout(resolve, 2 ** 30))
    return item
  }, { concurrency: 1 }))
export default defineProject({ pipelines: { paid: { judged } } })
`,
      'configs/films.yaml': 'tasks: paid.judged\n',
    })
    program('await chain.run()')
    const running = start(process.execPath, ['scripts/nightly.mjs'], folder)
    const events = () => readdirSync(historyFolder()).find((name) => name.endsWith('.events')) ?? ''
    await vi.waitFor(
      () => expect(readFileSync(join(historyFolder(), events()), 'utf8')).toContain('"cost":0.1'),
      30_000,
    )
    running.kill('SIGKILL')
    await running.ended
    const hostile = ['{"__proto__":5}', '{"cost":1e999}'].map(
      (usage) => `{"schema":1,"event":"progress","node":"x","items":{"name":"i","attempts":1,"usage":${usage}}}`,
    )
    appendFileSync(
      join(historyFolder(), events()),
      `${hostile.join('\n')}\n{"schema":1,"event":"progress","items":{"na`,
    )
    expect(await listed()).toMatchObject([{ state: 'died', usage: { cost: 0.1, tokens: 20 } }])
    const { out } = await inProcess(folder, ['runs', 'show', 'last'])
    expect(out).toContain('used      cost 0.1, tokens 20, at least: it was killed\n')
  })

  test('that is killed says so too where its items never wait for anything', async () => {
    write(folder, {
      'taskchain.config.js': `import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
const judged = defineTask({ data: t.array(t.number) }).run(async (_, { mapItems }) =>
  mapItems(Array.from({ length: 1000 }, (_, index) => index), async (item, { usage }) => {
    usage({ cost: 1 })
    for (const end = Date.now() + 5; Date.now() < end; );
    if (item === 200) process.kill(process.pid, 'SIGKILL')
    return item
  }, { concurrency: 1 }))
export default defineProject({ pipelines: { paid: { judged } } })
`,
      'configs/films.yaml': 'tasks: paid.judged\n',
    })
    program('await chain.run()')
    await start(process.execPath, ['scripts/nightly.mjs'], folder).ended
    expect(await listed()).toMatchObject([{ state: 'died', usage: { cost: expect.any(Number) as number } }])
  })

  test('says what its items have cost, also where it failed, or was tried again', async () => {
    write(folder, {
      'paid.js': `import * as t from 'io-ts'
import { defineTask } from 'taskchain'
let calls = 0
export const judged = defineTask({ data: t.array(t.number), retry: { attempts: 2, delay: 1 } }).run(async (_, { mapItems }) =>
  mapItems([1, 2, 3], async (item, { usage }) => {
    usage({ cost: 0.1, tokens: 20 })
    if (item === 3 && calls++ === 0) throw new Error('again')
    return item
  }))
export const broken = defineTask({ data: t.array(t.number) }).run(async (_, { mapItems }) =>
  mapItems([7], async (item, { usage }) => { usage({ cost: 2 }); throw new Error('no luck') }))
`,
      'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as paid from './paid.js'
export default defineProject({ pipelines: { paid } })
`,
      'configs/films.yaml': 'tasks: paid.judged\n',
      'configs/broken.yaml': 'tasks: paid.broken\n',
    })
    program('await chain.run()')
    expect((await ran()).code).toBe(0)
    await inProcess(folder, ['run', 'broken'])
    await inProcess(folder, ['run', 'films'])
    expect((await listed()).map(({ usage }) => usage)).toEqual([null, { cost: 2 }, { cost: 0.4, tokens: 80 }])
    expect((await inProcess(folder, ['runs', 'show', 'last~2'])).out).toContain('used      cost 0.4, tokens 80\n')
    expect((await inProcess(folder, ['runs'])).out).toMatch(/ cost\n/)
  })

  test.each([
    ['is told to', 'history: false,', 'await chain.run()'],
    ['keeps nothing in a folder', 'store: memoryStore(),', 'await chain.run()'],
    ['asks what there is', '', 'await chain.states()'],
  ])('that %s leaves none', async (_, options, body) => {
    program(body, options)
    expect((await ran()).code).toBe(0)
    expect(existsSync(historyFolder())).toBe(false)
  })

  test('is not kept from its work by a history that cannot be written, which is said once', async () => {
    program(`await chain.run(['all']); const { computed } = await chain.run(); console.log(computed.length)`)
    write(folder, { 'data/tasks/.runs': 'in the way' })
    const { code, out, err } = await ran()
    expect([code, out]).toEqual([0, '4\n'])
    expect(err.match(/the history has no record of this run/g)).toHaveLength(1)
  })

  test('that finds all that is kept in a store which it may only read leaves none, and says nothing', async () => {
    await inProcess(folder, ['run', 'films'])
    const before = readdirSync(historyFolder())
    chmodSync(historyFolder(), 0o555)
    program(`await chain.run(); await chain.value('filtered'); await chain.value('index')`)
    expect(await ran()).toMatchObject({ code: 0, err: '' })
    chmodSync(historyFolder(), 0o755)
    expect(readdirSync(historyFolder())).toEqual(before)
  })
})
