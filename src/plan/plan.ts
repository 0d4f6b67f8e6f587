import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { displayedAs, mediaOfTable } from '../base/notebook.js'
import { shownPlan } from './inspect/shown-plan.js'
import { isNonEmpty } from '../base/non-empty.js'
import { sortedErrors, sortedWarnings } from '../config/problem-order.js'
import type { Resolution } from '../config/resolve.js'
import type { ResolvedConfig, ResolvedConfigs, ResolveOptions } from '../config/config-types.js'
import type { Environment } from '../declare/codec/codec-mode.js'
import { fullNameOf } from '../declare/names.js'
import { whilePlanning } from '../declare/object.js'
import type { Project } from '../declare/project.js'
import { bothChanged, warningsBeside, withWarnings, type PlanError, type PlanWarning } from '../errors.js'
import { nodeOf, noInputs, outlineNode, type Unfinished } from './unfinished-node.js'
import { makeBinder, type Binder, type Candidate } from './bind-inputs.js'
import { checkResources } from './check-resources.js'
import { byCodeUnit } from '../base/code-unit-order.js'
import { frozenData } from './params/encoded.js'
import { collectEdges, rememberOutline, topologicalOrder } from './plan-graph.js'
import { hasSecrets, maskOfConfigs } from './params/given-secrets.js'
import { idleMask } from './params/secret-mask.js'
import { indexProject } from './names/project-index.js'
import { nothingToPlan } from './nothing-to-plan.js'
import { keyOf, keysInOrder, preImageOf } from './key.js'
import { fileReading, type FileDigests } from './params/param-files.js'
import type { NodeParams, ParamReading } from './params/param-reading.js'
import { noParams, originsOfParams, readParams, type ParamOrigins } from './params/read-params.js'
import { spellingOf } from './names/spelling.js'
import { fullBudget } from './names/near-names.js'
import { makeSelector, type Selector } from './names/select-tasks.js'
import { readsOf, type Brought, type Reads } from './params/unread-values.js'
import type { NodeOutline, Plan, PlanNode } from './plan-types.js'
import { itemAt, nonEmpty, valueIn } from '../base/present.js'

/** External facts that planning needs, gathered beforehand as plain data, so that planning stays pure. */
export interface Surroundings {
  /**
   * Digests of the files that params name (`filesWanted` lists them). The content of a file that is missing here counts
   * as unknown.
   */
  readonly digests?: FileDigests
  /**
   * Where references to secrets are looked up. An unset variable is a warning: only running needs it. Without
   * `environment`, they are not looked up before `run`.
   */
  readonly environment?: Environment
  /** Values of placeholders. Default: the project's. */
  readonly globals?: NonNullable<ResolveOptions['globals']>
}

/**
 * Plans what was resolved despite errors, so that one mistake does not hide another. Errors that may only follow from
 * missing parts are omitted.
 */
export const planAsFar = (
  project: Project,
  { resolved, errors, warnings, contextsWhole }: Resolution,
  surroundings: Surroundings = {},
): E.Either<NonEmptyArray<PlanError>, Plan> => {
  const [first] = errors
  if (resolved !== undefined && first === undefined) return planChain(project, resolved, surroundings)
  const unclear = resolved === undefined || errors.some(({ _tag }) => _tag === 'InvalidGlobal')
  const outcome = unclear ? undefined : planChain(project, resolved, surroundings)
  const further =
    outcome === undefined || E.isRight(outcome)
      ? []
      : outcome.left.filter(({ _tag }) => !mayBeMissing.has(_tag) && (contextsWhole || _tag !== 'MissingParam'))
  const odd =
    outcome === undefined ? warnings : E.isRight(outcome) ? outcome.right.warnings : warningsBeside(outcome.left)
  return E.left(
    withWarnings(
      nonEmpty(sortedErrors([...errors, ...further])), // an undefined `resolved` implies errors
      odd.filter(({ _tag }) => !mayBeMissing.has(_tag)),
    ),
  )
}

/** Errors and warnings that an unreadable config may have caused. */
const mayBeMissing: ReadonlySet<string> = new Set([
  'MissingInput',
  'NothingToPlan',
  'NoMatch',
  'UnusedContextValue',
  'UnknownNamespace',
])

/**
 * Turns resolved configs into the immutable plan of a chain. Pure and deterministic: the order of the input does not
 * matter.
 * Left are all errors of all nodes, by place. Never throws.
 *
 * @example
 * const result = pipe(
 *   resolveConfigs(documents, 'configs/movies.yaml', { project }),
 *   E.flatMap((resolved) => planChain(project, resolved)),
 * )
 * E.isRight(result) // => true
 */
export const planChain = (
  project: Project,
  resolved: ResolvedConfigs,
  surroundings: Surroundings = {},
): E.Either<NonEmptyArray<PlanError>, Plan> => {
  const index = indexProject(project)
  const errors: PlanError[] = [...index.errors]
  const warnings: PlanWarning[] = [...resolved.warnings]
  const entry = entryOf(resolved)
  const brought = broughtBy(resolved, makeSelector(index), errors)
  const candidates = brought.flatMap((one) => one.candidates).filter(({ position }) => position >= 0)
  const budget = fullBudget()
  const reads = readsOf(brought, resolved.contextValues, budget)
  const mask = hasSecrets(index) ? maskOfConfigs(index, resolved, surroundings.environment) : idleMask
  const { whileReading, valuesOf } = paramReader(project, reads, surroundings, errors, warnings)
  const { nodes, whole } = whileReading(() => readNodes(brought, valuesOf, index.distinctParams))
  const edges = bindInputs(nodes, makeBinder(candidates, index, budget), errors, warnings)
  const order = topologicalOrder(
    candidates.map(({ id }) => id),
    edges,
  )
  if (E.isLeft(order)) for (const path of order.left) errors.push({ _tag: 'TaskCycle', path })
  else {
    const keys = keysInOrder(nodes, order.right, edges)
    nodes.forEach((node, at) => (node.key = keys[at] ?? ''))
  }
  for (const one of whileReading(() => duplicates(brought, nodes, valuesOf))) errors.push(one)
  checkResources(project, candidates, errors)
  if (candidates.length === 0 && errors.length === 0) errors.push(nothingToPlan(resolved.entry, entry))
  const unused = [...reads.unusedValues(whole), ...reads.unusedContextValues()]
  if (!isNonEmpty(errors) && E.isRight(order))
    return E.right(
      planOf(
        { config: entry?.name ?? resolved.entry, context: resolved.contextName ?? null },
        order.right,
        nodes,
        index.distinctParams && index.positions > manyTasks,
        () => originsOf(brought, order.right),
        mask.value([...warnings, ...unused]),
      ),
    )
  const all = nonEmpty(sortedErrors(errors))
  return E.left(bothChanged(withWarnings(all, sortedWarnings([...warnings, ...unexplained(unused, all)])), mask.value))
}

/** Reads params of candidates, in a mode in which codecs report the files, secrets and spellings they encounter. */
const paramReader = (
  project: Project,
  reads: Reads,
  { environment, digests, globals = project.globals }: Surroundings,
  errors: PlanError[],
  warnings: PlanWarning[],
) => {
  const { objects } = indexProject(project)
  const files = fileReading(globals, digests)
  const spelling = spellingOf(warnings)
  const unset = unsetVariables()
  let secrets = 0
  const reading: ParamReading = {
    objects,
    placesOf: reads.placesOf,
    near: reads.near,
    files,
    secretsMet: () => secrets,
    environment,
    unsetTaken: unset.taken,
    warn: (warning) => void warnings.push(warning),
    spelling,
  }
  const tools = {
    digestOf: files.digestOf,
    environment,
    secretMet: () => void secrets++,
    variableUnset: unset.met,
    spelled: spelling.met,
  }
  return {
    whileReading: <A>(work: () => A): A => whilePlanning(objects, work, tools),
    valuesOf: (config: ResolvedConfig, { entry, id, place }: Candidate): NodeParams =>
      readParams(entry, config, id, place, reading, errors),
  }
}

type ValuesOf = (config: ResolvedConfig, candidate: Candidate) => NodeParams

/**
 * Nodes whose inputs and keys are not set yet, and the configs of which everything is read. `areDistinct`: no two
 * params are read from the same name.
 */
const readNodes = (brought: readonly Brought[], valuesOf: ValuesOf, areDistinct: boolean) => {
  const nodes: Unfinished[] = []
  const whole = new Set<ResolvedConfig>()
  for (const { config, candidates } of brought) {
    let count = 0
    for (const candidate of candidates) {
      const { entry, position } = candidate
      if (position < 0) continue
      const read = entry.params.length === 0 ? noParams : valuesOf(config, candidate)
      nodes.push({ candidate, config, read, inputs: noInputs, key: '' })
      count += entry.params.length - read.unset
    }
    if (areDistinct && count === config.values.size) whole.add(config)
  }
  return { nodes, whole }
}

/** Unused values that no error explains: neither a pattern without a match, nor a missing value with a similar name. */
const unexplained = (unused: readonly PlanWarning[], errors: readonly PlanError[]): readonly PlanWarning[] => {
  const incomplete = new Set(
    errors.flatMap((error) =>
      error._tag === 'UnknownTasks' || error._tag === 'NothingToPlan' ? [error.place.origin] : [],
    ),
  )
  const named = new Set<string>()
  for (const error of errors) {
    if (error._tag !== 'MissingParam') continue
    for (const name of error.near) named.add(`${error.place.origin}\n${name}`)
    for (const { origin } of error.elsewhere) named.add(`${origin}\n${error.nameInConfig}`)
  }
  return unused.filter((warning) => {
    if (warning._tag === 'UnusedContextValue') return incomplete.size === 0
    return (
      warning._tag !== 'UnusedValue' ||
      !(incomplete.has(warning.place.origin) || named.has(`${warning.place.origin}\n${warning.name}`))
    )
  })
}

/** Collects unset variables encountered while decoding; `taken` returns each once and clears them. */
const unsetVariables = () => {
  const met = new Set<string>()
  return {
    met: (variable: string) => void met.add(variable),
    taken: (): readonly string[] => {
      const names = met.size === 0 ? [] : [...met]
      met.clear()
      return names
    },
  }
}

/** The nodes that every config selects; invalid patterns go to `errors`. */
export const broughtBy = (resolved: ResolvedConfigs, selector: Selector, errors: PlanError[]): readonly Brought[] =>
  bring(sorted(resolved), selector, errors)

/** The requested config first, then by namespace and id, regardless of the input order. */
const sorted = (resolved: ResolvedConfigs): readonly ResolvedConfig[] => {
  const entry = entryOf(resolved)
  return [...resolved.configs].sort(
    (left, right) =>
      Number(right === entry) - Number(left === entry) ||
      byCodeUnit(left.namespace, right.namespace) ||
      byCodeUnit(left.id, right.id),
  )
}

const entryOf = ({ configs, entry }: ResolvedConfigs): ResolvedConfig | undefined =>
  configs.find((config) => config.id === entry && config.namespace === '') ??
  configs.find((config) => config.id === entry)

/**
 * The tasks that each config selects. If two configs select a task under the same full name, planning continues with
 * the first and reports the error later.
 */
const bring = (configs: readonly ResolvedConfig[], { select }: Selector, errors: PlanError[]): readonly Brought[] => {
  const mayClash = new Set(configs.map(({ namespace }) => namespace)).size < configs.length
  const taken = new Set<string>()
  let count = 0
  return configs.map((config) => ({
    config,
    candidates: select(config, errors).map(({ entry, place }): Candidate => {
      const id = fullNameOf(config.namespace, entry.fullName)
      const position = taken.has(id) ? -1 : count++
      if (mayClash) taken.add(id)
      return { id, namespace: config.namespace, entry, place, position }
    }),
  }))
}

/** Binds the inputs of all nodes; returns the edges between them. */
const bindInputs = (nodes: readonly Unfinished[], bind: Binder, errors: PlanError[], warnings: PlanWarning[]) => {
  const { add, endNode, edges } = collectEdges(nodes.length)
  for (const node of nodes) {
    node.inputs = bind(node.candidate, add, errors, warnings)
    endNode()
  }
  return edges()
}

/** Errors with both places and both keys: equal keys mean that only the duplication is wrong. */
const duplicates = (
  brought: readonly Brought[],
  nodes: readonly Unfinished[],
  valuesOf: ValuesOf,
): readonly PlanError[] => {
  const candidates = brought.flatMap((one) => one.candidates)
  if (candidates.length === nodes.length) return []
  const keys = new Map(nodes.map(({ candidate, key }) => [candidate.id, { task: candidate.entry.fullName, key }]))
  const known = new Map(candidates.filter(({ position }) => position >= 0).map((first) => [first.id, first]))
  const keyWith = (node: PlanNode): string => keyOf(preImageOf(node, (id) => valueIn(keys, id)))
  return brought.flatMap((one) =>
    one.candidates.flatMap((candidate): readonly PlanError[] => {
      if (candidate.position >= 0) return []
      const first = valueIn(known, candidate.id)
      const node = itemAt(nodes, first.position)
      const other = { ...node, candidate, config: one.config, read: valuesOf(one.config, candidate) }
      const [key, firstKey] = [keyWith(nodeOf(other, false)), keyWith(nodeOf(node, false))]
      const { place, id } = candidate
      return [{ _tag: 'DuplicateTask', place, node: id, first: first.place, key, firstKey }]
    }),
  )
}

/** The engine keeps up to some 1,500 shapes of records apart; beyond these, records are dictionaries. */
const manyTasks = 1_500

const planOf = (
  names: Pick<Plan, 'config' | 'context'>,
  order: Int32Array,
  nodes: readonly Unfinished[],
  areOneOff: boolean,
  originsOf: () => Plan['origins'],
  warnings: readonly PlanWarning[],
): Plan => {
  const outline: NodeOutline[] = []
  for (const position of order) outline.push(outlineNode(itemAt(nodes, position)))
  let unmade: readonly Unfinished[] = nodes
  let whole: Plan['nodes'] | undefined
  let origins: Plan['origins'] | undefined
  const plan: Plan = {
    schema: 1,
    ...names,
    // made on demand: a run with nothing to do needs no values
    get nodes() {
      whole ??= Object.freeze(Array.from(order, (position) => nodeOf(itemAt(unmade, position), areOneOff)))
      unmade = []
      return whole
    },
    warnings: Object.freeze(sortedWarnings(warnings).map(frozenData)),
    // computed on demand: most runs never need it
    get origins() {
      return (origins ??= originsOf())
    },
  }
  rememberOutline(plan, outline)
  return Object.freeze(
    Object.defineProperties(
      plan,
      displayedAs(() => mediaOfTable(shownPlan(plan))),
    ),
  )
}

/** Origins of params, by node, in run order. */
const originsOf = (brought: readonly Brought[], order: Int32Array): Plan['origins'] => {
  const nodes: { readonly id: string; readonly read: ParamOrigins | undefined }[] = []
  for (const { config, candidates } of brought)
    for (const { id, entry, position } of candidates)
      if (position >= 0) nodes[position] = { id, read: originsOfParams(entry, config) }
  const origins: Record<string, ParamOrigins> = {}
  for (const position of order) {
    const { id, read } = itemAt(nodes, position)
    if (read !== undefined) origins[id] = read
  }
  return Object.freeze(origins)
}
