import { namesOfBoth, own } from '../../base/records.js'
import type { Encoded } from '../../declare/types.js'
import { preImageOf, type InputInKey, type PreImage } from '../key.js'
import { sameData } from '../params/encoded.js'
import { nodesById } from '../plan-graph.js'
import type { BoundInput, Origin, Plan, PlanNode } from '../plan-types.js'

/**
 * The one comparison of two nodes, part by part, as tagged values. `why`, diffs of plans and diffs of chains are made
 * from what it finds; they differ in which nodes they hold against each other, and in how they order the answer.
 */

/** One of two that are compared: a stored artifact, or a node of a plan, of which more is known. */
export interface Side {
  readonly preImage: PreImage
  /** Where the values of its params stand. */
  readonly origins?: { readonly [param: string]: Origin }
  /** The node of a plan. */
  readonly node?: PlanNode
}

/** One part of a pre-image that differs. `before` is undefined for what is new, `after` for what is gone. */
export type Difference =
  | {
      readonly _tag: 'Param'
      readonly name: string
      readonly before: Encoded | undefined
      readonly after: Encoded | undefined
      /** Where the value stands, and the context that overrode it; undefined for a default. */
      readonly origin: Origin | undefined
      /** The same of the other plan. */
      readonly originBefore: Origin | undefined
    }
  | {
      readonly _tag: 'Input'
      readonly role: string
      /** Of matching inputs. */
      readonly recordKey: string | undefined
      readonly before: InputInKey | undefined
      readonly after: InputInKey | undefined
      /** Full name of the node that it is bound to now. */
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

/** What can differ in two nodes of plans and leaves their pre-images alike. */
export type NodeDifference =
  /** A param has another value in the plan; the part of it that is in the key may be the same. */
  | {
      readonly _tag: 'Value'
      readonly name: string
      readonly before: Encoded | undefined
      readonly after: Encoded | undefined
    }
  /** An input is bound to other nodes; their results may be the same. */
  | {
      readonly _tag: 'Binding'
      readonly role: string
      readonly before: BoundInput | undefined
      readonly after: BoundInput | undefined
    }
  /** The value is kept in another form. */
  | { readonly _tag: 'Format'; readonly before: string; readonly after: string }

/** What differs in two pre-images: keys are the same where nothing does. */
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

/** How many parts of two pre-images differ; what is more than one beyond `enough` is not counted. */
export const countDifferences = (before: Side, after: Side, enough = Infinity): number => {
  let count = 0
  for (const _ of differences(before, after)) if (++count > enough) break
  return count
}

/** Whether the same task has another result there: what made the difference is further up. */
export const isInherited = (difference: Difference): difference is InputDifference =>
  difference._tag === 'Input' && difference.before?.task === difference.after?.task

/** What differs besides their pre-images in two nodes of plans. */
export function* nodeDifferences(before: PlanNode, after: PlanNode): Generator<NodeDifference> {
  for (const change of changedFields(before.params, after.params)) yield { _tag: 'Value', ...change }
  for (const { name: role, ...change } of changedFields<BoundInput>(before.inputs, after.inputs))
    yield { _tag: 'Binding', role, ...change }
  if (!sameForm(before, after)) yield { _tag: 'Format', before: formText(before), after: formText(after) }
}

/** A node of a plan as a side of a comparison; an input that the plan lacks has no key. */
export const sideOfNode = (plan: Pick<Plan, 'nodes'> & Partial<Pick<Plan, 'origins'>>, node: PlanNode): Side => {
  const nodes = nodesById(plan)
  const preImage = preImageOf(node, (id) => {
    const { task, key } = nodes.get(id) ?? { task: id, key: '' }
    return { task, key }
  })
  const origins = plan.origins?.[node.id]
  return origins === undefined ? { preImage, node } : { preImage, node, origins }
}

/** A difference, or why there is one, as a text that is the same for the same. */
export const textOf = (difference: object): string =>
  JSON.stringify(difference, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))

interface ChangedField<A> {
  readonly name: string
  readonly before: A | undefined
  readonly after: A | undefined
}

/** Fields of two records that differ: those of the later one in their order, then what is gone. */
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

/** Inputs of two pre-images side by side: by role, those of matching inputs by record key. */
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

/** An input that was single and is a record now, or the other way round, is under no record key there. */
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
