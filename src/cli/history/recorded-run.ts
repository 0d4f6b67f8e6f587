import { eventWriter } from '../../adapters/history/event-writer.js'
import { endedRecord, startRecord } from '../../adapters/history/record-run.js'
import { askRevision } from '../../adapters/history/revision.js'
import { historyOf } from '../../adapters/history/open-history.js'
import { usedByItems } from '../../adapters/history/used-by-items.js'
import { messageOf } from '../../base/thrown.js'
import { errorsOfThrown } from '../../explain/thrown-errors.js'
import type { Listener, RunReport } from '../../runtime/ports/events.js'
import type { RecordedRun } from '../../runtime/ports/run-history.js'
import type { Store } from '../../runtime/ports/store.js'
import { operand, printBeside, type Call } from '../call.js'
import { exitCodeOf, exitCodes, type ExitCode } from '../exit-codes.js'
import { harmless } from '../render/text-width.js'

/** What goes into the record of a run. */
export interface About extends Omit<RecordedRun, 'config' | 'set'> {
  /** The project's folder, whose git repository is recorded. */
  readonly root: string
}

/**
 * Does some work and records it in the store's history: once before it starts, and again with its outcome. A history
 * that cannot be written is reported once and does not stop the work.
 */
export const recorded = async <A extends { readonly code: ExitCode }>(
  call: Call,
  store: Store,
  hide: (text: string) => string,
  about: About,
  work: (listener: Listener) => Promise<A>,
): Promise<A> => {
  const history = historyOf(store)
  const { context, set } = call.common
  const run = { ...about, config: operand(call, 'config') }
  const record = history && (await tried(call, () => startRecord(history, run, { context, set }, hide)))
  if (history === undefined || record === undefined) return work(() => undefined)
  const revision = askRevision(about.root, store.location)
  const events = eventWriter(history, record.id)
  const used = usedByItems()
  const failures: string[] = []
  let report: RunReport | undefined
  const listener: Listener = (event) => {
    used.take(event)
    if (event._tag === 'failed') failures.push(event.node)
    if (event._tag === 'ended') report = event.report
    events.listener(event)
  }
  const end = async (exit: ExitCode): Promise<void> => {
    const at = new Date()
    events.end()
    const ended = { at, exit, report, failures: failures.map(hide), usage: used.all() }
    const whole = { ...ended, revision: await revision.answer(longestWait) }
    const written = await tried(call, async () => (await history.write(endedRecord(record, whole)), true))
    if (written === true) await events.clear()
  }
  try {
    const outcome = await work(listener)
    await end(outcome.code)
    return outcome
  } catch (error) {
    const errors = errorsOfThrown(error)
    await end(errors === undefined ? exitCodes.failed : exitCodeOf(errors))
    throw error
  }
}

/** Git is queried while the run is going; wait at most this long for it afterwards. */
const longestWait = 1000

const tried = async <A>(call: Call, write: () => Promise<A>): Promise<A | undefined> => {
  try {
    return await write()
  } catch (error) {
    const problem = harmless(messageOf(error))
    printBeside(call, [`${call.paint.err.yellow('warning')}: the history has no record of this run: ${problem}`])
    return undefined
  }
}
