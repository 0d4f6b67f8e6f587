import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { contentsOf, type Contents } from './inspect.js'

/** What a worker tells at its end. */
export interface Told {
  readonly computed?: readonly string[]
  readonly failed?: readonly {
    readonly _tag: string
    readonly node?: string
    /** Of the error's cause. */
    readonly name?: string
    readonly code?: string
    readonly message?: string
  }[]
  readonly skipped?: number
  readonly value?: unknown
  /** Of `gc`: how many artifacts it moved to the trash, and left to who computes or reads them. */
  readonly moved?: number
  readonly busy?: number
  /** Of `gc`: what it could not move. */
  readonly refused?: readonly string[]
  /** Of `verify`: what it set aside, and what it could not look at. */
  readonly damage?: readonly string[]
  readonly unsure?: readonly string[]
  /** It did not come to a report. */
  readonly thrown?: unknown
}

export interface WorkerOptions {
  readonly root: string
  readonly version: number
  /**
   * What is done before the run: nothing, everything forced in this process, marked as stale on disk, deleted. Or,
   * instead of a run: everything that is free moved to the trash, everything read and compared.
   */
  readonly action?: 'run' | 'again' | 'mark' | 'delete' | 'gc' | 'verify'
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
  readonly heartbeat?: { readonly every: number; readonly limit: number }
  /** For how long `verify` looks on when it has read everything; milliseconds. */
  readonly stays?: number
  /** In a pid namespace of its own, where this system lets us; else with a host name of its own. */
  readonly container?: boolean
  /** Which of two versions of the code. */
  readonly code?: 'a' | 'b'
  /** Tasks run on worker threads. */
  readonly threads?: boolean
}

export interface RunningWorker {
  readonly process: ChildProcess
  readonly ready: Promise<void>
  /** Undefined where it was killed. */
  readonly told: Promise<Told | undefined>
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>
  /** To the process itself, also where it is in a container. */
  readonly signal: (signal: NodeJS.Signals) => void
}

const unshare: readonly string[] = ['--pid', '--fork', '--kill-child', '--mount-proc']
/** Whether this process may start others in pid namespaces of their own. */
export const hasContainers = spawnSync('unshare', [...unshare, 'true'], { stdio: 'ignore' }).status === 0
let containers = 0

/** Starts a process on a store. `counter`: a file that every `run` adds a line to. */
export const startWorker = (options: WorkerOptions, counter?: string): RunningWorker => {
  const inContainer = options.container === true && hasContainers
  const host = options.container === true && !hasContainers ? { host: `container-${containers++}` } : {}
  const args = [resolve(import.meta.dirname, 'worker.mjs'), JSON.stringify({ ...options, ...host })]
  const child = spawn(
    inContainer ? 'unshare' : process.execPath,
    inContainer ? [...unshare, process.execPath, ...args] : args,
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, CHAOS_COUNTER: counter } },
  )
  // The channel closes when everybody in the container has ended, and after all that was said.
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')])
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
    signal: (signal) => {
      try {
        process.kill(inContainer ? firstChild(child.pid as number) : (child.pid as number), signal)
      } catch {
        // it has ended
      }
    },
  }
}

/** What `unshare` has started. */
const firstChild = (pid: number): number => {
  const found = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
  if (!(found > 0)) throw new Error('no child any more')
  return found
}

/** A run that nobody disturbs, to its end. */
export const runWorker = async (options: WorkerOptions, counter?: string): Promise<Told> =>
  (await startWorker(options, counter).told) ?? { thrown: 'it ended without a word' }

/** `taskchain run` as a process of its own. `output`: a descriptor for what it says. */
export const startCommand = (
  args: readonly string[],
  counter?: string,
  output: number | 'ignore' = 'ignore',
): { readonly process: ChildProcess; readonly ended: Promise<number | null> } => {
  const child = spawn(
    process.execPath,
    [
      resolve(import.meta.dirname, '../../dist/cli/main.js'),
      ...args,
      '--project',
      resolve(import.meta.dirname, 'taskchain.config.mjs'),
    ],
    { stdio: ['ignore', output, output], env: { ...process.env, CHAOS_COUNTER: counter } },
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

export const undisturbed = (versions: readonly number[], chain: Chain = {}): Promise<Undisturbed> => {
  const name = JSON.stringify([versions, chain])
  const made = known.get(name) ?? undisturbedNow(versions, chain)
  known.set(name, made)
  return made
}

/** Which part of the project is run; by default that with every format. */
export type Chain = Pick<WorkerOptions, 'tasks' | 'wanted' | 'code'>

const known = new Map<string, Promise<Undisturbed>>()

const undisturbedNow = async (versions: readonly number[], chain: Chain): Promise<Undisturbed> =>
  inFolder(async (folder) => {
    const values = new Map<number, unknown>()
    let duration = 0
    for (const version of versions) {
      const worker = startWorker({ root: join(folder, 'store'), version, ...chain })
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
