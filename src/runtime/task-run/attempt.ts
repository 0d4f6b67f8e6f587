import type { FolderPersistence, Unfinished } from '../../declare/format.js'
import { formatOf } from '../../declare/json/json.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { Staging } from '../ports/store.js'
import { failedEnd, givenUp, isOver, taskFailed, type Attempt, type AttemptEnd } from './attempt-end.js'
import { notSaved } from './node-failures.js'
import { makeContext } from './run-context.js'
import { stageResult } from './stage-result.js'
import { limited, withGrace, type Ran } from './time-limit.js'
import { leaveRunning } from './unstopped.js'
import type { Work } from './work.js'

/** Calls a task's `run` once and stages what it gives. Nothing is left staged where that is not a result. */
export const attemptOnce = async (work: Work, token: string, number: number): Promise<AttemptEnd> => {
  const { session, node, task } = work
  const format = formatOf(task.declaration.data)
  const { persistence } = format
  const { storage } = persistence
  let staging: Staging | undefined
  try {
    if (persistence.storage !== 'memory') await persistence.prepare?.()
    staging = storage === 'memory' ? undefined : await session.store.stage(addressOf(node), storage)
  } catch (cause) {
    return failedEnd(notSaved(session, node, cause).error)
  }
  const limit = limited(work.signal, task.declaration.timeout)
  const attempt: Attempt = { work, number, format, staging, limit, notes: [] }
  let hasEnded = false
  const ran = await callRun(attempt, token, () => hasEnded)
  const end = await endOf(attempt, ran)
  limit.end()
  hasEnded = end._tag !== 'computed'
  if (hasEnded) await staging?.discard()
  return end
}

const callRun = (attempt: Attempt, token: string, hasEnded: () => boolean): Promise<Ran<unknown>> => {
  const { work, format, staging, limit, notes } = attempt
  const { session, node, task, call, tell } = work
  const added =
    staging?.directory === undefined
      ? {}
      : (format.persistence as FolderPersistence).tools({ directory: staging.directory, resumed: staging.resumed })
  const { signal } = limit
  const context = makeContext({
    session,
    node,
    task,
    signal,
    notes,
    token,
    tell,
    added,
    isOver: hasEnded,
  })
  return withGrace(session, signal, () =>
    session.executor.execute({
      node: node.id,
      task: node.task,
      key: node.key,
      run: async () => call(context),
    }),
  )
}

const endOf = async (attempt: Attempt, ran: Ran<unknown>): Promise<AttemptEnd> => {
  switch (ran._tag) {
    case 'stopped':
      return stoppedEnd(attempt, ran.still)
    case 'threw':
      return isOver(attempt) ? givenUp(attempt) : taskFailed(attempt, ran.cause)
    case 'returned':
      return isUnfinished(ran.value) ? unfinishedEnd(attempt, ran.value.reason) : stageResult(attempt, ran.value)
  }
}

/**
 * A checkpoint's folder has one name: who still writes to it is remembered, and nobody else goes on in it meanwhile.
 */
const stoppedEnd = (attempt: Attempt, still: Promise<unknown> | undefined): AttemptEnd => {
  const { work, format, limit, number } = attempt
  if (still === undefined || format.persistence.storage !== 'checkpoint') return givenUp(attempt)
  leaveRunning(work.session, work.node.key, still)
  return limit.timedOut()
    ? failedEnd({ _tag: 'StillRunning', node: work.node.id, attempts: number, log: undefined })
    : { _tag: 'stopped' }
}

const unfinishedEnd = ({ work, format }: Attempt, reason: string): AttemptEnd =>
  format.persistence.storage === 'checkpoint'
    ? { _tag: 'unfinished', reason }
    : failedEnd({
        _tag: 'WrongResult',
        node: work.node.id,
        path: '',
        problem: 'only a checkpoint may stop unfinished',
        hint: 'declare data: checkpoint()',
      })

const isUnfinished = (value: unknown): value is Unfinished =>
  typeof value === 'object' && value !== null && (value as { readonly _tag?: unknown })._tag === 'Unfinished'
