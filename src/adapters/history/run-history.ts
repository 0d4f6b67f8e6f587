import type { FolderRuns } from './folder-runs.js'
import type { LiveRuns } from './live-runs.js'
import type { StoredPlan, WrittenPlan } from './run-plan.js'
import type { RunRecord } from './run-record.js'

/** The history of runs, stored with a store's artifacts. */
export interface RunHistory {
  /** Ids of all runs, the latest first. No record is opened. */
  ids(): Promise<readonly string[]>
  /** Records, in the requested order; undefined for one that is missing or cannot be read. */
  readAll(ids: readonly string[]): Promise<readonly (RunRecord | undefined)[]>
  /** Writes a record, replacing the former one of this id. Rejects with errors of the store. */
  write(record: RunRecord): Promise<void>
  /** Stores a plan, once for all runs that use it. */
  keepPlan(plan: WrittenPlan): Promise<void>
  plan(name: string): Promise<StoredPlan | undefined>
  /** Bytes of a plan's file, whatever they contain. */
  planBytes(name: string): Promise<Uint8Array | undefined>
  /** Names of all stored plans. */
  planNames(): Promise<readonly string[]>
  /** Deletes a run's record and its events. */
  remove(id: string): Promise<void>
  removePlan(name: string): Promise<void>
  pins(): Promise<ReadonlySet<string>>
  pin(id: string, pinned: boolean): Promise<void>
  /** Events of runs in progress, if the history is in a folder. */
  readonly folder?: FolderRuns
  /** The same, if each look is a request. */
  readonly live?: LiveRuns
}

/** One record. */
export const recordIn = async (history: RunHistory, id: string): Promise<RunRecord | undefined> =>
  (await history.readAll([id]))[0]

const page = 50

/** Readable records, the latest first; a page at a time, since each may need a network request. */
export async function* recordsOf(history: RunHistory, most = Infinity): AsyncGenerator<RunRecord> {
  const ids = (await history.ids()).slice(0, most)
  for (let start = 0; start < ids.length; start += page)
    for (const record of await history.readAll(ids.slice(start, start + page))) if (record !== undefined) yield record
}
