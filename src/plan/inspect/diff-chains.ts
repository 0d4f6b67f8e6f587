import { own } from '../../base/records.js'
import type { Encoded } from '../../declare/types.js'
import { textOf } from './differences.js'
import { diffPlans, type BeforeAndAfter, type InputChange, type NodeChange } from './diff-plans.js'
import type { Origin, Plan } from '../plan-types.js'

/**
 * The differences of two chains, ordered for readers: the changed values, the tasks where results begin to differ, and
 * the consequences.
 */
export interface ChainDiff {
  /** Changed params, each change once with the affected nodes; in run order of the first of them. */
  readonly params: readonly ParamDiff[]
  /**
   * Where results begin to differ: nodes of both plans whose result changes because of their own properties; in run
   * order.
   */
  readonly roots: readonly RootDiff[]
  /** Full names of nodes whose results differ only because of their inputs. */
  readonly consequences: readonly string[]
  /** Full names that only the later plan has. */
  readonly added: readonly string[]
  /** Full names that only the earlier plan has. */
  readonly removed: readonly string[]
  /** Nodes of both plans with equal results. */
  readonly same: number
}

/** A param whose value differs, with the nodes that read it. */
export interface ParamDiff extends BeforeAndAfter<Encoded> {
  readonly name: string
  /** False if it is not in the key, before and after. */
  readonly inKey: boolean
  /** Origin of the value; undefined for defaults. */
  readonly origin: Origin | undefined
  readonly originBefore: Origin | undefined
  /** Full names. */
  readonly nodes: readonly string[]
}

/** A node whose result differs because of its own params, input bindings, version or format. */
export interface RootDiff {
  /** Full name. */
  readonly node: string
  /** Names of changed params that are in the key. */
  readonly params: readonly string[]
  /** Inputs bound to other tasks. */
  readonly inputs: readonly InputChange[]
  readonly version: BeforeAndAfter<string | number> | undefined
  readonly format: BeforeAndAfter<string> | undefined
}

/**
 * Compares two plans for people: like `diffPlans`, with places of values, equal changes of many nodes reported once,
 * and only changes of results counted as roots.
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

/** Whether a change of the node itself changes its result. */
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
