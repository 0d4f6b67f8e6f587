import { byCodeUnit } from '../../base/code-unit-order.js'
import { namesOfBoth, own } from '../../base/records.js'
import type { Encoded } from '../../declare/types.js'
import { sameData } from '../params/encoded.js'
import { nodesById } from '../plan-graph.js'
import type { BoundInput, Plan, PlanNode } from '../plan-types.js'
import { differences, nodeDifferences, sideOfNode, type Difference, type NodeDifference } from './differences.js'

type Nodes = Pick<Plan, 'nodes'>

/** The differences between two plans. */
export interface PlanDiff {
  /** Full names that only the second plan has, in run order. */
  readonly added: readonly string[]
  /** Full names that only the first plan has, in run order. */
  readonly removed: readonly string[]
  /** Nodes of both plans that differ, in run order of the second. */
  readonly changed: readonly NodeChange[]
}

/** The differences in one node. */
export interface NodeChange {
  readonly id: string
  /** True if its artifact is a different one, so that the node is recomputed. */
  readonly keyChanged: boolean
  readonly before: { readonly key: string }
  readonly after: { readonly key: string }
  /** `root`: the node itself differs. `consequence`: its key differs only because an input's key does. */
  readonly cause: 'root' | 'consequence'
  readonly params: readonly ParamChange[]
  readonly inputs: readonly InputChange[]
  readonly version: BeforeAndAfter<string | number> | undefined
  /** Set if the value is stored in another format. */
  readonly format: BeforeAndAfter<string> | undefined
}

/** Two values; undefined where the value is absent. */
export interface BeforeAndAfter<A> {
  readonly before: A | undefined
  readonly after: A | undefined
}

/** A param whose value changed. */
export interface ParamChange extends BeforeAndAfter<Encoded> {
  readonly name: string
  /** False for params that are not in the key, before and after. */
  readonly inKey: boolean
}

/** An input whose binding changed. */
export interface InputChange extends BeforeAndAfter<BoundInput> {
  readonly role: string
  /** True if it is bound to other tasks; false if the same tasks have other keys. */
  readonly rebound: boolean
}

/**
 * Compares two plans node by node, by full name: which nodes were added, removed or changed, and why.
 *
 * @example
 * const later = planOf({ tasks: project, configs: { model: { tasks: '*.*', min_votes: 50 } } })
 * const { changed } = diffPlans(planned, later)
 * changed.filter(({ cause }) => cause === 'root').map(({ id }) => id) // => ['movies:filtered']
 */
export const diffPlans = (before: Nodes, after: Nodes): PlanDiff => {
  const [old, now] = [nodesById(before), nodesById(after)]
  return {
    added: after.nodes.filter((node) => !old.has(node.id)).map((node) => node.id),
    removed: before.nodes.filter((node) => !now.has(node.id)).map((node) => node.id),
    changed: after.nodes.flatMap((node) => {
      const earlier = old.get(node.id)
      return earlier === undefined ? [] : changeOf(earlier, node, before, after)
    }),
  }
}

const changeOf = (before: PlanNode, after: PlanNode, old: Nodes, now: Nodes): readonly NodeChange[] => {
  const { names, roles, rebound, version, format } = gathered([
    ...differences(sideOfNode(old, before), sideOfNode(now, after)),
    ...nodeDifferences(before, after),
  ])
  const params = namesOfBoth(after.params, before.params)
    .filter((name) => names.has(name))
    .map((name) => ({
      name,
      before: own(before.params, name),
      after: own(after.params, name),
      inKey: isInKey(before, name) || isInKey(after, name),
    }))
  const inputs = namesOfBoth(after.inputs, before.inputs)
    .filter((role) => roles.has(role))
    .map((role) => ({
      role,
      before: own(before.inputs, role),
      after: own(after.inputs, role),
      rebound: rebound.has(role),
    }))
  const isRoot = version !== undefined || format !== undefined || params.length > 0 || rebound.size > 0
  if (before.key === after.key && !isRoot && inputs.length === 0) return []
  return [
    {
      id: after.id,
      keyChanged: before.key !== after.key,
      before: { key: before.key },
      after: { key: after.key },
      cause: isRoot ? 'root' : 'consequence',
      params,
      inputs,
      version,
      format,
    },
  ]
}

const isInKey = (node: PlanNode, name: string): boolean => Object.hasOwn(node.keyParams ?? node.params, name)

interface Gathered {
  /** Params that differ, in the plan or in the key. */
  readonly names: ReadonlySet<string>
  /** Inputs that differ; `rebound`: those bound to other nodes. */
  readonly roles: ReadonlySet<string>
  readonly rebound: ReadonlySet<string>
  readonly version: NodeChange['version']
  readonly format: NodeChange['format']
}

/** Differences of one node, grouped by part. */
const gathered = (found: readonly (Difference | NodeDifference)[]): Gathered => {
  const [names, roles, rebound] = [new Set<string>(), new Set<string>(), new Set<string>()]
  let version: Gathered['version']
  let format: Gathered['format']
  for (const difference of found) {
    switch (difference._tag) {
      case 'Param':
      case 'Value':
        names.add(difference.name)
        break
      case 'Binding':
        rebound.add(difference.role)
        roles.add(difference.role)
        break
      case 'Input':
        roles.add(difference.role)
        break
      case 'Version':
        version = { before: difference.before, after: difference.after }
        break
      case 'Format':
        format = { before: difference.before, after: difference.after }
        break
      case 'Scheme': // equal for two plans in one process
        break
    }
  }
  return { names, roles, rebound, version, format }
}

/**
 * Whether two plans are equal, ignoring origins and the places of warnings.
 *
 * @example
 * const again = planOf({ tasks: project, configs: { model: { tasks: '*.*', min_votes: 1000 } } })
 * samePlan(planned, again) // => true
 */
export const samePlan = (left: Plan, right: Plan): boolean =>
  left.config === right.config && left.context === right.context && sameData(comparable(left), comparable(right))

const comparable = (plan: Plan): readonly unknown[] => [
  plan.nodes,
  plan.warnings.map((warning) => JSON.stringify({ ...warning, place: undefined, first: undefined })).sort(byCodeUnit),
]
