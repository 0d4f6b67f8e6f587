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
 * Says when another number of tasks may be to run: a run of anyone has begun or ended, or while none goes on something
 * was marked, deleted or brought. Looks at the history of a store on disk, and at the times of its folders.
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

/** What is another when a run begins or ends, or names in the store change without one. */
const markOf = (runs: FolderRuns, folders: readonly string[]): string => {
  try {
    const [latest = ''] = runs.ids()
    const going = runs.going()
    const times = going.length > 0 ? [] : folders.map(timeOf)
    return [latest, runs.read(latest)?.ended, ...going, ...times].join(' ')
  } catch {
    return '' // a store that cannot be read now may be later
  }
}

const timeOf = (folder: string): number => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0
