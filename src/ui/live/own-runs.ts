import { jsonIn } from '../../base/records.js'
import { spawn, type ChildProcess } from 'node:child_process'
import { hostname } from 'node:os'
import { isList, isRecord } from '../../base/records.js'
import type { RunCounts, RunEndedEvent, RunState, StartRequest, Trouble } from '../contract.js'
import { eventLine, linesIn, troubleIn } from './event-lines.js'
import type { LiveEvents } from './live-events.js'

/**
 * Runs that the page has started. Each is a separate `taskchain run` process, so that tasks that block, exit or run out
 * of memory do not affect the page, and code is always current. One at a time for each config.
 */
export interface OwnRuns {
  /** The number of the run; undefined if this config is already running. */
  start(asked: StartRequest): number | undefined
  /** Stops a run cleanly; a second call kills it. False if it has ended. */
  abort(started: number): boolean
  isBusy(config: string): boolean
  readonly followOf: (process: { readonly pid: number; readonly host: string }) => string | undefined
  /** Stops all of them and waits until they have ended. */
  close(): Promise<void>
}

interface Own {
  readonly number: number
  readonly follow: string
  readonly config: string
  readonly child: ChildProcess
  readonly ended: Promise<void>
}

const flushMilliseconds = 200
const maxStderr = 64 * 1024
/** Milliseconds that runs get to stop cleanly. */
const patience = 5000

/**
 * `command`: the words before `run`; `options`: those of every run, such as `--project`. `pathOf`: the path of a config
 * relative to the folder of the run.
 */
export const ownRuns = (
  command: readonly string[],
  options: readonly string[],
  folder: string,
  live: LiveEvents,
  pathOf: (config: string) => string,
  after: () => void,
): OwnRuns => {
  const going = new Map<number, Own>()
  let next = 1
  const stopping = new Set<number>()
  /** Kills runs that have not stopped: what they saved stays, as after any kill. */
  const atExit = (): void => {
    for (const { child } of going.values()) child.kill('SIGKILL')
  }
  process.on('exit', atExit) // in case `close` is not awaited
  return {
    start: ({ config, tasks, force = [] }) => {
      if ([...going.values()].some((one) => one.config === config)) return undefined
      const [program = '', ...words] = command
      const forced = force.flatMap((task) => ['--force', task])
      const all = [...words, 'run', ...options, ...forced, '--json', '--', pathOf(config), ...tasks]
      const child = spawn(program, all, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
      const number = next++
      const follow = `own-${number}`
      live.began({
        follow,
        run: null,
        started: number,
        config,
        tasks,
        command: 'run',
        host: hostname(),
        pid: child.pid ?? null,
        at: new Date().toISOString(),
      })
      const ended = listened(child, follow, live).then((end) => {
        going.delete(number)
        live.ended({ follow, run: live.runs().find((one) => one.follow === follow)?.run ?? null, ...end })
        live.changed('store')
        after()
      })
      going.set(number, { number, follow, config, child, ended })
      return number
    },
    abort: (number) => {
      const one = going.get(number)
      if (one === undefined) return false
      const isAgain = stopping.has(number)
      stopping.add(number)
      return one.child.kill(isAgain ? 'SIGKILL' : 'SIGINT')
    },
    isBusy: (config) => [...going.values()].some((one) => one.config === config),
    followOf: ({ pid, host }) =>
      [...going.values()].find((one) => one.child.pid === pid && host === hostname())?.follow,
    close: async () => {
      for (const { child } of going.values()) child.kill('SIGTERM')
      const timer = setTimeout(atExit, patience)
      await Promise.all(Array.from(going.values(), ({ ended }) => ended))
      clearTimeout(timer)
      process.off('exit', atExit)
    },
  }
}

type End = Pick<RunEndedEvent, 'state' | 'counts' | 'seconds' | 'failures' | 'trouble'>

/** Passes on the events of a run, and resolves with how it ended. Never rejects. */
const listened = (child: ChildProcess, follow: string, live: LiveEvents): Promise<End> =>
  new Promise((resolve) => {
    let [rest, stderr, last] = ['', '', '']
    let waiting: NonNullable<ReturnType<typeof eventLine>>[] = []
    const flush = (): void => {
      live.happened(follow, waiting)
      waiting = []
    }
    const timer = setInterval(flush, flushMilliseconds)
    timer.unref()
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const found = linesIn(text, rest)
      rest = found.rest
      for (const line of found.lines) {
        const event = eventLine(line)
        if (event === undefined) last = line
        else waiting.push(event)
      }
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-maxStderr)
    })
    const end = (code: number | null, problem?: string): void => {
      clearInterval(timer)
      flush()
      resolve(endOf(code, last, problem ?? stderr))
    }
    child.on('error', (error) => end(null, error.message))
    child.on('close', (code) => end(code))
  })

/** How a run ended, from its exit code, its last event and its standard error. */
export const endOf = (code: number | null, last: string, stderr: string): End => {
  const report = jsonIn(last)
  const ended = isRecord(report) && report['event'] === 'ended' ? report : undefined
  const failed = ended === undefined || !isList(ended['failed']) ? [] : ended['failed']
  const seconds = ended?.['seconds']
  const errors = isRecord(report) && isList(report['errors']) ? report['errors'] : []
  const reported = [...failed, ...errors].flatMap((one) => troubleIn(one) ?? [])
  return {
    state: stateOf(code),
    counts: ended === undefined ? null : countsIn(ended),
    seconds: typeof seconds === 'number' ? seconds : null,
    failures: failed.flatMap((one) => (isRecord(one) && typeof one['node'] === 'string' ? [one['node']] : [])),
    trouble: reported.length > 0 || ended !== undefined || stderr.trim() === '' ? reported : [troubleOf(stderr)],
  }
}

const troubleOf = (stderr: string): Trouble => ({ tag: 'Said', message: stderr.trim() })

const stateOf = (code: number | null): RunState => {
  if (code === 0) return 'done'
  if (code === null) return 'died'
  if (code === 4) return 'unfinished'
  return code >= 128 ? 'stopped' : 'failed'
}

const countsIn = (report: Readonly<Record<string, unknown>>): RunCounts => {
  const length = (name: keyof RunCounts): number => {
    const list = report[name]
    return isList(list) ? list.length : 0
  }
  return {
    computed: length('computed'),
    loaded: length('loaded'),
    cached: length('cached'),
    adopted: length('adopted'),
    failed: length('failed'),
    skipped: length('skipped'),
    unfinished: length('unfinished'),
    stale: length('stale'),
  }
}
