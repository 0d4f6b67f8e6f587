import { preImageOfNode } from '../../plan/key.js'
import { plannedOf } from '../../plan/plan-graph.js'
import { hiddenIn, hiddenNotes } from '../session/secrets.js'
import { unknownContent, type Content } from '../session/content.js'
import type { Reading } from '../session/reading-types.js'
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
  const { session, node, emit, signal } = work
  const log = openNodeLog(session, node)
  const started = session.clock.now()
  const began = session.clock.elapsed()
  const most = attemptsOf(work)
  let attempts = session.attempted.get(node.key) ?? 0 // earlier attempts made elsewhere count
  // most tasks name no file, and have nothing to wait for
  const before = work.changed()
  const changed = before instanceof Promise ? await before : before
  let end: AttemptEnd = changed === undefined ? { _tag: 'stopped' } : failedEnd(changed)
  while (changed === undefined && attempts < most && !signal.aborted) {
    attempts++
    emit({ _tag: 'started', node: node.id, key: node.key, attempt: attempts })
    end = hidden(work, await attemptOnce(work, log, attempts))
    const damaged = end._tag === 'stopped' ? none : work.damaged(end._tag === 'failed')
    const readings = damaged instanceof Promise ? await damaged : damaged
    if (readings.length > 0) end = await refuseDamaged(log, end, readings)
    if (end._tag !== 'failed' || !end.again || attempts === most) break
    await waitForRetry(work, log, attempts, problemOf(end.error))
  }
  if (end._tag === 'computed') {
    const after = work.changed()
    const changedSince = after instanceof Promise ? await after : after
    if (changedSince === undefined) return commit(work, log, end, { attempts, started, began })
    await end.staging?.discard()
    end = failedEnd(changedSince) // it must not be stored under its key
  }
  return giveReason(log, end)
}

const none: readonly Reading[] = []

/** The failure without secrets: logs, events and reports show it. */
const hidden = ({ session }: Work, end: AttemptEnd): AttemptEnd =>
  end._tag === 'failed' ? { ...end, error: hiddenIn(end.error, session.secrets.mask()) } : end

/** A result of damaged inputs is worthless: it is not committed, however `run` handled the error. */
const refuseDamaged = async (log: NodeLog, end: AttemptEnd, readings: readonly Reading[]): Promise<AttemptEnd> => {
  if (end._tag === 'computed') await end.staging?.discard()
  for (const { node, damage } of readings) log.note('warn', `input ${node.id} is damaged: ${damage()?.message}`)
  return { _tag: 'damaged', readings }
}

const commit = async (
  work: Work,
  log: NodeLog,
  computed: ComputedEnd,
  { attempts, started, began }: { readonly attempts: number; readonly started: number; readonly began: number },
): Promise<Produced> => {
  const { session, node, emit } = work
  const seconds = (session.clock.elapsed() - began) / 1000
  const notes = hiddenNotes(computed.notes, session.secrets.mask())
  const facts = { notes, attempts, started, ended: session.clock.now(), seconds }
  const committed = await commitResult(work, computed, facts, log.opened())
  if (committed._tag === 'refused') return giveReason(log, failedEnd(hiddenIn(committed.error, session.secrets.mask())))
  const closing = log.close('kept')
  if (closing !== undefined) await closing
  const { path, value } = committed
  emit({ _tag: 'computed', node: node.id, key: node.key, seconds, size: computed.saved?.size, path })
  if (computed.isUnread === true) return { _tag: 'kept', digest: computed.saved?.digest }
  const content = contentOf(work, computed.saved?.digest)
  return computed.reading === undefined
    ? { _tag: 'computed', value, content }
    : { _tag: 'computed', value, content, reading: computed.reading }
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
