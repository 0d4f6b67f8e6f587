import { nodeIn, nodesById, outlineOf } from '../../../plan/plan-graph.js'
import type { Plan } from '../../../plan/plan-types.js'
import type { RunEventBody } from '../../ports/events.js'
import { interpret } from '../interpret.js'
import type { NodeCalls, NodeJob, NodeOutcome } from '../../ports/node-job.js'
import type { Session } from '../../session/session.js'
import { keptInputs } from '../work-graph.js'
import { performPlain } from './perform-plain.js'
import { sendPlain } from './send-plain.js'
import { runsElsewhere } from '../../session/node-facts.js'

/**
 * The other end of `computeElsewhere`: computes one node in its own session and commits it. `anew`: ignores stored
 * artifacts, since the caller has checked the store and holds the lease. Events that the calling session emits itself
 * are not forwarded. Never rejects.
 */
export const performNode = async (
  session: Session,
  { plan, node, key }: Pick<NodeJob, 'plan' | 'node' | 'key'>,
  calls: Pick<NodeCalls, 'stop' | 'emit'>,
  anew = true,
): Promise<NodeOutcome> => {
  const known = nodesById(plan).get(node)
  if (known === undefined || session.index.taskOf(known.task) === undefined)
    return { _tag: 'failed', error: { _tag: 'NotInPlanProject', node } }
  if (anew) session.forced.add(key)
  const outline = outlineOf(plan)
  const item = { plan: outline, node: nodeIn(outline, node) }
  const inputs = keptInputs(session, item)
  const forwarded = (event: RunEventBody): void => {
    if (crosses(event, key, plan)) calls.emit(event)
  }
  const plainCalls = { stop: calls.stop, emit: forwarded }
  const plain = runsElsewhere(session, item.node)
    ? await sendPlain(session, item, inputs, plainCalls)
    : anew
      ? await performPlain(session, item, inputs, plainCalls)
      : undefined
  if (plain !== undefined) return plain
  const { outcomes } = await interpret(session, {
    targets: [{ plan: outline, id: node, want: 'kept' }],
    signal: calls.stop,
    stored: new Set(inputs.map((input) => input.node.key)),
    onEvent: forwarded,
  })
  const [outcome] = outcomes
  switch (outcome?._tag) {
    case 'kept':
    case 'failed':
    case 'unfinished':
      return outcome
    case 'skipped': {
      const [error] = outcome.errors
      return error === undefined ? { _tag: 'stopped' } : { _tag: 'failed', error }
    }
    default:
      return { _tag: 'stopped' }
  }
}

/**
 * Forwarded events: of the node itself, its progress but not its failure; of other nodes, artifacts that are read or
 * recomputed.
 */
const crosses = (event: RunEventBody, key: string, plan: Plan): boolean => {
  switch (event._tag) {
    case 'progress':
    case 'retrying':
    case 'missed':
    case 'loaded':
      return true
    case 'waiting':
      return event.key !== key
    case 'started':
    case 'computed':
      return event.key === key || nodesById(plan).get(event.node)?.storage !== 'memory'
    default:
      return false
  }
}
