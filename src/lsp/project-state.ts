import { dirname, relative, resolve, sep } from 'node:path'
import { byFile, problemsOfText } from './diagnostics.js'
import type { CheckFacts, ConfigFact, ConfigView, FileProblem, ProjectFacts } from './facts.js'
import { kindByText, type ConfigKind } from './level.js'
import type { LoadFailure } from './project/messages.js'

/** What a language server knows about one project at one moment. */
export interface ProjectState {
  /** Absolute path of the project's file. */
  readonly file: string
  /** Undefined until it has been loaded once; then from the latest successful load. */
  readonly facts: ProjectFacts | undefined
  readonly failure: LoadFailure | undefined
  readonly checked: CheckFacts | undefined
  /** Open documents of the project, by origin. */
  readonly open: ReadonlyMap<string, string>
  /** Configs on disk. */
  readonly files: readonly string[]
  readonly views: ReadonlyMap<string, ConfigView>
  /** The folder of configs, guessed from the text of the project's file until it is loaded. */
  readonly configsGuess: string
}

export const newState = (file: string, configsGuess: string): ProjectState => ({
  file,
  facts: undefined,
  failure: undefined,
  checked: undefined,
  open: new Map(),
  files: [],
  views: new Map(),
  configsGuess,
})

/** The folder of configs that the text of a project's file names. */
export const guessedConfigs = (text: string): string => /\bconfigs:\s*['"`]([^'"`]+)['"`]/.exec(text)?.[1] ?? 'configs'

export const rootOf = ({ file, facts }: ProjectState): string => facts?.root ?? dirname(file)

/** The name of a file in configs: relative to the root, with `/`. */
export const originOf = (state: ProjectState, path: string): string =>
  relative(rootOf(state), path).split(sep).join('/')

export const pathOf = (state: ProjectState, origin: string): string => resolve(rootOf(state), origin)

const foldersOf = ({ facts, configsGuess }: ProjectState): string =>
  `${(facts?.configs ?? configsGuess).replace(/^\.\//, '').replace(/\/+$/, '')}/`

/** Whether a file is a config of the project, or a context; undefined: neither. */
export const kindOf = (state: ProjectState, origin: string, text: string): ConfigKind | undefined => {
  const known = state.checked?.configs.find(({ config }) => config === origin)?.outcome
  const says = kindByText(origin, text)
  if (known === 'context' || says === 'context') return 'context'
  return known !== undefined || origin.startsWith(foldersOf(state)) || foldersOf(state) === '/' ? 'config' : says
}

/** All problems to show, by file: current ones of texts that cannot be parsed, those of the last check for others. */
export const problemsOf = (state: ProjectState): ReadonlyMap<string, readonly FileProblem[]> => {
  const found = new Map<string, readonly FileProblem[]>()
  for (const [file, problems] of byFile(state.checked?.problems ?? []))
    found.set(file ?? originOf(state, state.file), problems)
  for (const [origin, text] of state.open) {
    const own = kindOf(state, origin, text) === undefined ? [] : problemsOfText(origin, text)
    if (own.length > 0) found.set(origin, own)
  }
  return found
}

/** A config or one of its parts, with the text of its code lens. */
export interface Lens {
  readonly line: number
  readonly title: string
}

/** `58 nodes, 3 to run`, or why there are none. */
export const lensTitle = (
  config: ConfigFact | undefined,
  view: ConfigView | undefined,
  state: Pick<ProjectState, 'facts' | 'failure'>,
): string | undefined => {
  if (view !== undefined) {
    const nodes = `${view.nodes} ${view.nodes === 1 ? 'node' : 'nodes'}`
    return view.toRun === undefined ? nodes : `${nodes}, ${view.toRun === 0 ? 'nothing' : view.toRun} to run`
  }
  if (state.facts === undefined)
    return state.failure === undefined ? 'the project is loading' : 'the project cannot be loaded'
  switch (config?.outcome) {
    case undefined:
    case 'fine':
      return undefined
    case 'wrong':
      return `cannot be planned: ${config.errors} ${config.errors === 1 ? 'error' : 'errors'}`
    case 'partial':
      return config.usedBy === undefined ? 'part of other configs' : `part of ${config.usedBy}`
    case 'values':
    case 'context':
      return 'values for other configs'
  }
}
