import { hash } from 'node:crypto'
import type { AnyFormat, FilePersistence, FolderPersistence, Unfinished } from '../../declare/format.js'
import { formatOf } from '../../declare/json/json.js'
import { readable } from '../../explain/readable.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { Saved } from '../ports/artifact.js'
import type { Staging } from '../ports/store.js'
import { failedEnd, givenUp, isOver, taskFailed, type Attempt, type AttemptEnd } from './attempt-end.js'
import { isFormatProblem, notSaved } from './node-failures.js'
import { bytesOf, IterationFailed } from './own-bytes.js'
import { openReading, type OpenReading } from './reading.js'
import { makeContext } from './run-context.js'
import { limited, withGrace, type Ran } from './time-limit.js'
import { leaveRunning } from './unstopped.js'
import type { Work } from './work.js'
import { tagOf } from '../../base/records.js'

/** Calls a task's `run` once and stages the returned value. If there is no result, nothing remains staged. */
export const attemptOnce = async (work: Work, token: string, number: number): Promise<AttemptEnd> => {
  const { session, node, task } = work
  const format = formatOf(task.declaration.data)
  const { persistence } = format
  const { storage } = persistence
  let staging: Staging | undefined
  try {
    if (persistence.storage !== 'memory' && persistence.prepare !== undefined) await persistence.prepare()
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
  const { session, node, task, call, emit } = work
  const { persistence } = format
  const added =
    staging?.directory !== undefined && 'tools' in persistence
      ? persistence.tools({ directory: staging.directory, resumed: staging.resumed })
      : {}
  const { signal } = limit
  const context = makeContext({ session, node, task, signal, notes, token, emit, added, isOver: hasEnded })
  return withGrace(session, signal, () =>
    session.executor.execute({ node: node.id, task: node.task, key: node.key, run: async () => call(context) }),
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
 * A checkpoint's folder has a fixed name: an attempt that still writes to it is remembered, and nothing else uses the
 * folder meanwhile.
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

const isUnfinished = (value: unknown): value is Unfinished => tagOf(value) === 'Unfinished'

/** Converts the value that `run` returned into staged bytes and into the value that readers get. */
const stageResult = async (attempt: Attempt, returned: unknown): Promise<AttemptEnd> => {
  const { work, format, staging, notes } = attempt
  const { persistence } = format
  if (persistence.storage === 'memory' || staging === undefined)
    return { _tag: 'computed', value: returned, saved: undefined, staging: undefined, notes }
  try {
    const ran =
      persistence.storage === 'file'
        ? await stageFile(attempt, persistence, staging, returned)
        : await stageFolder(attempt, persistence, staging, returned)
    if (ran._tag === 'threw') throw ran.cause
    if (ran._tag === 'stopped' || isOver(attempt)) return givenUp(attempt)
    return { _tag: 'computed', ...(await warmValue(work, format, staging, returned)), saved: ran.value, staging, notes }
  } catch (thrown) {
    return isOver(attempt) ? givenUp(attempt) : refusedEnd(attempt, readable(thrown))
  }
}

const stageFile = async (
  { work, limit }: Attempt,
  persistence: FilePersistence,
  staging: Staging,
  returned: unknown,
): Promise<Ran<Saved>> => {
  const bytes = await persistence.encode(returned)
  const beside = persistence.beside === undefined ? undefined : await persistence.beside(returned)
  const own = persistence.digest === undefined ? undefined : await persistence.digest(returned)
  return withGrace(work.session, limit.signal, async () =>
    withDigest(await staging.write(bytesOf(bytes, limit.signal), beside), own),
  )
}

const stageFolder = async (
  { work, limit }: Attempt,
  persistence: FolderPersistence,
  staging: Staging,
  returned: unknown,
): Promise<Ran<Saved>> => {
  const { directory } = staging
  if (directory !== undefined) await persistence.write(returned, directory)
  const own = directory === undefined ? undefined : await persistence.digest?.(directory)
  return withGrace(work.session, limit.signal, async () => withDigest(await staging.measure(), own))
}

/** A digest that the format computes itself replaces the one of its bytes. */
const withDigest = (saved: Saved, own: string | undefined): Saved =>
  own === undefined ? saved : { ...saved, digest: hash('sha256', own, 'hex') }

/** Why a result was not staged: its format, the task's own generator, or the disk. */
const refusedEnd = (attempt: Attempt, cause: unknown): AttemptEnd => {
  const { session, node } = attempt.work
  if (isFormatProblem(cause)) {
    const { message, path, hint } = cause
    return failedEnd({ _tag: 'WrongResult', node: node.id, path, problem: message, hint })
  }
  if (cause instanceof IterationFailed) return taskFailed(attempt, cause.cause)
  return failedEnd(notSaved(session, node, cause).error)
}

/**
 * The same value that loading would give. A file that is read lazily is decoded after the commit, from its final place.
 */
const warmValue = async (
  { session, node }: Work,
  { persistence }: AnyFormat,
  staging: Staging,
  returned: unknown,
): Promise<{ readonly value: unknown; readonly reading?: OpenReading }> => {
  // folders are read from their final place
  if (persistence.storage !== 'file') return { value: undefined, reading: openReading(session, node, undefined) }
  const settled = persistence.settle?.(returned)
  if (settled !== undefined) return { value: settled.value }
  const reading = openReading(session, node, staging.source())
  return { value: reading.source === undefined ? undefined : await persistence.decode(reading.source), reading }
}
