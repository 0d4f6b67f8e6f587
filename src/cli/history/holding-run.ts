import * as t from 'io-ts'
import type { FolderRuns } from '../../adapters/history/folder-runs.js'
import { stateOfRun, type RunRecord } from '../../adapters/history/run-record.js'
import { readJsonText } from '../../declare/codec/guarded.js'
import type { RunEvent } from '../../runtime/ports/events.js'
import type { LeaseHolder } from '../../runtime/ports/lease.js'

/** A run that has just begun has reported nothing yet, so this many of the latest records are searched too. */
const latest = 20

/**
 * The event; if it waits for another process, with the run of the store's history that holds the node and since when
 * that computes it. Never throws: an unreadable history adds nothing.
 */
export const naming = (history: FolderRuns | undefined, event: RunEvent): RunEvent => {
  if (history === undefined || event._tag !== 'waiting' || event.process === undefined) return event
  try {
    const record = runOf(history, event.process)
    if (record === undefined) return event
    const since = startOf(history.events(record.id) ?? '', event.key)
    const run = [record.command, record.config, ...record.tasks].join(' ')
    return { ...event, run, ...(since === undefined ? {} : { since }) }
  } catch {
    return event
  }
}

const runOf = (history: FolderRuns, { pid, host }: LeaseHolder): RunRecord | undefined => {
  for (const id of new Set([...history.inProgress(), ...history.ids().slice(0, latest)])) {
    const record = history.read(id)
    if (record?.process.pid !== pid || record.process.host !== host || record.ended !== undefined) continue
    if (stateOfRun(record) !== 'died') return record // pids are reused
  }
  return undefined
}

const Started = t.type({ event: t.literal('started'), key: t.string, at: t.number })

const startOf = (events: string, key: string): number | undefined => {
  for (let end = events.length; end > 0; ) {
    const from = events.lastIndexOf('\n', end - 1) + 1
    const line = events.slice(from, end)
    end = from - 1
    if (!line.includes(key)) continue
    const started = readJsonText(Started, line)
    if (started?.key === key) return started.at
  }
  return undefined
}
