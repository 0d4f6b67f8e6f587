import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { isSafeName } from '../declare/names.js'
import { isReservedName } from '../declare/param.js'
import { withWarnings, type PlanError, type PlanWarning } from '../errors.js'
import { suggester } from '../base/suggest.js'
import { gatherContexts, type Contexts } from './context.js'
import { followUses, type Reached } from './follow-uses.js'
import { globalErrors } from './globals.js'
import { sortedErrors, sortedWarnings } from './problem-order.js'
import { headOf, overlay, type Overlaid } from './overlay.js'
import { placeholdersOf, type Placeholders } from './placeholders.js'
import { documentReader, findPart, nameOf, type DocumentReader, type FindPart } from './uses.js'
import type {
  ConfigPart,
  Documents,
  Located,
  ResolvedConfig,
  ResolvedConfigs,
  ResolvedValue,
  ResolveOptions,
  TaskPattern,
} from './config-types.js'
import { nonEmpty } from '../base/present.js'

/**
 * Turns documents into everything that planning needs: each config once per namespace, contexts applied, placeholders
 * in both forms. Reports all errors together. `entry` is an origin, optionally with `#part`.
 *
 * @example pipe(resolveConfigs(documents, 'configs/a.yaml', { contexts: [{ min_votes: 10 }] }), E.map((resolved) =>
 * resolved.configs))
 */
export const resolveConfigs = (
  documents: Documents,
  entry: string,
  options: ResolveOptions = {},
): E.Either<NonEmptyArray<PlanError>, ResolvedConfigs> => wholeOrErrors(resolveAsFar(documents, entry, options))

/** The resolved configs, or all errors if there are any. */
export const wholeOrErrors = ({
  errors,
  resolved,
  warnings,
}: Resolution): E.Either<NonEmptyArray<PlanError>, ResolvedConfigs> => {
  return errors.length === 0 && resolved !== undefined
    ? E.right(resolved)
    : E.left(withWarnings(nonEmpty([...errors]), warnings)) // an undefined result implies errors
}

/** Configs as far as they could be resolved, with their errors. */
export interface Resolution {
  /** Without missing configs; undefined if the requested config is missing. */
  readonly resolved: ResolvedConfigs | undefined
  readonly errors: readonly PlanError[]
  readonly warnings: readonly PlanWarning[]
  /** Whether all contexts were applied; otherwise values may be missing. */
  readonly contextsWhole: boolean
}

/**
 * The same, but keeps what could be resolved despite errors, so that it can be checked further. `unread`: errors of
 * reading documents, when some are missing; `reader`: the reader that read them.
 */
export const resolveAsFar = (
  documents: Documents,
  entry: string,
  options: ResolveOptions = {},
  unread: readonly PlanError[] = [],
  reader: DocumentReader = documentReader(options),
): Resolution => {
  const placeholders = placeholdersOf(options.globals)
  const find: FindPart = (origin, name, place) => findPart(documents, origin, name, place)
  const contexts = gatherContexts({ document: (origin) => documents.get(origin), part: find }, options, reader)
  const reached = followUses(entry, find, reader)
  const errors = [...globalErrors(options.globals), ...contexts.errors, ...reached.errors]
  const warnings: PlanWarning[] = [
    ...new Set([...reached.configs.flatMap(({ origin }) => documents.get(origin) ?? []), ...contexts.documents]),
  ].flatMap((document) => document.warnings)
  const valuesOf = valuesUnder(contexts, placeholders, errors)
  const configs = reached.configs.map((config) => {
    const part = partIn(documents, config)
    return resolvedConfig(config, part, valuesOf(config, part), placeholders, options, errors)
  })
  for (const config of new Map(reached.configs.map((config) => [config.id, config])).values()) {
    const misplaced = partIn(documents, config).values.get('for_namespaces')
    if (misplaced !== undefined)
      warnings.push({ _tag: 'UnusedValue', place: misplaced.place, name: 'for_namespaces', near: [], elsewhere: [] })
  }
  for (const one of [...unknownNamespaces(contexts, configs), ...placeholders.warnings()]) warnings.push(one)
  // missing configs were already reported while reading
  const own = unread.length === 0 ? errors : errors.filter(({ _tag }) => _tag !== 'ConfigNotFound')
  const resolved: ResolvedConfigs = {
    entry: configs[0]?.id ?? entry,
    configs: Object.freeze(configs),
    contextValues: contextValues(contexts, configs),
    contextName: contexts.name,
    warnings: sortedWarnings(warnings),
  }
  return {
    resolved: configs.length === 0 ? undefined : Object.freeze(resolved),
    errors: sortedErrors([...unread, ...own]),
    warnings: resolved.warnings,
    contextsWhole: contexts.errors.length === 0,
  }
}

const partIn = (documents: Documents, { origin, name }: Pick<Reached, 'origin' | 'name'>): ConfigPart => {
  const part = documents.get(origin)?.parts.get(name)
  if (part === undefined) throw new RangeError(`${origin} has no part '${name}'`)
  return part
}

type Values = ReadonlyMap<string, ResolvedValue>

/** Values of configs under the layers of their namespace. Configs with the same layers share values. */
const valuesUnder = (
  { general, spaced, last }: Contexts,
  placeholders: Placeholders,
  errors: PlanError[],
): ((config: Reached, part: ConfigPart) => Values) => {
  const remembered = new Map<string, Values>()
  return ({ id, namespace }, part) => {
    const layers = spaced.get(namespace)
    const key = layers === undefined ? id : `${namespace}\n${id}`
    const known = remembered.get(key)
    if (known !== undefined) return known
    const valueOf = (name: string): Located | undefined => (isValue(name) ? part.values.get(name) : undefined)
    const changed = overlay(valueOf, [...general, ...(layers ?? []), ...last], errors)
    const values = new Map<string, ResolvedValue>()
    const add = (name: string, located: Located, { overrides, own, fromContext }: Omit<Overlaid, 'located'>): void => {
      const { unexpanded, expanded } = placeholders.expand(located)
      values.set(name, Object.freeze({ unexpanded, expanded, located, overrides, own, fromContext }))
    }
    part.values.forEach((located, name) => {
      if (!isValue(name)) return
      const one = changed.size === 0 ? undefined : changed.get(name)
      if (one === undefined) add(name, located, unchanged)
      else add(name, one.located, one)
    })
    for (const [name, one] of changed) if (one.own === undefined) add(name, one.located, one)
    remembered.set(key, values)
    return values
  }
}

const unchanged = { overrides: undefined, own: undefined, fromContext: false }

const readableName = 'human_readable_data_name'

const isValue = (name: string): boolean => !isReservedName(name) || name === readableName

const resolvedConfig = (
  { id, origin, namespace, uses }: Reached,
  part: ConfigPart,
  laid: Values,
  placeholders: Placeholders,
  options: ResolveOptions,
  errors: PlanError[],
): ResolvedConfig => {
  const readable = laid.get(readableName)
  const humanReadableName = typeof readable?.expanded === 'string' ? readable.expanded : undefined
  if (humanReadableName !== undefined && !isSafeName(humanReadableName))
    errors.push({ _tag: 'UnsafeName', place: readable?.located.place, what: readableName, name: humanReadableName })
  const patternOf = ({ text, place }: ConfigPart['tasks'][number]): TaskPattern => ({
    pattern: placeholders.text(text),
    place,
  })
  return Object.freeze({
    id,
    origin,
    name: nameOf(origin, part.name, options.configsFolder ?? 'configs'),
    namespace,
    place: part.place,
    tasks: part.tasks.map(patternOf),
    excludedTasks: part.excludedTasks.map(patternOf),
    values: readable === undefined ? laid : new Map([...laid].filter(([name]) => name !== readableName)),
    humanReadableName,
    uses,
  })
}

const unknownNamespaces = ({ spaced }: Contexts, configs: readonly ResolvedConfig[]): readonly PlanWarning[] => {
  const known = new Set(configs.map((config) => config.namespace))
  const near = suggester([...known].filter((namespace) => namespace !== ''))
  return [...spaced].flatMap(([namespace, layers]) =>
    known.has(namespace)
      ? []
      : layers.map(({ place }): PlanWarning => ({ _tag: 'UnknownNamespace', place, namespace, near: near(namespace) })),
  )
}

/**
 * The names that contexts set, for warnings about those that no node reads. `x-` names never warn; namespaces that do
 * not exist have a warning of their own.
 */
const contextValues = (
  { general, spaced, last }: Contexts,
  configs: readonly ResolvedConfig[],
): ResolvedConfigs['contextValues'] => {
  const known = new Set(configs.map((config) => config.namespace))
  const anywhere = { has: (name: string): boolean => configs.some((config) => config.values.has(name)) }
  const own = (name: string): boolean => configs.some((config) => isOwn(config.values.get(name)))
  const readAs = (name: string): string => (!name.includes('.') || own(name) ? name : (headOf(name, anywhere) ?? name))
  const layers = [
    ...general,
    ...[...spaced].flatMap(([namespace, inside]) => (known.has(namespace) ? inside : [])),
    ...last,
  ]
  return layers.flatMap(({ namespace, entries }) =>
    entries
      .filter(([name]) => name !== readableName && !name.startsWith('x-'))
      .map(([name, located]) => ({ name, reads: readAs(name), namespace, place: located.place })),
  )
}

const isOwn = (value: ResolvedValue | undefined): boolean =>
  value !== undefined && (value.own !== undefined || !value.fromContext)
