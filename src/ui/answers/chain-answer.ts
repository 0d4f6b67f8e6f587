import { createHash } from 'node:crypto'
import { oneOfEach } from '../../base/one-of-each.js'
import { estimates } from '../../inspect/estimates.js'
import { standingOf } from '../../inspect/standing.js'
import { inputIds } from '../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { NodeState } from '../../runtime/chain/chain-types.js'
import type { ChainAnswer, PendingWork, StaleBecause, StateCounts, StatesAnswer } from '../contract.js'
import type { Reader } from '../reader/reader.js'
import { trouble } from '../reader/trouble.js'

/** States of nodes that a full run would compute, except those that wait for other work. */
const ahead: ReadonlySet<NodeState> = new Set(['to_run', 'stale', 'unfinished', 'waiting'])

export const isAhead = (state: NodeState | undefined): boolean => state !== undefined && ahead.has(state)

export const countsOf = (states: Iterable<NodeState>): StateCounts => {
  const counts: { [state in NodeState]?: number } = {}
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

/** What a full run would compute, with earlier durations. */
export const pendingOf = (
  nodes: readonly PlanNode[],
  states: ReadonlyMap<string, NodeState>,
  seconds: ReadonlyMap<string, number>,
  computations: { readonly atLeast: number; readonly atMost: number },
): PendingWork => {
  const left = nodes.filter(({ id, storage }) => storage !== 'memory' && isAhead(states.get(id)))
  const timed = oneOfEach(left, ({ key }) => key).flatMap(({ id }) => seconds.get(id) ?? [])
  return { nodes: left.length, ...computations, seconds: timed.reduce((sum, one) => sum + one, 0), timed: timed.length }
}

export const chainAnswer = async (reader: Reader, { config }: { readonly config: string }): Promise<ChainAnswer> => {
  const chain = await reader.chain(config)
  const { plan } = chain
  const { states, because } = await standingOf(chain, reader.store)
  const seconds = await estimates(reader.store, plan.nodes, states)
  return {
    schema: 1,
    config,
    context: plan.context,
    ...graphOf(plan, reader.groups, states, because, seconds),
    counts: countsOf(states.values()),
    pending: pendingOf(plan.nodes, states, seconds, await chain.computations()),
    warnings: plan.warnings.map(trouble),
    fingerprint: fingerprintOf(plan),
  }
}

export const statesAnswer = async (reader: Reader, { config }: { readonly config: string }): Promise<StatesAnswer> => {
  const chain = await reader.chain(config)
  const { nodes } = chain.plan
  const { states, because } = await standingOf(chain, reader.store)
  const seconds = await estimates(reader.store, nodes, states)
  return {
    schema: 1,
    fingerprint: fingerprintOf(chain.plan),
    states: nodes.map(({ id }) => states.get(id) ?? 'to_run'),
    because: Object.fromEntries(
      nodes.flatMap(({ id }, index) => {
        const reason = because.get(id)
        return reason === undefined ? [] : [[String(index), reason]]
      }),
    ),
    counts: countsOf(states.values()),
    pending: pendingOf(nodes, states, seconds, await chain.computations()),
  }
}

/** Nodes and edges by index. `groups` follow the order of the project, which determines their colours. */
export const graphOf = (
  { nodes }: Pick<Plan, 'nodes'>,
  groups: readonly string[],
  states: ReadonlyMap<string, NodeState>,
  because: ReadonlyMap<string, StaleBecause>,
  seconds: ReadonlyMap<string, number>,
): Pick<ChainAnswer, 'nodes' | 'edges' | 'groups' | 'namespaces'> => {
  const [ownGroups, namespaces] = [numbered(nodes.map(({ group }) => group)), numbered(nodes.map((n) => n.namespace))]
  const position = new Map(nodes.map(({ id }, index) => [id, index]))
  const colours = new Map(groups.map((name, index) => [name, index]))
  return {
    nodes: nodes.map((node) => {
      const [reason, took] = [because.get(node.id), seconds.get(node.id)]
      return {
        id: node.id,
        name: node.name,
        group: ownGroups.get(node.group) ?? 0,
        namespace: namespaces.get(node.namespace) ?? 0,
        state: states.get(node.id) ?? 'to_run',
        ...(reason === undefined ? {} : { because: reason }),
        format: node.format,
        persisted: node.storage !== 'memory',
        ...(took === undefined ? {} : { seconds: took }),
        config: node.config,
      }
    }),
    edges: nodes.flatMap((node, to) =>
      [...new Set(inputIds(node))].flatMap((id) => {
        const from = position.get(id)
        return from === undefined ? [] : [[from, to] as const]
      }),
    ),
    groups: Array.from(ownGroups.keys(), (name) => ({ name, colour: colours.get(name) ?? 0 })),
    namespaces: [...namespaces.keys()],
  }
}

/** Numbers texts in order of first appearance. */
const numbered = (texts: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...new Set(texts)].map((text, index) => [text, index]))

/** A hash of nodes and keys, which determine everything else in a plan. */
export const fingerprintOf = ({ nodes }: Pick<Plan, 'nodes'>): string => {
  const hash = createHash('sha256')
  for (const { id, key } of nodes) hash.update(`${id}\n${key}\n`)
  return hash.digest('hex').slice(0, 16)
}
