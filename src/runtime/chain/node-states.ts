import { addressOf } from '../../plan/names/artifact-address.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { NodeState } from '../ports/node-words.js'
import { makeDrift, type Drift } from '../code-drift/drift.js'
import type { Session } from '../session/session.js'
import { makeSizes } from '../session/stored-sizes.js'
import { isStored, openArtifact } from '../run-info/hit-or-miss.js'
import type { StoredNames } from '../ports/artifact.js'

/**
 * What nodes are against the store just now; each folder is listed once. Results that are computed again since their
 * code has changed are to run: `plan` is where the nodes above them are found.
 */
export const stateOf = async (
  session: Pick<Session, 'forced' | 'index' | 'store'>,
  nodes: readonly PlanNode[],
  plan: Pick<Plan, 'nodes'> = { nodes },
  drift: Drift = makeDrift(session),
): Promise<ReadonlyMap<string, NodeState>> => {
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
  await drift.look(stored.map((node) => ({ plan, node })))
  const sizes = makeSizes(session)
  await sizes.look(stored.map((node) => ({ node })))
  for (const node of stored)
    if (drift.of(node)?.action === 'recompute' || (sizes.isDoubtful(node) && (await isMiss(session, node))))
      states.set(node.id, 'to_run')
  return waitingOn(nodes, states)
}

/** Known only once it is opened; what cannot be opened is reported by who needs it. */
const isMiss = (session: Pick<Session, 'store'>, node: PlanNode): Promise<boolean> =>
  openArtifact(session.store, addressOf(node)).then(
    (found) => '_tag' in found,
    () => true,
  )

/** What reads an unfinished node waits for it. */
const waitingOn = (nodes: readonly PlanNode[], states: Map<string, NodeState>): ReadonlyMap<string, NodeState> => {
  for (const node of nodes) {
    if (states.get(node.id) !== 'to_run') continue
    const inputs = Object.values(node.inputs).flatMap((bound) =>
      bound === null ? [] : typeof bound === 'string' ? [bound] : Object.values(bound),
    )
    if (inputs.some((id) => states.get(id) === 'unfinished' || states.get(id) === 'waiting'))
      states.set(node.id, 'waiting')
  }
  return states
}
