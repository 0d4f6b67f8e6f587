import type { FolderRuns } from './folder-runs.js'
import type { RunPlan, WrittenPlan } from './run-plan.js'
import type { RunRecord } from './run-record.js'

/** The history of runs beside a store's artifacts. */
export interface RunHistory {
  /** Ids of all runs, the latest first. No record is opened. */
  ids(): Promise<readonly string[]>
  /** Records, in the order asked for; undefined where there is none, or what is there cannot be read. */
  readAll(ids: readonly string[]): Promise<readonly (RunRecord | undefined)[]>
  /** Writes a record, in place of the former of this id. Rejects with what the store says. */
  write(record: RunRecord): Promise<void>
  /** Keeps a plan, once for all runs that have it. */
  keepPlan(plan: WrittenPlan): Promise<void>
  plan(name: string): Promise<RunPlan | undefined>
  /** Bytes of a plan's file, whatever is in them. */
  planBytes(name: string): Promise<Uint8Array | undefined>
  /** Names of all plans that are kept. */
  planNames(): Promise<readonly string[]>
  /** Deletes a run's record, and what it has told. */
  remove(id: string): Promise<void>
  removePlan(name: string): Promise<void>
  pins(): Promise<ReadonlySet<string>>
  pin(id: string, pinned: boolean): Promise<void>
  /** What runs that go on tell, where it is a folder. */
  readonly folder?: FolderRuns
}

/** One record. */
export const recordIn = async (history: RunHistory, id: string): Promise<RunRecord | undefined> =>
  (await history.readAll([id]))[0]

const page = 50

/** Records that can be read, the latest first; a page at a time, since each may be a journey. */
export async function* recordsOf(history: RunHistory, most = Infinity): AsyncGenerator<RunRecord> {
  const ids = (await history.ids()).slice(0, most)
  for (let start = 0; start < ids.length; start += page)
    for (const record of await history.readAll(ids.slice(start, start + page))) if (record !== undefined) yield record
}
