import { basename, isAbsolute, relative, resolve } from 'node:path'
import { messageOf } from '../../base/thrown.js'
import type { RunPlan } from '../../plan/plan-types.js'
import type { RunEvent, RunReport } from '../../runtime/ports/events.js'
import type { RecordedRun, Recording, RunRecorder } from '../../runtime/ports/run-history.js'
import { eventWriter, type EventWriter } from './event-writer.js'
import { endedRecord, startRecord, type AskedFor, type RunEnd } from './record-run.js'
import { isWork, keptIn, maxBefore } from './recorder-on-demand.js'
import { askRevision, type RevisionQuestion } from './revision.js'
import type { RunHistory } from './run-history.js'
import type { RunRecord } from './run-record.js'
import { usedByItems } from './used-by-items.js'

/** What the recorder of a program's runs needs. */
export interface ProgramParts {
  readonly history: RunHistory
  /** The project's folder, and that of the store, whose files do not count as changes of the project. */
  readonly root: string
  readonly location: string
  /** What the plan of a run was requested with; undefined if there are several. */
  readonly askedFor: (plan: RunPlan | undefined) => Omit<AskedFor, 'program'>
  readonly hide: (text: string) => string
  /** Called once if records cannot be written. */
  readonly warn: (problem: string) => void
}

/** A recorder whose `close` waits for pending answers from git. */
export type ProgramRecorder = RunRecorder & { readonly close: () => Promise<void> }

/** Records the runs that a program starts itself. */
export const programRecorder = (parts: ProgramParts): ProgramRecorder => {
  const pending = new Set<Promise<unknown>>()
  const program = programOf(parts.root)
  let isReported = false
  const tried = async <A>(write: () => Promise<A>): Promise<A | undefined> => {
    try {
      return await write()
    } catch (error) {
      if (!isReported) parts.warn(`the history has no record of this run: ${parts.hide(messageOf(error))}`)
      isReported = true
      return undefined
    }
  }
  const start = (run: RecordedRun): Promise<RunRecord | undefined> =>
    tried(() => {
      const { context, set } = parts.askedFor(run.plans.length === 1 ? run.plans[0] : undefined)
      const asked = { context, set: run.set ?? set, ...(program === undefined ? {} : { program }) }
      return startRecord(parts.history, run, asked, parts.hide)
    })
  /** Written immediately without git's answer, so that nothing waits for it; then rewritten with it. */
  const end: Writing['end'] = async (record, outcome, asked) => {
    const ended = endedRecord(record, { ...outcome, revision: undefined })
    const written = await tried(async () => (await parts.history.write(ended), true))
    const answer = asked.answer(longestWait).then(async (revision) => {
      if (revision !== undefined) await tried(() => parts.history.write(endedRecord(record, { ...outcome, revision })))
      pending.delete(answer)
    })
    pending.add(answer)
    return written === true
  }
  return {
    begin: (run) => recordingOf(run, { start, end, revision: () => revisionNow(parts), history: parts.history }),
    close: async () => void (await Promise.all(pending)),
  }
}

const longestWait = 1000

interface Writing {
  readonly history: RunHistory
  readonly start: (run: RecordedRun) => Promise<RunRecord | undefined>
  /** Resolves with whether the record was written. */
  readonly end: (record: RunRecord, outcome: Omit<RunEnd, 'revision'>, asked: RevisionQuestion) => Promise<boolean>
  readonly revision: () => RevisionQuestion
}

/**
 * Records one run. Nothing is written until something has to be stored: a run that finds every result, or computes
 * values in memory only, leaves no record.
 */
const recordingOf = (run: RecordedRun, { history, start, end, revision }: Writing): Recording => {
  const isKept = keptIn(run)
  const before: RunEvent[] = []
  let begun: { readonly record: Promise<RunRecord | undefined>; readonly asked: RevisionQuestion } | undefined
  const used = usedByItems()
  let events: EventWriter | undefined
  const begin = (): void => {
    begun = { record: start(run), asked: revision() }
    void begun.record.then((record) => {
      if (record === undefined) return
      events = eventWriter(history, record.id)
      for (const event of before.splice(0)) events.listener(event)
    })
  }
  return {
    listener: (event) => {
      used.take(event)
      if (begun === undefined && isWork(event, isKept)) begin()
      if (events !== undefined) events.listener(event)
      else if (before.length < maxBefore) before.push(event)
    },
    end: async (report) => {
      const failures = report.failed.flatMap((error) => ('node' in error ? [error.node] : []))
      if (begun === undefined && failures.length + report.failed.length > 0) begin()
      const record = await begun?.record
      if (record === undefined || begun === undefined) return
      events?.end()
      const outcome = { at: new Date(), exit: exitOf(report), report, failures, usage: used.all() }
      if (await end(record, outcome, begun.asked)) await events?.clear()
    },
  }
}

/** The exit code that the command line would use. */
const exitOf = ({ failed, unfinished, stopped }: RunReport): number => {
  if (failed.length > 0) return 1
  if (stopped) return 130
  return unfinished.length > 0 ? 4 : 0
}

/** Runs in quick succession ask git once. */
const revisionNow = ({ root, location }: ProgramParts): RevisionQuestion => {
  const place = `${root}\n${location}`
  const known = questions.get(place)
  if (known !== undefined && performance.now() - known.at < longestWait) return known.question
  const question = askRevision(root, location)
  questions.set(place, { at: performance.now(), question })
  return question
}

const questions = new Map<string, { readonly at: number; readonly question: RevisionQuestion }>()

/** Only the name for files elsewhere: paths reveal details of the machine. */
const programOf = (root: string): string | undefined => {
  const path = process.argv[1]
  if (path === undefined || path === '') return undefined
  const within = relative(root, resolve(path))
  return within.startsWith('..') || isAbsolute(within) || within === '' ? basename(path) : within
}
