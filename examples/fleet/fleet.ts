import { spawn, type ChildProcess } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Servers } from './servers.js'

/** The built command, and the project that it runs. */
const command = resolve(import.meta.dirname, '../../dist/cli/main.js')
const project = resolve(import.meta.dirname, '../movies')

export interface Fleet {
  /** Number of tasks computed by each worker, by name. */
  readonly tally: ReadonlyMap<string, number>
  /** Runs a command that hands its tasks to the workers; resolves with its exit code. */
  taskchain(...words: readonly string[]): Promise<number>
  /** Stops that command. */
  interrupt(): void
  stop(): Promise<void>
}

/** Workers as if on separate machines: each is a process with its own cache. */
export const startFleet = async (
  servers: Servers,
  folder: string,
  names: readonly string[],
  print: (line: string) => void,
): Promise<Fleet> => {
  const tally = new Map(names.map((name) => [name, 0]))
  const start = (name: string, words: readonly string[], hear: (line: string) => void): ChildProcess => {
    const child = spawn(process.execPath, [command, ...words, '--store', servers.store], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...servers.environment, TASKCHAIN_CACHE: join(folder, 'cache', name) },
    })
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', hear)
    return child
  }
  const startWorker = (name: string) => {
    let isReady = (): void => undefined
    const ready = new Promise<void>((done) => (isReady = done))
    const child = start(name, ['worker', '--concurrency', '1'], (line) => {
      if (!/^(started|loaded|SIG\w+:) ?/.test(line)) print(`${name} | ${line}`)
      if (line.includes('takes tasks')) isReady()
      if (line.startsWith('computed ')) tally.set(name, (tally.get(name) ?? 0) + 1)
    })
    const ended = exitOf(child)
    return { child, ended, ready: Promise.race([ready, ended]) }
  }
  const workers = names.map(startWorker)
  await Promise.all(workers.map(({ ready }) => ready))
  let coordinator: ChildProcess | undefined
  return {
    tally,
    taskchain: (...words) => {
      coordinator = start('coordinator', [...words, '--executor', 'bullmq'], (line) => {
        if (!/^(planned|started|loaded|computed) /.test(line)) print(line) // the workers report what they compute
      })
      return exitOf(coordinator)
    },
    interrupt: () => void coordinator?.kill('SIGINT'),
    stop: async () => {
      for (const { child } of workers) child.kill('SIGTERM') // tasks in progress finish first
      await Promise.all(workers.map(({ ended }) => ended))
    },
  }
}

const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((done) => void child.once('close', (code) => done(code ?? 1)))
