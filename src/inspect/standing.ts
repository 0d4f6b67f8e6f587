import { addressOf } from '../plan/names/artifact-address.js'
import type { PlanNode } from '../plan/plan-types.js'
import { isFoundValid } from '../runtime/chain/chain.js'
import type { Chain, NodeState } from '../runtime/chain/chain-types.js'
import type { Store } from '../runtime/ports/store.js'
import { openArtifact } from '../runtime/run-info/hit-or-miss.js'

/** Why a result that the store has, or had, is recomputed. */
export type StaleBecause = 'forced' | 'content' | 'code' | 'damage' | 'refresh'

/** The states of a chain's nodes, with reasons; a node that was never computed has no reason. */
export interface Standing {
  readonly states: ReadonlyMap<string, NodeState>
  readonly because: ReadonlyMap<string, StaleBecause>
  /** Known at one look: nothing is stale, drifted or to be computed. */
  readonly isFoundValid: boolean
}

/** A chain's states with reasons, by full name. Reads only. */
export const standingOf = async (chain: Chain, store: Pick<Store, 'list' | 'open'>): Promise<Standing> => {
  if (await isFoundValid(chain)) {
    const states = chain.plan.nodes.map(
      ({ id, storage }) => [id, storage === 'memory' ? 'in_memory' : 'cached'] as const,
    )
    return { states: new Map(states), because: new Map(), isFoundValid: true }
  }
  const states = await chain.states()
  const because = new Map<string, StaleBecause>()
  for (const { node, due } of await chain.refreshes())
    if (due && states.get(node) === 'stale') because.set(node, 'refresh')
  for (const { node } of await chain.stale()) if (!because.has(node)) because.set(node, 'content')
  if ([...states.values()].includes('to_run'))
    for (const { node, action } of await chain.drifted())
      if (action === 'recompute' && states.get(node) === 'to_run') because.set(node, 'code')
  const left = chain.plan.nodes.filter(({ id, storage }) => {
    const state = states.get(id)
    return storage !== 'memory' && (state === 'to_run' || state === 'waiting') && !because.has(id)
  })
  for (const [id, reason] of await marksOf(left, store)) because.set(id, reason)
  return { states, because, isFoundValid: false }
}

/** Marks on nodes that are to run: set by `force`, or on finding an artifact damaged or incomplete. */
const marksOf = async (
  nodes: readonly PlanNode[],
  store: Pick<Store, 'list' | 'open'>,
): Promise<ReadonlyMap<string, StaleBecause>> => {
  const listings = await store.list([...new Set(nodes.map((node) => addressOf(node).folder))])
  const found = new Map<string, StaleBecause>()
  for (const node of nodes) {
    const address = addressOf(node)
    const names = listings.get(address.folder)?.get(node.key)
    if (names === undefined || !(names.stale || names.runInfo || names.extensions.length > 0)) continue
    // marks state why they were set, except those of `force`
    const mark = names.stale ? await openArtifact(store, address).catch(() => undefined) : undefined
    const isForced = mark !== undefined && '_tag' in mark && mark.reason === 'stale' && mark.detail === undefined
    found.set(node.id, isForced ? 'forced' : 'damage')
  }
  return found
}
