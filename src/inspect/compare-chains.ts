import { oneOfEach } from '../base/one-of-each.js'
import { diffChains, type ChainDiff } from '../plan/inspect/diff-chains.js'
import type { Chain } from '../runtime/chain/chain-types.js'
import type { Store } from '../runtime/ports/store.js'
import { metricPairs, type MetricPair } from './diff-metrics.js'
import { estimates } from './estimates.js'

/** How two chains differ, and what that costs. */
export interface ChainComparison {
  readonly diff: ChainDiff
  /** Of the later chain. */
  readonly toCompute: {
    /** Full names of kept nodes that are not stored. */
    readonly nodes: readonly string[]
    /** Results that these are: nodes of one key have one. */
    readonly distinct: number
    /** What these took before, as far as that is known. */
    readonly seconds: number
    readonly timed: number
  }
  /** Numbers that both have stored. */
  readonly metrics: readonly MetricPair[]
}

/**
 * Holds two chains against each other and against what is stored of the later one. Only reads.
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
