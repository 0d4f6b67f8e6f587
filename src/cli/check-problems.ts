import type { PlanError, PlanWarning } from '../errors.js'
import { explain, type Explanation } from '../explain.js'
import type { Checked } from './check-configs.js'

/** An error or a warning, told once however many configs it concerns. */
export interface Problem extends Explanation {
  readonly severity: 'error' | 'warning'
  /** The config it stands in; undefined: the project's declarations. */
  readonly file: string | undefined
  /** Configs that have it, in order: the file itself and those that use it. */
  readonly configs: readonly string[]
}

/** Problems by the file they stand in; undefined: in the project's declarations. */
export interface FileProblems {
  readonly file: string | undefined
  readonly problems: readonly Problem[]
}

/** Everything that is wrong or odd in a tree, by file and line, each thing once. What only some configs leave unused of a context is not odd. */
export const problemsOf = (outcomes: readonly Checked[]): readonly FileProblems[] => {
  const found = new Map<string, Problem & { readonly configs: string[] }>()
  const add = (severity: Problem['severity'], error: PlanError | PlanWarning, told: Explanation, config: string): void => {
    const key = JSON.stringify(error._tag === 'UsesCycle' ? [error._tag, [...new Set(error.path)].sort()] : [severity, told.place, told.code, told.message])
    const known = found.get(key)
    if (known === undefined) found.set(key, { severity, file: told.place?.origin ?? ('origin' in error ? error.origin : undefined), ...told, configs: [config] })
    else if (!known.configs.includes(config)) known.configs.push(config)
  }
  for (const { config, outcome, errors, warnings, broughtBy } of outcomes) {
    for (const error of outcome === 'wrong' ? errors : []) add('error', error, withBringers(error, config, broughtBy), config)
    for (const warning of warnings) add('warning', warning, explain(warning), config)
  }
  const planned = outcomes.filter(({ outcome }) => outcome === 'fine').length
  const byFile = new Map<string | undefined, Problem[]>()
  for (const problem of found.values()) {
    if (ofContexts.has(problem.code) && problem.configs.length < planned) continue
    const { file } = problem
    byFile.set(file, [...(byFile.get(file) ?? []), problem])
  }
  return [...byFile].map(([file, problems]) => ({ file, problems: problems.sort(byPlace) })).sort(({ file: left }, { file: right }) => ((left ?? '') < (right ?? '') ? -1 : 1))
}

const ofContexts: ReadonlySet<PlanWarning['_tag'] | string> = new Set(['UnusedContextValue', 'UnknownNamespace'])

const byPlace = (left: Problem, right: Problem): number =>
  (left.place?.line ?? 0) - (right.place?.line ?? 0) || (left.place?.column ?? 0) - (right.place?.column ?? 0) || (left.message < right.message ? -1 : 1)

/** Who brings a missing input is worth more than the usual hint. */
const withBringers = (error: PlanError, config: string, broughtBy: Checked['broughtBy']): Explanation => {
  const told = explain(error)
  const bringers = error._tag === 'MissingInput' ? broughtBy.get(error.wanted) : undefined
  if (bringers === undefined) return told
  const names = bringers.map((name) => `'${name}'`)
  const where = config === told.place?.origin ? '' : ` of '${config}'`
  return { ...told, hint: names.length === 1 ? `${names[0]} brings it: add it to 'uses'${where}` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} bring it: add one to 'uses'${where}` }
}
