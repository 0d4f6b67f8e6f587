import { preImageOfNode } from '../../plan/key.js'
import { plannedOf } from '../../plan/plan-graph.js'
import { hiddenIn, hiddenNotes } from '../session/secrets.js'
import { unknownContent, type Content } from '../session/content.js'
import type { Produced } from '../session/session.js'
import { attemptOnce } from './attempt.js'
import { failedEnd, type AttemptEnd, type ComputedEnd } from './attempt-end.js'
import { commitResult } from './commit-result.js'
import { causeOf, problemOf, withLog } from './node-failures.js'
import { openNodeLog, type NodeLog } from './node-log.js'
import { contentInMemory } from './read-contents.js'
import { attemptsOf, waitForRetry } from './retry.js'
import type { Work } from './work.js'

/**
 * Runs a node's task and commits its result: attempts, timeout and abort, staging, check against the codec, run info,
 * log. The caller holds the lease. Never rejects.
 */
export const compute = async (work: Work): Promise<Produced> => {
  const { session } = work
  const log = openNodeLog(session, work.node)
  const started: Started = { at: session.clock.now(), elapsed: session.clock.elapsed() }
  const { end, attempts } = await attemptAll(work, log)
  const checked = end._tag === 'computed' ? await refuseChanged(work, end) : end
  return checked._tag === 'computed' ? commit(work, log, checked, started, attempts) : giveReason(log, checked)
}

interface Started {
  readonly at: number
  readonly elapsed: number
}

/** Tries up to the task's number of attempts; earlier attempts made elsewhere count. */
const attemptAll = async (
  work: Work,
  log: NodeLog,
): Promise<{ readonly end: AttemptEnd; readonly attempts: number }> => {
  const { session, node, emit } = work
  const most = attemptsOf(work)
  let attempts = session.attempted.get(node.key) ?? 0
  const looking = work.changed?.()
  const changed = looking instanceof Promise ? await looking : looking
  if (changed !== undefined) return { end: failedEnd(changed), attempts }
  let end: AttemptEnd = { _tag: 'stopped' }
  while (attempts < most && !work.signal.aborted) {
    attempts++
    emit({ _tag: 'started', node: node.id, key: node.key, attempt: attempts })
    end = await refuseDamaged(work, log, hidden(work, await attemptOnce(work, log.token, attempts)))
    if (end._tag !== 'failed' || !end.again || attempts === most) break
    await waitForRetry(work, log, attempts, problemOf(end.error))
  }
  return { end, attempts }
}

/** The failure without secrets: logs, events and reports show it. */
const hidden = ({ session }: Work, end: AttemptEnd): AttemptEnd =>
  end._tag === 'failed' ? { ...end, error: hiddenIn(end.error, session.secrets.mask()) } : end

/** A result of damaged inputs is worthless: it is not committed, however `run` handled the error. */
const refuseDamaged = async ({ damaged }: Work, log: NodeLog, end: AttemptEnd): Promise<AttemptEnd> => {
  if (damaged === undefined || end._tag === 'stopped') return end
  const looking = damaged(end._tag === 'failed')
  const readings = looking instanceof Promise ? await looking : looking
  if (readings.length === 0) return end
  if (end._tag === 'computed') await end.staging?.discard()
  for (const { node, damage } of readings) log.note('warn', `input ${node.id} is damaged: ${damage()?.message}`)
  return { _tag: 'damaged', readings }
}

/** A result of a file that has changed since planning must not be stored under its key. */
const refuseChanged = async (work: Work, end: ComputedEnd): Promise<AttemptEnd> => {
  const looking = work.changed?.()
  const changed = looking instanceof Promise ? await looking : looking
  if (changed === undefined) return end
  await end.staging?.discard()
  return failedEnd(changed)
}

const commit = async (
  work: Work,
  log: NodeLog,
  computed: ComputedEnd,
  started: Started,
  attempts: number,
): Promise<Produced> => {
  const { session, node, emit } = work
  const mask = session.secrets.mask()
  const seconds = (session.clock.elapsed() - started.elapsed) / 1000
  const facts = {
    notes: hiddenNotes(computed.notes, mask),
    attempts,
    started: started.at,
    ended: session.clock.now(),
    seconds,
  }
  const committed = await commitResult(work, computed, facts, log.opened())
  if (committed._tag === 'refused') return giveReason(log, failedEnd(hiddenIn(committed.error, session.secrets.mask())))
  await log.close('kept')
  const { path, value } = committed
  emit({ _tag: 'computed', node: node.id, key: node.key, seconds, size: computed.saved?.size, path })
  const content = contentOf(work, computed.saved?.digest)
  return { _tag: 'computed', value, content, ...(computed.reading === undefined ? {} : { reading: computed.reading }) }
}

const contentOf = (work: Work, digest: string | undefined): Content => {
  const { session, plan, node, task, contents } = work
  if (node.storage === 'memory')
    return contentInMemory(session.index, task, preImageOfNode(plan, plannedOf(work).node), contents)
  return digest === undefined ? unknownContent : { digest }
}

/** Ends the log of a node without a result. */
const giveReason = async (log: NodeLog, end: Exclude<AttemptEnd, ComputedEnd>): Promise<Produced> => {
  if (end._tag === 'failed') log.note('error', problemOf(end.error), causeOf(end.error))
  const path = await log.close(end._tag === 'unfinished' ? 'kept' : 'failed')
  return end._tag === 'failed' ? { _tag: 'failed', error: withLog(end.error, path) } : end
}
