import { spawn, type ChildProcess } from 'node:child_process'
import { endWithParent } from '../base/threads/end-with-parent.js'
import { ownModule } from '../base/package-root.js'
import type { Finished } from './answer.js'

/** Limits in characters on the captured output of a command. */
const maxOutput = 64_000_000
const maxErrors = 20_000
const longest = 120_000
const atOnce = 2

/**
 * Sends what a project prints while it loads to standard error, so that standard output has only the answer. Ends the
 * command with this process, however that ends.
 */
const beforeCommand = `data:text/javascript,${encodeURIComponent(`import { Console } from 'node:console'
import { Worker } from 'node:worker_threads'
globalThis.console = new Console(process.stderr, process.stderr)
new Worker(${JSON.stringify(endWithParent(process.pid))}, { eval: true, stdout: false, execArgv: [] }).unref()`)}`

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

let free = atOnce
const waiting: (() => void)[] = []
const slot = async (): Promise<void> => {
  if (free > 0) free--
  else await new Promise<void>((resolve) => void waiting.push(resolve))
}
const release = (): void => {
  const next = waiting.shift()
  if (next === undefined) free++
  else next()
}

/**
 * Runs a taskchain command in a separate process, so that the project's code is current and its output stays out of the
 * protocol. Runs a few at once; stopped when cancelled by the caller, and after two minutes.
 */
export const runCommand = async (words: readonly string[], folder: string, signal: AbortSignal): Promise<Finished> => {
  await slot()
  try {
    return await run(words, folder, signal)
  } finally {
    release()
  }
}

const run = (words: readonly string[], folder: string, signal: AbortSignal): Promise<Finished> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', beforeCommand, ownModule('cli/main'), ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    })
    running.add(child)
    let [out, err] = ['', '']
    let stopped: string | undefined
    const stop = (why: string): void => {
      stopped ??= why
      child.kill('SIGKILL')
    }
    const abort = (): void => stop('cancelled')
    const timer = setTimeout(() => stop(`it took longer than ${longest / 1000} s; does the project load?`), longest)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (out.length > maxOutput) stop('the answer is too long')
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err = (err + text).slice(0, maxErrors)
    })
    const end = (code: number | null): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      running.delete(child)
      resolve({ code, out, err, stopped })
    }
    child.on('error', (cause) => {
      err += cause.message
      end(null)
    })
    child.on('close', end)
  })
