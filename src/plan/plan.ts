import { pipe } from 'fp-ts/lib/function.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { sortedErrors, sortedWarnings } from '../config/order.js'
import { resolveConfigs } from '../config/resolve.js'
import type { Documents, ResolvedConfig, ResolvedConfigs, ResolveOptions } from '../config/types.js'
import { fullNameOf } from '../declare/names.js'
import { whilePlanning } from '../declare/object.js'
import type { Project } from '../declare/project.js'
import type { PlanError, PlanWarning } from '../errors.js'
import { makeBinder, type Candidate } from './bind.js'
import { isFormat } from './check-declaration.js'
import { byCodeUnit } from './compare.js'
import { frozenData } from './encoded.js'
import { inputIds, topologicalOrder } from './graph.js'
import { indexProject, type IndexedTask } from './index-project.js'
import { keyOf, makeKeys, preImageOf, type InputInKey } from './key.js'
import { readParams, type NodeParams, type ParamReading } from './params.js'
import { makeSelector } from './select.js'
import { readsOf, type Brought } from './unused.js'
import type { Plan, PlanNode } from './types.js'

/** What planning is asked for besides documents. */
export interface PlanOptions extends ResolveOptions {
  /** Origin of the config to plan, with `#part` for a part of it. */
  readonly entry: string
}

/**
 * Plans a chain from parsed documents: `resolveConfigs`, then `planChain` (SPEC 6). Globals and the folder of configs default to the project's.
 *
 * @example
 * const planned = plan(project, documents, { entry: 'configs/movies.yaml', set: { min_votes: 5 } })
 */
export const plan = (project: Project, documents: Documents, { entry, ...options }: PlanOptions): E.Either<NonEmptyArray<PlanError>, Plan> =>
  pipe(
    resolveConfigs(documents, entry, { globals: project.globals, configsFolder: project.configs, ...(project.root === undefined ? {} : { root: project.root }), ...options }),
    E.flatMap((resolved) => planChain(project, resolved)),
  )

/** A node on its way: everything but its key. */
interface Draft extends Candidate {
  readonly config: ResolvedConfig
  readonly values: NodeParams
}

/**
 * Turns resolved configs into the immutable plan of a chain; reads nothing, runs nothing, and gives the same for the same input in any order.
 * Left are all errors of all nodes at once, by place. Never throws.
 */
export const planChain = (project: Project, resolved: ResolvedConfigs): E.Either<NonEmptyArray<PlanError>, Plan> => {
  const index = indexProject(project)
  const errors: PlanError[] = [...index.errors]
  const warnings: PlanWarning[] = [...resolved.warnings]
  const { select } = makeSelector(index)
  const brought = sorted(resolved).map((config): Brought => ({ config, candidates: select(config, errors).map(({ entry, place }) => candidateOf(config, entry, place)) }))
  const reads = readsOf(brought, resolved)
  const reading = { objects: index.objects, placesOf: reads.placesOf, near: reads.near }
  const all = whilePlanning(index.objects, () => brought.flatMap(({ config, candidates }) => candidates.map((candidate): Draft => draftOf(candidate, config, reading, errors))))
  const { drafts, repeated } = firstOfEach(all)
  const bind = makeBinder(drafts, index)
  const nodes = drafts.map((draft) => nodeOf(draft, bind(draft, errors, warnings)))
  const order = orderOf(nodes)
  if (E.isLeft(order)) for (const path of order.left) errors.push({ _tag: 'TaskCycle', path })
  else setKeys(nodes, order.right)
  errors.push(...duplicates(repeated, drafts, nodes))
  if (drafts.length === 0 && errors.length === 0) errors.push({ _tag: 'NothingToPlan', place: entryOf(resolved)?.place ?? { origin: resolved.entry, line: 0, column: 0 } })
  if (errors.length > 0 || E.isLeft(order)) return E.left(sortedErrors(errors) as NonEmptyArray<PlanError>)
  warnings.push(...reads.unusedValues(), ...reads.unusedContextValues())
  return E.right(planOf(resolved, nodes, drafts, order.right, warnings))
}

/** The asked config first, then by namespace and id: whatever order they came in. */
const sorted = (resolved: ResolvedConfigs): readonly ResolvedConfig[] => {
  const entry = entryOf(resolved)
  return [...resolved.configs].sort(
    (left, right) => Number(right === entry) - Number(left === entry) || byCodeUnit(left.namespace, right.namespace) || byCodeUnit(left.id, right.id),
  )
}

const entryOf = ({ configs, entry }: ResolvedConfigs): ResolvedConfig | undefined =>
  configs.find((config) => config.id === entry && config.namespace === '') ?? configs.find((config) => config.id === entry)

const candidateOf = ({ namespace }: ResolvedConfig, entry: IndexedTask, place: Candidate['place']): Candidate => ({ id: fullNameOf(namespace, entry.fullName), namespace, entry, place })

const draftOf = ({ id, namespace, entry, place }: Candidate, config: ResolvedConfig, reading: ParamReading, errors: PlanError[]): Draft => ({
  id,
  namespace,
  entry,
  place,
  config,
  values: readParams(entry, config, id, place, reading, errors),
})

/** A task that two configs bring under one full name is an error (SPEC 5.8); planning goes on with the first. */
const firstOfEach = (all: readonly Draft[]): { readonly drafts: readonly Draft[]; readonly repeated: readonly Draft[] } => {
  const taken = new Set<string>()
  const repeated: Draft[] = []
  const drafts = all.filter((draft) => {
    const first = !taken.has(draft.id)
    if (first) taken.add(draft.id)
    else repeated.push(draft)
    return first
  })
  return { drafts, repeated }
}

type Unfinished = { -readonly [K in keyof PlanNode]: PlanNode[K] }

const nodeOf = ({ id, namespace, entry, config, values }: Draft, inputs: PlanNode['inputs']): Unfinished => {
  const { version, data } = entry.task.declaration
  const format = isFormat(data) ? data : undefined // a codec alone means JSON
  const node: Unfinished = {
    id,
    task: entry.fullName,
    group: entry.group,
    name: entry.name,
    namespace,
    key: '',
    config: config.name,
    params: values.params,
    inputs,
    format: format?.kind ?? 'json',
    extension: format === undefined ? 'json' : (format.extension ?? null),
    storage: format?.persistence.storage ?? 'file',
  }
  if (values.keyParams !== undefined) node.keyParams = values.keyParams
  if (version !== undefined) node.version = version
  if (config.humanReadableName !== undefined) node.readableName = config.humanReadableName
  return node
}

const orderOf = (nodes: readonly PlanNode[]): ReturnType<typeof topologicalOrder> => {
  const positions = new Map(nodes.map((node, position) => [node.id, position]))
  return topologicalOrder(
    nodes.map((node) => node.id),
    nodes.map((node) => inputIds(node).map((id) => positions.get(id) as number)),
  )
}

/** Gives nodes their keys, inputs first. */
const setKeys = (nodes: readonly Unfinished[], order: Int32Array): void => {
  const keyOfNode = makeKeys()
  for (const position of order) {
    const node = nodes[position] as Unfinished
    node.key = keyOfNode(node)
  }
}

/** Both places, and both keys: equal ones say that nothing but the doubling is wrong. */
const duplicates = (repeated: readonly Draft[], drafts: readonly Draft[], nodes: readonly PlanNode[]): readonly PlanError[] => {
  if (repeated.length === 0) return []
  const keys = new Map(nodes.map((node) => [node.id, { task: node.task, key: node.key }]))
  const positions = new Map(nodes.map((node, position) => [node.id, position]))
  const keyWith = (node: PlanNode): string => keyOf(preImageOf(node, (id) => keys.get(id) as InputInKey))
  return repeated.map((draft): PlanError => {
    const position = positions.get(draft.id) as number
    const node = nodes[position] as PlanNode
    return { _tag: 'DuplicateTask', place: draft.place, node: draft.id, first: (drafts[position] as Draft).place, key: keyWith(nodeOf(draft, node.inputs)), firstKey: keyWith(node) }
  })
}

const planOf = (resolved: ResolvedConfigs, nodes: readonly PlanNode[], drafts: readonly Draft[], order: Int32Array, warnings: readonly PlanWarning[]): Plan => {
  const origins: Record<string, Plan['origins'][string]> = {}
  const inRunOrder: PlanNode[] = []
  for (const position of order) {
    const node = nodes[position] as PlanNode
    const origin = drafts[position]?.values.origins
    inRunOrder.push(Object.freeze(node))
    if (origin !== undefined) origins[node.id] = origin
  }
  return Object.freeze({
    schema: 1,
    config: entryOf(resolved)?.name ?? resolved.entry,
    context: resolved.contextName ?? null,
    nodes: Object.freeze(inRunOrder),
    warnings: Object.freeze(sortedWarnings(warnings).map(frozenData)),
    origins: Object.freeze(origins),
  })
}
