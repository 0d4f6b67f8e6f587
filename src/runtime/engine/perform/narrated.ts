import type { NodeOutline } from '../../../plan/plan-types.js'
import type { RunEventBody, RunReport } from '../../ports/events.js'
import type { NodeOutcome } from '../../ports/node-job.js'
import { emitter, type Session } from '../../session/session.js'

/** Tells the session's listener what a run of one node, whose inputs are stored, tells. */
export const narrated = (
  session: Session,
  { id, key }: NodeOutline,
  inputs: readonly { readonly node: NodeOutline }[],
  forward: (event: RunEventBody) => void,
): {
  readonly emit: (event: RunEventBody) => void
  readonly ended: <Outcome extends NodeOutcome | undefined>(outcome: Outcome) => Outcome
} => {
  if (session.listener === undefined) return { emit: forward, ended: (outcome) => outcome }
  const tell = emitter(session, undefined)
  const began = session.clock.elapsed()
  const cached = new Map(inputs.map(({ node }) => [node.key, node.id]))
  const [loaded, computed] = [new Map<string, string>(), new Map<string, string>()]
  tell({ _tag: 'planned', toRun: [id], inMemory: [], toLoad: [], cached: cached.size, earlier: {} })
  return {
    emit: (event) => {
      if (event._tag === 'loaded') loaded.set(event.key, event.node)
      if (event._tag === 'computed') computed.set(event.key, event.node)
      tell(event)
      forward(event)
    },
    ended: (outcome) => {
      if (outcome?._tag === 'failed') tell({ _tag: 'failed', node: id, key, error: outcome.error })
      if (outcome?._tag === 'unfinished') tell({ _tag: 'unfinished', node: id, key, reason: outcome.reason })
      if (outcome?._tag === 'kept') cached.set(key, id)
      for (const made of [...loaded.keys(), ...computed.keys()]) cached.delete(made)
      const seconds = (session.clock.elapsed() - began) / 1000
      const counts = { loaded: namesIn(loaded), computed: namesIn(computed), cached: namesIn(cached) }
      tell({ _tag: 'ended', report: { ...reportOf(id, outcome), ...counts, seconds } })
      return outcome
    },
  }
}

const namesIn = (nodes: ReadonlyMap<string, string>): readonly string[] => [...nodes.values()]

const reportOf = (
  id: string,
  outcome: NodeOutcome | undefined,
): Omit<RunReport, 'cached' | 'computed' | 'loaded' | 'seconds'> => ({
  adopted: [],
  drifted: [],
  stale: [],
  failed: outcome?._tag === 'failed' ? [outcome.error] : [],
  skipped: [],
  unfinished: outcome?._tag === 'unfinished' ? [{ node: id, reason: outcome.reason }] : [],
  stopped: outcome?._tag === 'stopped',
})
