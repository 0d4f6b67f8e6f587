import { availableParallelism } from 'node:os'
import type { PlanNode } from '../plan/plan-types.js'
import type { Listener, RunReport } from '../runtime/ports/events.js'
import { eventDocument } from '../adapters/history/event-document.js'
import { numberOption, printBeside, type Call } from './call.js'
import { explained, jsonDocument } from './json-output.js'
import { liveBlock } from './render/live-block.js'
import { nextLine, type LastLines } from './render/render-events.js'
import { afterEvent, lastingLine, noProgress, progressLines } from './render/render-progress.js'
import { paintedSummary, troubleLines } from './render/render-report.js'
import { closing, timeLeft, workOf, type TimeLeft } from './live/time-left.js'

/** Reports a run while it is going. */
export interface RunOutput {
  readonly onEvent: Listener
  /** Ctrl-C was pressed once. */
  stopping(signal: string): void
  /** Restores the terminal; safe to call twice. */
  end(): void
  /** The summary, and what did not go well. */
  report(report: RunReport): void
}

/** JSON lines for programs, a live block for terminals, one line for each event elsewhere. */
export const runOutput = (call: Call, nodes: readonly PlanNode[]): RunOutput => {
  if (call.options['quiet'] === true) return quiet(call)
  if (call.common.json) return jsonLines(call)
  return call.host.out.isTerminal && call.host.environment['TERM'] !== 'dumb' ? live(call, nodes) : plainLines(call)
}

/** Only problems; for programs only the final event. */
const quiet = (call: Call): RunOutput => ({
  ...(call.common.json ? jsonLines(call) : { stopping: () => undefined, end: () => undefined }),
  onEvent: () => undefined,
  report: (report) => (call.common.json ? jsonLines(call).report(report) : trouble(call, report)),
})

const jsonLines = (call: Call): RunOutput => ({
  onEvent: (event) => {
    if (event._tag !== 'ended') call.host.out.write(eventDocument(event))
  },
  stopping: (signal) => call.host.err.write(`${signal}: stopping\n`),
  end: () => undefined,
  report: (report) =>
    call.host.out.write(jsonDocument({ event: 'ended', ...report, failed: explainedFailures(report) })),
})

const explainedFailures = (report: RunReport): readonly object[] =>
  report.failed.map((error) => ({
    ...('node' in error ? { node: error.node } : {}),
    ...explained([error])[0],
    ...('log' in error ? { log: error.log } : {}),
  }))

const plainLines = (call: Call): RunOutput => {
  let last: LastLines = new Map()
  return {
    onEvent: (event) => {
      const [next, line] = nextLine(last, event, call.options['verbose'] === true)
      last = next
      if (line !== undefined) call.host.out.write(`${line}\n`)
    },
    stopping: (signal) => call.host.err.write(stoppingLine(signal)),
    end: () => undefined,
    report: (report) => finalWords(call, report),
  }
}

const frameMilliseconds = 100
/** A time that changes with every frame cannot be read. */
const timeLeftMilliseconds = 1000

const live = (call: Call, nodes: readonly PlanNode[]): RunOutput => {
  const work = workOf(nodes, numberOption(call, 'concurrency') ?? availableParallelism())
  const open = new Map<string, number | null>()
  let left: TimeLeft | undefined
  let toldAt = -Infinity

  const paint = call.paint.out
  const block = liveBlock(
    call.host.out,
    [process.stdout, process.stderr].filter((stream) => stream.isTTY),
  )
  let state = noProgress
  let drawnAt = 0
  const draw = (): void => {
    const now = Date.now()
    drawnAt = performance.now()
    if (drawnAt - toldAt >= timeLeftMilliseconds) {
      toldAt = drawnAt
      left = timeLeft(open, state.running, work, now)
    }
    block.draw(progressLines(state, { ...call.host.out.size(), now, paint, left }))
  }
  const timer = setInterval(draw, frameMilliseconds)
  timer.unref()
  return {
    onEvent: (event) => {
      state = afterEvent(state, event)
      closing(open, event)
      const line = lastingLine(state, event, paint, call.options['verbose'] === true)
      if (line !== undefined) block.keep(line)
      // the timer is late while tasks keep the thread busy
      if (event._tag !== 'ended' && performance.now() - drawnAt >= frameMilliseconds) draw()
    },
    stopping: () => {
      state = { ...state, stopping: true }
      draw()
    },
    end: () => {
      clearInterval(timer)
      block.end()
    },
    report: (report) => finalWords(call, report),
  }
}

const finalWords = (call: Call, report: RunReport): void => {
  trouble(call, report)
  call.host.out.write(`${paintedSummary(report, call.paint.out)}\n`)
}

const trouble = (call: Call, report: RunReport): void => printBeside(call, troubleLines(report, call.paint.err))

/** Node undoes the `nohup` that it is started with, so a run that was started so wonders why it stops. */
const stoppingLine = (signal: string): string =>
  `${signal}: stopping, what was saved stays\n` +
  (signal === 'SIGHUP' ? '  its terminal was closed; nohup has no effect on Node, setsid or tmux keep a run\n' : '')
