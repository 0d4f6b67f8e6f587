import { codeBeingLoaded } from '../base/threads/code-being-loaded.js'
import { taskchainError } from '../explain.js'
import { readable } from '../explain/readable.js'
import { exitCodes } from './exit-codes.js'
import { reportFailure } from './report-failure.js'

/**
 * Reports a project whose code ends the process while it is loaded, which would otherwise end a command without a word
 * and perhaps with the exit code of success: by `process.exit`, by an error that nobody can catch, or by waiting for
 * something that can no longer happen. Returns a function that stops this.
 */
export const reportEndsWhileLoading = (to: Parameters<typeof reportFailure>[1]): (() => void) => {
  let uncaught: { readonly cause: unknown } | undefined
  let isReported = false
  const report = (cause: unknown): void => {
    const file = codeBeingLoaded()
    if (file === undefined || isReported) return
    isReported = true
    process.exitCode = reportFailure(taskchainError([{ _tag: 'ProjectNotLoaded', file, cause }]), to)
  }
  const listeners = {
    // only a monitor: Node goes on to end the process as ever
    uncaughtExceptionMonitor: (thrown: unknown): void => {
      uncaught = { cause: readable(thrown) }
    },
    // before Node does, which would show the line of this program that waits for the project
    beforeExit: (): void => {
      report(withoutStack('it waits with a top-level await for something that can no longer happen'))
      if (isReported) process.exit()
    },
    exit: (code: number): void => {
      if (code === exitCodes.interrupted || code === exitCodes.terminated) return // by a signal
      report(
        uncaught === undefined ? withoutStack(`its code ended the process by process.exit(${code})`) : uncaught.cause,
      )
    },
  }
  const names = Object.keys(listeners) as (keyof typeof listeners)[] // of these
  for (const name of names) process.on(name, listeners[name])
  return () => {
    for (const name of names) process.removeListener(name, listeners[name])
  }
}

/** No line of code that could be shown has thrown it. */
const withoutStack = (message: string): Error => {
  const error = new Error(message)
  delete error.stack
  return error
}
