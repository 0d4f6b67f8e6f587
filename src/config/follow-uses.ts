import { byCodeUnit } from '../base/code-unit-order.js'
import * as E from 'fp-ts/lib/Either.js'
import { joinNamespaces } from '../declare/names.js'
import type { PlanError } from '../errors.js'
import { limits, tooLarge } from './limits.js'
import {
  resolveOrigin,
  splitPart,
  type DocumentReader,
  type FindPart,
  type FoundPart,
  type PathOptions,
  type UsesEntry,
} from './uses.js'

/** A config in a namespace, with the configs it uses. */
export interface Reached extends Omit<FoundPart, 'uses'> {
  readonly namespace: string
  readonly uses: readonly { readonly id: string; readonly namespace: string }[]
}

/** Every config that an entry reaches by `uses`, the entry first, the others by namespace and id. */
export interface Followed {
  readonly configs: readonly Reached[]
  readonly errors: readonly PlanError[]
}

interface Step extends Omit<FoundPart, 'uses'> {
  readonly namespace: string
  readonly entries: readonly UsesEntry[]
  readonly uses: Map<string, { readonly id: string; readonly namespace: string }>
  next: number
}

/** Follows `uses`: depth first without recursion, each config once in each namespace, cycles reported once. */
export const followUses = (entry: string, find: FindPart, reader: DocumentReader): Followed => {
  const errors: PlanError[] = []
  const reached = new Map<string, Step>()
  const path: Step[] = []
  const onPath = new Map<string, number>()
  const cycles = new Set<string>()
  const entriesOf = new Map<string, readonly UsesEntry[]>()

  const enter = (found: FoundPart, namespace: string): void => {
    let entries = entriesOf.get(found.id)
    if (entries === undefined) {
      const uses = reader.usesOf(found.origin, found.uses)
      for (const one of uses.errors) errors.push(one)
      entries = uses.entries
      entriesOf.set(found.id, entries)
    }
    const step: Step = { ...found, namespace, entries, uses: new Map(), next: 0 }
    reached.set(`${namespace}\n${found.id}`, step)
    onPath.set(found.id, path.length)
    path.push(step)
  }

  const take = (step: Step, entry: UsesEntry): void => {
    const found = find(entry.origin, entry.part, entry.place)
    if (E.isLeft(found)) {
      errors.push(found.left)
      return
    }
    const { id } = found.right
    const start = onPath.get(id)
    if (start !== undefined) {
      const ids = [...path.slice(start).map((one) => one.id), id]
      if (!cycles.has(cycleKey(ids))) errors.push({ _tag: 'UsesCycle', place: entry.place, path: ids })
      cycles.add(cycleKey(ids))
      return
    }
    const namespace = joinNamespaces(step.namespace, entry.namespace)
    if (entry.namespace !== '' && namespace.split('::').length > limits.namespaces) {
      errors.push(tooLarge('namespaces', entry.place))
      return
    }
    step.uses.set(`${namespace}\n${id}`, { id, namespace })
    if (reached.has(`${namespace}\n${id}`)) return
    if (reached.size < limits.configs) enter(found.right, namespace)
    else {
      errors.push(tooLarge('configs', entry.place))
      path.length = 0 // stop: there may be no end
    }
  }

  const first = entryPart(entry, find, reader.paths)
  if (E.isLeft(first)) return { configs: [], errors: [first.left] }
  enter(first.right, '')
  for (let step = path[0]; step !== undefined; step = path[path.length - 1]) {
    const next = step.entries[step.next++]
    if (next !== undefined) take(step, next)
    else {
      onPath.delete(step.id)
      path.pop()
    }
  }
  const [top, ...others] = reached.values()
  const configs = top === undefined ? [] : [top, ...others.sort(byNamespaceAndId)].map(settled)
  return { configs, errors }
}

const entryPart = (entry: string, find: FindPart, paths: PathOptions): E.Either<PlanError, FoundPart> => {
  const { path, part } = splitPart(entry)
  const origin = resolveOrigin('', path, paths)
  return E.isLeft(origin)
    ? E.left({ _tag: 'ConfigUnreadable', origin: entry, place: undefined, reason: origin.left })
    : find(origin.right, part, undefined)
}

const settled = ({ id, origin, name, namespace, uses }: Step): Reached =>
  Object.freeze({ id, origin, name, namespace, uses: Object.freeze([...uses.values()].sort(byNamespaceAndId)) })

interface Named {
  readonly namespace: string
  readonly id: string
}
const byNamespaceAndId = (left: Named, right: Named): number =>
  byCodeUnit(left.namespace, right.namespace) || byCodeUnit(left.id, right.id)

/** Identifies a cycle independently of its entry point. */
const cycleKey = (ids: readonly string[]): string => [...new Set(ids)].sort().join('\n')
