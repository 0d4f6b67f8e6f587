import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { builtOnce } from '../build-once.js'
import { remove, root, taskchain } from '../cli/fixture.js'
import { callsIn, oddProject } from './project.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
afterEach(() => folders.splice(0).forEach(remove))

const project = (): string => {
  const folder = oddProject()
  folders.push(folder)
  return folder
}

type Library = typeof import('../../src/index.js')
type Workers = typeof import('../../src/workers/index.js')
const library = (): Promise<Library> => import(join(root, 'dist/index.js')) as Promise<Library>
const workers = (): Promise<Workers> => import(join(root, 'dist/workers/index.js')) as Promise<Workers>

/** Opens a chain of the project on threads. */
const open = async (folder: string, config: string, options: object = {}) => {
  const [{ openChain }, { workerThreads }] = await Promise.all([library(), workers()])
  const file = join(folder, 'taskchain.config.js')
  const { default: declared } = (await import(pathToFileURL(file).href)) as {
    default: import('../../src/index.js').Project
  }
  return openChain(declared, {
    config: `configs/${config}.yaml`,
    root: folder,
    logLevel: 'silent',
    executor: workerThreads({ project: file }),
    ...options,
  })
}

/** Data of all artifacts by path; what tells of a run is left out. */
const dataIn = (store: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(store, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/run_info\.yaml$|\.log$|(^|\/)\./.test(name) && statSync(join(store, name)).isFile())
      .toSorted()
      .map((name) => [name, readFileSync(join(store, name), 'utf8')]),
  )

/** What all run infos say of contents, in their order. */
const contentsIn = (store: string): readonly string[] =>
  readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('run_info.yaml'))
    .toSorted()
    .flatMap((name) => readFileSync(join(store, name), 'utf8').match(/^ +(digest|identity): .*$/gm) ?? [])

const unfinishedBusiness = (store: string): readonly string[] =>
  readdirSync(store, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(tmp|lease|stale|removal)$/.test(name))

const jsonLines = (text: string): any[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line)) // the shapes are what the tests are about

describe('a chain on worker threads', () => {
  it('keeps what it keeps in this process, byte by byte, and runs nothing here', async () => {
    const folder = project()
    const threaded = await taskchain(folder, ['run', 'fine', '--executor', 'workers', '--store', 'threaded'])
    expect([threaded.code, threaded.out]).toEqual([0, expect.stringContaining('4 computed')])
    expect(new Set(callsIn(folder))).toEqual(new Set(['numbers thread', 'squares thread', 'total thread']))
    expect(await taskchain(folder, ['run', 'fine', '--store', 'local'])).toMatchObject({ code: 0 })
    expect(Object.keys(dataIn(join(folder, 'local')))).toHaveLength(4)
    expect(dataIn(join(folder, 'threaded'))).toEqual(dataIn(join(folder, 'local')))
    expect(contentsIn(join(folder, 'threaded'))).toEqual(contentsIn(join(folder, 'local')))
    // of 4 results; of `squares` in memory, with what it was made from, twice; of `total`
    expect(contentsIn(join(folder, 'local'))).toHaveLength(4 + 2 * 2 + 1)
    expect(unfinishedBusiness(join(folder, 'threaded'))).toEqual([])
  })

  it.each(['workers', 'processes'])(
    'leaves nothing of --executor %s in the store when it has ended',
    async (executor) => {
      const folder = project()
      const ran = await taskchain(folder, ['run', 'folders', '--executor', executor, '--store', 'store'])
      expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('4 computed')])
      expect(unfinishedBusiness(join(folder, 'store'))).toEqual([])
    },
  )

  it('runs nothing a second time, and starts no thread for it', async () => {
    const folder = project()
    await taskchain(folder, ['run', 'fine', '--executor', 'workers'])
    const before = callsIn(folder).length
    expect((await taskchain(folder, ['run', 'fine', '--executor', 'workers'])).out).toContain(
      '0 computed, 0 loaded, 4 cached',
    )
    expect(callsIn(folder)).toHaveLength(before)
  })

  it('tells logs, notes, progress and run infos as if it ran here', async () => {
    const folder = project()
    const { out, err } = await taskchain(folder, [
      'run',
      'fine',
      '--executor',
      'workers',
      '--json',
      '--log-level',
      'warn',
    ])
    const events = jsonLines(out)
    expect(err).toContain('WARN  odd:numbers: mind the gap')
    expect(events.filter(({ event, node }) => event === 'progress' && node === 'odd:numbers')).toMatchObject([
      { done: 5, total: 5 },
    ])
    expect(
      events
        .filter(({ event }) => event === 'computed')
        .map(({ node }) => node)
        .toSorted(),
    ).toEqual(['odd:lines', 'odd:numbers', 'odd:total', 'odd:written'])
    expect((await taskchain(folder, ['log', 'fine', 'numbers'])).out).toMatch(
      /INFO {2}counting {"threaded":true}\n.*WARN {2}mind the gap/,
    )
    expect(JSON.parse((await taskchain(folder, ['info', 'fine', 'numbers', '--json'])).out)).toMatchObject({
      info: { log: [{ counted: 5 }], attempts: 1 },
    })
  })

  it('gives values: of what is kept from the store, of what is in memory made here', async () => {
    const folder = project()
    const chain = await open(folder, 'fine')
    expect([await chain.value('total'), await chain.value('squares')]).toEqual([
      30,
      new Map([0, 1, 2, 3, 4].map((number) => [number, number * number])),
    ])
    expect(callsIn(folder)).toEqual(['numbers thread', 'squares thread', 'total thread', 'squares main'])
    const { computed, loaded, cached } = await chain.run()
    expect([computed.toSorted(), loaded.toSorted(), cached]).toEqual([
      ['odd:lines', 'odd:written'],
      ['odd:numbers', 'odd:total'],
      [],
    ])
    await chain.close()
  })

  it('computes once what several tasks ask for while they run', async () => {
    const folder = project()
    const chain = await open(folder, 'asked', { concurrency: 1 })
    const { failed, computed } = await chain.run(['asked', 'asked_too'])
    expect([failed, computed.toSorted()]).toEqual([[], ['odd:asked', 'odd:asked_too', 'odd:numbers']])
    expect(callsIn(folder)).toEqual(['numbers thread'])
    await chain.close()
  })

  it('computes anew an input that turns out to be damaged', async () => {
    const folder = project()
    const chain = await open(folder, 'fine')
    await chain.run(['numbers'])
    const path = chain.task('numbers').dataPath as string
    const whole = readFileSync(path, 'utf8')
    writeFileSync(path, whole.replace('3', '8'))
    expect(await chain.run(['total'])).toMatchObject({
      failed: [],
      computed: expect.arrayContaining(['odd:numbers', 'odd:total']) as unknown,
    })
    expect([readFileSync(path, 'utf8'), await chain.value('total')]).toEqual([whole, 30])
    await chain.close()
  })

  it('hands secrets over without writing them down', async () => {
    const folder = project()
    const chain = await open(folder, 'secretive')
    expect(await chain.value('secretive')).toBe('hush-hush-token'.length)
    expect(await chain.task('secretive').log()).not.toContain('hush')
    await chain.close()
  })

  it('is refused where the store is in this process only, or where there is no such project', async () => {
    const folder = project()
    const { memoryStore } = (await import(
      join(root, 'dist/store/index.js')
    )) as typeof import('../../src/store/index.js')
    await expect(open(folder, 'fine', { store: memoryStore() })).rejects.toThrow(/needs a store that others can open/)
    const { workerThreads } = await workers()
    expect(() => workerThreads({ project: join(folder, 'nowhere.js') })).toThrow(/there is no file .*nowhere\.js/)
  })
})

describe('a task that ends its thread', () => {
  it('fails by its own name, whatever it did; the others go on, and nothing of it stays', async () => {
    const folder = project()
    const { code, out } = await taskchain(folder, [
      'run',
      'deadly',
      '--executor',
      'workers',
      '--json',
      '--concurrency',
      '2',
    ])
    const report = jsonLines(out).at(-1)
    const failures = Object.fromEntries(
      report.failed.map((failure: any) => [failure.node, [failure.code, failure.message]]),
    )
    expect(code).toBe(1)
    expect(failures).toEqual({
      'odd:exits': ['TaskFailed', "task 'odd:exits' failed: it ended its thread by process.exit(3)"],
      'odd:leaves_rejection': [
        'TaskFailed',
        "task 'odd:leaves_rejection' failed: a promise that nobody waits for was rejected (caused by: left alone)",
      ],
      'odd:throws_in_timer': [
        'TaskFailed',
        "task 'odd:throws_in_timer' failed: an error was thrown where nobody can catch it (caused by: in a timer)",
      ],
      'odd:fails': ['TaskFailed', "task 'odd:fails' failed: RangeError: no luck"],
      'odd:blocks': ['TimedOut', "task 'odd:blocks' took longer than 50 ms"],
    })
    expect([report.computed.toSorted(), report.skipped]).toEqual([
      ['odd:lines', 'odd:numbers', 'odd:total'],
      [{ node: 'odd:after_exit', because: ['odd:exits'] }],
    ])
    expect(unfinishedBusiness(join(folder, 'data/tasks'))).toEqual([])
  })

  it('is told with the place in its code, and its log is kept', async () => {
    const folder = project()
    const { err } = await taskchain(folder, ['run', 'deadly', '--executor', 'workers'])
    expect(err).toMatch(
      /task 'odd:exits' failed: it ended its thread by process\.exit\(3\)\n {2}thrown at .*odd\.js:\d+:\d+; its log: /,
    )
    expect(err).toMatch(
      /task 'odd:leaves_rejection' failed: a promise that nobody waits for was rejected \(caused by: left alone\)\n {2}thrown at .*odd\.js:\d+:\d+; /,
    )
    expect((await taskchain(folder, ['log', 'deadly', 'exits', '--failed'])).out).toMatch(
      /INFO {2}last words\n.*ERROR it ended its thread by process\.exit\(3\)/,
    )
  })

  it('that needs more memory than there is fails alone', async () => {
    const folder = project()
    const { workerThreads } = await workers()
    const chain = await open(folder, 'hungry', {
      executor: workerThreads({ project: join(folder, 'taskchain.config.js'), memory: 64 }),
    })
    const report = await chain.run()
    expect(report.failed).toMatchObject([
      { _tag: 'TaskFailed', node: 'odd:eats', cause: { message: 'it ran out of memory' } },
    ])
    expect(report.computed).toContain('odd:total')
    await chain.close()
  })

  it('is tried again as often as it says', async () => {
    const folder = project()
    const chain = await open(folder, 'retried')
    const report = await chain.run()
    expect(report.computed).toEqual(['odd:exits_once'])
    expect(report.failed).toMatchObject([{ _tag: 'TaskFailed', node: 'odd:exits_always', attempts: 2 }])
    expect([await chain.value('exits_once'), (await chain.task('exits_once').runInfo())?.attempts]).toEqual([7, 2])
    expect(callsIn(folder)).toEqual(['exitsAlways thread', 'exitsAlways thread'])
    await chain.close()
  })

  it('leaves half a folder that the next attempt sweeps, while the process lives', async () => {
    const folder = project()
    const chain = await open(folder, 'large')
    expect((await chain.run()).failed).toMatchObject([{ node: 'odd:large' }])
    expect(unfinishedBusiness(join(folder, 'data/tasks/odd'))).toHaveLength(1)
    expect((await chain.run()).computed).toEqual(['odd:large'])
    expect(unfinishedBusiness(join(folder, 'data/tasks/odd'))).toEqual([])
    await chain.close()
  })

  it('after its end takes nothing with it, and is told', async () => {
    const folder = project()
    const { code, out, err } = await taskchain(folder, ['run', 'late', 'waits', '--executor', 'workers'])
    expect([code, out, err]).toEqual([
      0,
      expect.stringContaining('2 computed'),
      expect.stringMatching(
        /TaskchainWarning: a task on a worker thread failed after its end: TypeError: too late, thrown at .*odd\.js:\d+:\d+/,
      ),
    ])
  })

  it('may fail with, log and note what has no end when it is told part by part, here and there', async () => {
    for (const where of [[], ['--executor', 'workers']]) {
      const { code, err } = await taskchain(project(), ['run', 'bulky', '--log-level', 'info', ...where])
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(
          /failed {2}task 'odd:fails_with_tree' failed: RangeError: no luck in the tree\n {2}thrown at .*odd\.js:/,
        ),
      ])
      expect(err).toContain('INFO  odd:logs_shared: shared {"shared":')
    }
  }, 60_000)

  it('fails with the error of what it reads in memory', async () => {
    const folder = project()
    const chain = await open(folder, 'in_memory')
    expect((await chain.run()).failed).toMatchObject([
      { _tag: 'TaskFailed', node: 'odd:fails_in_memory', cause: { message: 'no luck in memory' } },
    ])
    await chain.close()
  })
})

describe('a run on threads that is stopped', () => {
  it('stops its tasks in order and keeps checkpoints, in which the next run goes on', async () => {
    const folder = project()
    const chain = await open(folder, 'steps')
    const stop = new AbortController()
    const running = chain.run(undefined, { signal: stop.signal })
    while (!existsSync(join(folder, 'ran.txt')) || callsIn(folder).length < 2)
      await new Promise((resolve) => void setImmediate(resolve))
    stop.abort()
    expect(await running).toMatchObject({ stopped: true, computed: [], failed: [] })
    writeFileSync(join(folder, 'go'), '')
    expect(await chain.run()).toMatchObject({ computed: ['odd:steps'], failed: [] })
    expect(callsIn(folder)).toEqual(['step0 thread', 'step1 thread', 'step2 thread'])
    await chain.close()
  })
})
