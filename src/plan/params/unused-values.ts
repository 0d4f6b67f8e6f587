import type { ResolvedConfig, ResolvedConfigs } from '../../config/config-types.js'
import { isReservedName, reservedNames } from '../../declare/param.js'
import type { Place, PlanWarning } from '../../errors.js'
import { nearest } from '../../base/suggest.js'
import { byCodeUnit, byPlace } from '../../base/code-unit-order.js'
import type { Candidate } from '../bind-inputs.js'
import { thriftySuggester, type SuggestionBudget } from '../names/near-names.js'
import { valueIn } from '../../base/present.js'

/** A config with the nodes that it brings. */
export interface Brought {
  readonly config: ResolvedConfig
  readonly candidates: readonly Candidate[]
}

/**
 * Who reads which value of which config: for warnings about values that nobody reads, and for hints about missing ones.
 */
export interface Reads {
  readonly unusedValues: () => readonly PlanWarning[]
  readonly unusedContextValues: () => readonly PlanWarning[]
  /** Where configs have a value of this name. */
  readonly placesOf: (name: string) => readonly Place[]
  /** Values of a config that nobody reads and that are called nearly so. */
  readonly near: (config: ResolvedConfig, name: string) => readonly string[]
}

/** More nodes or places than this help nobody. */
const most = 8

export const readsOf = (brought: readonly Brought[], resolved: ResolvedConfigs, budget: SuggestionBudget): Reads => {
  const namesRead = once(
    (): ReadonlyMap<ResolvedConfig, ReadonlySet<string>> => new Map(brought.map((one) => [one.config, readBy(one)])),
  )
  const readers = once(() => readersByName(brought))
  const places = once(() => placesByName(brought))
  const suggesters = new Map<ResolvedConfig, ReturnType<typeof thriftySuggester>>()
  return {
    unusedValues: () => brought.flatMap((one) => unusedIn(one, valueIn(namesRead(), one.config), readers, budget)),
    unusedContextValues: () =>
      resolved.contextValues.length === 0 ? [] : unusedOfContext(resolved, brought, namesRead()),
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

/** Names that never warn: words of the structure, and what is marked as one's own. */
const isExempt = (name: string): boolean => name.startsWith('x-') || name === '$schema' || isReservedName(name)

type Readers = ReadonlyMap<string, readonly { readonly config: string; readonly id: string }[]>

const readersByName = (brought: readonly Brought[]): Readers => {
  const readers = new Map<string, { config: string; id: string }[]>()
  for (const { config, candidates } of brought)
    for (const { entry, id } of candidates)
      for (const { nameInConfig } of entry.params) {
        const others = readers.get(nameInConfig)
        if (others === undefined) readers.set(nameInConfig, [{ config: config.id, id }])
        else others.push({ config: config.id, id })
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
  { config }: Brought,
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

/** Words of the structure are misspelt as well: `exclude_tasks`. */
const withReserved = (name: string, near: readonly string[]): readonly string[] =>
  [...near, ...nearest(name, reservedNames, 1)].slice(0, 3)

/** Names that are read: first those that are not given, which a slip explains best. */
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
  { contextValues }: ResolvedConfigs,
  brought: readonly Brought[],
  namesRead: ReadonlyMap<ResolvedConfig, ReadonlySet<string>>,
): readonly PlanWarning[] => {
  const inNamespace = (namespace: string | undefined): ReadonlySet<string> => {
    const names = new Set<string>()
    for (const { config } of brought)
      if (namespace === undefined || config.namespace === namespace)
        for (const name of namesRead.get(config) ?? []) names.add(name)
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
