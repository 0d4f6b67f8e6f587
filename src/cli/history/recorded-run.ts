import { askRevision } from '../../adapters/history/revision.js'
import { historyOf, newRunId, type RunHistory } from '../../adapters/history/run-history.js'
import type { RunPlan } from '../../adapters/history/run-plan.js'
import type { RunCounts, RunRecord } from '../../adapters/history/run-record.js'
import { processIdentity } from '../../adapters/lease/process-identity.js'
import { messageOf } from '../../base/thrown.js'
import { TaskchainError } from '../../errors.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { Listener, RunReport } from '../../runtime/ports/events.js'
import type { Store } from '../../runtime/ports/store.js'
import { operand, printBeside, type Call } from '../call.js'
import { exitCodeOf, exitCodes, type ExitCode } from '../exit-codes.js'
import { harmless } from '../render/text-width.js'
import { eventDocument } from '../run-output.js'
import { shownSet } from './shown-set.js'

/** What a run is about, as its record says it. */
export interface About {
  readonly command: 'run' | 'sweep'
  readonly nodes: readonly PlanNode[]
  readonly plan: RunPlan['plan']
  readonly tasks: readonly string[]
  /** The project's folder: its repository is the one that counts. */
  readonly root: string
}

/**
 * Does some work and leaves a record of it in the store's history: written before, and anew with what came of it. A
 * history that cannot be written is said once, and ends nothing.
 */
export const recorded = async <A extends { readonly code: ExitCode }>(
  call: Call,
  store: Store,
  hide: (text: string) => string,
  about: About,
  work: (listener: Listener) => Promise<A>,
): Promise<A> => {
  const history = historyOf(store)
  const record = history && begun(call, history, hide, about)
  if (history === undefined || record === undefined) return work(() => undefined)
  const revision = askRevision(about.root, store.location)
  const told = tellingOf(history, record.id)
  const end = async (exit: ExitCode): Promise<void> => {
    told.end()
    const ended = new Date()
    const { failures } = told
    const [at, counts] = [await revision.answer(longestWait), countsOf(told.report())]
    const last: RunRecord = {
      ...record,
      ...(at === undefined ? {} : { revision: at }),
      ended: ended.toISOString(),
      seconds: (ended.getTime() - Date.parse(record.started)) / 1000,
      exit,
      ...(counts === undefined ? {} : { counts }),
      ...(failures.length === 0 ? {} : { failures: failures.map(hide) }),
    }
    tried(call, () => history.write(last))
  }
  try {
    const outcome = await work(told.listener)
    await end(outcome.code)
    return outcome
  } catch (error) {
    await end(error instanceof TaskchainError ? exitCodeOf(error.errors) : exitCodes.failed)
    throw error
  }
}

/** Git is asked while the run goes on; so long is it waited for afterwards. */
const longestWait = 1000

const begun = (
  call: Call,
  history: RunHistory,
  hide: (text: string) => string,
  { command, tasks, nodes, plan }: About,
): RunRecord | undefined => {
  const started = new Date()
  const { pid, start, thread, space, host } = processIdentity()
  return tried(call, () => {
    const record: RunRecord = {
      id: newRunId(started),
      command,
      config: operand(call, 'config'),
      tasks,
      context: call.common.context,
      set: shownSet(call.common.set, nodes).map(hide),
      started: started.toISOString(),
      process: { pid, start, thread, space, host },
      nodes: nodes.length,
      plan: history.keepPlan({ keys: nodes.map(({ key }) => key), plan }),
    }
    history.write(record)
    return record
  })
}

const tried = <A>(call: Call, write: () => A): A | undefined => {
  try {
    return write()
  } catch (error) {
    const problem = harmless(messageOf(error))
    printBeside(call, [`${call.paint.err.yellow('warning')}: the history has no record of this run: ${problem}`])
    return undefined
  }
}

const flushMilliseconds = 200
const mostFailures = 20

/** Keeps what a run tells, for whoever follows it from elsewhere, as long as it goes on. */
const tellingOf = (history: RunHistory, id: string) => {
  let lines = ''
  let report: RunReport | undefined
  let isWritten = false
  let isLost = false
  const failures: string[] = []
  const flush = (): void => {
    if (lines === '' || isLost) return
    try {
      history.tell(id, lines)
      isWritten = true
    } catch {
      isLost = true // the record says at the end what can be said
    }
    lines = ''
  }
  const timer = setInterval(flush, flushMilliseconds)
  timer.unref()
  const listener: Listener = (event) => {
    if (event._tag === 'failed' && failures.length < mostFailures) failures.push(event.node)
    if (event._tag === 'ended') report = event.report
    else lines += eventDocument(event)
  }
  const end = (): void => {
    clearInterval(timer)
    if (isWritten) history.forget(id)
  }
  return { listener, end, failures, report: () => report }
}

const countsOf = (report: RunReport | undefined): RunCounts | undefined =>
  report && {
    computed: report.computed.length,
    loaded: report.loaded.length,
    cached: report.cached.length,
    adopted: report.adopted.length,
    failed: report.failed.length,
    skipped: report.skipped.length,
    unfinished: report.unfinished.length,
    stale: report.stale.length,
  }
