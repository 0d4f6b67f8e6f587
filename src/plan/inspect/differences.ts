import { namesOfBoth, own } from '../../base/records.js'
import type { Encoded } from '../../declare/types.js'
import { preImageOf, type InputInKey, type PreImage } from '../key.js'
import { sameData } from '../params/encoded.js'
import { nodesById } from '../plan-graph.js'
import type { BoundInput, Origin, Plan, PlanNode } from '../plan-types.js'

/**
 * The only comparison of two nodes, part by part, as tagged values. `why`, diffs of plans and diffs of chains use it;
 * they differ in which nodes they compare and in how they order the result.
 */

/** One side of a comparison: a stored artifact, or a node of a plan, about which more is known. */
export interface Side {
  readonly preImage: PreImage
  /** Origins of its param values. */
  readonly origins?: { readonly [param: string]: Origin }
  /** Set for a node of a plan. */
  readonly node?: PlanNode
}

/** One differing part of a pre-image. `before` is undefined for an added part, `after` for a removed one. */
export type Difference =
  | {
      readonly _tag: 'Param'
      readonly name: string
      readonly before: Encoded | undefined
      readonly after: Encoded | undefined
      /** Place of the value, and the context that overrode it; undefined for a default. */
      readonly origin: Origin | undefined
      /** The same in the other plan. */
      readonly originBefore: Origin | undefined
    }
  | {
      readonly _tag: 'Input'
      readonly role: string
      /** For matching inputs. */
      readonly recordKey: string | undefined
      readonly before: InputInKey | undefined
      readonly after: InputInKey | undefined
      /** Full name of the node that the input is bound to now. */
      readonly node: string | undefined
    }
  | {
      readonly _tag: 'Version'
      readonly before: string | number | undefined
      readonly after: string | number | undefined
    }
  | { readonly _tag: 'Scheme'; readonly before: number; readonly after: number }

export type ParamDifference = Difference & { readonly _tag: 'Param' }
export type InputDifference = Difference & { readonly _tag: 'Input' }

/** A difference of two plan nodes that need not change their pre-images. */
export type NodeDifference =
  /** A param has another value in the plan; the part that is in the key may be equal. */
  | {
      readonly _tag: 'Value'
      readonly name: string
      readonly before: Encoded | undefined
      readonly after: Encoded | undefined
    }
  /** An input is bound to other nodes; their results may be equal. */
  | {
      readonly _tag: 'Binding'
      readonly role: string
      readonly before: BoundInput | undefined
      readonly after: BoundInput | undefined
    }
  /** The value is stored in another format. */
  | { readonly _tag: 'Format'; readonly before: string; readonly after: string }

/** The differences of two pre-images; keys are equal if there are none. */
export function* differences(before: Side, after: Side): Generator<Difference> {
  const [then, now] = [before.preImage, after.preImage]
  if (then.scheme !== now.scheme) yield { _tag: 'Scheme', before: then.scheme, after: now.scheme }
  if (then.version !== now.version) yield { _tag: 'Version', before: then.version, after: now.version }
  for (const change of changedFields(then.params, now.params))
    yield {
      _tag: 'Param',
      ...change,
      origin: own(after.origins ?? {}, change.name),
      originBefore: own(before.origins ?? {}, change.name),
    }
  for (const pair of inputPairs(then, now))
    if (pair.before?.key !== pair.after?.key || pair.before?.task !== pair.after?.task)
      yield { _tag: 'Input', ...pair, node: boundTo(after.node, pair) }
}

/** Number of differing parts of two pre-images; counting stops once it exceeds `enough`. */
export const countDifferences = (before: Side, after: Side, enough = Infinity): number => {
  let count = 0
  for (const _ of differences(before, after)) if (++count > enough) break
  return count
}

/** Whether the input is the same task with another result: the cause is further upstream. */
export const isInherited = (difference: Difference): difference is InputDifference =>
  difference._tag === 'Input' && difference.before?.task === difference.after?.task

/** The differences of two plan nodes outside their pre-images. */
export function* nodeDifferences(before: PlanNode, after: PlanNode): Generator<NodeDifference> {
  for (const change of changedFields(before.params, after.params)) yield { _tag: 'Value', ...change }
  for (const { name: role, ...change } of changedFields<BoundInput>(before.inputs, after.inputs))
    yield { _tag: 'Binding', role, ...change }
  if (!sameForm(before, after)) yield { _tag: 'Format', before: formText(before), after: formText(after) }
}

/** A node of a plan as one side of a comparison; an input missing from the plan has no key. */
export const sideOfNode = (plan: Pick<Plan, 'nodes'> & Partial<Pick<Plan, 'origins'>>, node: PlanNode): Side => {
  const nodes = nodesById(plan)
  const preImage = preImageOf(node, (id) => {
    const { task, key } = nodes.get(id) ?? { task: id, key: '' }
    return { task, key }
  })
  const origins = plan.origins?.[node.id]
  return origins === undefined ? { preImage, node } : { preImage, node, origins }
}

/** A difference or reason as text; equal ones have equal texts. */
export const textOf = (difference: object): string =>
  JSON.stringify(difference, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))

interface ChangedField<A> {
  readonly name: string
  readonly before: A | undefined
  readonly after: A | undefined
}

/** Differing fields of two records: those of the later one in order, then removed ones. */
function* changedFields<A extends Encoded>(
  before: { readonly [name: string]: A },
  after: { readonly [name: string]: A },
): Generator<ChangedField<A>> {
  for (const name of namesOfBoth(after, before)) {
    const [then, now] = [own(before, name), own(after, name)]
    if (!sameData(then, now)) yield { name, before: then, after: now }
  }
}

interface InputPair {
  readonly role: string
  readonly recordKey: string | undefined
  readonly before: InputInKey | undefined
  readonly after: InputInKey | undefined
}

/** Pairs of inputs of two pre-images, by role and, for matching inputs, by record key. */
function* inputPairs(before: PreImage, after: PreImage): Generator<InputPair> {
  for (const role of namesOfBoth(after.inputs, before.inputs)) {
    const [then, now] = [own(before.inputs, role), own(after.inputs, role)]
    if (isOne(then) && isOne(now)) yield { role, recordKey: undefined, before: then, after: now }
    else {
      const [thenParts, nowParts] = [partsOf(then), partsOf(now)]
      for (const recordKey of namesOfBoth(nowParts, thenParts))
        yield {
          role,
          recordKey: recordKey === '' ? undefined : recordKey,
          before: own(thenParts, recordKey),
          after: own(nowParts, recordKey),
        }
    }
  }
}

type KeyInput = PreImage['inputs'][string] | undefined
type Parts = { readonly [recordKey: string]: InputInKey }

const isOne = (input: KeyInput): input is InputInKey | undefined =>
  input === undefined || (typeof input['task'] === 'string' && typeof input['key'] === 'string')

/** Parts of an input by record key; that of a single input is empty. */
const partsOf = (input: KeyInput): Parts => {
  if (input === undefined) return {}
  return isOne(input) ? { '': input } : input
}

const boundTo = (node: PlanNode | undefined, { role, recordKey }: InputPair): string | undefined => {
  const bound = own(node?.inputs ?? {}, role)
  return typeof bound === 'string' ? bound : own(bound ?? {}, recordKey ?? '')
}

const sameForm = (before: PlanNode, after: PlanNode): boolean =>
  before.format === after.format && before.extension === after.extension && before.storage === after.storage

const formText = ({ format, extension }: PlanNode): string =>
  extension === null || extension === format ? format : `${format} (.${extension})`
