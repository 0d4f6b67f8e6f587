import { recordIn, type RunHistory } from '../../adapters/history/run-history.js'
import { stateOfRun, type RunRecord } from '../../adapters/history/run-record.js'
import { badOption } from '../../explain.js'

/** A record as JSON for programs; unknown fields are null. */
export const runDocument = ({ process, ...record }: RunRecord, pinned: boolean): object => ({
  ...record,
  state: stateOfRun({ ...record, process }),
  pinned,
  host: process.host,
  pid: process.pid,
  revision: record.revision ?? null,
  ended: record.ended ?? null,
  seconds: record.seconds ?? null,
  counts: record.counts ?? null,
  exit: record.exit ?? null,
  usage: record.usage ?? null,
  program: record.program ?? null,
})

/** The record of an existing run; an unreadable record is an error. */
export const readable = async (history: RunHistory, id: string): Promise<RunRecord> => {
  const record = await recordIn(history, id)
  if (record === undefined) throw badOption(`run ${id}`, 'its record cannot be read: damaged, or of a later version')
  return record
}
