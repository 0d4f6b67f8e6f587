import type { NodeOutline } from '../../../plan/plan-types.js'
import type { RunEventBody, RunReport } from '../../ports/events.js'
import type { NodeOutcome } from '../../ports/node-job.js'
import { emitter, type Session } from '../../session/session.js'

/** Tells the session's listener what a run of one node tells: its plan, its events, and how it ended. */
export const narrated = (
  session: Session,
  { id, key }: NodeOutline,
  forward: (event: RunEventBody) => void,
): {
  readonly emit: (event: RunEventBody) => void
  readonly ended: <Outcome extends NodeOutcome | undefined>(outcome: Outcome) => Outcome
} => {
  if (session.listener === undefined) return { emit: forward, ended: (outcome) => outcome }
  const tell = emitter(session, undefined)
  const began = session.clock.elapsed()
  let isComputed = false
  tell({ _tag: 'planned', toRun: [id], inMemory: [], toLoad: [], cached: 0, earlier: {} })
  return {
    emit: (event) => {
      if (event._tag === 'computed' && event.key === key) isComputed = true
      tell(event)
      forward(event)
    },
    ended: (outcome) => {
      if (outcome?._tag === 'failed') tell({ _tag: 'failed', node: id, key, error: outcome.error })
      if (outcome?._tag === 'unfinished') tell({ _tag: 'unfinished', node: id, key, reason: outcome.reason })
      const seconds = (session.clock.elapsed() - began) / 1000
      tell({ _tag: 'ended', report: { ...reportOf(id, outcome, isComputed), seconds } })
      return outcome
    },
  }
}

const reportOf = (id: string, outcome: NodeOutcome | undefined, isComputed: boolean): Omit<RunReport, 'seconds'> => ({
  computed: isComputed ? [id] : [],
  adopted: [],
  loaded: [],
  cached: outcome?._tag === 'kept' && !isComputed ? [id] : [],
  drifted: [],
  stale: [],
  failed: outcome?._tag === 'failed' ? [outcome.error] : [],
  skipped: [],
  unfinished: outcome?._tag === 'unfinished' ? [{ node: id, reason: outcome.reason }] : [],
  stopped: outcome?._tag === 'stopped',
})
