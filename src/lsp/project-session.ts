import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileSource } from '../adapters/project/config-files.js'
import type { CheckFacts, ConfigView } from './facts.js'
import { guessedConfigs, newState, originOf, rootOf, type ProjectState } from './project-state.js'
import type { ProjectStart } from './project/messages.js'
import { startProject, type StartedProject } from './project/started-project.js'

/** One project that an editor works on, with its state kept up to date as texts and files change. */
export interface ProjectSession {
  readonly state: () => ProjectState
  /** A document was opened or changed, by absolute path; undefined: it was closed. */
  readonly open: (path: string, text: string | undefined) => void
  /** Files that have changed on disk, as absolute paths. */
  readonly changed: (paths: readonly string[]) => void
  /** Waits if the project is still loading. */
  readonly view: (config: string) => Promise<ConfigView | undefined>
  readonly stop: () => void
}

/** The project that a document belongs to, the document's path, and its name in the project. */
export interface OfProject {
  readonly session: ProjectSession
  readonly path: string
  readonly origin: string
}

/** Called when there is something new to show. */
export interface SessionListener {
  readonly problems: () => void
  /** Chains may have changed: code lenses must be requested again. */
  readonly chains: () => void
}

const pauses = { check: 150, reload: 300 }

export const startSession = (start: ProjectStart, listener: SessionListener): ProjectSession => {
  let state = newState(start.file, 'configs')
  let loading = settled()
  let project: StartedProject | undefined
  const opened = new Map<string, string>()
  const checks = delayed(pauses.check, () => void check())
  const reloads = delayed(pauses.reload, () => reload())
  const update = (changes: Partial<ProjectState>): void => {
    state = { ...state, ...changes }
  }
  const openIn = (): ProjectState['open'] => new Map([...opened].map(([path, text]) => [originOf(state, path), text]))
  const list = async (): Promise<void> => update(await configFiles(start.file, () => state))
  const views = viewCache(
    () => loading.settled,
    (config) => (state.failure === undefined ? project?.view(config) : undefined),
    (config, found) => update({ views: new Map([...state.views, [config, found]]) }),
  )
  const check = async (): Promise<void> => {
    const found: CheckFacts | undefined = await project?.check()
    if (found === undefined) return
    views.forget()
    update({ checked: found, views: new Map() })
    await list()
    listener.problems()
    askForViews()
  }
  const askForViews = (): void => {
    listener.chains()
    for (const origin of state.open.keys()) void views.of(origin)
  }
  const reload = (): void => {
    project?.stop()
    loading = settled()
    const done = loading
    project = startProject(start, {
      loaded: (facts) => {
        update({ facts, failure: undefined })
        update({ open: openIn() }) // the project may define its root
        for (const [origin, text] of state.open) project?.open(origin, text)
        done.settle()
        listener.problems()
        void check()
      },
      failed: (failure) => {
        update({ failure })
        done.settle()
        listener.problems()
        listener.chains()
      },
      ran: () => {
        views.forget()
        update({ views: new Map() })
        askForViews()
      },
    })
  }
  void list().then(listener.problems)
  reload()
  return {
    state: () => state,
    open: (path, text) => {
      if (text === undefined) opened.delete(path)
      else opened.set(path, text)
      update({ open: openIn(), views: new Map() }) // places have moved
      views.forget()
      project?.open(originOf(state, path), text)
      checks.ask()
    },
    changed: (paths) => {
      if (paths.some((path) => isCode(state, path))) reloads.ask()
      views.forget()
      project?.changed(paths.map((path) => originOf(state, path)))
      checks.ask()
    },
    view: views.of,
    stop: () => {
      for (const one of [checks, reloads, project]) one?.stop()
    },
  }
}

/** Names of configs, from the project or, before it is loaded, from its text. */
const configFiles = async (
  file: string,
  state: () => ProjectState,
): Promise<Pick<ProjectState, 'configsGuess' | 'files'>> => {
  const configsGuess = guessedConfigs(await readFile(file, 'utf8').catch(() => ''))
  const { facts } = state()
  return { configsGuess, files: await fileSource(rootOf(state())).list(facts?.configs ?? configsGuess) }
}

/**
 * Views of configs, requested once until something changes, after `ready`. `found` is called with those still valid.
 */
const viewCache = (
  ready: () => Promise<void>,
  ask: (config: string) => Promise<ConfigView | undefined> | undefined,
  found: (config: string, view: ConfigView) => void,
) => {
  let views = new Map<string, Promise<ConfigView | undefined>>()
  return {
    forget: (): void => {
      views = new Map()
    },
    of: async (config: string): Promise<ConfigView | undefined> => {
      await ready()
      const known = views.get(config) ?? ask(config)
      if (known === undefined) return undefined
      views.set(config, known)
      const view = await known
      if (view !== undefined && views.get(config) === known) found(config, view)
      return view
    },
  }
}

/** Whether a change of this file may change how the project loads. */
const isCode = ({ file, facts, failure }: ProjectState, path: string): boolean =>
  path === file ||
  ['package.json', 'tsconfig.json'].includes(basename(path)) ||
  (facts?.modules.includes(path) ?? false) ||
  (failure !== undefined && (failure.modules.includes(path) || /\.[cm]?[jt]sx?$/.test(path)))

/** Runs work some time after the latest request for it. */
const delayed = (milliseconds: number, work: () => void): { readonly ask: () => void; readonly stop: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => clearTimeout(timer)
  return {
    ask: () => {
      stop()
      timer = setTimeout(work, milliseconds)
    },
    stop,
  }
}

const settled = (): { readonly settled: Promise<void>; readonly settle: () => void } => {
  let settle = (): void => undefined
  const done = new Promise<void>((resolve) => {
    settle = resolve
  })
  return { settled: done, settle: () => settle() }
}
