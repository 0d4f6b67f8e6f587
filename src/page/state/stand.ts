import type { ChainNode, NodeState, StaleBecause } from '../../ui/contract.js'
import type { LiveNode } from './live.js'

/** How a node stands for whoever looks: against the store, or in the run that goes on. */
export type Stand = NodeState | 'running' | 'failed' | 'skipped'

export const standOf = (state: NodeState, persisted: boolean, live: LiveNode | undefined): Stand => {
  switch (live?.phase) {
    case undefined:
      return state
    case 'computed':
      return persisted ? 'cached' : 'in_memory'
    case 'unfinished':
    case 'running':
    case 'waiting':
    case 'failed':
    case 'skipped':
      return live.phase
  }
}

/** In words, for people. */
export const wordOf: { readonly [stand in Stand]: string } = {
  cached: 'cached',
  stale: 'stale',
  undecided: 'undecided',
  to_run: 'to run',
  in_memory: 'in memory',
  unfinished: 'unfinished',
  waiting: 'waiting',
  running: 'running',
  failed: 'failed',
  skipped: 'skipped',
}

/** What a word means, for tooltips and the legend. */
export const meaningOf: { readonly [stand in Stand]: string } = {
  cached: 'its result is in the store',
  stale: 'it is in the store, and the next run computes it again',
  undecided: 'whether its result fits shows when its inputs have run',
  to_run: 'the next run computes it',
  in_memory: 'kept in memory only, computed whenever it is needed',
  unfinished: 'a run has stopped in it; the next one goes on',
  waiting: 'waits for another process, or for its turn',
  running: 'is being computed',
  failed: 'has failed in the latest run',
  skipped: 'was not run, since an input has failed',
}

const becauseWords: { readonly [because in StaleBecause]: string } = {
  forced: 'forced',
  content: 'an input has another content',
  code: 'its code has changed',
  damage: 'its data is damaged',
  refresh: 'it is time to compute it again',
}

export const standWords = (stand: Stand, { because }: Pick<ChainNode, 'because'>): string =>
  stand === 'stale' && because !== undefined ? `${wordOf.stale}: ${becauseWords[because]}` : wordOf[stand]

/** In the order in which they matter, for counts and legends. */
export const stands: readonly Stand[] = [
  'failed',
  'running',
  'waiting',
  'unfinished',
  'stale',
  'to_run',
  'undecided',
  'skipped',
  'cached',
  'in_memory',
]
