import { estimates } from '../../inspect/estimates.js'
import { mustRun } from '../../inspect/must-run.js'
import { inputIds, nodeIn, nodesById } from '../../plan/plan-graph.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { Chain, NodeState } from '../../runtime/chain/chain-types.js'
import type { AskAnswer, AskRequest, ForceAnswer, ForceRequest } from '../contract.js'
import { isAhead } from './chain-answer.js'
import { handleIn } from './handle-in.js'
import type { Reader } from '../reader/reader.js'
import { oneOfEach } from '../../base/one-of-each.js'

const maxElsewhere = 100

/** What an action would do; changes nothing. */
export const askAnswer = async (reader: Reader, { action, config, tasks }: AskRequest): Promise<AskAnswer> => {
  const chain = await reader.chain(config)
  const states = await chain.states()
  const wanted = tasks.map((name) => handleIn(chain, name).name)
  const nodes = action === 'run' ? toRun(chain, states, wanted) : withDependents(chain, wanted)
  const kept = nodes.filter(({ storage }) => storage !== 'memory')
  const seconds = await estimates(
    reader.store,
    oneOfEach(kept, ({ key }) => key),
    states,
  )
  const elsewhere = action === 'force' ? await chain.storedDependents(wanted) : []
  return {
    schema: 1,
    action,
    config,
    nodes: kept.map(({ id }) => id),
    inMemory: nodes.length - kept.length,
    stored: kept.filter(({ id }) => isStored(states.get(id))).map(({ id }) => id),
    seconds: [...seconds.values()].reduce((sum, one) => sum + one, 0),
    timed: seconds.size,
    elsewhere: elsewhere.slice(0, maxElsewhere).map(({ task, config: by }) => ({ task, config: by ?? 'unknown' })),
    elsewhereInAll: elsewhere.length,
  }
}

const isStored = (state: NodeState | undefined): boolean =>
  state === 'cached' || state === 'stale' || state === 'undecided'

/** What a run of the named tasks, or of all that are kept, would compute, including in-memory nodes needed for that. */
const toRun = (
  { plan }: Chain,
  states: ReadonlyMap<string, NodeState>,
  wanted: readonly string[],
): readonly PlanNode[] => {
  const nodes = nodesById(plan)
  const found = new Set(
    wanted.length === 0
      ? plan.nodes.filter(({ id, storage }) => storage !== 'memory' && isAhead(states.get(id))).map(({ id }) => id)
      : wanted.flatMap((name) => [...mustRun(plan, states, name), ...inMemory(nodes.get(name))]),
  )
  for (const id of found) // grows during iteration
    for (const input of inputIds(nodeIn(plan, id))) for (const one of inMemory(nodes.get(input))) found.add(one)
  return plan.nodes.filter(({ id }) => found.has(id))
}

const inMemory = (node: PlanNode | undefined): readonly string[] => (node?.storage === 'memory' ? [node.id] : [])

const withDependents = (chain: Chain, wanted: readonly string[]): readonly PlanNode[] => {
  const concerned = new Set([...wanted, ...wanted.flatMap((name) => chain.dependents(name))])
  return chain.plan.nodes.filter(({ id }) => concerned.has(id))
}

/** Marks results and their dependents to be recomputed, or deletes them. */
export const forceAnswer = async (reader: Reader, asked: ForceRequest): Promise<ForceAnswer> => {
  const chain = await reader.chain(asked.config)
  const wanted = asked.tasks.map((name) => handleIn(chain, name).name)
  const forced = await chain.force(wanted, asked.delete ? { delete: true } : { mark: true })
  const busy: string[] = []
  if (asked.delete)
    for (const name of forced) if ((await handleIn(chain, name).runInfo()) !== undefined) busy.push(name)
  await reader.store.flush()
  reader.forget('results')
  return { schema: 1, forced, busy }
}
