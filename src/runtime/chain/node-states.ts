import { addressOf } from '../../plan/names/artifact-address.js'
import { inputIds } from '../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { NodeState } from '../ports/node-words.js'
import type { Refreshed } from '../ports/refreshed.js'
import type { Stale } from '../ports/stale.js'
import { makeDrift, type Drift } from '../code-drift/drift.js'
import { makeContents, type Contents, type Parts } from '../code-drift/contents.js'
import { areFoundBefore } from '../code-drift/held-before.js'
import { makeRefreshing, refreshOf } from '../code-drift/refresh.js'
import { storedNow } from '../code-drift/stored-now.js'
import { inputsOf } from '../engine/work-graph.js'
import type { Session } from '../session/session.js'
import { waitingFormers } from '../engine/adoption/former-results.js'
import { makeSizes } from '../session/stored-sizes.js'
import { isStored, openArtifact } from '../run-info/hit-or-miss.js'
import type { StoredNames } from '../ports/artifact.js'

/**
 * The current state of nodes in the store; each folder is listed once. Results that will be computed again because
 * their code has changed are to run. `plan` contains the upstream nodes; `wanted`: the targets of a run.
 */
export const stateOf = async (
  session: Parts,
  nodes: readonly PlanNode[],
  plan: Pick<Plan, 'nodes'> = { nodes },
  drift: Drift = makeDrift(session),
  wanted: readonly PlanNode[] = nodes,
): Promise<ReadonlyMap<string, NodeState>> => {
  if (await areFoundBefore(session, plan, nodes))
    return new Map(nodes.map(({ id, storage }) => [id, storage === 'memory' ? 'in_memory' : 'cached']))
  const kept = nodes.filter(({ storage }) => storage !== 'memory')
  const listings = await session.store.list([...new Set(kept.map((node) => addressOf(node).folder))])
  const states = new Map<string, NodeState>()
  for (const node of nodes) {
    if (node.storage === 'memory') {
      states.set(node.id, 'in_memory')
      continue
    }
    const listing = listings.get(addressOf(node).folder) ?? new Map<string, StoredNames>()
    const stored = !session.forced.has(node.key) && isStored(listing, node)
    states.set(node.id, stored ? 'cached' : listing.get(node.key)?.unfinished === true ? 'unfinished' : 'to_run')
  }
  const stored = nodes.filter((node) => states.get(node.id) === 'cached')
  const absent = nodes.filter((node) => states.get(node.id) === 'to_run')
  const formers = await waitingFormers(session, plan, absent)
  for (const id of formers.keys()) states.set(id, 'cached')
  await drift.look(stored.map((node) => ({ plan, node })))
  const refreshing = makeRefreshing(session)
  await refreshing.look(stored.map((node) => ({ node })))
  const sizes = makeSizes(session)
  await sizes.look(stored.map((node) => ({ node })))
  for (const node of stored)
    if (drift.of(node)?.action === 'recompute' || (sizes.isDoubtful(node) && (await isMiss(session, node))))
      states.set(node.id, 'to_run')
    else if (refreshing.isDue(node)) states.set(node.id, 'stale')
  for (const [id, state] of await contentStatesOf(session, wanted, plan, drift, states)) states.set(id, state)
  undecidedFormers(nodes, states, formers)
  return waitingOn(nodes, states)
}

/** An artifact under a former name is undecided until all its upstream nodes have been computed. */
const undecidedFormers = (
  nodes: readonly PlanNode[],
  states: Map<string, NodeState>,
  formers: ReadonlyMap<string, unknown>,
): void => {
  if (formers.size === 0) return
  const open = new Set<string>()
  for (const node of nodes) {
    const state = states.get(node.id)
    const isBelow = inputIds(node).some((id) => open.has(id))
    if (isBelow && state === 'cached' && formers.has(node.id)) states.set(node.id, 'undecided')
    if (
      state === 'to_run' ||
      state === 'stale' ||
      states.get(node.id) === 'undecided' ||
      (isBelow && state === 'in_memory')
    )
      open.add(node.id)
  }
}

/** Known only once it is opened; an artifact that cannot be opened is reported by the run that needs it. */
const isMiss = (session: Pick<Session, 'store'>, node: PlanNode): Promise<boolean> =>
  openArtifact(session.store, addressOf(node)).then(
    (found) => '_tag' in found,
    () => true,
  )

/** Stored nodes that are stale, and those that are undecided until their inputs have been computed. */
const contentStatesOf = async (
  session: Parts,
  wanted: readonly PlanNode[],
  plan: Pick<Plan, 'nodes'>,
  drift: Drift,
  known: ReadonlyMap<string, NodeState>,
): Promise<ReadonlyMap<string, NodeState>> => {
  const states = new Map<string, NodeState>()
  if (session.project.onStale === 'warn') return states
  const contents = await lookedAt(session, wanted, plan, drift)
  for (const node of plan.nodes) {
    const state = known.get(node.id) === 'cached' ? contents.of(node) : undefined
    if (state !== undefined) states.set(node.id, state._tag)
  }
  return states
}

/**
 * Stored results of tasks that read the world, with the time when they are due to be computed again, in the given
 * order.
 */
export const refreshedIn = async (session: Parts, nodes: readonly PlanNode[]): Promise<readonly Refreshed[]> => {
  const kept = nodes.filter((node) => refreshOf(session, node) !== undefined)
  if (kept.length === 0) return []
  const listings = await session.store.list([...new Set(kept.map((node) => addressOf(node).folder))])
  const stored = kept.filter((node) => isStored(listings.get(addressOf(node).folder) ?? new Map(), node))
  const refreshing = makeRefreshing(session)
  await refreshing.look(stored.map((node) => ({ node })))
  return stored.flatMap((node) => refreshing.of(node) ?? [])
}

/** Stored nodes that were computed from other contents than the current ones, in the given order. */
export const staleIn = async (
  session: Parts,
  nodes: readonly PlanNode[],
  plan: Pick<Plan, 'nodes'>,
): Promise<readonly Stale[]> => {
  if (await areFoundBefore(session, plan, nodes)) return []
  const contents = await lookedAt(session, nodes, plan, makeDrift(session))
  const action = session.project.onStale === 'warn' ? 'kept' : 'recompute'
  return nodes.flatMap((node) => {
    const state = contents.of(node)
    return state?._tag === 'stale'
      ? [{ node: node.id, key: node.key, action, because: contents.othersOf(node) } satisfies Stale]
      : []
  })
}

const lookedAt = async (
  session: Parts,
  nodes: readonly PlanNode[],
  plan: Pick<Plan, 'nodes'>,
  drift: Drift,
): Promise<Contents> => {
  const items = nodes.filter(({ storage }) => storage !== 'memory').map((node) => ({ plan, node }))
  const contents = makeContents(
    session,
    storedNow(session, drift, (item) => inputsOf(session, item)),
  )
  await contents.look(items)
  return contents
}

/** Dependents of an unfinished node wait for it. */
const waitingOn = (nodes: readonly PlanNode[], states: Map<string, NodeState>): ReadonlyMap<string, NodeState> => {
  for (const node of nodes) {
    if (states.get(node.id) !== 'to_run') continue
    if (inputIds(node).some((id) => states.get(id) === 'unfinished' || states.get(id) === 'waiting'))
      states.set(node.id, 'waiting')
  }
  return states
}
