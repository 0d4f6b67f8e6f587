// What a run over a queue survives: its parts are killed and suspended, and counted is how often each task ran.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, emptyFolder, remove, write } from '../cli/fixture.js'
import { hasRedis, startRedis, type RedisServer } from '../workers/queue/redis-server.js'
import type { Outcome, Scenario } from './trouble.js'

const [layers, width] = [6, 10]
const size = layers * width

/** Nodes of a layer read two of the one before; each says in a file that it runs, and takes a while. */
const tasks = `
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
const tasks = []
for (let node = 0; node < ${size}; node++) {
  const read = node < ${width} ? [] : [0, 3].map((step) => node - ${width} - (node % ${width}) + ((node + step) % ${width}))
  const inputs = Object.fromEntries(read.map((input) => ['i' + input, tasks[input]]))
  tasks.push(defineTask({ name: 'n' + node, inputs, data: t.number }).run(async (values) => {
    appendFileSync(join(import.meta.dirname, 'ran.txt'), node + '\\n')
    await new Promise((resolve) => setTimeout(resolve, 60))
    return Object.values(values).reduce((sum, one) => sum + one, 1)
  }))
}
export default defineProject({ pipelines: { p: Object.fromEntries(tasks.map((task, node) => ['n' + node, task])) } })
`

/** What a node gives: by its layer alone. */
const valueOf = (node: number): number => 2 ** (Math.floor(node / width) + 1) - 1

interface Company {
  readonly folder: string
  readonly redis: RedisServer
  readonly workers: ChildProcess[]
  /** How often tasks ran so far. */
  readonly calls: () => number
  readonly run: () => Run
  readonly worker: () => Promise<ChildProcess>
}

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
}

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await new Promise((resolve) => void setTimeout(resolve, 5))
}

const numbersIn = (folder: string): readonly number[] =>
  existsSync(join(folder, 'ran.txt'))
    ? readFileSync(join(folder, 'ran.txt'), 'utf8').trimEnd().split('\n').map(Number)
    : []

const start = async (): Promise<Company> => {
  const folder = emptyFolder()
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': tasks,
    'configs/all.yaml': 'tasks: [p:*]\n',
  })
  const redis = await startRedis()
  const workers: ChildProcess[] = []
  const worker = async (): Promise<ChildProcess> => {
    const script = join(import.meta.dirname, '../workers/queue/worker-process.mjs')
    const child = spawn(process.execPath, [script, folder, redis.url, '{}'], { stdio: ['ignore', 'pipe', 'ignore'] })
    workers.push(child)
    await new Promise((resolve) => child.stdout.once('data', resolve))
    return child
  }
  const run = (): Run => {
    const words = ['run', 'all', '--executor', 'bullmq', '--redis', redis.url]
    const child = spawn(process.execPath, [command, ...words], { cwd: folder, stdio: 'ignore' })
    return { child, ended: new Promise((resolve) => void child.once('close', resolve)) }
  }
  await Promise.all([worker(), worker()])
  return { folder, redis, workers, calls: () => numbersIn(folder).length, run, worker }
}

const end = async ({ folder, redis, workers }: Company): Promise<void> => {
  const living = workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  const ended = living.map((child) => new Promise<void>((resolve) => void child.once('close', () => resolve())))
  for (const child of living) child.kill('SIGKILL')
  await Promise.all(ended)
  await redis.stop()
  remove(folder)
}

/** What is wrong in the end: nodes without a result, wrong ones, and more repetitions than the fault explains. */
const problemsOf = ({ folder }: Company, code: number | null, most: number): Outcome => {
  const store = join(folder, 'data/tasks/p')
  const problems: string[] = code === 0 ? [] : [`the run ended with ${code}`]
  for (let node = 0; node < size; node++) {
    const made = existsSync(join(store, `n${node}`)) ? readdirSync(join(store, `n${node}`)) : []
    const file = made.find((name) => /^[0-9a-f]{32}\.json$/.test(name))
    const value = file === undefined ? undefined : Number(readFileSync(join(store, `n${node}`, file), 'utf8'))
    if (value !== valueOf(node)) problems.push(`n${node} is ${value}, not ${valueOf(node)}`)
  }
  const ran = numbersIn(folder)
  const twice = ran.length - new Set(ran).size
  if (twice > most) problems.push(`${twice} tasks ran again, where at most ${most} had to`)
  return { done: `${size} of ${size} nodes right, ${twice} ran a second time`, problems }
}

/** Two workers, two tasks at once in each. */
const scenario = (name: string, most: number, fault: (company: Company, run: Run) => Promise<Run>): Scenario => ({
  name: `queue: ${name}`,
  play: async () => {
    if (!hasRedis) return { done: 'left out: redis-server is not installed', problems: [] }
    const company = await start()
    try {
      const last = await fault(company, company.run())
      const code = await last.ended
      return problemsOf(company, code, most)
    } finally {
      await end(company)
    }
  },
})

export const killedRun = scenario(
  'the run is killed four times, and started again at once',
  0,
  async (company, run) => {
    let current = run
    for (let kill = 1; kill <= 4; kill++) {
      await until(() => company.calls() >= (kill * size) / 5)
      current.child.kill('SIGKILL')
      await current.ended
      current = company.run()
    }
    return current
  },
)

const half = ({ calls }: Company): Promise<void> => until(() => calls() >= size / 2)
const redisCli = ({ redis }: Company, ...words: readonly string[]): void =>
  void execFileSync('redis-cli', ['-u', redis.url, ...words])

export const queueFaults: readonly Scenario[] = [
  scenario('nothing happens', 0, async (_, run) => run),
  killedRun,
  scenario('a worker is killed, and another is started', 2, async (company, run) => {
    await half(company)
    company.workers[0]?.kill('SIGKILL')
    await company.worker()
    return run
  }),
  scenario('a worker is suspended for longer than it is waited for, and wakes', 2, async (company, run) => {
    await half(company)
    company.workers[0]?.kill('SIGSTOP')
    await new Promise((resolve) => void setTimeout(resolve, 6000))
    company.workers[0]?.kill('SIGCONT')
    return run
  }),
  scenario('Redis is killed, and comes back after a second', 0, async (company, run) => {
    await half(company)
    await company.redis.restart()
    return run
  }),
  scenario('Redis loses everything', 4, async (company, run) => {
    await half(company)
    redisCli(company, 'FLUSHALL')
    return run
  }),
  scenario('a second run wants the same', 0, async (company, run) => {
    await half(company)
    const second = company.run()
    if ((await second.ended) !== 0) throw new Error('the second run failed')
    return run
  }),
]
