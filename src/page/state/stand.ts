import type { ChainNode, NodeState, StaleBecause } from '../../ui/contract.js'
import type { LiveNode } from './live.js'

/** The status of a node as the page shows it: its state in the store, or its progress in the current run. */
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

/** Status names for people. */
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

/** What each status means, for tooltips and the legend. */
export const meaningOf: { readonly [stand in Stand]: string } = {
  cached: 'its result is in the store',
  stale: 'its result is in the store, but the next run recomputes it',
  undecided: 'whether its stored result is valid is known once its inputs have run',
  to_run: 'the next run computes it',
  in_memory: 'kept in memory only, computed whenever it is needed',
  unfinished: 'a run stopped in the middle of it; the next run continues',
  waiting: 'waits for another process, or for its turn',
  running: 'is being computed',
  failed: 'failed in the latest run',
  skipped: 'was not run, because an input failed',
}

const becauseWords: { readonly [because in StaleBecause]: string } = {
  forced: 'forced',
  content: 'the content of an input has changed',
  code: 'its code has changed',
  damage: 'its data is damaged',
  refresh: 'it is due for refresh',
}

export const standWords = (stand: Stand, { because }: Pick<ChainNode, 'because'>): string =>
  stand === 'stale' && because !== undefined ? `${wordOf.stale}: ${becauseWords[because]}` : wordOf[stand]

/** In order of importance, for counts and legends. */
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
