import { inputIds, nodesById } from '../../plan/plan-graph.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import type { Stale } from '../ports/stale.js'
import { factsOf, gatherFacts } from '../session/known-facts.js'
import type { Session } from '../session/session.js'
import { contentStates, othersIn, type ContentState, type OtherContent, type SeenNode } from './content-states.js'

interface Item {
  readonly plan: PlanOutline
  readonly node: NodeOutline
}

/** Whether stored nodes hold by content, as the store's catalog and what a session has in memory show it. */
export interface Contents {
  /** Looks at what is asked for, and at all above it. Never rejects: what cannot be read is unknown. */
  look(items: readonly Item[]): Promise<void>
  /** How a node stands by content; undefined where nothing is to be said of it. */
  of(node: NodeOutline): ContentState | undefined
  /** What a stored node has read that is another just now. */
  othersNow(item: Item): Promise<readonly OtherContent[]>
  /** Whether a node that was undecided holds: what it waited for is there, and is what it has read. */
  holds(item: Item): Promise<boolean>
  /** What a node has read that is another, by full name; nothing where it is not stale. */
  othersOf(node: NodeOutline): Stale['because']
  /** A node by key, where it was looked at. */
  itemOf(key: string): Item | undefined
}

/** What a look asks of who makes it. */
export interface ContentParts {
  /** Makes it known how these are stored. */
  readonly see: (items: readonly Item[]) => Promise<void>
  /** How one of these is stored. */
  readonly isSeen: (item: Item) => SeenNode['is']
  /** What a node needs to be computed. */
  readonly inputsOf: (item: Item) => readonly Item[]
  /** Until when what was looked at stays as it is, if nobody computes or forces anything. */
  readonly holdUntil: () => number
}

/** What of a session tells how contents stand. */
export type Parts = Pick<
  Session,
  'clock' | 'damaged' | 'executor' | 'forced' | 'index' | 'listener' | 'memory' | 'opened' | 'project' | 'store'
>

/**
 * Keys that a session has seen to hold, until it computes or forces something: who asks for one value after the other
 * does not have all that is above looked at each time.
 */
const holding = new WeakMap<object, { readonly keys: Set<string>; until: number }>()

/** Whether a session has seen a node to hold, and has changed nothing since. */
export const isKnownToHold = (session: Parts, { key }: NodeOutline): boolean => {
  const holds = holding.get(session)
  return (
    session.forced.size === 0 &&
    session.damaged.size === 0 &&
    holds?.keys.has(key) === true &&
    session.clock.now() < holds.until
  )
}

/** Told of what is computed, or is to be computed again. */
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

/** Takes in all that is above these, and what else was read to make it, with what is known of each. */
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
    fresh = askedBy(session, fresh).filter(({ node }) => !known.has(node.key))
  }
}

/** Nodes with all that they read, in the order of their plans. */
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

/** Nodes of the same plans that objects have asked for. */
const askedBy = (session: Parts, items: readonly Item[]): readonly Item[] => {
  const asked: Item[] = []
  for (const { plan, node } of items) {
    const reads = Object.keys(contentOf(session, node).reads ?? {})
    if (reads.length === 0) continue
    const byKey = keysIn(plan)
    for (const key of reads) {
      const other = byKey.get(key)
      if (other !== undefined) asked.push({ plan, node: other })
    }
  }
  return asked
}

const byKeys = new WeakMap<PlanOutline, ReadonlyMap<string, NodeOutline>>()

const keysIn = (plan: PlanOutline): ReadonlyMap<string, NodeOutline> => {
  const known = byKeys.get(plan) ?? new Map(plan.nodes.map((node) => [node.key, node]))
  byKeys.set(plan, known)
  return known
}

/** Of what is stored, as its facts say; of a value in memory what it was made from. */
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
