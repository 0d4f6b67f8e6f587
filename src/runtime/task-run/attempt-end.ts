import type { AnyFormat } from '../../declare/format.js'
import type { RunError } from '../../errors.js'
import type { Ending, InWords } from '../ports/node-words.js'
import type { Saved } from '../ports/artifact.js'
import type { Staging } from '../ports/store.js'
import type { Reading } from '../session/reading-types.js'
import type { OpenReading } from './reading.js'
import type { Limit } from './time-limit.js'
import type { Work } from './work.js'

/** One attempt at a task: one call of its `run`, and what comes of it. */
export interface Attempt {
  readonly work: Work
  /** Counted from 1. */
  readonly number: number
  readonly format: AnyFormat
  /** Undefined for what is kept in memory. */
  readonly staging: Staging | undefined
  readonly limit: Limit
  /** What `run` has noted so far. */
  readonly notes: unknown[]
}

/** What one attempt came to: a making of the node, not yet committed. */
export type AttemptEnd = InWords<
  Ending,
  | ComputedEnd
  | FailedEnd
  | { readonly _tag: 'unfinished'; readonly reason: string }
  | { readonly _tag: 'stopped' }
  | { readonly _tag: 'damaged'; readonly readings: readonly Reading[] }
>

/** `again`: another attempt may do better. */
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
  readonly notes: readonly unknown[]
}

export const failedEnd = (error: RunError, again = false): FailedEnd => ({ _tag: 'failed', error, again })

/** The end of an attempt that did not end by itself. */
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

/** Whether time or a stop has ended an attempt: what else it came to does not count. */
export const isOver = ({ limit }: Attempt): boolean => limit.timedOut() || limit.signal.aborted

/** `run` has thrown, or what it gave has while it was written. */
export const taskFailed = ({ work, number }: Attempt, cause: unknown): AttemptEnd =>
  failedEnd({ _tag: 'TaskFailed', node: work.node.id, attempts: number, cause, log: undefined }, true)
