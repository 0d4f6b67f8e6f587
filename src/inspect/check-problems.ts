import { byCodeUnit } from '../base/code-unit-order.js'
import { setOrigin } from '../config/context.js'
import type { PlanError, PlanWarning } from '../errors.js'
import { explain, type Explanation } from '../explain.js'
import { causeOf, subjectOf, type Subject } from '../explain/subject.js'
import type { Checked } from './check-configs.js'

/** One of the places where a problem occurs. */
export interface Occurrence extends Explanation {
  /** The config that contains it; undefined: the project's declarations. */
  readonly file: string | undefined
  /** Affected configs, in order: the file itself and those that use it. */
  readonly configs: readonly string[]
}

/**
 * Errors or warnings with one cause; message, hint and place are those of one occurrence, with the most frequent hint.
 */
export interface Problem extends Explanation, Subject {
  readonly severity: 'error' | 'warning'
  readonly file: string | undefined
  /** Affected tasks. */
  readonly tasks: readonly string[]
  /** Affected configs, in order. */
  readonly configs: readonly string[]
  /** By file and line, without duplicates. */
  readonly places: readonly Occurrence[]
}

/**
 * All errors and warnings of a project, by cause: errors first, then by number of affected configs. A context's value
 * that is unused in only some configs is not reported.
 *
 * @example
 * const loaded = await loadProject(process.cwd())
 * const checked = await checkConfigs(loaded, ['configs/typo.yaml'], { contexts: [], set: {} })
 * problemsOf(checked).map(({ severity, configs }) => [severity, configs.length]) // => [['error', 1]]
 */
export const problemsOf = (outcomes: readonly Checked[]): readonly Problem[] => {
  const planned = outcomes.filter(({ outcome }) => outcome === 'fine').map(({ config }) => config)
  const found = new Map<string, Gathered>()
  for (const { config, outcome, errors, warnings, broughtBy } of outcomes) {
    for (const error of outcome === 'wrong' ? errors : [])
      gather(found, 'error', error, withBringers(error, config, broughtBy), config)
    for (const warning of warnings) {
      const error = planned.length > 0 ? unreadOfSet(warning) : undefined
      gather(found, error === undefined ? 'warning' : 'error', error ?? warning, explain(error ?? warning), config)
    }
  }
  return [...found.values()].flatMap((gathered) => merged(gathered, planned)).sort(byWeight)
}

interface Gathered {
  readonly severity: Problem['severity']
  readonly first: PlanError | PlanWarning
  readonly tasks: Set<string>
  readonly places: Map<string, Explanation & { readonly file: string | undefined; readonly configs: Set<string> }>
}

const gather = (
  found: Map<string, Gathered>,
  severity: Problem['severity'],
  error: PlanError | PlanWarning,
  explanation: Explanation,
  config: string,
): void => {
  const cause = causeOf(error)
  const known: Gathered = found.get(cause) ?? { severity, first: error, tasks: new Set(), places: new Map() }
  found.set(cause, known)
  const { task } = subjectOf(error)
  if (task !== undefined) known.tasks.add(task)
  // a cycle is found once for each of its configs
  const at = error._tag === 'UsesCycle' ? '' : JSON.stringify([explanation.place, explanation.message])
  const place = known.places.get(at)
  if (place !== undefined) place.configs.add(config)
  else
    known.places.set(at, {
      ...explanation,
      file: explanation.place?.origin ?? ('origin' in error ? error.origin : undefined),
      configs: new Set([config]),
    })
}

/** A value of `--set` that a config does not read; an error only if no config reads it. */
const unreadOfSet = (warning: PlanWarning): PlanError | undefined =>
  warning._tag === 'UnusedContextValue' && warning.place.origin === setOrigin
    ? { ...warning, _tag: 'UnreadValue', of: 'set', elsewhere: [] }
    : undefined

/** `planned` are the configs that could tell whether a value of a context is read. */
const merged = ({ severity, first, tasks, places }: Gathered, planned: readonly string[]): readonly Problem[] => {
  const readBySome = (configs: ReadonlySet<string>): boolean =>
    isOfContexts(first) && planned.some((config) => !configs.has(config))
  const shown = [...places.values()].filter(({ configs }) => !readBySome(configs))
  const sorted = shown.map((one): Occurrence => ({ ...one, configs: [...one.configs] })).sort(byPlace)
  const usual = commonest(sorted.map(({ hint }) => hint))
  const example = sorted.find(({ hint }) => hint === usual)
  if (example === undefined) return []
  return [
    {
      severity,
      ...example,
      ...subjectOf(first),
      tasks: [...tasks].sort(),
      configs: [...new Set(sorted.flatMap(({ configs }) => configs))].sort(),
      places: sorted,
    },
  ]
}

const isOfContexts = (error: PlanError | PlanWarning): boolean =>
  error._tag === 'UnusedContextValue' ||
  error._tag === 'UnknownNamespace' ||
  (error._tag === 'UnreadValue' && error.of === 'set')

const commonest = <A>(values: readonly A[]): A | undefined => {
  const counts = new Map<A, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([, left], [, right]) => right - left)[0]?.[0]
}

const byWeight = (left: Problem, right: Problem): number =>
  (left.severity === right.severity ? 0 : left.severity === 'error' ? -1 : 1) ||
  right.configs.length - left.configs.length ||
  byPlace(left, right)

/** By file, line and column. */
export const byPlace = (left: Occurrence, right: Occurrence): number =>
  byCodeUnit(left.file ?? '', right.file ?? '') ||
  (left.place?.line ?? 0) - (right.place?.line ?? 0) ||
  (left.place?.column ?? 0) - (right.place?.column ?? 0) ||
  byCodeUnit(left.message, right.message)

/** The configs that provide a missing input are more useful than the usual hint. */
const withBringers = (error: PlanError, config: string, broughtBy: Checked['broughtBy']): Explanation => {
  const explained = explain(error)
  const bringers = error._tag === 'MissingInput' ? broughtBy.get(error.wanted) : undefined
  if (bringers === undefined) return explained
  const names = bringers.map((name) => `'${name}'`)
  const where = config === explained.place?.origin ? '' : ` of '${config}'`
  return {
    ...explained,
    hint:
      names.length === 1
        ? `${names[0]} has it: add it to 'uses'${where}`
        : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} have it: add one to 'uses'${where}`,
  }
}
