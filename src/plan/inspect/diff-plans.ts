import type { Encoded } from '../../declare/types.js'
import { sameEncoded } from '../params/encoded.js'
import { byCodeUnit } from '../../base/code-unit-order.js'
import { nodesById } from '../plan-graph.js'
import type { BoundInput, Plan, PlanNode } from '../plan-types.js'

/** What differs between two plans. */
export interface PlanDiff {
  /** Full names that only the second plan has, and only the first; in run order. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Nodes of both plans that differ, in run order of the second. */
  readonly changed: readonly NodeChange[]
}

/** What differs in one node. */
export interface NodeChange {
  readonly id: string
  /** True where its artifact is another one, so that it is computed anew. */
  readonly keyChanged: boolean
  readonly before: { readonly key: string }
  readonly after: { readonly key: string }
  /**
   * `root`: something of its own differs. `consequence`: its key differs only because an input's does.
   */
  readonly cause: 'root' | 'consequence'
  readonly params: readonly ParamChange[]
  readonly inputs: readonly InputChange[]
  readonly version: Change<string | number> | undefined
  /** Set where the value is kept in another format. */
  readonly format: Change<string> | undefined
}

/** Undefined where there was or is none. */
export interface Change<A> {
  readonly before: A | undefined
  readonly after: A | undefined
}

export interface ParamChange extends Change<Encoded> {
  readonly name: string
  /** False for params that are not in the key, before and after. */
  readonly inKey: boolean
}

export interface InputChange extends Change<BoundInput> {
  readonly role: string
  /** True where it is bound to other tasks; false where the same tasks have other keys. */
  readonly rebound: boolean
}

/**
 * Compares two plans node by node, by full name: what is new, gone or different, and why.
 *
 * @example diffPlans(before, after).changed.filter((change) => change.cause === 'root')
 */
export const diffPlans = (before: Pick<Plan, 'nodes'>, after: Pick<Plan, 'nodes'>): PlanDiff => {
  const [old, now] = [nodesById(before), nodesById(after)]
  return {
    added: after.nodes.filter((node) => !old.has(node.id)).map((node) => node.id),
    removed: before.nodes.filter((node) => !now.has(node.id)).map((node) => node.id),
    changed: after.nodes.flatMap((node) => {
      const earlier = old.get(node.id)
      return earlier === undefined ? [] : changeOf(earlier, node, old, now)
    }),
  }
}

type Nodes = ReadonlyMap<string, PlanNode>

const changeOf = (before: PlanNode, after: PlanNode, old: Nodes, now: Nodes): readonly NodeChange[] => {
  const params = paramChanges(before, after)
  const inputs = inputChanges(before, after, old, now)
  const version = before.version === after.version ? undefined : { before: before.version, after: after.version }
  const format = sameFormat(before, after) ? undefined : { before: formatText(before), after: formatText(after) }
  if (
    before.key === after.key &&
    params.length === 0 &&
    inputs.length === 0 &&
    version === undefined &&
    format === undefined
  )
    return []
  const own =
    version !== undefined || format !== undefined || params.length > 0 || inputs.some((change) => change.rebound)
  return [
    {
      id: after.id,
      keyChanged: before.key !== after.key,
      before: { key: before.key },
      after: { key: after.key },
      cause: own ? 'root' : 'consequence',
      params,
      inputs,
      version,
      format,
    },
  ]
}

const sameFormat = (before: PlanNode, after: PlanNode): boolean =>
  before.format === after.format && before.extension === after.extension && before.storage === after.storage
const formatText = ({ format, extension }: PlanNode): string =>
  extension === null || extension === format ? format : `${format} (.${extension})`

const paramChanges = (before: PlanNode, after: PlanNode): readonly ParamChange[] => {
  const keyed = (node: PlanNode, name: string): Encoded | undefined => own(node.keyParams ?? node.params, name)
  return namesOfBoth(before.params, after.params).flatMap((name) => {
    const [inKeyBefore, inKeyAfter] = [keyed(before, name), keyed(after, name)]
    const change = {
      name,
      before: own(before.params, name),
      after: own(after.params, name),
      inKey: inKeyBefore !== undefined || inKeyAfter !== undefined,
    }
    return sameEncoded(change.before, change.after) && sameEncoded(inKeyBefore, inKeyAfter) ? [] : [change]
  })
}

const inputChanges = (before: PlanNode, after: PlanNode, old: Nodes, now: Nodes): readonly InputChange[] =>
  namesOfBoth(before.inputs, after.inputs).flatMap((role) => {
    const change = { role, before: own(before.inputs, role), after: own(after.inputs, role) }
    const rebound = !sameEncoded(change.before, change.after)
    return rebound || !sameEncoded(keysOf(change.before, old), keysOf(change.after, now))
      ? [{ ...change, rebound }]
      : []
  })

const keysOf = (bound: BoundInput | undefined, nodes: Nodes): Encoded => {
  if (bound === null || bound === undefined) return null
  if (typeof bound === 'string') return nodes.get(bound)?.key ?? null
  return Object.fromEntries(Object.entries(bound).map(([recordKey, id]) => [recordKey, nodes.get(id)?.key ?? null]))
}

const own = <A>(record: { readonly [name: string]: A }, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

const namesOfBoth = (before: object, after: object): readonly string[] => [
  ...new Set([...Object.keys(after), ...Object.keys(before)]),
]

/** Whether two plans are the same: all but origins, and warnings but for their places. */
export const samePlan = (left: Plan, right: Plan): boolean =>
  left.config === right.config && left.context === right.context && sameEncoded(comparable(left), comparable(right))

const comparable = (plan: Plan): Encoded =>
  [
    plan.nodes as unknown as Encoded, // nodes are plain data; interfaces have no index signature
    plan.warnings.map((warning) => JSON.stringify({ ...warning, place: undefined, first: undefined })).sort(byCodeUnit),
  ] satisfies Encoded
