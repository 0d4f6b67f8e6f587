import { pushTo } from '../base/grouping.js'
import { fullNameOf, joinNamespaces } from '../declare/names.js'
import type { Input, Matching } from '../declare/input.js'
import { isFormat } from '../declare/json/json.js'
import { isInput, type Task } from '../declare/task.js'
import type { Place, PlanError, PlanWarning } from '../errors.js'
import { byCodeUnit } from '../base/code-unit-order.js'
import { namePattern } from './names/name-pattern.js'
import type { IndexedTask, ProjectIndex } from './names/project-index.js'
import { thriftySuggester, type SuggestionBudget } from './names/near-names.js'
import type { BoundInput } from './plan-types.js'

/** A task in a namespace that inputs can be bound to. */
export interface Candidate {
  /** Full name, `namespace::group:name`. */
  readonly id: string
  readonly namespace: string
  readonly entry: IndexedTask
  /** The place in the config that selects the task. */
  readonly place: Place
  /** Position among the nodes of the plan; -1 if another config already selected it. */
  readonly position: number
}

/** Binds the inputs of one node. Appends to `errors` and `warnings`; calls `reads` with the position of each input. */
export type Binder = (
  node: Candidate,
  reads: (position: number) => void,
  errors: PlanError[],
  warnings: PlanWarning[],
) => { readonly [role: string]: BoundInput }

/** The nodes of one namespace. The maps for lookups are built on first use. */
interface Scope {
  readonly nodes: Candidate[]
  byPosition: ByPosition | undefined
  byValue: ReadonlyMap<Task, Candidate> | undefined
  byTask: Map<string, Candidate> | undefined
  byName: Map<string, Candidate[]> | undefined
}

const scopesOf = (candidates: readonly Candidate[]): ReadonlyMap<string, Scope> => {
  const scopes = new Map<string, Scope>()
  for (const candidate of candidates) {
    const scope = scopes.get(candidate.namespace) ?? {
      nodes: [],
      byPosition: undefined,
      byValue: undefined,
      byTask: undefined,
      byName: undefined,
    }
    if (scope.nodes.push(candidate) === 1) scopes.set(candidate.namespace, scope)
  }
  return scopes
}

/** The nodes of a namespace by the position of their task in the project. */
type ByPosition = (position: number) => Candidate | undefined

/** A table where a namespace has a fair part of all tasks; else a map, since there can be thousands of namespaces. */
const nodesByPosition = (nodes: readonly Candidate[], count: number): ByPosition => {
  if (nodes.length * 8 < count) {
    const byPosition = new Map(nodes.map((node) => [node.entry.position, node]))
    return (position) => byPosition.get(position)
  }
  const table: (Candidate | undefined)[] = Array.from({ length: count })
  for (const node of nodes) table[node.entry.position] = node
  return (position) => table[position]
}

const nodeOfTask = (scope: Scope | undefined, task: Task, index: ProjectIndex): Candidate | undefined => {
  const position = index.entryOf(task)?.position
  if (scope === undefined || position === undefined) return undefined
  const found = (scope.byPosition ??= nodesByPosition(scope.nodes, index.positions))(position)
  if (found !== undefined) return found // or another task of that name, which is reported with the project
  // by mistake, a task may have several names
  scope.byValue ??= new Map(scope.nodes.map((node) => [node.entry.task, node]))
  return scope.byValue.get(task)
}

const tasksIn = (scope: Scope | undefined): ReadonlyMap<string, Candidate> =>
  scope === undefined
    ? noTasks
    : (scope.byTask ??= new Map(scope.nodes.map((candidate) => [candidate.entry.fullName, candidate])))

const namesIn = (scope: Scope | undefined): ReadonlyMap<string, readonly Candidate[]> =>
  scope === undefined ? noNames : (scope.byName ??= groupedBy(scope.nodes, ({ entry }) => [entry.name]))

/** Indexes all nodes of a chain once, so that lookups need no scan. */
export const makeBinder = (candidates: readonly Candidate[], index: ProjectIndex, budget: SuggestionBudget): Binder => {
  const scopes = scopesOf(candidates)
  const suggesters = new Map<string | undefined, ReturnType<typeof thriftySuggester>>()
  /** Within one namespace, names without it; otherwise full names. */
  const nearIn = (namespace: string | undefined): ReturnType<typeof thriftySuggester> => {
    const known =
      suggesters.get(namespace) ??
      thriftySuggester(
        () =>
          namespace === undefined ? candidates.map((candidate) => candidate.id) : tasksIn(scopes.get(namespace)).keys(),
        budget,
      )
    suggesters.set(namespace, known)
    return known
  }
  let everywhere: ReadonlyMap<string, readonly Candidate[]> | undefined
  const look: Lookup = {
    byValue: (namespace, task) => nodeOfTask(scopes.get(namespace), task, index),
    byTask: (namespace, task) => tasksIn(scopes.get(namespace)).get(task),
    byName: (namespace, name) => namesIn(scopes.get(namespace)).get(name) ?? [],
    elsewhere: (namespace, task) => {
      everywhere ??= groupedBy(
        [...candidates].sort((left, right) => byCodeUnit(left.id, right.id)),
        ({ entry }) => [entry.fullName, entry.name],
      )
      return (everywhere.get(task) ?? [])
        .filter((found) => found.namespace !== namespace)
        .slice(0, 8)
        .map((found) => found.id)
    },
    near: (namespace, task) => {
      if (!scopes.has(namespace)) return nearIn(undefined)(fullNameOf(namespace, task))
      const alike = look
        .byName(namespace, task.slice(task.lastIndexOf(':') + 1))
        .filter(({ entry }) => entry.fullName.endsWith(`:${task}`))
      return [...new Set([...alike.map((found) => found.entry.fullName), ...nearIn(namespace)(task)])]
        .slice(0, 3)
        .map((near) => fullNameOf(namespace, near))
    },
    matching: memoised((input: Matching<unknown>, namespace) =>
      matches(input, input.anyNamespace ? candidates : (scopes.get(namespace)?.nodes ?? [])),
    ),
  }
  return (node, reads, errors, warnings) => {
    const bound: Record<string, BoundInput> = {}
    const { inputs } = node.entry.task.declaration
    const scope = scopes.get(node.namespace)
    for (const role in inputs) {
      const input = inputs[role]
      if (!isInput(input)) continue // reported with the declaration
      const direct = input._tag === 'Task' ? nodeOfTask(scope, input, index) : undefined
      if (direct !== undefined) {
        bound[role] = direct.id
        reads(direct.position)
        continue
      }
      const outcome = bind(input, node.namespace, node.id, look, index, 0)
      bound[role] = settle(outcome, node, role, errors, warnings)
      if (outcome._tag === 'Bound') for (const { position } of outcome.to) reads(position)
    }
    return Object.freeze(bound)
  }
}

const noTasks: ReadonlyMap<string, Candidate> = new Map()
const noNames: ReadonlyMap<string, readonly Candidate[]> = new Map()

const groupedBy = (
  candidates: Iterable<Candidate>,
  namesOf: (candidate: Candidate) => readonly string[],
): Map<string, Candidate[]> => {
  const groups = new Map<string, Candidate[]>()
  for (const candidate of candidates)
    for (const name of namesOf(candidate)) {
      pushTo(groups, name, candidate)
    }
  return groups
}

interface Lookup {
  readonly byValue: (namespace: string, task: Task) => Candidate | undefined
  readonly byTask: (namespace: string, task: string) => Candidate | undefined
  readonly byName: (namespace: string, name: string) => readonly Candidate[]
  /** Full names of the task in other namespaces. */
  readonly elsewhere: (namespace: string, task: string) => readonly string[]
  readonly near: (namespace: string, task: string) => readonly string[]
  readonly matching: (input: Matching<unknown>, namespace: string) => readonly Candidate[]
}

/** The outcome of binding an input. `Nothing` gives a warning; all but `Bound` and `Nothing` are errors. */
type Outcome =
  | { readonly _tag: 'Bound'; readonly bound: BoundInput; readonly to: readonly Candidate[] }
  | { readonly _tag: 'Nothing'; readonly pattern: string }
  | { readonly _tag: 'NotExported' }
  | { readonly _tag: 'InMemory'; readonly input: string }
  | {
      readonly _tag: 'Missing'
      readonly wanted: string
      readonly near: () => readonly string[]
      readonly elsewhere: () => readonly string[]
    }
  | { readonly _tag: 'Ambiguous'; readonly wanted: string; readonly matches: readonly string[] }

/** Whether the result is never stored, so that it has no path. */
const isInMemory = ({ entry }: Candidate): boolean => {
  const { data } = entry.task.declaration
  return isFormat(data) && data.persistence.storage === 'memory'
}

const unbound: Outcome = { _tag: 'Bound', bound: null, to: [] }

const bind = (
  input: Input,
  namespace: string,
  self: string,
  look: Lookup,
  index: ProjectIndex,
  depth: number,
): Outcome => {
  if (!isInput(input) || depth > 32) return unbound // reported with the declaration
  switch (input._tag) {
    case 'Task': {
      const task = index.nameOf(input)
      return task === undefined ? { _tag: 'NotExported' } : one(look.byValue(namespace, input), namespace, task, look)
    }
    case 'Ref':
      return bindName(input.name, namespace, look)
    case 'InNamespace':
      return bind(input.input, joinNamespaces(namespace, input.namespace), self, look, index, depth + 1)
    case 'Lazy':
      return bind(input.input, namespace, self, look, index, depth + 1)
    case 'AsPath': {
      const outcome = bind(input.input, namespace, self, look, index, depth + 1)
      const inMemory = outcome._tag === 'Bound' ? outcome.to.find(isInMemory) : undefined
      return inMemory === undefined ? outcome : { _tag: 'InMemory', input: inMemory.id }
    }
    case 'Optional': {
      const outcome = bind(input.input, namespace, self, look, index, depth + 1)
      return outcome._tag === 'Missing' || outcome._tag === 'Nothing' ? unbound : outcome
    }
    case 'Matching': {
      const found = look.matching(input, namespace).filter((candidate) => candidate.id !== self)
      if (found.length === 0) return { _tag: 'Nothing', pattern: input.pattern.source }
      return {
        _tag: 'Bound',
        bound: Object.freeze(
          Object.fromEntries(
            found.map((candidate) => [input.anyNamespace ? candidate.id : candidate.entry.fullName, candidate.id]),
          ),
        ),
        to: found,
      }
    }
  }
}

/** `data`, `group:data`, `ns::data`; a leading `::` starts at the top level. */
const bindName = (name: string, own: string, look: Lookup): Outcome => {
  const absolute = name.startsWith('::')
  const rest = absolute ? name.slice(2) : name
  const split = rest.lastIndexOf('::')
  const given = split < 0 ? '' : rest.slice(0, split)
  const namespace = absolute ? given : joinNamespaces(own, given)
  const task = split < 0 ? rest : rest.slice(split + 2)
  if (task.includes(':')) return one(look.byTask(namespace, task), namespace, task, look)
  const found = look.byName(namespace, task)
  if (found.length > 1)
    return { _tag: 'Ambiguous', wanted: name, matches: found.map((candidate) => candidate.id).sort(byCodeUnit) }
  return one(found[0], namespace, task, look)
}

const one = (found: Candidate | undefined, namespace: string, task: string, look: Lookup): Outcome =>
  found === undefined
    ? {
        _tag: 'Missing',
        wanted: fullNameOf(namespace, task),
        near: () => look.near(namespace, task),
        elsewhere: () => look.elsewhere(namespace, task),
      }
    : { _tag: 'Bound', bound: found.id, to: [found] }

const settle = (
  outcome: Outcome,
  node: Candidate,
  role: string,
  errors: PlanError[],
  warnings: PlanWarning[],
): BoundInput => {
  const at = { place: node.place, node: node.id, role }
  switch (outcome._tag) {
    case 'Bound':
      return outcome.bound
    case 'Nothing':
      warnings.push({ _tag: 'NoMatch', ...at, pattern: outcome.pattern })
      return Object.freeze({})
    case 'NotExported':
      errors.push({ _tag: 'InputNotExported', ...at })
      return null
    case 'InMemory':
      errors.push({ _tag: 'PathOfMemory', ...at, input: outcome.input })
      return null
    case 'Missing': {
      const elsewhere = outcome.elsewhere()
      errors.push({
        _tag: 'MissingInput',
        ...at,
        wanted: outcome.wanted,
        near: elsewhere.length > 0 ? [] : outcome.near(),
        elsewhere,
      })
      return null
    }
    case 'Ambiguous':
      errors.push({ _tag: 'AmbiguousInput', ...at, wanted: outcome.wanted, matches: outcome.matches })
      return null
  }
}

/** Candidates whose entire name matches, sorted. The name is bare if the pattern has no `:`, else `group:name`. */
const matches = (input: Matching<unknown>, among: readonly Candidate[]): readonly Candidate[] => {
  const whole = namePattern(input.pattern)
  if (!('matches' in whole)) return [] // reported with the declaration
  const grouped = hasColon(input.pattern.source)
  return among
    .filter(({ entry }) => whole.matches(grouped ? entry.fullName : entry.name))
    .sort((left, right) => byCodeUnit(left.id, right.id))
}

/** Whether the pattern contains a `:` other than that of `(?:…)`. */
const hasColon = (source: string): boolean => source.replace(/\(\?[a-z-]*:/g, '(').includes(':')

/** Matches a pattern against a namespace once, however many nodes use it. */
const memoised = (find: (input: Matching<unknown>, namespace: string) => readonly Candidate[]): Lookup['matching'] => {
  const known = new Map<string, readonly Candidate[]>()
  return (input, namespace) => {
    const question =
      `${input.anyNamespace ? '' : `${namespace} `}\n${input.anyNamespace}` +
      `\n${input.pattern.flags}\n${input.pattern.source}`
    const found = known.get(question) ?? find(input, namespace)
    known.set(question, found)
    return found
  }
}
