import { oncePer } from '../../../base/once-per.js'
import type { RunError } from '../../../errors.js'
import { givenSecrets } from '../../../plan/params/given-secrets.js'
import { wholePlan } from '../../../plan/plan-graph.js'
import type { Plan } from '../../../plan/plan-types.js'
import type { RunEventBody } from '../../ports/events.js'
import type { Executor } from '../../ports/executor.js'
import type { NodeCalls, NodeJob, NodeOutcome } from '../../ports/node-job.js'
import type { StoreOpening } from '../../ports/store.js'
import { hiddenEvent, hiddenIn } from '../../session/secrets.js'
import type { Produced } from '../../session/session.js'
import { causeOf, problemOf, withLog } from '../node-failures.js'
import { openNodeLog, tokenOf, type NodeLog } from '../node-log.js'
import { attemptsOf, waitForRetry } from '../retry.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import { taskFingerprint } from '../../code-drift/code-state.js'
import { generationOf } from '../../session/generation.js'
import { poolOf } from '../../session/node-facts.js'
import { openSending } from './sending.js'
import type { NodeWork } from '../work.js'

/** One node whose task runs elsewhere. The caller holds its lease; its inputs are in the store. */
export interface WorkElsewhere extends NodeWork {
  /** The session's executor. */
  readonly elsewhere: NonNullable<Executor['elsewhere']>
  /** More urgent nodes have a higher number. */
  readonly urgency: number
  /** The store is known to have nothing that it would replace. */
  readonly isAbsent: boolean
  /** Takes the lease of another node. */
  readonly lease: NodeCalls['lease']
}

/** The outcome of one dispatch: that of the node, or the death of the process that ran it. */
type Sent = NodeOutcome | Death
type Death = { readonly _tag: 'died'; readonly cause: unknown } | { readonly _tag: 'timed out' }

/**
 * Has a node computed by the session's executor: forwards its events and log lines, kills it if it does not stop in
 * time, and counts a death as a failed attempt of this task. Never rejects.
 */
export const computeElsewhere = async (work: WorkElsewhere): Promise<Produced> => {
  const { executor } = work.session
  const log = executor.takesLeases === true ? shownLog(work) : openNodeLog(work.session, work.node)
  log.token() // lines come from there
  const produced = await sendUntilEnded(work, log)
  const path = await log.close(produced._tag === 'kept' || produced._tag === 'unfinished' ? 'kept' : 'failed')
  return produced._tag === 'failed' && produced.error._tag !== 'StillRunning'
    ? { _tag: 'failed', error: withLog(produced.error, path) }
    : produced
}

/** The process that computes the node writes its log; here its lines are only shown, before the node has ended. */
const shownLog = ({ session, node }: WorkElsewhere): NodeLog => ({
  token: () => '',
  opened: () => false,
  note: () => undefined,
  close: async () => {
    await session.log.detach(tokenOf(node))
    return undefined
  },
})

/** Sends the node again after a death, up to the task's number of attempts. */
const sendUntilEnded = async (work: WorkElsewhere, log: NodeLog): Promise<NodeOutcome> => {
  const { session, node, emit, signal } = work
  const attempts = attemptsOf(work)
  let attempted = 0
  const onEvent = (sent: RunEventBody): void => {
    const event = hiddenEvent(sent, session.secrets.mask())
    if (event._tag === 'started' && event.key === node.key) attempted = event.attempt
    emit(event)
  }
  for (;;) {
    const before = attempted
    const sent = await send(work, attempted, onEvent)
    if (!isDeath(sent)) return sent
    if (signal.aborted) return { _tag: 'stopped' }
    attempted = Math.max(attempted, before + 1) // it may die before its first message
    const error = hiddenIn(errorOf(work, sent, attempted), session.secrets.mask())
    if (attempted >= attempts) {
      log.note('error', problemOf(error), causeOf(error))
      return { _tag: 'failed', error }
    }
    await waitForRetry(work, log, attempted, problemOf(error))
  }
}

const isDeath = (sent: Sent): sent is Death => sent._tag === 'died' || sent._tag === 'timed out'

const send = async (work: WorkElsewhere, attempted: number, onEvent: (event: RunEventBody) => void): Promise<Sent> => {
  const { elsewhere, signal, session, node } = work
  if (signal.aborted) return { _tag: 'stopped' }
  const sending = openSending(work, onEvent)
  // a process that takes leases verifies its own commits
  const committed = session.executor.takesLeases === true ? undefined : session.store.expect?.(addressOf(node))
  try {
    return await elsewhere(await jobOf(work, attempted), sending.calls)
  } catch (cause) {
    if (sending.isLate()) return { _tag: 'timed out' }
    return signal.aborted ? { _tag: 'stopped' } : { _tag: 'died', cause }
  } finally {
    await committed?.()
    await sending.end()
  }
}

const jobOf = async (
  { session, plan, node, task, urgency, isAbsent }: WorkElsewhere,
  attempted: number,
): Promise<NodeJob> => ({
  ...given('pool', poolOf(session, node)),
  plan: wholePlan(plan),
  node: node.id,
  key: node.key,
  attempted,
  store: session.store.opening as StoreOpening, // makeSession refuses a store without one
  root: session.root,
  noRepair: session.noRepair,
  checkMutation: session.checkMutation,
  secrets: secretsOf(wholePlan(plan)),
  ...(session.executor.takesLeases === true
    ? {
        code: taskFingerprint(task),
        replaces: isAbsent ? undefined : await generationOf(session.store, addressOf(node)),
        urgency,
        ...given('queue', task.declaration.resources?.queue),
      }
    : {}),
})

const given = <Name extends 'pool' | 'queue'>(name: Name, value: NodeJob[Name]): Pick<NodeJob, never> =>
  value === undefined ? {} : { [name]: value }

const secretsOf = oncePer(
  (plan: Plan): NodeJob['secrets'] =>
    new Map(
      plan.nodes.flatMap((node) => {
        const given = givenSecrets(node)
        return given === undefined ? [] : [[node.id, given] as const]
      }),
    ),
)

const errorOf = ({ node, task }: WorkElsewhere, death: Death, attempts: number): RunError =>
  death._tag === 'timed out'
    ? { _tag: 'TimedOut', node: node.id, milliseconds: task.declaration.timeout ?? 0, attempts, log: undefined }
    : { _tag: 'TaskFailed', node: node.id, attempts, cause: death.cause, log: undefined }
