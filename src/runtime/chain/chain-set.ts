import { outlineOf } from '../../plan/plan-graph.js'
import { pushTo } from '../../base/grouping.js'
import type { Modules } from '../../declare/project.js'
import type { Chain, RunOptions } from './chain-types.js'
import type { RunReport } from '../ports/events.js'
import type { RecordedRun } from '../ports/run-history.js'
import type { MemoryUse } from '../session/kept-values.js'
import { requestOf } from './options.js'
import { runRecorded } from './recorded-run.js'
import type { Session } from '../session/session.js'

/**
 * Chains of several configs over one session: nodes of equal key run once and are shared in memory (the original's
 * MultiChain).
 */
export interface ChainSet<M extends Modules = Modules> {
  /** By the given name, or else by that of the config; for a chain with its own context, `model (few)`. */
  readonly chains: ReadonlyMap<string, Chain<M>>
  /** The chain of that name, usually that of its config; throws if there is none. */
  chain(name: string): Chain<M>
  /** Runs every kept node of all chains as one run: shared nodes once. */
  run(options?: RunOptions): Promise<RunReport>
  /** Nodes by key that more than one chain has, with the names of those chains. */
  shared(): ReadonlyMap<string, readonly string[]>
  /** How much the chains keep in memory together. */
  memory(): MemoryUse
  /** Drops everything kept in memory. */
  release(): void
  close(): Promise<void>
}

/** Binds chains that share a session. */
export const makeChainSet = (
  session: Session,
  chains: ReadonlyMap<string, Chain>,
  onClose: () => Promise<void>,
): ChainSet<any> => ({
  chains,
  chain: (name) => {
    const found = chains.get(name)
    if (found === undefined)
      throw new RangeError(`no chain of a config '${name}'; there are: ${[...chains.keys()].join(', ')}`)
    return found
  },
  run: async (options: RunOptions = {}) => {
    const targets = [...chains.values()].flatMap((chain) => {
      const plan = outlineOf(chain.plan)
      const kept = plan.nodes.filter(({ storage }) => storage !== 'memory')
      return kept.map(({ id }) => ({ plan, id, want: 'kept' as const }))
    })
    return (await runRecorded(session, { targets, ...requestOf(options) }, () => aboutSet(chains))).report
  },
  shared: () => {
    const users = new Map<string, string[]>()
    for (const [name, chain] of chains)
      for (const key of new Set(chain.plan.nodes.map((node) => node.key))) pushTo(users, key, name)
    return new Map([...users].filter(([, names]) => names.length > 1))
  },
  memory: () => session.memory.use(),
  release: () => session.memory.clear(),
  close: onClose,
})

const aboutSet = (chains: ReadonlyMap<string, Chain>): RecordedRun => {
  const plans = Array.from(chains.values(), ({ plan }) => outlineOf(plan))
  const nodes = [...new Map(plans.flatMap((plan) => plan.nodes.map((node) => [node.key, node]))).values()]
  return { command: 'run', config: [...chains.keys()].join(', '), tasks: [], nodes, plans }
}
