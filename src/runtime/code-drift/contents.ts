import { inputIds, nodesById } from '../../plan/plan-graph.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import type { Stale } from '../ports/stale.js'
import { factsOf, gatherFacts } from '../session/known-facts.js'
import type { Session } from '../session/session.js'
import { contentStates, othersIn, type ContentState, type OtherContent, type SeenNode } from './content-states.js'

/** A node and its plan, both without values. */
export interface Item {
  readonly plan: PlanOutline
  readonly node: NodeOutline
}

/** Whether stored nodes are valid by content, according to the store's catalog and the session's memory. */
export interface Contents {
  /** Checks the given nodes and everything upstream. Never rejects: unreadable facts are unknown. */
  look(items: readonly Item[]): Promise<void>
  /** The content state of a node; undefined if there is nothing to report. */
  of(node: NodeOutline): ContentState | undefined
  /** The contents that a stored node has read and that differ at this moment. */
  othersNow(item: Item): Promise<readonly OtherContent[]>
  /** Whether an undecided node is valid: the nodes that it waited for are stored with the contents that it has read. */
  holds(item: Item): Promise<boolean>
  /** The differing contents that a node has read, by full name; empty if it is not stale. */
  othersOf(node: NodeOutline): Stale['because']
  /** A node by key, if it was looked up. */
  itemOf(key: string): Item | undefined
}

/** What a look needs from its caller. */
export interface ContentParts {
  /** Finds out how these are stored. */
  readonly see: (items: readonly Item[]) => Promise<void>
  /** How one of these is stored. */
  readonly isSeen: (item: Item) => SeenNode['is']
  /** The nodes that a node needs to be computed. */
  readonly inputsOf: (item: Item) => readonly Item[]
  /** The time until which the result of a look is valid, if nothing is computed or forced. */
  readonly holdUntil: () => number
}

/** The parts of a session that determine content states. */
export type Parts = Pick<
  Session,
  'clock' | 'damaged' | 'executor' | 'forced' | 'index' | 'listener' | 'memory' | 'opened' | 'project' | 'store'
>

/**
 * Keys that a session has found valid, until it computes or forces something: requests for one value after the other
 * need not look up all upstream nodes each time.
 */
const holding = new WeakMap<object, { readonly keys: Set<string>; until: number }>()

/** Whether a session has found a node valid, and has changed nothing since. */
export const isKnownToHold = (session: Parts, { key }: NodeOutline): boolean => {
  const holds = holding.get(session)
  return (
    session.forced.size === 0 &&
    session.damaged.size === 0 &&
    holds?.keys.has(key) === true &&
    session.clock.now() < holds.until
  )
}

/** To be called when something is computed, or will be computed again. */
export const forgetHolding = (session: object): void => void holding.delete(session)

export const makeContents = (session: Parts, parts: ContentParts): Contents => {
  const known = new Map<string, Item>() // in run order
  const states = new Map<string, ContentState>()

  const seen = (item: Item): SeenNode => ({
    key: item.node.key,
    is: parts.isSeen(item),
    ...contentOf(session, item.node),
  })
  const keysOf = (key: string): readonly string[] => {
    const item = known.get(key)
    return item === undefined ? [] : parts.inputsOf(item).map(({ node }) => node.key)
  }
  const othersNow = async (item: Item): Promise<readonly OtherContent[]> => {
    await gatherFacts(session, [item.node], true)
    const inputs = Object.keys(contentOf(session, item.node).reads ?? {}).flatMap((key) => known.get(key) ?? [])
    await gatherFacts(
      session,
      inputs.flatMap(({ node }) => (node.storage === 'memory' ? [] : [node])),
      true,
    )
    const byKey = new Map(inputs.map((input) => [input.node.key, seen(input)]))
    return othersIn(contentOf(session, item.node), (key) => byKey.get(key))
  }
  const isThere = (key: string): boolean => {
    const item = known.get(key)
    return item !== undefined && parts.isSeen(item) === 'stored'
  }
  return {
    look: async (items) => {
      const isAdded = items.some(({ node }) => !known.has(node.key))
      if (!isAdded || session.store.facts === undefined) return
      await see(session, parts, known, items)
      const wanted = items.map(({ node }) => node.key)
      for (const [key, state] of contentStates(Array.from(known.values(), seen), wanted, keysOf)) states.set(key, state)
      const before = holding.get(session)
      const holds =
        before !== undefined && session.clock.now() < before.until
          ? before
          : { keys: new Set<string>(), until: Infinity }
      holding.set(session, holds)
      holds.until = Math.min(holds.until, parts.holdUntil())
      for (const key of known.keys()) if (!states.has(key) && isThere(key)) holds.keys.add(key)
    },
    of: ({ key }) => states.get(key),
    othersNow,
    holds: async (item) => {
      const state = states.get(item.node.key)
      const awaited = state?._tag === 'undecided' ? state.awaits : []
      const because = await othersNow(item)
      if (because.length > 0) states.set(item.node.key, { _tag: 'stale', because })
      return because.length === 0 && awaited.every(isThere)
    },
    othersOf: ({ key: own }) => {
      const state = states.get(own)
      return state?._tag === 'stale'
        ? state.because.map(({ key, read, now }) => ({ input: known.get(key)?.node.id ?? key, read, now }))
        : []
    },
    itemOf: (key) => known.get(key),
  }
}

/** Collects everything upstream, and all other artifacts that were read, with the known facts of each. */
const see = async (
  session: Parts,
  { see: look }: ContentParts,
  known: Map<string, Item>,
  items: readonly Item[],
): Promise<void> => {
  let fresh = withInputs(items).filter(({ node }) => !known.has(node.key))
  while (fresh.length > 0) {
    for (const item of fresh) known.set(item.node.key, item)
    await gatherFacts(
      session,
      fresh.flatMap(({ node }) => (node.storage === 'memory' ? [] : [node])),
      true,
    )
    await look(fresh)
    fresh = requestedBy(session, fresh).filter(({ node }) => !known.has(node.key))
  }
}

/** Nodes with all upstream nodes, in the order of their plans. */
const withInputs = (items: readonly Item[]): readonly Item[] => {
  const wanted = new Map<PlanOutline, Set<string>>()
  for (const { plan, node } of items) {
    const ids = wanted.get(plan) ?? new Set<string>()
    wanted.set(plan, ids)
    const nodes = nodesById(plan)
    const open = [node.id]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (ids.has(id)) continue
      ids.add(id)
      const one = nodes.get(id)
      for (const input of one === undefined ? [] : inputIds(one)) open.push(input)
    }
  }
  return [...wanted].flatMap(([plan, ids]) => plan.nodes.flatMap((node) => (ids.has(node.id) ? [{ plan, node }] : [])))
}

/** Nodes of the same plans that objects have requested. */
const requestedBy = (session: Parts, items: readonly Item[]): readonly Item[] => {
  const requested: Item[] = []
  for (const { plan, node } of items) {
    const reads = Object.keys(contentOf(session, node).reads ?? {})
    if (reads.length === 0) continue
    const byKey = keysIn(plan)
    for (const key of reads) {
      const other = byKey.get(key)
      if (other !== undefined) requested.push({ plan, node: other })
    }
  }
  return requested
}

const byKeys = new WeakMap<PlanOutline, ReadonlyMap<string, NodeOutline>>()

const keysIn = (plan: PlanOutline): ReadonlyMap<string, NodeOutline> => {
  const known = byKeys.get(plan) ?? new Map(plan.nodes.map((node) => [node.key, node]))
  byKeys.set(plan, known)
  return known
}

/**
 * The digest and reads of an artifact, from its facts; for a value in memory, the artifacts that it was computed from.
 */
const contentOf = (session: Parts, node: NodeOutline): Pick<SeenNode, 'digest' | 'reads'> => {
  if (node.storage !== 'memory') {
    const { digest, reads } = factsOf(session, node) ?? {}
    return { digest, reads }
  }
  const behind = session.memory.get(node.key)?.content.behind
  return behind === undefined
    ? {}
    : { reads: Object.fromEntries([...behind].map(([key, { digest }]) => [key, digest])) }
}
