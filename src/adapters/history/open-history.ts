import { isAbsolute } from 'node:path'
import type { Store } from '../../runtime/ports/store.js'
import { folderRuns, type FolderRuns } from './folder-runs.js'
import { objectHistory } from './object-history.js'
import type { RunHistory } from './run-history.js'
import { stateOfRun, type RunRecord } from './run-record.js'
import { usageInEvents } from './used-by-items.js'

/** The history in a store; undefined if the store has none. */
export const historyOf = (store: Pick<Store, 'location' | 'opening' | 'runs'>): RunHistory | undefined => {
  const root = store.opening?.root ?? store.location
  if (isAbsolute(root)) return folderHistory(folderRuns(root))
  return store.runs === undefined ? undefined : objectHistory(store.runs)
}

const folderHistory = (folder: FolderRuns): RunHistory => ({
  ids: async () => folder.ids(),
  readAll: async (ids) => ids.map((id) => withUsage(folder, folder.read(id))),
  write: async (record) => folder.write(record),
  keepPlan: async (plan) => folder.keepPlan(plan),
  plan: folder.plan,
  planBytes: folder.planBytes,
  planNames: async () => folder.planNames(),
  remove: async (id) => folder.remove(id),
  removePlan: async (name) => folder.removePlan(name),
  pins: async () => folder.pins(),
  pin: async (id, pinned) => folder.pin(id, pinned),
  folder,
})

/** A killed run has recorded no usage; the events that it has left tell what its items had used. */
const withUsage = (folder: FolderRuns, record: RunRecord | undefined): RunRecord | undefined => {
  if (record === undefined || stateOfRun(record) !== 'died') return record
  const usage = usageInEvents(folder.events(record.id) ?? '')
  return Object.keys(usage).length === 0 ? record : { ...record, usage }
}
