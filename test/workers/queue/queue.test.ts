import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { builtOnce } from '../../build-once.js'
import { command, inProcess, remove, taskchain } from '../../cli/fixture.js'
import { defineTask } from '../../../src/declare/task.js'
import { planOf } from '../../../src/testing/plan-of.js'
import { bullmq } from '../../../src/workers/queue/bullmq-executor.js'
import { serverProblem } from '../../../src/workers/queue/redis.js'
import { callsOf, queueProject } from './project.js'
import { freePort, hasRedis, startRedis, type RedisServer } from './redis-server.js'

const left = hasRedis ? '' : ' (left out: redis-server is not installed, apt-get install redis-server)'

let redis: RedisServer
beforeAll(async () => {
  builtOnce()
  if (hasRedis) redis = await startRedis()
}, 120_000)
afterAll(() => redis?.stop())

const folders: string[] = []
const processes: ChildProcess[] = []
afterEach(async () => {
  for (const one of processes.splice(0)) {
    one.kill('SIGCONT')
    one.kill('SIGKILL')
  }
  redisCli('FLUSHALL')
  folders.splice(0).forEach(remove)
})

const project = (more?: string): string => {
  const folder = queueProject(more)
  folders.push(folder)
  return folder
}

const redisCli = (...words: readonly string[]): string =>
  hasRedis ? execFileSync('redis-cli', ['-u', redis.url, ...words], { encoding: 'utf8' }) : ''

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await new Promise((resolve) => void setTimeout(resolve, 5))
}
const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.on('exit', resolve))

/** A worker that is ready. */
const worker = async (folder: string, options: object = {}, env: object = {}): Promise<ChildProcess> => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'worker-process.mjs'), folder, redis.url, JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } },
  )
  processes.push(child)
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

const words = (config: string, more: readonly string[], { url } = redis): readonly string[] => [
  'run',
  config,
  '--executor',
  'bullmq',
  '--redis',
  url,
  '--json',
  ...more,
]

/** A run whose end is waited for: its exit code, and its report. */
const run = async (folder: string, config: string, ...more: readonly string[]) => {
  const { code, out, err } = await taskchain(folder, words(config, more))
  return {
    code,
    err,
    events: out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as any),
  } // what tests are about
}

/** A run in a process of its own, to be killed. */
const runApart = (folder: string, config: string, ...more: readonly string[]): ChildProcess => {
  const child = spawn(process.execPath, [command, ...words(config, more)], { cwd: folder, stdio: 'ignore' })
  processes.push(child)
  return child
}

const dataIn = (store: string): readonly string[] =>
  readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('.') && name.endsWith('.json') && statSync(join(store, name)).isFile())
    .toSorted()
    .map((name) => `${name} ${readFileSync(join(store, name), 'utf8')}`)

const textsIn = (folder: string): string =>
  readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, 'data', name)).isFile())
    .map((name) => readFileSync(join(folder, 'data', name), 'latin1'))
    .join('\n')

const sorted = (names: readonly string[]): readonly string[] => names.toSorted()
const layers = ['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3', 'c0', 'c1', 'c2', 'c3']

describe.skipIf(!hasRedis)(`a chain over workers of a queue${left}`, () => {
  it('gives what it gives in this process; logs, progress and the report are those of a run', async () => {
    const folder = project()
    await Promise.all([worker(folder), worker(folder)])
    const { code, events } = await run(folder, 'layers')
    expect([code, events.at(-1).computed.length, sorted(callsOf(folder))]).toEqual([0, 12, layers])
    await taskchain(folder, ['run', 'layers', '--store', 'local'])
    expect(dataIn(join(folder, 'data/tasks'))).toEqual(dataIn(join(folder, 'local')))
    expect((await run(folder, 'layers')).events.at(-1)).toMatchObject({ computed: [], cached: { length: 12 } })
    writeFileSync(join(folder, 'gate'), '')
    const gated = await run(folder, 'gated', '--log-level', 'warn')
    expect(gated.err).toContain('at the gate')
    expect(gated.events.filter(({ event }) => event === 'progress')).toMatchObject([{ done: 1, total: 2 }])
    expect((await taskchain(folder, ['log', 'gated', 'gated'])).out).toContain('WARN  at the gate')
  }, 60_000)

  it('keeps a result whose task logs what JSON cannot represent', async () => {
    const folder = project(`export const logs = defineTask({ data: t.number }).run((_, { log }) => {
  const round = { big: 5n }
  log.warn('odd details', Object.assign(round, { round, map: new Map([['a', 1n]]) }))
  return 1
})\n`)
    writeFileSync(join(folder, 'configs/logs.yaml'), 'tasks: [odd:logs]\n')
    await worker(folder)
    const { code, err } = await run(folder, 'logs', '--log-level', 'warn')
    expect([code, err]).toEqual([
      0,
      expect.stringContaining('odd details {"big":"5","round":"[circular]","map":{"a":"1"}}'),
    ])
  }, 60_000)

  it('computes again what is forced, though its key is there, and nothing else', async () => {
    const folder = project()
    await worker(folder)
    await run(folder, 'layers')
    const { events } = await run(folder, 'layers', '--force', 'c0')
    expect(events.at(-1).computed).toEqual(['layers:c0'])
    expect(callsOf(folder).filter((name) => name === 'c0')).toHaveLength(2)
  }, 60_000)

  it('shares nodes between two runs that want them at once', async () => {
    const folder = project()
    await worker(folder)
    const first = run(folder, 'gated')
    await until(() => callsOf(folder).includes('gated'))
    const second = run(folder, 'gated')
    writeFileSync(join(folder, 'gate'), '')
    expect([(await first).code, (await second).code]).toEqual([0, 0])
    expect(callsOf(folder)).toEqual(['gated'])
  }, 60_000)

  it('goes on where a killed run was, with what its worker does meanwhile', async () => {
    const folder = project()
    await worker(folder)
    const killed = runApart(folder, 'gated')
    await until(() => callsOf(folder).includes('gated'))
    killed.kill('SIGKILL')
    await ended(killed)
    const again = run(folder, 'gated')
    writeFileSync(join(folder, 'gate'), '')
    expect((await again).code).toBe(0)
    expect(callsOf(folder)).toEqual(['gated'])
  }, 60_000)

  it('has a node of a killed worker computed by another', async () => {
    const folder = project()
    const first = await worker(folder)
    const running = run(folder, 'gated')
    await until(() => callsOf(folder).includes('gated'))
    first.kill('SIGKILL')
    await worker(folder)
    await until(() => callsOf(folder).length > 1)
    writeFileSync(join(folder, 'gate'), '')
    expect((await running).code).toBe(0)
    expect(callsOf(folder)).toEqual(['gated', 'gated'])
  }, 60_000)

  it('fails a node by name whose workers die again and again', async () => {
    const folder = project()
    const running = run(folder, 'gated')
    for (const time of [1, 2, 3]) {
      const one = await worker(folder, { patience: 1000, deaths: 3 })
      await until(() => callsOf(folder).length === time)
      one.kill('SIGKILL')
    }
    await worker(folder, { patience: 1000, deaths: 3 }) // somebody has to notice
    const { code, events } = await running
    expect([code, events.at(-1).failed[0].message, callsOf(folder).length]).toEqual([
      1,
      "task 'odd:gated' failed: the workers that computed it died, again and again",
      3,
    ])
  }, 60_000)

  it('computes a failed node anew for the run after it, however soon that comes', async () => {
    const folder = project(`
export const shaky = defineTask({ data: t.number, resources: { queue: 'gpu' } }).run(() => {
  ran('shaky')
  if (!existsSync(join(here, 'mended'))) throw new Error('not yet')
  return 5
})
`)
    writeFileSync(join(folder, 'configs/shaky.yaml'), 'tasks: [odd:shaky]\n')
    await worker(folder, { queues: ['gpu'] })
    expect((await run(folder, 'shaky')).events.at(-1)).toMatchObject({ failed: [{ node: 'odd:shaky' }] })
    writeFileSync(join(folder, 'mended'), '')
    expect((await run(folder, 'shaky')).events.at(-1)).toMatchObject({ computed: ['odd:shaky'], failed: [] })
    expect(callsOf(folder)).toEqual(['shaky', 'shaky'])
  }, 60_000)

  it('loses no node to a task that kills its process, and tries that one no more often than it says', async () => {
    const folder = project()
    await worker(folder)
    const { code, events } = await run(folder, 'poisoned')
    expect(code).toBe(1)
    expect(events.at(-1)).toMatchObject({ computed: ['odd:innocent'], failed: [{ node: 'odd:poison' }] })
    expect(sorted(callsOf(folder))).toEqual(['innocent', 'poison'])
  }, 60_000)

  it('computes a task once that blocks for longer than a worker may be silent', async () => {
    const folder = project()
    await Promise.all([worker(folder), worker(folder)])
    expect((await run(folder, 'busy')).code).toBe(0)
    expect(callsOf(folder)).toEqual(['busy'])
  }, 60_000)

  it('takes nothing from a worker that was suspended, replaced and woken', async () => {
    const folder = project()
    const frozen = await worker(folder, { elsewhere: true })
    const running = run(folder, 'gated')
    await until(() => callsOf(folder).includes('gated'))
    frozen.kill('SIGSTOP')
    await worker(folder)
    await until(() => callsOf(folder).length > 1)
    frozen.kill('SIGCONT')
    writeFileSync(join(folder, 'gate'), '')
    expect((await running).code).toBe(0)
    expect((await taskchain(folder, ['show', 'gated', 'after', '--json'])).out).toContain('8')
    expect((await taskchain(folder, ['verify'])).code).toBe(0)
  }, 100_000)

  it.each([
    ['is killed and comes back', () => redis.restart()],
    ['loses everything', async () => void redisCli('FLUSHALL')],
  ])(
    'ends as if nothing had been where the server %s',
    async (_, fault) => {
      const folder = project()
      await worker(folder)
      const running = run(folder, 'gated')
      await until(() => callsOf(folder).includes('gated'))
      await fault()
      writeFileSync(join(folder, 'gate'), '')
      expect((await running).code).toBe(0)
      expect((await taskchain(folder, ['show', 'gated', 'after', '--json'])).out).toContain('8')
    },
    100_000,
  )

  it('stops its worker when it is stopped, unless another run waits for the same', async () => {
    const folder = project()
    await worker(folder)
    const [first, second] = [runApart(folder, 'gated'), runApart(folder, 'gated')]
    await until(() => callsOf(folder).includes('gated') && redisCli('KEYS', '*wanted*').includes('wanted'))
    await until(() => /2/.test(redisCli('SCARD', redisCli('KEYS', '*wanted*').trim())))
    first.kill('SIGINT')
    expect(await ended(first)).toBe(130)
    expect(callsOf(folder)).toEqual(['gated'])
    second.kill('SIGINT')
    expect(await ended(second)).toBe(130)
    await until(() => callsOf(folder).includes('aborted'))
  }, 60_000)
})

describe.skipIf(!hasRedis)(`who may compute what${left}`, () => {
  it('a worker with other code refuses, by name, and one of another project', async () => {
    const folder = project()
    const one = await worker(folder)
    const file = join(folder, 'all.js')
    writeFileSync(file, readFileSync(file, 'utf8').replace("ran('busy')", "ran('busier')"))
    const { code, events } = await run(folder, 'busy')
    expect([code, events.at(-1).failed[0].message, callsOf(folder)]).toEqual([
      1,
      "task 'odd:busy' failed: no worker takes it: this worker has other code of odd:busy",
      [],
    ])
    one.kill('SIGKILL')
    await ended(one)
    const other = project()
    writeFileSync(join(other, 'all.js'), readFileSync(file, 'utf8').replace('const busy', 'const busier'))
    await worker(other)
    expect((await run(folder, 'busy')).events.at(-1).failed[0].message).toBe(
      "task 'odd:busy' failed: no worker takes it: this worker's project has no task odd:busy",
    )
  }, 60_000)

  it('a task goes to the queue that it names; one that no worker serves is told, with its name', async () => {
    const folder = project()
    const near = await worker(folder)
    const child = spawn(process.execPath, [command, ...words('far', [])], { cwd: folder })
    processes.push(child)
    let out = ''
    child.stdout.on('data', (said: Buffer) => (out += said.toString()))
    await until(() => out.includes('there is none'))
    expect(out).toContain("a worker of queue 'gpu' at redis://127.0.0.1")
    const far = await worker(folder, { queues: ['gpu'] })
    expect(await ended(child)).toBe(0)
    const ran = readFileSync(join(folder, 'ran.txt'), 'utf8').trimEnd().split('\n')
    expect(ran).toEqual([`innocent ${near.pid}`, `far ${far.pid}`])
  }, 60_000)

  it('of what waits in a queue, the most urgent is first', async () => {
    const task = () => defineTask({ data: t.number }).run(() => 1)
    const plan = planOf({ tasks: { p: { a: task(), b: task(), c: task() } } })
    const executor = bullmq({ redis: redis.url, queue: 'order' })
    const stop = new AbortController()
    const calls = { stop: stop.signal, kill: stop.signal, emit: () => undefined, log: () => undefined }
    const urgencies = [1, 3600.5, 7]
    const sent = plan.nodes.map(async ({ id, key }, at) => {
      const fixed = { attempted: 0, root: '/', noRepair: false, checkMutation: false, secrets: new Map() }
      const store = { _tag: 'folder', location: '/' } as any // nobody opens it
      const job = { ...fixed, plan, node: id, key, store, urgency: urgencies[at] ?? 0 }
      return executor.elsewhere?.(job, { ...calls, lease: () => Promise.reject(new Error('none')) })
    })
    const waiting = (): readonly string[] => redisCli('ZRANGE', 'taskchain:order:prioritized', '0', '-1').split('\n')
    await until(() => waiting().filter((id) => id !== '').length === 3)
    expect(
      waiting()
        .slice(0, 3)
        .map((id) => plan.nodes.findIndex(({ key }) => id.includes(key))),
    ).toEqual([1, 2, 0])
    stop.abort()
    await Promise.allSettled(sent)
    await executor.close?.()
  }, 60_000)

  it('what is no node, one of another key or of another version of the library, is refused and harms nobody', async () => {
    const folder = project()
    await worker(folder)
    const add = `
      const { Queue } = await import('bullmq')
      const queue = new Queue('default', { connection: { url: process.argv[1] }, prefix: 'taskchain' })
      const old = { schema: 1, version: '0.0.1', plan: 'a'.repeat(64), node: 'n', task: 'odd:busy', key: 'b'.repeat(32) }
      await queue.add('old', { ...old, code: null, replaces: 'none', checkMutation: false }, { jobId: 'older' })
      const older = () => queue.getJob('older')
      while (!(await (await older()).isCompleted())); // an event may be over before anybody listens for it
      console.log(JSON.stringify((await older()).returnvalue))
      for (const data of [null, 'text', {}, { schema: 1, node: '../..' }, { schema: 2 }, [1], { constructor: 1 }])
        await queue.add('x', data)
      await queue.close()`
    const answered = execFileSync(process.execPath, ['--input-type=module', '-e', add, redis.url], {
      cwd: join(import.meta.dirname, '../../..'),
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect(answered).toMatch(/^\{"_tag":"refused","because":"this worker has taskchain .*, the run has 0\.0\.1"\}/)
    writeFileSync(join(folder, 'gate'), '')
    expect((await run(folder, 'gated')).code).toBe(0)
  }, 60_000)

  it('a job whose data was lost is added anew by the run that waits for it', async () => {
    const folder = project()
    const going = run(folder, 'layers')
    const jobs = (): readonly string[] => redisCli('KEYS', 'taskchain:default:n-*').trim().split('\n').filter(Boolean)
    await until(() => jobs().length === 4)
    for (const name of jobs()) redisCli('HSET', name, 'data', '{}')
    await worker(folder)
    const { code, events } = await going
    expect([code, events.at(-1).computed.length]).toEqual([0, 12])
  }, 60_000)

  it('secrets come from the environment of the worker; they are in no queue, no log and no store', async () => {
    const folder = project()
    await worker(folder, {}, { QUEUE_TOKEN: 'very-hushed-token' })
    const given = await run(folder, 'given')
    expect([given.code, given.events.at(-1).failed[0].message]).toEqual([
      1,
      expect.stringContaining('param token of odd:hushed is a secret that the config gives itself'),
    ])
    expect(JSON.stringify(given)).not.toContain('hush-hush')
    const from = await taskchain(folder, words('hushed', ['--log-level', 'warn'])) // it has no need of the secret itself
    expect([from.code, callsOf(folder)]).toEqual([0, ['hushed']])
    const all = redisCli('KEYS', '*').trim().split('\n')
    const dump = all.map(
      (key) => `${key} ${execFileSync('redis-cli', ['-u', redis.url, 'DUMP', key], { encoding: 'latin1' })}`,
    )
    for (const text of [from.out, from.err, textsIn(folder), ...dump]) expect(text).not.toContain('very-hushed-token')
  }, 60_000)

  it('a worker that is stopped ends what it computes, and takes nothing more', async () => {
    const folder = project()
    const one = await worker(folder)
    const running = run(folder, 'gated')
    await until(() => callsOf(folder).includes('gated'))
    one.kill('SIGTERM')
    writeFileSync(join(folder, 'gate'), '')
    expect(await ended(one)).toBe(0)
    await worker(folder)
    expect((await running).code).toBe(0)
    expect(callsOf(folder)).toEqual(['gated'])
  }, 60_000)
})

describe.skipIf(!hasRedis)(`a server that has gone${left}`, () => {
  it('or that takes nothing for now, is waited for, which is said', async () => {
    const folder = project()
    await worker(folder)
    redisCli('CONFIG', 'SET', 'min-replicas-to-write', '1')
    const child = spawn(process.execPath, [command, ...words('layers', [])], { cwd: folder })
    processes.push(child)
    let out = ''
    child.stdout.on('data', (text: Buffer) => (out += text.toString()))
    await until(() => out.includes('which takes nothing just now: NOREPLICAS'))
    redisCli('CONFIG', 'SET', 'min-replicas-to-write', '0')
    expect(await ended(child)).toBe(0)
    expect([sorted(callsOf(folder)), out.match(/takes nothing/g)?.length]).toEqual([layers, 1])
  }, 60_000)

  it('keeps neither a run nor a worker from ending when they are told to', async () => {
    const gone = await startRedis()
    const folder = project()
    const one = await worker(folder, { redis: gone.url })
    const running = spawn(process.execPath, [command, ...words('gated', [], gone)], { cwd: folder, stdio: 'ignore' })
    processes.push(running)
    await until(() => callsOf(folder).includes('gated'))
    await gone.stop()
    running.kill('SIGINT')
    expect(await ended(running)).toBe(130)
    one.kill('SIGTERM')
    writeFileSync(join(folder, 'gate'), '')
    expect(await ended(one)).toBe(0)
    expect((await taskchain(folder, ['show', 'gated', 'gated', '--json'])).out).toContain('7') // what it computed is kept
  }, 60_000)
})

describe('a server that cannot be used is told before anything runs', () => {
  it('one that is not there, and no URL', async () => {
    const folder = project()
    const at = `redis://:hush-hush-password@127.0.0.1:${await freePort()}`
    const { code, err } = await taskchain(folder, ['run', 'busy', '--executor', 'bullmq', '--redis', at])
    expect([code, err]).toEqual([3, expect.stringMatching(/redis:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/)])
    expect(err).not.toContain('hush-hush')
    expect(err).toContain('nobody answers there: start redis-server')
    for (const url of ['localhost', 'redis://:hush#hush@host', 'redis://:hush%zz@host', 'redis://:12/hush@host']) {
      const refused = await inProcess(folder, ['worker', '--redis', url])
      expect(refused).toMatchObject({ code: 3, err: expect.stringContaining('in a password # is %23') })
      expect(refused.err).not.toContain('hush')
    }
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  it.skipIf(!hasRedis)(`a wrong password${left}`, async () => {
    const locked = await startRedis('--requirepass', 'right')
    try {
      const folder = project()
      const at = (password: string): string => locked.url.replace('//', `//:${password}@`)
      const wrong = await taskchain(folder, ['worker', '--redis', at('wrong-one')])
      expect([wrong.code, wrong.err]).toEqual([3, expect.stringMatching(/WRONGPASS|NOAUTH|invalid password/)])
      expect(wrong.err).toContain('it wants another password: redis://name:password@host:port in TASKCHAIN_REDIS')
      expect(wrong.err).not.toContain('wrong-one')
      const url = locked.url.replace('//', '//default:right@')
      const ask = (...words: readonly string[]) => execFileSync('redis-cli', ['--no-auth-warning', '-u', url, ...words])
      ask('ACL', 'SETUSER', 'reader', 'on', '>right', '~*', '&*', '+@read', '+info')
      const reader = locked.url.replace('//', '//reader:right@')
      for (const one of [reader, `${url}/99`])
        expect(await inProcess(folder, ['run', 'busy', '--executor', 'bullmq', '--redis', one])).toMatchObject({
          code: 3,
          err: expect.stringMatching(/may not do what a queue needs: allow .*NOPERM|no such database: the number/),
        })
    } finally {
      await locked.stop()
    }
  })

  it('too old a version, and one that throws away what it is given', () => {
    const info = (version: string, policy = 'noeviction', most = '0'): string =>
      `# Server\r\nredis_version:${version}\r\nmaxmemory:${most}\r\nmaxmemory_policy:${policy}\r\n`
    expect(serverProblem(info('6.0.16'))).toContain('6.2 or newer')
    expect(serverProblem(info('7.0.15', 'allkeys-lru', '1000'))).toContain('maxmemory-policy is allkeys-lru')
    expect(serverProblem(`${info('7.0.15')}role:slave\r\n`)).toContain('a replica')
    expect(serverProblem(`${info('7.0.15')}cluster_enabled:1\r\n`)).toContain('part of a cluster')
    expect([info('7.0.15'), info('6.2.0'), info('8.0.0', 'allkeys-lru')].map(serverProblem)).toEqual(
      Array.from({ length: 3 }),
    )
  })
})
