import type { Task } from '../../declare/task.js'
import type { Awaitable } from '../../declare/types.js'
import type { RunError } from '../../errors.js'
import type { NodeOutline, Plan, PlanNode, PlanOutline } from '../../plan/plan-types.js'
import type { Reading } from '../session/reading-types.js'
import type { Session, Tell } from '../session/session.js'
import type { ReadContents } from './read-contents.js'

/** A node with its values, in its plan. */
export interface Planned {
  readonly plan: Plan
  readonly node: PlanNode
}

/** One node to be computed, here or elsewhere. */
export interface NodeWork {
  readonly session: Session
  readonly plan: PlanOutline
  readonly node: NodeOutline
  readonly task: Task
  readonly signal: AbortSignal
  /** Waits for what need not hold a slot. */
  readonly pause: <A>(wait: () => Promise<A>) => Promise<A>
  readonly tell: Tell
}

/** One node, ready to be computed in this process: its arguments are there. */
export interface Work extends NodeWork {
  /** Calls `run` with these arguments; of the context it says what the arguments were made of. */
  readonly call: (context: object) => unknown
  /** What `run` has read so far. */
  readonly contents: ReadContents
  /** Inputs that turned out to be damaged while `run` read them; `failed`: they are looked at again. */
  readonly damaged?: (failed: boolean) => Awaitable<readonly Reading[]>
  /** The first file that is not what was planned with: the result has no right to this key. */
  readonly changed?: () => Awaitable<RunError | undefined>
}
