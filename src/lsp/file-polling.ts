import { stat } from 'node:fs/promises'
import { fileSource } from '../adapters/project/config-files.js'
import type { ProjectSession } from './project-session.js'
import { pathOf, rootOf, type ProjectState } from './project-state.js'

const every = 2000
/** How far a disk's clock may lag: some file systems store times in steps of two seconds. */
const coarsest = 2000

/** Polls the files of projects for clients that do not watch them: loaded modules, and configs. */
export const filePolling = (
  sessions: () => readonly ProjectSession[],
  changed: (paths: readonly string[]) => void,
): void => {
  const begun = Date.now()
  let known: ReadonlyMap<string, string> | undefined
  const look = async (): Promise<void> => {
    const files = new Set((await Promise.all(sessions().map(async (one) => filesOf(one.state())))).flat())
    const now = new Map(await Promise.all([...files].map(async (path) => [path, await markOf(path)] as const)))
    // at the first look, a file written since the start may have been read before that
    const isChanged = ([path, mark]: readonly [string, string]): boolean =>
      known === undefined ? Number.parseFloat(mark) >= begun - coarsest : known.get(path) !== mark
    const different = [...now].filter(isChanged).map(([path]) => path)
    const gone = [...(known?.keys() ?? [])].filter((path) => !now.has(path))
    if (different.length + gone.length > 0) changed([...different, ...gone])
    known = now
  }
  const next = (): void =>
    void setTimeout(
      () =>
        void look()
          .catch(() => undefined)
          .finally(next),
      every,
    )
  next()
}

const filesOf = async (state: ProjectState): Promise<readonly string[]> => {
  const configs = await fileSource(rootOf(state)).list(state.facts?.configs ?? state.configsGuess)
  const modules = [...(state.facts?.modules ?? []), ...(state.failure?.modules ?? [])]
  return [state.file, ...modules, ...configs.map((origin) => pathOf(state, origin))]
}

const markOf = async (path: string): Promise<string> => {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? '' : `${found.mtimeMs} ${found.size}`
}
