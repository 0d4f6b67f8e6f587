import { useMemo } from 'preact/hooks'
import type { ChainAnswer, StatesAnswer } from '../../ui/contract.js'
import { type LiveRun, runOf } from '../state/live.js'
import { changes, live } from '../state/page-state.js'
import { type Stand, standOf } from '../state/stand.js'
import { type Loaded, useAnswer } from '../state/use-answer.js'

/** A chain with its current state: graph, states in the store, and progress of its run. */
export interface ChainNow {
  readonly chain: ChainAnswer
  readonly stands: readonly Stand[]
  /** By index of the node. */
  readonly because: StatesAnswer['because']
  readonly pending: ChainAnswer['pending']
  readonly run: LiveRun | undefined
}

export const useChain = (config: string): Loaded<ChainNow> => {
  const loaded = useAnswer('chain', config === '' ? undefined : { config }, ['project'])
  const later = useAnswer('states', changes.store.value === 0 ? undefined : { config }, ['store'])
  const run = runOf(live.value, config)
  const chain = loaded.value
  const states = later.value?.fingerprint === chain?.fingerprint ? later.value : undefined
  const now = useMemo(() => (chain === undefined ? undefined : nowOf(chain, states, run)), [chain, states, run])
  const { value: _, ...rest } = loaded
  return now === undefined ? rest : { ...rest, value: now }
}

const nowOf = (chain: ChainAnswer, states: StatesAnswer | undefined, run: LiveRun | undefined): ChainNow => ({
  chain,
  stands: chain.nodes.map((node, index) => {
    const live = run?.nodes.get(node.id)
    const over = run?.ended !== undefined && live?.phase !== 'failed' && live?.phase !== 'skipped'
    return standOf(states?.states[index] ?? node.state, node.persisted, over ? undefined : live)
  }),
  because:
    states?.because ??
    Object.fromEntries(chain.nodes.flatMap(({ because }, index) => (because === undefined ? [] : [[index, because]]))),
  pending: states?.pending ?? chain.pending,
  run,
})
