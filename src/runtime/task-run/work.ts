import type { Task } from '../../declare/task.js'
import type { Awaitable } from '../../declare/types.js'
import type { RunError } from '../../errors.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import type { Reading } from '../session/reading-types.js'
import type { Session, Emit } from '../session/session.js'
import type { ReadContents } from './read-contents.js'

/** One node to compute, here or elsewhere. */
export interface NodeWork {
  readonly session: Session
  readonly plan: PlanOutline
  readonly node: NodeOutline
  readonly task: Task
  readonly signal: AbortSignal
  /** Waits for something without holding a slot. */
  readonly pause: <A>(wait: () => Promise<A>) => Promise<A>
  readonly emit: Emit
}

/** One node that is ready to be computed in this process: its arguments are available. */
export interface Work extends NodeWork {
  /** Calls `run` with its arguments and the rest of the context; only its signal is needed unless it `takesContext`. */
  readonly call: (context: object) => unknown
  readonly takesContext: boolean
  /** The contents that `run` has read so far. */
  readonly contents: ReadContents
  /** Inputs that turned out to be damaged while `run` read them; `failed`: they are verified again. */
  readonly damaged: (failed: boolean) => Awaitable<readonly Reading[]>
  /** The first file that differs from the planned one: the result must not be stored under this key. */
  readonly changed: () => Awaitable<RunError | undefined>
  /** Whether something in this process waits for the value; otherwise a large one stays in the store alone. */
  readonly hasReaders: () => boolean
}
