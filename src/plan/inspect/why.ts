import type { Encoded } from '../../declare/types.js'
import { sameEncoded } from '../params/encoded.js'
import { nodesById } from '../plan-graph.js'
import { preImageOfNode, type InputInKey, type PreImage } from '../key.js'
import type { Origin, Plan, PlanNode } from '../plan-types.js'

/**
 * Why a node has another key than what is stored, or than in another plan: what differs, followed up through inputs to
 * where it began.
 */

/** Something to compare a node with: a stored artifact, or a node of another plan. */
export interface Candidate {
  readonly key: string
  readonly preImage: PreImage
  /** When it was computed, as text that sorts; undefined for a node of a plan. */
  readonly ended?: string
  /** Seconds that it took. */
  readonly seconds?: number
  /** Pre-images of its inputs that are kept in memory only, by key. */
  readonly inMemory?: { readonly [key: string]: PreImage }
  /** Where the values of its params stand, for a node of a plan. */
  readonly origins?: { readonly [param: string]: Origin }
}

/** Candidates of one task, by key. */
export type Candidates = ReadonlyMap<string, Candidate>

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

/** Why a chain of differences began. */
export type Reason =
  | Difference
  /** No artifact of the task is known. */
  | { readonly _tag: 'NeverComputed' }
  /** The input was another one, and what that was made from is not known any more. */
  | { readonly _tag: 'Forgotten'; readonly before: string }

/** A root cause: something of a node's own, not what it inherits from its inputs. */
export interface Cause {
  /** Full name. */
  readonly node: string
  readonly reason: Reason
  /** Full names from the node that was asked about to this one, both included. */
  readonly via: readonly string[]
  /** Key of what it was compared with. */
  readonly against: string | undefined
}

/** What a node differs from, and why. */
export interface Comparison {
  readonly node: string
  readonly key: string
  /** The nearest candidate: that with the fewest root causes, over all that is above it; of these the latest. */
  readonly nearest: (Candidate & { readonly differences: readonly Difference[] }) | undefined
  /** How many there were to choose from. */
  readonly candidates: number
  /** Root causes, the nearest first; none where a candidate has the key of the node. */
  readonly causes: readonly Cause[]
}

export interface WhyOptions {
  /** Key of the candidate to compare with, instead of the nearest one. */
  readonly against?: string
}

/**
 * Why a node has the key that it has: root causes against the candidates that `of` gives for a task (`group:name`).
 * Where `of` does not know a task yet it gives undefined, and the answer is to be asked for again once it does.
 *
 * @example
 * why(after, 'movies:filtered', candidatesIn(before), { against: keyBefore }).causes
 */
export const why = (
  plan: Plan,
  id: string,
  of: (task: string) => Candidates | undefined,
  options: WhyOptions = {},
): Comparison => {
  const asked = nodesById(plan).get(id) as PlanNode
  const candidates = of(asked.task) ?? none
  const compare = comparing(plan)
  const isKnown = candidates.has(asked.key)
  const against =
    options.against ??
    (isKnown
      ? undefined
      : nearestAbove(asked, candidates, (key, enough) => trace(compare, asked, of, key, enough), compare))
  const { causes, first } = trace(compare, asked, of, against, Infinity)
  return { node: id, key: asked.key, nearest: first, candidates: candidates.size, causes }
}

/** Comparisons of nodes with what they might have been, each made once. */
interface Comparing {
  readonly plan: Plan
  readonly preImage: (node: PlanNode) => PreImage
  readonly differences: (node: PlanNode, candidate: Candidate) => readonly Difference[]
}

const comparing = (plan: Plan): Comparing => {
  const preImages = new Map<string, PreImage>()
  const found = new Map<string, readonly Difference[]>()
  const preImage = (node: PlanNode): PreImage => {
    const known = preImages.get(node.id) ?? preImageOfNode(plan, node)
    preImages.set(node.id, known)
    return known
  }
  const differences = (node: PlanNode, candidate: Candidate): readonly Difference[] => {
    const pair = `${node.id} ${candidate.key}`
    const known = found.get(pair) ?? differencesOf(plan, node, preImage(node), candidate)
    found.set(pair, known)
    return known
  }
  return { plan, preImage, differences }
}

interface Trace {
  readonly causes: readonly Cause[]
  readonly first: Comparison['nearest']
  /** How far away: distinct changes, and what is not known counts as one more. */
  readonly distance: number
  /** Comparisons that it took. */
  readonly steps: number
}

/**
 * Root causes of a node's key against one candidate, or where that is undefined against the nearest by direct
 * differences. Stops where it is farther away than `enough`.
 */
const trace = (
  { plan, preImage, differences }: Comparing,
  asked: PlanNode,
  of: (task: string) => Candidates | undefined,
  against: string | undefined,
  enough: number,
): Trace => {
  const nodes = nodesById(plan)
  const causes: Cause[] = []
  const changes = new Set<string>()
  const known = new Set<string>()
  const seen = new Set<string>()
  let first: Comparison['nearest']
  let unsure = 0
  const waiting: Step[] = [{ node: asked, against, remembered: undefined, via: [asked.id] }]
  for (let step = waiting.shift(); step !== undefined && changes.size + unsure <= enough; step = waiting.shift()) {
    const { node, via } = step
    const visited = `${node.id} ${step.against ?? ''}`
    if (seen.has(visited)) continue
    seen.add(visited)
    const nearest = candidateFor(node, preImage(node), of(node.task) ?? none, step)
    if (nearest === 'same') continue
    if (step.against !== undefined && (typeof nearest === 'string' || nearest.key !== step.against)) unsure++
    const because = (reason: Reason): void => {
      const change = JSON.stringify(reason, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
      const text = `${node.id} ${change}`
      changes.add(reason._tag === 'Param' && reason.origin !== undefined ? change : text) // one value of a config may be read by many
      if (!known.has(text))
        causes.push({ node: node.id, reason, via, against: typeof nearest === 'string' ? undefined : nearest.key })
      known.add(text)
    }
    if (nearest === 'none') because({ _tag: 'NeverComputed' })
    else if (nearest === 'forgotten') because({ _tag: 'Forgotten', before: step.against as string })
    else {
      const all = differences(node, nearest)
      if (node === asked) first = { ...nearest, differences: all }
      for (const difference of all) {
        const input =
          difference._tag === 'Input' && difference.before?.task === difference.after?.task
            ? nodes.get(difference.node ?? '')
            : undefined
        if (difference._tag !== 'Input' || input === undefined) because(difference)
        else
          waiting.push({
            node: input,
            against: difference.before?.key,
            remembered: nearest.inMemory,
            via: [...via, input.id],
          })
      }
    }
  }
  return { causes, first, distance: changes.size + unsure, steps: seen.size }
}

/** So many comparisons are made to find the nearest; after that the nearest of those that were looked at will do. */
const mostSteps = 50_000

/**
 * Key of the candidate with the fewest changes over all that is above it; of these the latest. Undefined where there is
 * none.
 */
const nearestAbove = (
  asked: PlanNode,
  candidates: Candidates,
  tracing: (key: string, enough: number) => Trace,
  compare: Comparing,
): string | undefined => {
  const ranked = [...candidates.values()]
    .map((candidate) => ({ candidate, least: leastDistance(compare.differences(asked, candidate)) }))
    .sort((left, right) => left.least - right.least || (isLater(left.candidate, right.candidate) ? -1 : 1))
  let best: { readonly candidate: Candidate; readonly distance: number } | undefined
  let steps = 0
  for (const { candidate, least } of ranked) {
    if (best !== undefined && (least > best.distance || steps > mostSteps)) break
    const found = tracing(candidate.key, best?.distance ?? Infinity)
    steps += found.steps
    if (
      best === undefined ||
      found.distance < best.distance ||
      (found.distance === best.distance && isLater(candidate, best.candidate))
    )
      best = { candidate, distance: found.distance }
  }
  return best?.candidate.key
}

/** What is its own counts in full, and all that it reads may have changed for one reason. */
const leastDistance = (differences: readonly Difference[]): number => {
  const inherited = differences.filter(
    (difference) => difference._tag === 'Input' && difference.before?.task === difference.after?.task,
  ).length
  return differences.length - inherited + Math.min(inherited, 1)
}

interface Step {
  readonly node: PlanNode
  /** Key of what to compare with. */
  readonly against: string | undefined
  /** Pre-images that the reader's artifact keeps of its inputs in memory. */
  readonly remembered: Candidate['inMemory']
  readonly via: readonly string[]
}

const none: Candidates = new Map()

/**
 * What to compare a node with. `same`: it is known under its own key. `forgotten`: what its reader read is not known
 * any more, while its own is.
 */
const candidateFor = (
  node: PlanNode,
  preImage: PreImage,
  candidates: Candidates,
  { against, remembered }: Step,
): Candidate | 'same' | 'none' | 'forgotten' => {
  if (against === undefined) return candidates.has(node.key) ? 'same' : (nearestOf(preImage, candidates) ?? 'none')
  const exact = candidates.get(against)
  if (exact !== undefined) return exact
  const preImageBefore =
    remembered !== undefined && Object.hasOwn(remembered, against) ? remembered[against] : undefined
  if (preImageBefore !== undefined)
    return { key: against, preImage: preImageBefore, ...(remembered === undefined ? {} : { inMemory: remembered }) }
  return candidates.has(node.key) || node.storage === 'memory'
    ? 'forgotten'
    : (nearestOf(preImage, candidates) ?? 'none')
}

/** The candidate with the fewest differences; of these the latest, so that the answer is about what was done last. */
export const nearestOf = (preImage: PreImage, candidates: Candidates): Candidate | undefined => {
  let best: Candidate | undefined
  let fewest = Infinity
  for (const candidate of candidates.values()) {
    const count = countOf(preImage, candidate.preImage, fewest)
    const better = count < fewest || (count === fewest && best !== undefined && isLater(candidate, best))
    if (!better) continue
    best = candidate
    fewest = count
  }
  return best
}

const isLater = (left: Candidate, right: Candidate): boolean => {
  const [a, b] = [left.ended ?? '', right.ended ?? '']
  return a > b || (a === b && left.key < right.key)
}

/** Number of parts that differ; stops counting beyond `enough`. */
const countOf = (left: PreImage, right: PreImage, enough: number): number => {
  let count = Number(left.version !== right.version) + Number(left.scheme !== right.scheme)
  for (const name of namesOfBoth(left.params, right.params)) {
    if (!sameEncoded(own(left.params, name), own(right.params, name))) count++
    if (count > enough) return count
  }
  for (const { before, after } of inputPairs(right, left)) {
    if (before?.key !== after?.key || before?.task !== after?.task) count++
    if (count > enough) return count
  }
  return count
}

const differencesOf = (
  plan: Plan,
  node: PlanNode,
  after: PreImage,
  { preImage: before, origins }: Candidate,
): readonly Difference[] => {
  const differences: Difference[] = []
  if (before.scheme !== after.scheme) differences.push({ _tag: 'Scheme', before: before.scheme, after: after.scheme })
  if (before.version !== after.version)
    differences.push({ _tag: 'Version', before: before.version, after: after.version })
  for (const name of namesOfBoth(after.params, before.params)) {
    const pair = { before: own(before.params, name), after: own(after.params, name) }
    if (!sameEncoded(pair.before, pair.after))
      differences.push({
        _tag: 'Param',
        name,
        ...pair,
        origin: own(plan.origins[node.id] ?? {}, name),
        originBefore: own(origins ?? {}, name),
      })
  }
  for (const pair of inputPairs(before, after)) {
    if (pair.before?.key === pair.after?.key && pair.before?.task === pair.after?.task) continue
    const bound = node.inputs[pair.role]
    differences.push({
      _tag: 'Input',
      ...pair,
      node: typeof bound === 'string' ? bound : own(bound ?? {}, pair.recordKey ?? ''),
    })
  }
  return differences
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
const partsOf = (input: KeyInput): Parts =>
  input === undefined ? {} : isOne(input) ? { '': input as InputInKey } : (input as Parts)

const own = <A>(record: { readonly [name: string]: A }, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

const namesOfBoth = (left: object, right: object): readonly string[] => [
  ...new Set([...Object.keys(left), ...Object.keys(right)]),
]

/** The nodes of a plan as candidates, by task: for the comparison of two plans. */
export const candidatesIn = (plan: Plan): ((task: string) => Candidates) => {
  const byTask = new Map<string, Map<string, Candidate>>()
  for (const node of plan.nodes) {
    const candidates = byTask.get(node.task) ?? new Map<string, Candidate>()
    byTask.set(node.task, candidates)
    const origins = plan.origins[node.id]
    candidates.set(node.key, {
      key: node.key,
      preImage: preImageOfNode(plan, node),
      ...(origins === undefined ? {} : { origins }),
    })
  }
  return (task) => byTask.get(task) ?? none
}

/**
 * Why a node of a plan has another key than under the same full name in an earlier one; undefined where one of them
 * lacks it.
 */
export const whyBetween = (before: Plan, after: Plan, id: string): Comparison | undefined => {
  const [then, now] = [nodesById(before).get(id), nodesById(after).get(id)]
  if (then === undefined || now === undefined) return undefined
  return then.key === now.key
    ? { node: id, key: now.key, nearest: undefined, candidates: 0, causes: [] }
    : why(after, id, candidatesIn(before), { against: then.key })
}

/** One place inside a value that differs. */
export interface ChangedPart {
  /** `kwargs.l2`; empty for the whole value. */
  readonly path: string
  readonly before: Encoded | undefined
  readonly after: Encoded | undefined
}

/** Where two values differ, as deep as both are records; at most `most` places, else the whole. */
export const changedParts = (
  before: Encoded | undefined,
  after: Encoded | undefined,
  most = 4,
): readonly ChangedPart[] => {
  const parts: ChangedPart[] = []
  const visit = (path: string, then: Encoded | undefined, now: Encoded | undefined): void => {
    if (sameEncoded(then, now) || parts.length > most) return
    if (!isRecord(then) || !isRecord(now)) return void parts.push({ path, before: then, after: now })
    for (const name of namesOfBoth(now, then))
      visit(path === '' ? name : `${path}.${name}`, own(then, name), own(now, name))
  }
  visit('', before, after)
  return parts.length > most ? [{ path: '', before, after }] : parts
}

const isRecord = (value: Encoded | undefined): value is { readonly [name: string]: Encoded } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
