import { pushTo } from '../../base/grouping.js'
import type { ResolvedConfig, ResolvedConfigs } from '../../config/config-types.js'
import { isReservedName, reservedNames } from '../../declare/param.js'
import { nearest } from '../../base/suggest.js'
import { byCodeUnit, byPlace } from '../../base/code-unit-order.js'
import type { Candidate } from '../bind-inputs.js'
import { thriftySuggester, type SuggestionBudget } from '../names/near-names.js'

import { isNonEmpty } from '../../base/non-empty.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { setOrigin } from '../../config/context.js'
import { sortedErrors } from '../../config/problem-order.js'
import { warningsBeside, withWarnings, type Place, type PlanError, type PlanWarning } from '../../errors.js'
import type { Plan } from '../plan-types.js'

/** Values that no task reads: warnings with suggestions, or errors if unread values are not allowed. */

/** A config with the nodes that it selects. */
export interface Brought {
  readonly config: ResolvedConfig
  readonly candidates: readonly Candidate[]
}

/** The readers of config values, for warnings about unread values and hints about missing ones. */
export interface Reads {
  /** `whole`: configs of which tasks read everything. */
  readonly unusedValues: (whole: ReadonlySet<ResolvedConfig>) => readonly PlanWarning[]
  readonly unusedContextValues: () => readonly PlanWarning[]
  /** Places of values with this name in all configs. */
  readonly placesOf: (name: string) => readonly Place[]
  /** Unread values of a config with similar names. */
  readonly near: (config: ResolvedConfig, name: string) => readonly string[]
}

/** Maximum number of nodes or places in a message; more do not help. */
const most = 8

export const readsOf = (
  brought: readonly Brought[],
  contextValues: ResolvedConfigs['contextValues'],
  budget: SuggestionBudget,
): Reads => {
  const namesRead = once(
    (): ReadonlyMap<ResolvedConfig, ReadonlySet<string>> => new Map(brought.map((one) => [one.config, readBy(one)])),
  )
  const readers = once(() => readersByName(brought))
  const places = once(() => placesByName(brought))
  const suggesters = new Map<ResolvedConfig, ReturnType<typeof thriftySuggester>>()
  return {
    unusedValues: (whole) =>
      brought.every(({ config }) => whole.has(config))
        ? []
        : [...namesRead()].flatMap(([config, read]) => unusedIn(config, read, readers, budget)),
    unusedContextValues: () => (contextValues.length === 0 ? [] : unusedOfContext(contextValues, namesRead())),
    placesOf: (name) => places().get(name) ?? [],
    near: (config, name) => {
      const read = namesRead().get(config)
      const known =
        suggesters.get(config) ??
        thriftySuggester(() => [...config.values.keys()].filter((value) => !read?.has(value)), budget)
      suggesters.set(config, known)
      return known(name, 3)
    },
  }
}

const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}

const readBy = ({ candidates }: Brought): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const { entry } of candidates) for (const param of entry.params) names.add(param.nameInConfig)
  return names
}

/** Names that never warn: reserved names, and those marked as custom by `x-`. */
const isExempt = (name: string): boolean => name.startsWith('x-') || name === '$schema' || isReservedName(name)

type Readers = ReadonlyMap<string, readonly { readonly config: string; readonly id: string }[]>

const readersByName = (brought: readonly Brought[]): Readers => {
  const readers = new Map<string, { config: string; id: string }[]>()
  for (const { config, candidates } of brought)
    for (const { entry, id } of candidates)
      for (const { nameInConfig } of entry.params) {
        pushTo(readers, nameInConfig, { config: config.id, id })
      }
  return readers
}

const placesByName = (brought: readonly Brought[]): ReadonlyMap<string, readonly Place[]> => {
  const places = new Map<string, Map<string, Place>>()
  for (const { config } of brought)
    for (const [name, { located, own, fromContext }] of config.values) {
      const place = own ?? (fromContext ? undefined : located.place)
      if (place === undefined) continue
      const known = places.get(name) ?? new Map<string, Place>()
      places.set(name, known.set(`${place.line}:${place.column}:${place.origin}`, place))
    }
  return new Map([...places].map(([name, known]) => [name, [...known.values()].sort(byPlace).slice(0, most)]))
}

const unusedIn = (
  config: ResolvedConfig,
  read: ReadonlySet<string>,
  readers: () => Readers,
  budget: SuggestionBudget,
): readonly PlanWarning[] => {
  const unused: PlanWarning[] = []
  let near: ((name: string) => readonly string[]) | undefined
  for (const [name, { located, own, fromContext }] of config.values) {
    if ((fromContext && own === undefined) || read.has(name) || isExempt(name)) continue
    near ??= nearAmong(read, (known) => config.values.has(known), budget)
    const elsewhere = (readers().get(name) ?? [])
      .filter((reader) => reader.config !== config.id)
      .map((reader) => reader.id)
    unused.push({
      _tag: 'UnusedValue',
      place: own ?? located.place,
      name,
      near: elsewhere.length > 0 ? [] : withReserved(name, near(name)),
      elsewhere: [...new Set(elsewhere)].sort(byCodeUnit).slice(0, most),
    })
  }
  return unused
}

/** Adds reserved names, which may be misspelt as well: `exclude_tasks`. */
const withReserved = (name: string, near: readonly string[]): readonly string[] =>
  [...near, ...nearest(name, reservedNames, 1)].slice(0, 3)

/** Suggests names that tasks read: first those without a value, the most likely target of a typo. */
const nearAmong = (
  read: ReadonlySet<string>,
  isGiven: (name: string) => boolean,
  budget: SuggestionBudget,
): ((name: string) => readonly string[]) => {
  const first = thriftySuggester(() => [...read].filter((name) => !isGiven(name)), budget)
  const others = thriftySuggester(() => read, budget)
  return (name) => {
    const near = first(name, 3)
    return near.length > 0 ? near : others(name, 3)
  }
}

const unusedOfContext = (
  contextValues: ResolvedConfigs['contextValues'],
  namesRead: ReadonlyMap<ResolvedConfig, ReadonlySet<string>>,
): readonly PlanWarning[] => {
  const inNamespace = (namespace: string | undefined): ReadonlySet<string> => {
    const names = new Set<string>()
    for (const [config, read] of namesRead)
      if (namespace === undefined || config.namespace === namespace) for (const name of read) names.add(name)
    return names
  }
  const known = new Map<string | undefined, ReadonlySet<string>>()
  return contextValues.flatMap(({ name, reads, namespace, place }): readonly PlanWarning[] => {
    const read = known.get(namespace) ?? inNamespace(namespace)
    known.set(namespace, read)
    if (isExempt(name) || read.has(name) || read.has(reads)) return []
    return [{ _tag: 'UnusedContextValue', place, name, near: withReserved(name, nearest(reads, read, 3)) }]
  })
}

/** Which unread values are errors; the others are warnings. */
export interface Unread {
  /** Values of `set`. */
  readonly set?: boolean
  /** Values of configs, in a strict project. */
  readonly configs?: boolean
  /** Values of contexts, in a strict project. */
  readonly contexts?: boolean
}

type Planned = E.Either<NonEmptyArray<PlanError>, Plan>

/**
 * Turns warnings about unread values of a plan into errors, except those that `forgiven` accepts.
 *
 * @example refuseUnread(planned, { set: true, configs: project.strict })
 */
export const refuseUnread = (
  planned: Planned,
  unread: Unread,
  forgiven: (warning: PlanWarning) => boolean = () => false,
): Planned => {
  const warnings = warningsOf(planned)
  const refused = warnings.flatMap((warning) => (forgiven(warning) ? [] : unreadError(warning, unread)))
  const errors = [...sortedErrors([...(E.isLeft(planned) ? planned.left : []), ...refused])]
  if (refused.length === 0 || !isNonEmpty(errors)) return planned
  return E.left(
    withWarnings(
      errors,
      warnings.filter((warning) => forgiven(warning) || unreadError(warning, unread).length === 0),
    ),
  )
}

/**
 * The same for chains that share `set` and contexts: a value that one of them reads counts as read. `ownNames` returns
 * the names that were set only for one chain.
 */
export const refuseUnreadByAll = (
  planned: readonly Planned[],
  unread: Unread,
  ownNames: (index: number) => readonly string[],
): readonly Planned[] => {
  const counts = new Map<string, number>()
  for (const one of planned)
    for (const warning of warningsOf(one))
      if (warning._tag === 'UnusedContextValue') counts.set(idOf(warning), (counts.get(idOf(warning)) ?? 0) + 1)
  const readByOthers = (warning: PlanWarning): boolean =>
    warning._tag === 'UnusedContextValue' && counts.get(idOf(warning)) !== planned.length
  return planned.map((one, index) =>
    refuseUnread(
      one,
      unread,
      (warning) => readByOthers(warning) && !('name' in warning && ownNames(index).includes(warning.name)),
    ),
  )
}

const warningsOf = (planned: Planned): readonly PlanWarning[] =>
  E.isLeft(planned) ? warningsBeside(planned.left) : planned.right.warnings

const idOf = ({ name, place }: PlanWarning & { readonly _tag: 'UnusedContextValue' }): string =>
  JSON.stringify([name, place])

const unreadError = (warning: PlanWarning, { set, configs, contexts }: Unread): readonly PlanError[] => {
  if (warning._tag === 'UnusedValue') return configs === true ? [{ ...warning, _tag: 'UnreadValue', of: 'config' }] : []
  if (warning._tag !== 'UnusedContextValue') return []
  const isSet = warning.place.origin === setOrigin
  return (isSet ? set : contexts) === true
    ? [{ ...warning, _tag: 'UnreadValue', of: isSet ? 'set' : 'context', elsewhere: [] }]
    : []
}
