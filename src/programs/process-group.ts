import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { onAbort } from '../runtime/session/on-abort.js'
import { after } from '../runtime/session/system-clock.js'

/** A program in its own process group: signals reach all its child processes, and none of them outlives the run. */

/** What to start; `stdin` and `stdout` may be descriptors of open files. */
export interface Start {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The folder of the run, which the keeper removes if this process no longer can. */
  readonly work: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin: number | 'ignore'
  readonly stdout: number | 'pipe'
  readonly signal: AbortSignal
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly killAfter: number
  /** Receives the program's output as it is written. */
  readonly listen: (stream: 'stdout' | 'stderr', output: Readable) => void
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const hasGroups = process.platform !== 'win32'

/** Milliseconds for which a process that left its group may keep the pipes of a finished program open. */
const lastWords = 500

/** Runs a program to its end. Rejects if it cannot be started; an abort is reported like any other end. */
export const runGroup = (start: Start): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const { program, args, cwd, env, signal } = start
    const keeper = keeperOf(start.work) // first, since this process may be killed at any moment
    const child = spawn(program, args, {
      cwd,
      env: { ...env, [mark]: start.work },
      stdio: [start.stdin, start.stdout, 'pipe'],
      detached: hasGroups,
      windowsHide: true,
    })
    keeper?.keep(child.pid)
    const send = (name: NodeJS.Signals): void => sendTo(child, name)
    let forgetKill = (): void => undefined
    const stop = (): void => {
      send('SIGTERM')
      forgetKill = after(start.killAfter, () => send('SIGKILL'))
    }
    const forget = onAbort(signal, stop)
    if (signal.aborted) stop()
    if (child.stdout !== null) start.listen('stdout', child.stdout)
    if (child.stderr !== null) start.listen('stderr', child.stderr)
    let forgetPipes = (): void => undefined
    const end = (): void => {
      forget()
      forgetKill()
      forgetPipes()
      keeper?.release()
    }
    child.once('error', (cause) => {
      if (child.pid !== undefined) return // a signal was not delivered
      end()
      reject(cause)
    })
    child.once('exit', () => {
      send('SIGKILL') // processes left in its group
      forgetPipes = after(lastWords, () => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      })
    })
    child.once('close', (code, name) => {
      end()
      resolve({ code, signal: name })
    })
  })

const sendTo = (child: ChildProcess, name: NodeJS.Signals): void => {
  if (child.pid === undefined) return
  try {
    if (hasGroups) process.kill(-child.pid, name)
    else child.kill(name)
  } catch {
    // no process is left
  }
}

interface Keeper {
  readonly keep: (group: number | undefined) => void
  readonly release: () => void
}

/**
 * Kills the group and removes its folder if this process, or the thread that runs the program, ends without doing so:
 * killed, or ended by `process.exit`. A shell with a fixed script waits for the end of a pipe that only this thread
 * holds. If this process is killed before it passed on the group, the program is found by the mark in its environment,
 * on systems that show it, as it may be about to start.
 */
const keeperOf = (folder: string): Keeper | undefined => {
  if (!hasGroups || !existsSync(shell)) return undefined
  const keeper = spawn(shell, [...keeperArguments(folder)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    detached: true,
  })
  for (const one of [keeper, keeper.stdin]) one?.on('error', () => undefined)
  keeper.unref()
  return {
    keep: (group) => void keeper.stdin?.write(`${group ?? 0}\n`),
    release: () => void keeper.stdin?.end('done\n'),
  }
}

const shell = '/bin/sh'
/** The environment variable that identifies a program whose group was not passed on: it holds the folder of its run. */
const mark = 'TASKCHAIN_PROGRAM'
/** Group 0 would be the keeper's own. */
const keeperText = `
trap "" INT TERM HUP; read -r group; read -r done && exit
if [ "\${group:-0}" -gt 1 ]; then kill -s KILL -- "-$group"
else for turn in 1 2 3 4 5 6 7 8; do
  for file in /proc/[0-9]*/environ; do
    grep -qszxF -- "${mark}=$1" "$file" || continue
    pid="\${file#/proc/}"; pid="\${pid%/environ}"; kill -s KILL -- "-$pid"; kill -s KILL "$pid"
  done; sleep 0.1
done; fi
rm -rf -- "$1"`

/** Arguments of the keeper's shell: it reads the group, then a word if everything is well. */
export const keeperArguments = (folder: string): readonly string[] => ['-c', keeperText, 'sh', folder]
