import { oneOfEach } from '../base/one-of-each.js'
import { diffChains, type ChainDiff } from '../plan/inspect/diff-chains.js'
import type { Chain } from '../runtime/chain/chain-types.js'
import type { Store } from '../runtime/ports/store.js'
import { metricPairs, type MetricPair } from './diff-metrics.js'
import { estimates } from './estimates.js'

/** How two chains differ, and what that costs to compute. */
export interface ChainComparison {
  readonly diff: ChainDiff
  /** For the later chain. */
  readonly toCompute: {
    /** Full names of nodes whose result is kept but not stored. */
    readonly nodes: readonly string[]
    /** Number of distinct results: nodes with the same key share one. */
    readonly distinct: number
    /** Total of their earlier durations, as far as known. */
    readonly seconds: number
    readonly timed: number
  }
  /** Numbers that both chains have stored. */
  readonly metrics: readonly MetricPair[]
}

/**
 * Compares two chains with each other, and the later one with what is stored. Only reads.
 *
 * @example
 * const later = await openChain(project, { config: { tasks: 'movies.*', min_votes: 10 } })
 * const { diff, toCompute } = await compareChains(fileStore('data/tasks'), chain, later)
 * toCompute.nodes // what a run of the later one computes, because of what `diff` says
 * diff.params.map(({ name, after }) => [name, after]) // => [['minVotes', 10]]
 */
export const compareChains = async (
  store: Store,
  before: Pick<Chain, 'plan' | 'states'>,
  after: Pick<Chain, 'plan' | 'states'>,
): Promise<ChainComparison> => {
  const [statesBefore, statesAfter] = [await before.states(), await after.states()]
  const ahead = after.plan.nodes.filter((node) =>
    ['to_run', 'stale', 'unfinished', 'waiting'].includes(statesAfter.get(node.id) ?? ''),
  )
  const distinct = oneOfEach(ahead, ({ key }) => key)
  const seconds = await estimates(store, distinct, statesAfter)
  return {
    diff: diffChains(before.plan, after.plan),
    toCompute: {
      nodes: ahead.map((node) => node.id),
      distinct: distinct.length,
      seconds: [...seconds.values()].reduce((sum, one) => sum + one, 0),
      timed: seconds.size,
    },
    metrics: await metricPairs(
      store,
      { plan: before.plan, states: statesBefore },
      { plan: after.plan, states: statesAfter },
    ),
  }
}
