import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderRuns } from '../../adapters/history/folder-runs.js'
import { historyOf } from '../../adapters/history/open-history.js'
import { openStore } from '../../adapters/open-store.js'
import type { LoadedProject } from '../../adapters/project/project-file.js'
import { folderOf } from '../../plan/names/artifact-address.js'
import { indexProject } from '../../plan/names/project-index.js'
import type { LaidOver } from './laid-over.js'

const every = 1500

/**
 * Calls `say` when the number of tasks to run may have changed: a run has begun or ended or, while none is going,
 * something was marked, deleted or added. Polls the history of a store on disk, and the times of its folders.
 */
export const watchRuns = async (
  { root, project }: LoadedProject,
  { store: name = project.store }: LaidOver,
  say: () => void,
): Promise<void> => {
  const store = await openStore(name, root)
  const runs = historyOf(store)?.folder
  if (runs === undefined) return
  const folders = Array.from(indexProject(project).entries.values(), ({ group, name }) =>
    join(store.location, folderOf(group, name)),
  )
  let before = markOf(runs, folders)
  setInterval(() => {
    const now = markOf(runs, folders)
    if (now !== before) say()
    before = now
  }, every)
}

/** A value that changes when a run begins or ends, or when names in the store change without one. */
const markOf = (runs: FolderRuns, folders: readonly string[]): string => {
  try {
    const [latest = ''] = runs.ids()
    const going = runs.inProgress()
    const times = going.length > 0 ? [] : folders.map(timeOf)
    return [latest, runs.read(latest)?.ended, ...going, ...times].join(' ')
  } catch {
    return '' // the store may become readable later
  }
}

const timeOf = (folder: string): number => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0
