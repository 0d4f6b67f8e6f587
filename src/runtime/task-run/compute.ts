import type { AnyFormat, ArtifactSource, FolderPersistence, Unfinished } from '../../declare/format.js'
import { formatOf } from '../../declare/json/json.js'
import type { RunError } from '../../errors.js'
import { readable } from '../../explain/readable.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { factsOf } from '../run-info/artifact-facts.js'
import { after } from '../session/system-clock.js'
import { makeContext } from './run-context.js'
import { bytesOf, IterationFailed } from './own-bytes.js'
import type { LogSink } from '../ports/log.js'
import type { Saved } from '../ports/artifact.js'
import type { Staging } from '../ports/store.js'
import { lateSink } from './late-sink.js'
import { onAbort } from '../session/on-abort.js'
import { emitRunInfo } from '../run-info/run-info.js'
import { runInfoOf } from './run-record.js'
import { delayAfter } from './retry-delay.js'
import { hiddenIn, hiddenNotes } from '../session/secrets.js'
import { openReading, type OpenReading } from './reading.js'
import type { Reading } from '../session/reading-types.js'
import type { Produced, Session } from '../session/session.js'
import { leaveRunning } from './unstopped.js'
import type { Work } from './work.js'

/** What one attempt came to. */
type Attempt =
  | {
      readonly _tag: 'done'
      readonly value: unknown
      readonly saved: Saved | undefined
      readonly staging: Staging | undefined
      readonly reading?: OpenReading
      readonly notes: readonly unknown[]
    }
  | { readonly _tag: 'failed'; readonly error: RunError; readonly again: boolean }
  | { readonly _tag: 'unfinished'; readonly reason: string }
  | { readonly _tag: 'stopped' }
  | { readonly _tag: 'damaged'; readonly readings: readonly Reading[] }

/**
 * Runs a node's task and commits its result: attempts, timeout and abort, staging, check against the codec, run info,
 * log.
 * The caller holds the lease. Never rejects.
 */
export const compute = async (work: Work): Promise<Produced> => {
  const { session, node, task, tell } = work
  const token = `${node.id} ${node.key.slice(0, 8)}`
  const sink = lateSink(() => session.store.log(addressOf(node)))
  session.log.attach(token, sink)
  const started = { at: session.clock.now(), elapsed: session.clock.elapsed() }
  const attempts = Math.max(1, task.declaration.retry?.attempts ?? 1)
  let changed = await work.changed?.()
  let outcome: Attempt = changed === undefined ? { _tag: 'stopped' } : { _tag: 'failed', error: changed, again: false }
  let attempt = session.attempted.get(node.key) ?? 0
  while (changed === undefined && attempt < attempts && !work.signal.aborted) {
    attempt++
    tell({ _tag: 'started', node: node.id, key: node.key, attempt })
    outcome = await trusted(work, token, hiding(work, await attemptOnce(work, token, attempt)))
    if (outcome._tag !== 'failed' || !outcome.again || attempt === attempts) break
    const delay = delayAfter(attempt, task.declaration.retry)
    tell({
      _tag: 'retrying',
      node: node.id,
      key: node.key,
      attempt: attempt + 1,
      delay,
      problem: problemOf(outcome.error),
    })
    session.log.write({
      level: 'warn',
      message: `attempt ${attempt} failed: ${problemOf(outcome.error)}`,
      node: token,
      fileOnly: true,
    })
    await work.pause(() => session.clock.wait(delay, work.signal).catch(() => undefined))
  }
  if (outcome._tag === 'done') changed = await work.changed?.()
  if (outcome._tag === 'done' && changed !== undefined) {
    await outcome.staging?.discard()
    outcome = { _tag: 'failed', error: changed, again: false }
  }
  if (outcome._tag === 'done') {
    const seconds = (session.clock.elapsed() - started.elapsed) / 1000
    const committed = await commit(
      work,
      outcome,
      {
        notes: hiddenNotes(outcome.notes, session.secrets.mask()),
        attempts: attempt,
        started: started.at,
        ended: session.clock.now(),
        seconds,
      },
      sink,
    )
    if (committed._tag === 'committed') {
      await session.log.detach(token)
      await sink.close('kept').catch(() => undefined)
      tell({ _tag: 'computed', node: node.id, key: node.key, seconds, size: outcome.saved?.size, path: committed.path })
      return {
        _tag: 'computed',
        value: outcome.value,
        ...(outcome.reading === undefined ? {} : { reading: outcome.reading }),
      }
    }
    outcome = { _tag: 'failed', error: hiddenIn(committed.error, session.secrets.mask()), again: false }
  }
  if (outcome._tag === 'failed')
    session.log.write({
      level: 'error',
      message: problemOf(outcome.error),
      details: causeOf(outcome.error),
      node: token,
      fileOnly: true,
    })
  await session.log.detach(token)
  const path = await sink.close(outcome._tag === 'unfinished' ? 'kept' : 'failed').catch(() => undefined)
  if (outcome._tag === 'failed') return { _tag: 'failed', error: withLog(outcome.error, path) }
  return outcome
}

/** What failed, without secrets: logs, events and reports tell it. */
const hiding = ({ session }: Work, outcome: Attempt): Attempt =>
  outcome._tag === 'failed' ? { ...outcome, error: hiddenIn(outcome.error, session.secrets.mask()) } : outcome

/**
 * What came of inputs that turned out to be damaged is worth nothing: not committed, whatever `run` made of the error.
 */
const trusted = async ({ session, damaged }: Work, token: string, outcome: Attempt): Promise<Attempt> => {
  if (damaged === undefined || outcome._tag === 'stopped') return outcome
  const readings = await damaged(outcome._tag === 'failed')
  if (readings.length === 0) return outcome
  if (outcome._tag === 'done') await outcome.staging?.discard()
  for (const reading of readings)
    session.log.write({
      level: 'warn',
      message: `input ${reading.node.id} is damaged: ${reading.damage()?.message}`,
      node: token,
      fileOnly: true,
    })
  return { _tag: 'damaged', readings }
}

const attemptOnce = async (work: Work, token: string, attempt: number): Promise<Attempt> => {
  const { session, node, task } = work
  const format = formatOf(task.declaration.data)
  const { persistence } = format
  const failed = (error: RunError, again: boolean): Attempt => ({ _tag: 'failed', error, again })
  let staging: Staging | undefined
  try {
    if (persistence.storage === 'file') await persistence.prepare?.()
    staging =
      persistence.storage === 'memory' ? undefined : await session.store.stage(addressOf(node), persistence.storage)
  } catch (cause) {
    return failed({ _tag: 'ArtifactNotSaved', node: node.id, path: pathOf(work), cause }, false)
  }
  const limit = limited(work.signal, task.declaration.timeout)
  const notes: unknown[] = []
  let isOver = false
  const outcome = await (async (): Promise<Attempt> => {
    const added =
      staging?.directory === undefined
        ? {}
        : (persistence as FolderPersistence).tools({ directory: staging.directory, resumed: staging.resumed })
    const context = makeContext({
      session,
      node,
      task,
      params: work.params,
      inputs: work.inputs,
      signal: limit.signal,
      notes,
      token,
      tell: work.tell,
      added,
      isOver: () => isOver,
    })
    const ran = await withGrace(session, limit.signal, () =>
      session.executor.execute({
        node: node.id,
        task: node.task,
        key: node.key,
        run: async () => (task.run as (args: unknown, context: unknown) => unknown)(work.args, context),
      }),
    )
    if (ran._tag === 'stopped' && ran.still !== undefined && persistence.storage === 'checkpoint') {
      leaveRunning(session, node.key, ran.still)
      return limit.timedOut()
        ? failed({ _tag: 'StillRunning', node: node.id, attempts: attempt, log: undefined }, false)
        : { _tag: 'stopped' }
    }
    if (ran._tag === 'stopped') return limit.timedOut() ? timedOut(work, attempt) : { _tag: 'stopped' }
    if (ran._tag === 'threw')
      return limit.timedOut()
        ? timedOut(work, attempt)
        : limit.signal.aborted
          ? { _tag: 'stopped' }
          : failed({ _tag: 'TaskFailed', node: node.id, attempts: attempt, cause: ran.cause, log: undefined }, true)
    if (isUnfinished(ran.value))
      return persistence.storage === 'checkpoint'
        ? { _tag: 'unfinished', reason: ran.value.reason }
        : failed(
            {
              _tag: 'WrongResult',
              node: node.id,
              path: '',
              problem: 'only a checkpoint may stop unfinished',
              hint: 'declare data: checkpoint()',
            },
            false,
          )
    return keep(work, format, staging, ran.value, limit, attempt, notes)
  })()
  limit.end()
  isOver = outcome._tag !== 'done'
  if (outcome._tag !== 'done') await staging?.discard()
  return outcome
}

/** Turns what `run` returned into staged bytes and into the value that readers get. */
const keep = async (
  work: Work,
  format: AnyFormat,
  staging: Staging | undefined,
  returned: unknown,
  limit: Limit,
  attempt: number,
  notes: readonly unknown[],
): Promise<Attempt> => {
  const { node } = work
  const { persistence } = format
  if (persistence.storage === 'memory' || staging === undefined)
    return { _tag: 'done', value: returned, saved: undefined, staging: undefined, notes }
  const failed = (error: RunError, again: boolean): Attempt => ({ _tag: 'failed', error, again })
  try {
    let saved: Saved
    if (persistence.storage === 'file') {
      const bytes = await persistence.encode(returned)
      const beside = await persistence.beside?.(returned)
      const kept = await withGrace(work.session, limit.signal, () =>
        staging.write(bytesOf(bytes, limit.signal), beside),
      )
      if (kept._tag === 'stopped') return limit.timedOut() ? timedOut(work, attempt) : { _tag: 'stopped' }
      if (kept._tag === 'threw') throw kept.cause
      saved = kept.value
    } else {
      await persistence.write(returned, staging.directory as string)
      const measured = await withGrace(work.session, limit.signal, () => staging.measure())
      if (measured._tag === 'stopped') return limit.timedOut() ? timedOut(work, attempt) : { _tag: 'stopped' }
      if (measured._tag === 'threw') throw measured.cause
      saved = measured.value
    }
    if (limit.timedOut()) return timedOut(work, attempt)
    if (limit.signal.aborted) return { _tag: 'stopped' }
    return { _tag: 'done', ...(await warmValue(work, format, staging, returned)), saved, staging, notes }
  } catch (thrown) {
    const cause = readable(thrown)
    if (limit.timedOut()) return timedOut(work, attempt)
    if (limit.signal.aborted) return { _tag: 'stopped' }
    if (isNamed(cause, 'FormatProblem')) {
      const { message, path, hint } = cause as unknown as { message: string; path: string; hint: string | undefined }
      return failed({ _tag: 'WrongResult', node: node.id, path, problem: message, hint }, false)
    }
    if (cause instanceof IterationFailed)
      return failed({ _tag: 'TaskFailed', node: node.id, attempts: attempt, cause: cause.cause, log: undefined }, true)
    return failed({ _tag: 'ArtifactNotSaved', node: node.id, path: pathOf(work), cause }, false)
  }
}

/** Cold = warm: what loading would give. A file read lazily is decoded after the commit, from its final place. */
const warmValue = async (
  { session, node }: Work,
  format: AnyFormat,
  staging: Staging,
  returned: unknown,
): Promise<{ readonly value: unknown; readonly reading?: OpenReading }> => {
  const { persistence } = format
  if (persistence.storage !== 'file') return { value: undefined, reading: openReading(session, node, undefined) } // folders are read from their final place
  const settled = persistence.settle?.(returned)
  if (settled !== undefined) return { value: settled.value }
  const reading = openReading(session, node, staging.source())
  return { value: await persistence.decode(reading.source as ArtifactSource), reading }
}

interface Facts {
  readonly notes: readonly unknown[]
  readonly attempts: number
  readonly started: number
  readonly ended: number
  readonly seconds: number
}

type Committed =
  | { readonly _tag: 'committed'; readonly path: string | undefined }
  | { readonly _tag: 'refused'; readonly error: RunError }

const commit = async (
  work: Work,
  outcome: Attempt & { readonly _tag: 'done' },
  facts: Facts,
  sink: LogSink & { readonly opened: () => boolean },
): Promise<Committed> => {
  const { session, node, task } = work
  try {
    if (outcome.staging === undefined) {
      if (facts.notes.length > 0 || sink.opened()) {
        const info = runInfoOf(work, facts, undefined)
        const staging = await session.store.stage(addressOf(node), 'nothing')
        await staging.commit(emitRunInfo(info), factsOf(info))
      }
      return { _tag: 'committed', path: undefined }
    }
    const info = runInfoOf(work, facts, outcome.saved)
    const text = emitRunInfo(info)
    const path = await outcome.staging.commit(text, factsOf(info))
    outcome.reading?.begin(text)
    const format = formatOf(task.declaration.data)
    if (format.persistence.storage === 'folder' || format.persistence.storage === 'checkpoint')
      Object.assign(outcome, { value: await format.persistence.read(path) })
    return { _tag: 'committed', path }
  } catch (cause) {
    await outcome.staging?.discard()
    return {
      _tag: 'refused',
      error: { _tag: 'ArtifactNotSaved', node: node.id, path: pathOf(work), cause: readable(cause) },
    }
  }
}

const pathOf = (work: Work): string => work.session.store.pathOf(addressOf(work.node)) ?? work.session.store.location

const isUnfinished = (value: unknown): value is Unfinished =>
  typeof value === 'object' && value !== null && (value as { readonly _tag?: unknown })._tag === 'Unfinished'

/** By name, since two copies of the library may be loaded. */
export const isNamed = (cause: unknown, name: string): boolean => cause instanceof Error && cause.name === name

const timedOut = (work: Work, attempt: number): Attempt => ({
  _tag: 'failed',
  error: {
    _tag: 'TimedOut',
    node: work.node.id,
    milliseconds: work.task.declaration.timeout ?? 0,
    attempts: attempt,
    log: undefined,
  },
  again: true,
})

/** A signal that aborts with the run's, or after so many milliseconds. */
interface Limit {
  readonly signal: AbortSignal
  readonly timedOut: () => boolean
  readonly end: () => void
}

const limited = (outer: AbortSignal, timeout: number | undefined): Limit => {
  if (timeout === undefined) return { signal: outer, timedOut: () => false, end: () => undefined }
  const controller = new AbortController()
  let late = false
  const forgetTime = after(timeout, () => {
    late = true
    controller.abort(new Error(`timed out after ${timeout} ms`))
  })
  const stop = (): void => controller.abort(outer.reason)
  const forget = onAbort(outer, stop)
  if (outer.aborted) stop()
  return {
    signal: controller.signal,
    timedOut: () => late,
    end: () => {
      forgetTime()
      forget()
    },
  }
}

type Ran<A> =
  | { readonly _tag: 'returned'; readonly value: A }
  | { readonly _tag: 'threw'; readonly cause: unknown }
  | { readonly _tag: 'stopped'; readonly still?: Promise<unknown> }

/**
 * Waits for work; after an abort only as long as the session's grace, so that work that does not listen cannot hold up
 * the end: it is `still` running.
 */
const withGrace = <A>(session: Session, signal: AbortSignal, make: () => Promise<A>): Promise<Ran<A>> =>
  new Promise((resolve) => {
    const giveUp = (): void => {
      void session.clock.wait(session.grace).then(() => resolve({ _tag: 'stopped', still: made }))
    }
    const finish = (ran: Ran<A>): void => {
      forget()
      resolve(signal.aborted && ran._tag === 'returned' ? { _tag: 'stopped' } : ran)
    }
    if (signal.aborted) {
      resolve({ _tag: 'stopped' })
      return
    }
    const forget = onAbort(signal, giveUp)
    const made = make()
    made.then(
      (value) => finish({ _tag: 'returned', value }),
      (cause: unknown) => finish({ _tag: 'threw', cause: readable(cause) }),
    )
  })

/** What went wrong, in short. */
export const problemOf = (error: RunError): string => {
  if ('problem' in error) return error.problem
  if ('cause' in error) return error.cause instanceof Error ? error.cause.message : String(error.cause)
  if (error._tag === 'StillRunning') return 'it was told to stop, and still runs'
  return error._tag === 'TimedOut' ? `timed out after ${error.milliseconds} ms` : error._tag
}
const causeOf = (error: RunError): object => ('cause' in error ? { cause: error.cause } : {})
const withLog = (error: RunError, log: string | undefined): RunError =>
  error._tag === 'TaskFailed' || error._tag === 'TimedOut' || error._tag === 'StillRunning' ? { ...error, log } : error
