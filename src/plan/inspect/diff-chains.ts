import { own } from '../../base/records.js'
import type { Encoded } from '../../declare/types.js'
import { textOf } from './differences.js'
import { diffPlans, type BeforeAndAfter, type InputChange, type NodeChange } from './diff-plans.js'
import type { Origin, Plan } from '../plan-types.js'

/**
 * How two chains differ, ordered for a reader: the values that changed, the tasks where it begins, and what follows
 * from these.
 */
export interface ChainDiff {
  /** Params that changed, each change once with the nodes that it is found in; in run order of the first of them. */
  readonly params: readonly ParamDiff[]
  /**
   * Where results begin to differ: nodes of both plans with another result because of something of their own; in run
   * order.
   */
  readonly roots: readonly RootDiff[]
  /** Full names of nodes whose results differ only because of what they read. */
  readonly consequences: readonly string[]
  /** Full names that only the later plan has, and only the earlier. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Nodes of both plans with equal results. */
  readonly same: number
}

/** A param whose value differs, with the nodes that read it. */
export interface ParamDiff extends BeforeAndAfter<Encoded> {
  readonly name: string
  /** False where it has no influence on keys, before and after. */
  readonly inKey: boolean
  /** Where the values stand; undefined for defaults. */
  readonly origin: Origin | undefined
  readonly originBefore: Origin | undefined
  /** Full names. */
  readonly nodes: readonly string[]
}

/** A node whose key differs for a reason of its own: its params, inputs, version or format. */
export interface RootDiff {
  /** Full name. */
  readonly node: string
  /** Names of the params in the key that changed. */
  readonly params: readonly string[]
  /** Inputs that are bound to other tasks. */
  readonly inputs: readonly InputChange[]
  readonly version: BeforeAndAfter<string | number> | undefined
  readonly format: BeforeAndAfter<string> | undefined
}

/**
 * Compares two plans for people: `diffPlans`, with places of values, equal changes of many nodes told once, and only
 * what changes results counted as a root.
 *
 * @example
 * const later = planOf({ tasks: project, configs: { model: { tasks: '*.*', min_votes: 50 } } })
 * diffChains(planned, later).roots.map(({ node }) => node) // => ['movies:filtered']
 */
export const diffChains = (before: Plan, after: Plan): ChainDiff => {
  const { added, removed, changed } = diffPlans(before, after)
  const affected = changed.filter((change) => change.keyChanged || change.format !== undefined)
  const roots = affected.filter(isRoot)
  const rootIds = new Set(roots.map(({ id }) => id))
  return {
    params: paramsOf(before, after, changed),
    roots: roots.map(({ id, params, inputs, version, format }) => ({
      node: id,
      params: params.filter(({ inKey }) => inKey).map(({ name }) => name),
      inputs: inputs.filter(({ rebound }) => rebound),
      version,
      format,
    })),
    consequences: affected.filter(({ id }) => !rootIds.has(id)).map(({ id }) => id),
    added,
    removed,
    same: after.nodes.length - added.length - affected.length,
  }
}

/** Something of its own that changes its result. */
const isRoot = ({ params, inputs, version, format }: NodeChange): boolean =>
  version !== undefined ||
  format !== undefined ||
  params.some(({ inKey }) => inKey) ||
  inputs.some(({ rebound }) => rebound)

const paramsOf = (before: Plan, after: Plan, changed: readonly NodeChange[]): readonly ParamDiff[] => {
  const byChange = new Map<string, ParamDiff & { readonly nodes: string[] }>()
  for (const { id, params } of changed) {
    for (const change of params) {
      const origin = own(after.origins[id] ?? {}, change.name)
      const originBefore = own(before.origins[id] ?? {}, change.name)
      const text = textOf([change, origin, originBefore])
      const known = byChange.get(text)
      if (known === undefined) byChange.set(text, { ...change, origin, originBefore, nodes: [id] })
      else known.nodes.push(id)
    }
  }
  return [...byChange.values()]
}
