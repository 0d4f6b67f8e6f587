import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { contentsOf, type Contents } from './inspect.js'

/** What a worker tells at its end. */
export interface Told {
  readonly computed?: readonly string[]
  readonly failed?: readonly {
    readonly _tag: string
    readonly node?: string
    readonly code?: string
    readonly message?: string
  }[]
  readonly skipped?: number
  readonly value?: unknown
  /** It did not come to a report. */
  readonly thrown?: unknown
}

export interface WorkerOptions {
  readonly root: string
  readonly version: number
  /** What is done before the run: nothing, everything forced in this process, marked as stale on disk, deleted. */
  readonly action?: 'run' | 'again' | 'mark' | 'delete'
  readonly tasks?: string | readonly string[]
  readonly wanted?: string
  readonly faults?: {
    readonly seed: number
    readonly rate: number
    readonly code: string
    readonly calls: readonly string[]
  }
  readonly shift?: number
  readonly host?: string
  /** Tasks run on worker threads. */
  readonly threads?: boolean
}

export interface RunningWorker {
  readonly process: ChildProcess
  readonly ready: Promise<void>
  /** Undefined where it was killed. */
  readonly told: Promise<Told | undefined>
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>
}

/** Starts a process on a store. `counter`: a file that every `run` adds a line to. */
export const startWorker = (options: WorkerOptions, counter?: string): RunningWorker => {
  const child = fork(resolve(import.meta.dirname, 'worker.mjs'), [JSON.stringify(options)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, CHAOS_COUNTER: counter },
  })
  const ended = once(child, 'exit')
  let told: Told | undefined
  let isReady = (): void => undefined
  const ready = new Promise<void>((resolve) => (isReady = resolve))
  child.on('message', (message) => (message === 'ready' ? isReady() : (told = message as Told)))
  child.on('error', () => undefined)
  return {
    process: child,
    ready: Promise.race([ready, ended.then(() => undefined)]),
    told: ended.then(() => told),
    kill: async (signal = 'SIGKILL') => {
      child.kill(signal)
      await ended
    },
  }
}

/** A run that nobody disturbs, to its end. */
export const runWorker = async (options: WorkerOptions, counter?: string): Promise<Told> =>
  (await startWorker(options, counter).told) ?? { thrown: 'it ended without a word' }

/** `taskchain run` as a process of its own. */
export const startCommand = (
  args: readonly string[],
  counter: string,
): { readonly process: ChildProcess; readonly ended: Promise<number | null> } => {
  const child = spawn(
    process.execPath,
    [
      resolve(import.meta.dirname, '../../dist/cli/main.js'),
      ...args,
      '--project',
      resolve(import.meta.dirname, 'taskchain.config.mjs'),
    ],
    { stdio: 'ignore', env: { ...process.env, CHAOS_COUNTER: counter } },
  )
  return { process: child, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

/** The same numbers for one seed. */
export const randomFrom = (seed: number): ((below: number) => number) => {
  let state = (seed % 2147483646) + 1
  return (below) => (state = (state * 48271) % 2147483647) % below
}

/** What an undisturbed run of each version leaves, and gives. */
export interface Undisturbed {
  readonly contents: Contents
  readonly values: ReadonlyMap<number, unknown>
  /** Milliseconds that a run took once it was ready. */
  readonly duration: number
}

export const undisturbed = (versions: readonly number[]): Promise<Undisturbed> => {
  const name = versions.join()
  const made = known.get(name) ?? undisturbedNow(versions)
  known.set(name, made)
  return made
}

const known = new Map<string, Promise<Undisturbed>>()

const undisturbedNow = async (versions: readonly number[]): Promise<Undisturbed> =>
  inFolder(async (folder) => {
    const values = new Map<number, unknown>()
    let duration = 0
    for (const version of versions) {
      const worker = startWorker({ root: join(folder, 'store'), version })
      await worker.ready
      const start = performance.now()
      const told = await worker.told
      duration = performance.now() - start
      if (told?.value === undefined) throw new Error(`the undisturbed run came to nothing: ${JSON.stringify(told)}`)
      values.set(version, told.value)
    }
    return { contents: contentsOf(join(folder, 'store')), values, duration }
  })

/** A folder for a while. */
export const inFolder = async <A>(use: (folder: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-chaos-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
