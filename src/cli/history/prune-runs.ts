import { badOption } from '../../explain.js'
import { removeRuns } from '../../adapters/history/remove-runs.js'
import type { RunHistory } from '../../adapters/history/run-history.js'
import { stateOfRun } from '../../adapters/history/run-record.js'
import { numberOption, print, textOption, type Call } from '../call.js'
import { exitCodes, type ExitCode } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { counted } from '../render/units.js'
import { parseDays } from '../size-option.js'

/** Which runs may go: those older than `olderThan` milliseconds that are not among the `keep` latest. */
export interface PruneLimits {
  readonly olderThan: number
  readonly keep: number
  readonly now: number
}

/** The facts about a run that decide whether it may go. */
export interface PrunedRun {
  readonly id: string
  /** Milliseconds since 1970; undefined if its record cannot be read, in which case it stays. */
  readonly started: number | undefined
  readonly pinned: boolean
  /** It is running, or may be: its process is on another machine. */
  readonly isGoing: boolean
}

/** Ids of the runs that may go; `runs` has the latest first. */
export const runsToPrune = (runs: readonly PrunedRun[], { olderThan, keep, now }: PruneLimits): readonly string[] =>
  runs
    .slice(keep)
    .flatMap(({ id, started, pinned, isGoing }) =>
      started !== undefined && now - started > olderThan && !pinned && !isGoing ? [id] : [],
    )

const day = 24 * 60 * 60 * 1000

/** `runs prune`: lists the records that may go; with `--yes` deletes them, and plans that no other record refers to. */
export const pruneRuns = async (call: Call, history: RunHistory): Promise<ExitCode> => {
  const limits = { ...limitsOf(call), now: Date.now() }
  const [ids, pins] = [await history.ids(), await history.pins()]
  const records = await history.readAll(ids)
  const runs = ids.map((id, index): PrunedRun => {
    const record = records[index]
    const state = record && stateOfRun(record)
    return {
      id,
      started: record && Date.parse(record.started),
      pinned: pins.has(id),
      isGoing: state === 'running' || state === 'elsewhere',
    }
  })
  const gone = runsToPrune(runs, limits)
  const isDone = call.options['yes'] === true
  const plans = isDone ? await removeRuns(history, gone) : []
  if (call.common.json)
    call.host.out.write(jsonDocument({ dryRun: !isDone, runs: gone, plans, left: runs.length - gone.length }, 2))
  else
    print(call, [
      ...gone,
      `${counted(gone.length, 'run')} of ${runs.length} ${isDone ? 'deleted' : 'would be deleted; --yes does it'}` +
        (plans.length === 0 ? '' : `, with ${counted(plans.length, 'plan')} that no other names`),
    ])
  return exitCodes.done
}

const limitsOf = (call: Call): Omit<PruneLimits, 'now'> => {
  const [older, keep] = [textOption(call, 'older'), numberOption(call, 'keep')]
  if (older === undefined && keep === undefined)
    throw badOption(
      'runs prune',
      'which ones? --older 90d, --keep 1000, or both: older ones that are not among the latest',
    )
  const days = older === undefined ? 0 : parseDays(older.replace(/d(ays?)?$/, ''))
  if (days === undefined) throw badOption(`--older ${older}`, 'it takes a number of days: 90d')
  return { olderThan: days * day, keep: keep ?? 0 }
}
