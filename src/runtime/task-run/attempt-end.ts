import type { AnyFormat } from '../../declare/format.js'
import type { RunError } from '../../errors.js'
import type { Ending, InWords } from '../ports/node-words.js'
import type { Saved } from '../ports/artifact.js'
import type { Staging } from '../ports/store.js'
import type { Reading } from '../session/reading-types.js'
import type { OpenReading } from './reading.js'
import type { Limit } from './time-limit.js'
import type { Work } from './work.js'

/** One attempt at a task: one call of its `run`, and the outcome. */
export interface Attempt {
  readonly work: Work
  /** Counted from 1. */
  readonly number: number
  readonly format: AnyFormat
  /** Undefined for values in memory. */
  readonly staging: Staging | undefined
  readonly limit: Limit
  /** Notes that `run` has made so far. */
  readonly notes: unknown[]
  /** It has ended without a result: later reports are ignored. */
  hasEnded: boolean
}

/** The outcome of one attempt, not yet committed. */
export type AttemptEnd = InWords<
  Ending,
  | ComputedEnd
  | FailedEnd
  | { readonly _tag: 'unfinished'; readonly reason: string }
  | { readonly _tag: 'stopped' }
  | { readonly _tag: 'damaged'; readonly readings: readonly Reading[] }
>

/** `again`: another attempt may succeed. */
export interface FailedEnd {
  readonly _tag: 'failed'
  readonly error: RunError
  readonly again: boolean
}

/** Computed and staged, not yet committed. */
export interface ComputedEnd {
  readonly _tag: 'computed'
  readonly value: unknown
  readonly saved: Saved | undefined
  readonly staging: Staging | undefined
  readonly reading?: OpenReading
  /** It has no value here: whoever asks for it loads it from the store. */
  readonly isUnread?: true
  readonly notes: readonly unknown[]
}

export const failedEnd = (error: RunError, again = false): FailedEnd => ({ _tag: 'failed', error, again })

/** The end of an attempt that was aborted or timed out. */
export const givenUp = ({ work, number, limit }: Attempt): AttemptEnd =>
  limit.timedOut()
    ? failedEnd(
        {
          _tag: 'TimedOut',
          node: work.node.id,
          milliseconds: work.task.declaration.timeout ?? 0,
          attempts: number,
          log: undefined,
        },
        true,
      )
    : { _tag: 'stopped' }

/** Whether an attempt was timed out or aborted: any other outcome is ignored. */
export const isOver = ({ limit }: Attempt): boolean => limit.timedOut() || limit.signal.aborted

/** `run` has thrown, or its result has while it was being written. */
export const taskFailed = ({ work, number }: Attempt, cause: unknown): AttemptEnd =>
  failedEnd({ _tag: 'TaskFailed', node: work.node.id, attempts: number, cause, log: undefined }, true)
