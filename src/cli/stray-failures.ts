import { setImmediate as nextTurn } from 'node:timers/promises'
import { readable } from '../explain/readable.js'
import type { Listener } from '../runtime/ports/events.js'

/**
 * Failures outside any task's promise: work that a task left running and does not wait for, and a task that ends the
 * process.
 */
export interface StrayFailures {
  /** Takes every event of the run. */
  readonly onEvent: Listener
  /** Aborted at the first one: results that tasks return after that are not kept. */
  readonly signal: AbortSignal
  /** Whether there was any. */
  readonly met: () => boolean
  /**
   * Stops watching the run. Anything rejected or thrown from now until the process ends is still reported and makes the
   * exit code 1: Node would print it raw, secrets included.
   */
  release(): Promise<void>
}

/** Called for each failure: what happened during which task, what was thrown, and the consequence. */
export type ReportStray = (sentence: string, cause: unknown, consequence: string) => void

/**
 * Watches the process during a run. `report` gets a sentence that names the running task, or all of them if there are
 * several. Within one process such a failure cannot be attributed to one of several tasks. A task that calls
 * `process.exit` ends all of them, which is reported with exit code 1 instead of 0.
 */
export const watchStrayFailures = (report: ReportStray): StrayFailures => {
  const running = new Set<string>()
  const controller = new AbortController()
  const who = (): string => {
    const names = [...running]
    return names.length === 0
      ? 'while no task was running'
      : names.length === 1
        ? `while ${names[0]} was running`
        : `while one of ${names.join(', ')} was running`
  }
  const stop = (sentence: string, cause: unknown): void => {
    report(`${sentence} ${who()}`, cause, stopped)
    controller.abort(new DOMException(sentence, 'AbortError'))
  }
  const onRejection = (cause: unknown): void => stop('a promise that nobody waits for was rejected', readable(cause))
  const onException = (cause: unknown): void => stop('an error that nobody can catch was thrown', readable(cause))
  const onExit = (code: number): void => {
    report(
      `the process was ended by process.exit(${code}) ${who()}; what was running is lost, what was saved stays`,
      undefined,
      stopped,
    )
    if (code === 0) process.exitCode = 1
  }
  forgetLate()
  process.on('unhandledRejection', onRejection)
  process.on('uncaughtException', onException)
  process.on('exit', onExit)
  return {
    onEvent: (event) => {
      if (event._tag === 'started') running.add(event.node)
      else if (
        event._tag === 'computed' ||
        event._tag === 'failed' ||
        event._tag === 'unfinished' ||
        event._tag === 'skipped'
      )
        running.delete(event.node)
    },
    signal: controller.signal,
    met: () => controller.signal.aborted,
    release: async () => {
      await nextTurn()
      process.removeListener('unhandledRejection', onRejection)
      process.removeListener('uncaughtException', onException)
      process.removeListener('exit', onExit)
      reportLate(report)
    },
  }
}

const stopped = 'the run is stopped; with --executor workers only that task would fail'

/** Listeners for failures after the last run of the process; at most one pair, whatever the number of runs. */
let forgetLate: () => void = () => undefined

const reportLate = (report: ReportStray): void => {
  const late =
    (sentence: string) =>
    (cause: unknown): void => {
      report(`${sentence} after the run had ended`, readable(cause), 'what the run has saved stays')
      process.exitCode ||= 1
    }
  const onRejection = late('a promise that nobody waits for was rejected')
  const onException = late('an error that nobody can catch was thrown')
  forgetLate()
  process.on('unhandledRejection', onRejection)
  process.on('uncaughtException', onException)
  forgetLate = () => {
    process.removeListener('unhandledRejection', onRejection)
    process.removeListener('uncaughtException', onException)
    forgetLate = () => undefined
  }
}
