import { hash } from 'node:crypto'
import type { AnyFormat, FilePersistence, FolderPersistence, Unfinished } from '../../declare/format.js'
import { formatOf } from '../../declare/json/json.js'
import type { Awaitable } from '../../declare/types.js'
import { readable } from '../../explain/readable.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { Saved } from '../ports/artifact.js'
import { inProcess } from '../ports/executor.js'
import type { Staging } from '../ports/store.js'
import {
  failedEnd,
  givenUp,
  isOver,
  taskFailed,
  type Attempt,
  type AttemptEnd,
  type ComputedEnd,
} from './attempt-end.js'
import { isFormatProblem, notSaved } from './node-failures.js'
import { bytesOf, IterationFailed } from './own-bytes.js'
import { openReading } from './reading.js'
import { makeContext } from './run-context.js'
import type { NodeLog } from './node-log.js'
import { limited, threw, withGrace, type Ran } from './time-limit.js'
import { leaveRunning } from './unstopped.js'
import type { Work } from './work.js'
import { fieldOf, tagOf } from '../../base/records.js'

/** Calls a task's `run` once and stages the returned value. If there is no result, nothing remains staged. */
export const attemptOnce = async (work: Work, log: NodeLog, number: number): Promise<AttemptEnd> => {
  const { session, node, task } = work
  const format = formatOf(task.declaration.data)
  const { persistence } = format
  const { storage } = persistence
  let staging: Staging | undefined
  try {
    if (persistence.storage !== 'memory' && persistence.prepare !== undefined) await persistence.prepare()
    if (storage !== 'memory') staging = await session.store.stage(addressOf(node), storage)
  } catch (cause) {
    return failedEnd(notSaved(session, node, cause).error)
  }
  const limit = limited(work.signal, task.declaration.timeout)
  const attempt: Attempt = { work, number, format, staging, limit, notes: [], hasEnded: false }
  const running = callRun(attempt, log)
  const ending = endOf(attempt, running instanceof Promise ? await running : running)
  const end = ending instanceof Promise ? await ending : ending
  limit.end()
  if (end._tag !== 'computed') {
    attempt.hasEnded = true
    await staging?.discard()
  }
  return end
}

const callRun = (attempt: Attempt, log: NodeLog): Awaitable<Ran<unknown>> => {
  const { work, limit } = attempt
  const { session, node, call } = work
  const { signal } = limit
  if (signal.aborted) return { _tag: 'stopped' }
  const context = work.takesContext ? contextOf(attempt, log) : limit
  const { executor } = session
  if (executor !== inProcess)
    return withGrace(
      session,
      signal,
      executor.execute({ node: node.id, task: node.task, key: node.key, run: async () => call(context) }),
    )
  try {
    const returned = call(context)
    return isThenable(returned)
      ? withGrace(session, signal, Promise.resolve(returned))
      : signal.aborted
        ? { _tag: 'stopped' }
        : { _tag: 'returned', value: returned }
  } catch (cause) {
    return threw(cause)
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof fieldOf(value, 'then') === 'function'

const contextOf = (attempt: Attempt, log: NodeLog): object => {
  const { work, format, staging, limit, notes } = attempt
  const { session, node, task, emit } = work
  const { persistence } = format
  const added =
    staging?.directory !== undefined && 'tools' in persistence
      ? persistence.tools({ directory: staging.directory, resumed: staging.resumed })
      : {}
  return makeContext({
    session,
    node,
    task,
    signal: limit.signal,
    notes,
    log,
    emit,
    added,
    isOver: () => attempt.hasEnded,
  })
}

const endOf = (attempt: Attempt, ran: Ran<unknown>): Awaitable<AttemptEnd> => {
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
const stageResult = (attempt: Attempt, returned: unknown): Awaitable<AttemptEnd> => {
  const { format, staging, notes } = attempt
  const { persistence } = format
  return persistence.storage === 'memory' || staging === undefined
    ? { _tag: 'computed', value: returned, saved: undefined, staging: undefined, notes }
    : stageData(attempt, persistence, staging, returned)
}

const stageData = async (
  attempt: Attempt,
  persistence: FilePersistence | FolderPersistence,
  staging: Staging,
  returned: unknown,
): Promise<AttemptEnd> => {
  const { work, format, notes } = attempt
  try {
    const ran =
      persistence.storage === 'file'
        ? await stageFile(attempt, persistence, staging, returned)
        : await stageFolder(attempt, persistence, staging, returned)
    if (ran._tag === 'threw') throw ran.cause
    if (ran._tag === 'stopped' || isOver(attempt)) return givenUp(attempt)
    const warm = warmValue(work, format, staging, returned, ran.value.size)
    const { value, reading, isUnread } = warm instanceof Promise ? await warm : warm
    return {
      _tag: 'computed',
      value,
      saved: ran.value,
      staging,
      notes,
      ...(reading === undefined ? {} : { reading }),
      ...(isUnread === undefined ? {} : { isUnread }),
    }
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
  const { signal } = limit
  if (signal.aborted) return { _tag: 'stopped' }
  const written = await withGrace(work.session, signal, staging.write(bytesOf(bytes, signal), beside))
  return withDigest(written, own)
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
  if (limit.signal.aborted) return { _tag: 'stopped' }
  return withDigest(await withGrace(work.session, limit.signal, staging.measure()), own)
}

/** A digest that the format computes itself replaces the one of its bytes. */
const withDigest = (ran: Ran<Saved>, own: string | undefined): Ran<Saved> =>
  own === undefined || ran._tag !== 'returned'
    ? ran
    : { _tag: 'returned', value: { ...ran.value, digest: hash('sha256', own, 'hex') } }

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

/** From this size, in bytes, a value is copied for readers only if there are any. */
const largeValue = 1024 * 1024

/**
 * The same value that loading would give. A file that is read lazily is decoded after the commit, from its final place.
 */
const warmValue = (
  { session, node, hasReaders }: Work,
  { persistence }: AnyFormat,
  staging: Staging,
  returned: unknown,
  size: number,
): Awaitable<WarmValue> => {
  // folders are read from their final place
  if (persistence.storage !== 'file') return { value: undefined, reading: openReading(session, node, undefined) }
  const settled = persistence.settle?.(returned)
  if (settled === undefined) return readBack(session, node, persistence, staging)
  return size < largeValue || hasReaders() ? settled : { value: undefined, isUnread: true }
}

type WarmValue = Pick<ComputedEnd, 'value' | 'reading' | 'isUnread'>

const readBack = async (
  session: Work['session'],
  node: Work['node'],
  persistence: FilePersistence,
  staging: Staging,
): Promise<WarmValue> => {
  const reading = openReading(session, node, staging.source())
  return { value: reading.source === undefined ? undefined : await persistence.decode(reading.source), reading }
}
