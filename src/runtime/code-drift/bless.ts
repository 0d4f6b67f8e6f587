import { pushTo } from '../../base/grouping.js'
import { factsInFolder } from '../run-info/one-folder.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { ancestors } from '../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { codeState, lineagesOf, taskFingerprint } from './code-state.js'
import type { Drifted } from '../ports/drifted.js'
import { makeDrift } from './drift.js'
import { forgetAllFacts } from '../session/known-facts.js'
import type { Blessing } from '../ports/facts.js'
import { formatTime, userName } from '../run-info/run-info.js'
import type { Session } from '../session/session.js'
import { isStored } from '../run-info/hit-or-miss.js'

type Parts = Pick<Session, 'forced' | 'index' | 'store'>

/** Stored results of a plan whose code has changed since, in run order. */
export const driftedIn = async (
  session: Parts,
  plan: Plan,
  nodes: readonly PlanNode[] = plan.nodes,
): Promise<readonly Drifted[]> => {
  const stored = await storedOf(session, nodes)
  const drift = makeDrift(session)
  await drift.look(stored.map((node) => ({ plan, node })))
  return stored.flatMap((node) => {
    const drifted = drift.of(node)
    return drifted === undefined ? [] : [drifted]
  })
}

const storedOf = async (session: Parts, nodes: readonly PlanNode[]): Promise<readonly PlanNode[]> => {
  const kept = nodes.filter((node) => node.storage !== 'memory' && !session.forced.has(node.key))
  const listings = await session.store.list([...new Set(kept.map((node) => addressOf(node).folder))])
  return kept.filter((node) => {
    const listing = listings.get(addressOf(node).folder)
    return listing !== undefined && isStored(listing, node)
  })
}

/** Options of accepting stored results. */
export interface BlessOptions {
  /** Only report what would be accepted. Default false. */
  readonly dryRun?: boolean
}

/**
 * Accepts stored results for the present code: they are neither reported nor computed again because of it, until it
 * changes again. `wanted`: these nodes, and those of their dependents that have drifted only because of them; by
 * default all. Resolves with the accepted results.
 */
export const blessIn = async (
  session: Parts & Pick<Session, 'clock'>,
  plan: Plan,
  wanted: readonly PlanNode[] | undefined,
  options: BlessOptions = {},
): Promise<readonly Drifted[]> => {
  const drifted = await driftedIn(session, plan)
  const chosen = wanted === undefined ? drifted : withDependents(plan, drifted, new Set(wanted.map((node) => node.id)))
  if (options.dryRun === true || chosen.length === 0) return chosen
  const ids = new Set(chosen.map(({ node }) => node))
  const folders = new Map<string, PlanNode[]>()
  for (const node of plan.nodes) {
    if (!ids.has(node.id)) continue
    const { folder } = addressOf(node)
    pushTo(folders, folder, node)
  }
  for (const [folder, nodes] of folders)
    await session.store.facts?.bless(folder, await blessingsOf(session, plan, folder, nodes))
  forgetAllFacts(session)
  return chosen
}

/**
 * A result whose own code is unchanged has drifted because of upstream nodes; if all of those are accepted, so is it.
 */
const withDependents = (plan: Plan, drifted: readonly Drifted[], wanted: ReadonlySet<string>): readonly Drifted[] => {
  const all = new Set(drifted.map(({ node }) => node))
  const chosen = new Set<string>()
  for (const one of drifted) {
    const above = one.above ? ancestors(plan, one.node).filter((id) => all.has(id)) : []
    if (wanted.has(one.node) || (above.length > 0 && above.every((id) => chosen.has(id)))) chosen.add(one.node)
  }
  return drifted.filter(({ node }) => chosen.has(node))
}

const blessingsOf = async (
  session: Pick<Session, 'clock' | 'index' | 'store'>,
  plan: Plan,
  folder: string,
  nodes: readonly PlanNode[],
): Promise<readonly Blessing[]> => {
  const keys = new Set(nodes.map((node) => node.key))
  const { facts: index } = session.store
  const facts = index === undefined ? undefined : await factsInFolder(index, folder, keys)
  const [at, user] = [formatTime(session.clock.now()), userName()]
  return nodes.flatMap((node): readonly Blessing[] => {
    const [known, task] = [facts?.get(node.key), session.index.taskOf(node.task)]
    if (known === undefined || task === undefined) return []
    const acceptedFor = codeState({
      code: taskFingerprint(task),
      lineage: lineagesOf(session.index, plan).get(node.id),
    })
    return [{ key: node.key, computedBy: codeState(known), acceptedFor, at, user }]
  })
}
