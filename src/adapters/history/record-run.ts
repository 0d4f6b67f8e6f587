import { oncePer } from '../../base/once-per.js'
import type { RunReport } from '../../runtime/ports/events.js'
import type { RecordedRun } from '../../runtime/ports/run-history.js'
import { processIdentity } from '../lease/process-identity.js'
import type { RunHistory } from './run-history.js'
import { writtenKeys, writtenPlan } from './run-plan.js'
import { newRunId, type Revision, type RunCounts, type RunRecord, type Usage } from './run-record.js'

import { isObject } from '../../base/records.js'
import { wholePlan } from '../../plan/plan-graph.js'
import type { RunPlan } from '../../plan/plan-types.js'

/** The request of a run, as stored in its record. */
export interface AskedFor {
  readonly context: readonly string[]
  /** `name=value`. */
  readonly set: readonly string[]
  readonly program?: string
}

/** Writes the record of a run that starts, before anything else is done. */
export const startRecord = async (
  history: RunHistory,
  { command, config, tasks, nodes, plans }: RecordedRun,
  { context, set, program }: AskedFor,
  hide: (text: string) => string,
): Promise<RunRecord> => {
  const now = new Date()
  const { pid, start, thread, space, host } = processIdentity()
  const [only] = command === 'run' && plans.length === 1 ? plans : []
  const written = only === undefined ? writtenKeys(nodes.map(({ key }) => key)) : writtenOf(only)
  const record: RunRecord = {
    id: newRunId(now),
    command,
    config: short(config),
    tasks: tasks.slice(0, maxTasks),
    context: context.slice(0, maxTexts).map(short),
    set: shownSet(set.slice(0, maxTexts), plans).map((text) => short(hide(text))),
    started: now.toISOString(),
    process: { pid, start, thread, space, host },
    nodes: nodes.length,
    plan: written.name,
    ...(program === undefined ? {} : { program }),
  }
  await history.keepPlan(written)
  await history.write(record)
  await history.keepPlan(written) // a concurrent cleanup may have deleted the plan before this record named it
  return record
}

/** A program may request one value after another from the same plan. */
const writtenOf = oncePer(writtenPlan)

/** Keeps records small, whatever was requested: larger files are not read as records. */
const maxTasks = 2000
const maxTexts = 200
const maxLetters = 1000
const short = (text: string): string => (text.length > maxLetters ? `${text.slice(0, maxLetters)}…` : text)

/** How a run ended. */
export interface RunEnd {
  readonly at: Date
  readonly exit: number
  readonly report: RunReport | undefined
  /** Names of failed tasks. */
  readonly failures: readonly string[]
  /** Usage reported by items. */
  readonly usage: Usage
  readonly revision: Revision | undefined
}

/** The record with the outcome of the run. */
export const endedRecord = (record: RunRecord, { at, exit, report, failures, usage, revision }: RunEnd): RunRecord => ({
  ...record,
  ...(revision === undefined ? {} : { revision }),
  ended: at.toISOString(),
  seconds: Math.max(0, at.getTime() - Date.parse(record.started)) / 1000,
  exit,
  ...(report === undefined ? {} : { counts: countsOf(report) }),
  ...(failures.length === 0 ? {} : { failures: failures.slice(0, maxFailures) }),
  ...(Object.keys(usage).length === 0 ? {} : { usage }),
})

const maxFailures = 20

const countsOf = (report: RunReport): RunCounts => ({
  computed: report.computed.length,
  loaded: report.loaded.length,
  cached: report.cached.length,
  adopted: report.adopted.length,
  failed: report.failed.length,
  skipped: report.skipped.length,
  unfinished: report.unfinished.length,
  stale: report.stale.length,
})

/**
 * Values of `--set` as shown in the history. If a plan has secrets, only values known not to be secret are shown: those
 * of params whose name holds no secret anywhere.
 */
const shownSet = (set: readonly string[], plans: readonly RunPlan[]): readonly string[] => {
  if (set.length === 0) return set
  const params = plans.flatMap((plan) => wholePlan(plan).nodes.flatMap((node) => Object.entries(node.params)))
  const secret = new Set(params.flatMap(([name, value]) => (holdsSecret(value) ? [plain(name)] : [])))
  if (secret.size === 0) return set
  const open = new Set(params.map(([name]) => plain(name)))
  return set.map((given) => {
    const name = given.split('=', 1)[0] ?? ''
    const first = plain(name.split('.', 1)[0] ?? '')
    return open.has(first) && !secret.has(first) ? given : `${name}=(hidden)`
  })
}

/** Different spellings of a name count as one. */
const plain = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()

const holdsSecret = (value: unknown): boolean =>
  isObject(value) && (('secret' in value && value.secret === true) || Object.values(value).some(holdsSecret))
