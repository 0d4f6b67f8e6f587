import type { LoadedProject } from '../../adapters/project/project-file.js'
import type { FolderRuns } from '../../adapters/history/folder-runs.js'
import { historyOf } from '../../adapters/history/open-history.js'
import { openStore } from '../../adapters/open-store.js'
import type { LaidOver } from './laid-over.js'

const every = 1500

/** Says when a run of anyone has begun or ended: less may be to run then. Looks at the history of a store on disk. */
export const watchRuns = async (
  { root, project }: LoadedProject,
  { store = project.store }: LaidOver,
  say: () => void,
): Promise<void> => {
  const history = historyOf(await openStore(store, root))?.folder
  if (history === undefined) return
  let before = markOf(history)
  setInterval(() => {
    const now = markOf(history)
    if (now !== before) say()
    before = now
  }, every)
}

/** What is another when a run begins or ends. */
const markOf = (history: FolderRuns): string => {
  try {
    const [latest = ''] = history.ids()
    return [latest, history.read(latest)?.ended, ...history.going()].join(' ')
  } catch {
    return '' // a store that cannot be read now may be later
  }
}
