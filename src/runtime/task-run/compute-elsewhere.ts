import type { Task } from '../../declare/task.js'
import type { RunError } from '../../errors.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { givenSecrets } from '../../plan/params/given-secrets.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { after } from '../session/system-clock.js'
import { problemOf } from './compute.js'
import type { RunEventBody } from '../ports/events.js'
import type { Executor } from '../ports/executor.js'
import { lateSink } from './late-sink.js'
import type { NodeCalls, NodeJob, NodeOutcome } from '../ports/node-job.js'
import { onAbort } from '../session/on-abort.js'
import type { Lease } from '../ports/lease.js'
import type { StoreOpening } from '../ports/store.js'
import { delayAfter } from './retry-delay.js'
import { hiddenEvent, hiddenIn, hiddenLine } from '../session/secrets.js'
import type { Produced, Session, Tell } from '../session/session.js'

/** One node whose task runs elsewhere. The caller holds its lease; its inputs are in the store. */
export interface WorkElsewhere {
  readonly session: Session
  /** The session's executor. */
  readonly elsewhere: NonNullable<Executor['elsewhere']>
  readonly plan: Plan
  readonly node: PlanNode
  readonly task: Task
  readonly signal: AbortSignal
  /** Waits for what need not hold a slot. */
  readonly pause: <A>(wait: () => Promise<A>) => Promise<A>
  readonly tell: Tell
  /** The right to compute another node. */
  readonly lease: NodeCalls['lease']
}

/** What one sending came to: its outcome, or the death of whatever ran it. */
type Sent = NodeOutcome | { readonly _tag: 'died'; readonly cause: unknown } | { readonly _tag: 'timed out' }

/**
 * Has a node computed by the session's executor: its events and log lines are taken over, it is ended where it does not
 * stop in time, and a death
 * counts as a failed attempt of this very task. Never rejects.
 */
export const computeElsewhere = async (work: WorkElsewhere): Promise<Produced> => {
  const { session, node, task, tell, signal, pause } = work
  const token = `${node.id} ${node.key.slice(0, 8)}`
  const sink = lateSink(() => session.store.log(addressOf(node)))
  session.log.attach(token, sink)
  const attempts = Math.max(1, task.declaration.retry?.attempts ?? 1)
  let attempted = 0
  const onEvent = (sent: RunEventBody): void => {
    const event = hiddenEvent(sent, session.secrets.mask())
    if (event._tag === 'started' && event.key === node.key) attempted = event.attempt
    tell(event)
  }
  let produced: Produced | undefined
  while (produced === undefined) {
    const before = attempted
    const sent = await send(work, attempted, onEvent)
    if (sent._tag === 'kept' || sent._tag === 'unfinished' || sent._tag === 'failed') produced = sent
    else if (sent._tag === 'stopped' || signal.aborted) produced = { _tag: 'stopped' }
    else {
      const attempt = (attempted = Math.max(attempted, before + 1)) // death may come before the first word
      const error = hiddenIn(errorOf(work, sent, attempt), session.secrets.mask())
      const problem = problemOf(error)
      if (attempt >= attempts) {
        session.log.write({
          level: 'error',
          message: problem,
          details: 'cause' in error ? { cause: error.cause } : {},
          node: token,
          fileOnly: true,
        })
        produced = { _tag: 'failed', error }
      } else {
        const delay = delayAfter(attempt, task.declaration.retry)
        tell({ _tag: 'retrying', node: node.id, key: node.key, attempt: attempt + 1, delay, problem })
        session.log.write({
          level: 'warn',
          message: `attempt ${attempt} failed: ${problem}`,
          node: token,
          fileOnly: true,
        })
        await pause(() => session.clock.wait(delay, signal).catch(() => undefined))
      }
    }
  }
  await session.log.detach(token)
  const path = await sink
    .close(produced._tag === 'kept' || produced._tag === 'unfinished' ? 'kept' : 'failed')
    .catch(() => undefined)
  if (produced._tag !== 'failed' || (produced.error._tag !== 'TaskFailed' && produced.error._tag !== 'TimedOut'))
    return produced
  return { _tag: 'failed', error: { ...produced.error, log: path } }
}

const send = async (
  { session, elsewhere, plan, node, task, signal, lease }: WorkElsewhere,
  attempted: number,
  onEvent: (event: RunEventBody) => void,
): Promise<Sent> => {
  const kill = new AbortController()
  const leases = new Set<Lease>()
  const timeout = task.declaration.timeout
  let rest = (): void => undefined
  let isLate = false
  let ended = false
  /** Ends it, where it does not end by itself within the session's grace. */
  const onStop = (): void => void session.clock.wait(session.grace).then(() => kill.abort(signal.reason))
  if (signal.aborted) return { _tag: 'stopped' }
  const forget = onAbort(signal, onStop)
  const calls: NodeCalls = {
    stop: signal,
    kill: kill.signal,
    tell: (event) => {
      if (ended) return
      if (event._tag === 'started' && event.key === node.key && timeout !== undefined) {
        rest()
        rest = after(timeout + session.grace, () => {
          isLate = true
          kill.abort(new Error(`timed out after ${timeout} ms`))
        })
      } else if (event._tag === 'retrying' && event.key === node.key) rest()
      onEvent(event)
    },
    log: (line) => {
      if (!ended) session.log.write(hiddenLine(line, session.secrets.mask()))
    },
    hide: session.secrets.hide,
    lease: async (address) => {
      const taken = await lease(address)
      const given: Lease = { release: () => (leases.delete(given) ? taken.release() : Promise.resolve()) }
      leases.add(given)
      if (ended) await given.release()
      return given
    },
  }
  try {
    return await elsewhere(jobOf(session, plan, node, attempted), calls)
  } catch (cause) {
    return isLate ? { _tag: 'timed out' } : signal.aborted ? { _tag: 'stopped' } : { _tag: 'died', cause }
  } finally {
    ended = true
    rest()
    forget()
    for (const held of leases) await held.release().catch(() => undefined)
  }
}

const jobOf = (session: Session, plan: Plan, node: PlanNode, attempted: number): NodeJob => ({
  plan,
  node: node.id,
  key: node.key,
  attempted,
  store: session.store.opening as StoreOpening, // sessions are not made without
  root: session.root,
  noRepair: session.noRepair,
  checkMutation: session.checkMutation,
  secrets: secretsOf(plan),
})

const known = new WeakMap<Plan, NodeJob['secrets']>()

const secretsOf = (plan: Plan): NodeJob['secrets'] => {
  const before = known.get(plan)
  if (before !== undefined) return before
  const made: NodeJob['secrets'] = new Map(
    plan.nodes.flatMap((node) => {
      const given = givenSecrets(node)
      return given === undefined ? [] : [[node.id, given] as const]
    }),
  )
  known.set(plan, made)
  return made
}

const errorOf = ({ node, task }: WorkElsewhere, sent: Exclude<Sent, NodeOutcome>, attempts: number): RunError =>
  sent._tag === 'timed out'
    ? { _tag: 'TimedOut', node: node.id, milliseconds: task.declaration.timeout ?? 0, attempts, log: undefined }
    : { _tag: 'TaskFailed', node: node.id, attempts, cause: sent.cause, log: undefined }
