import type { Task } from '../../declare/task.js'
import type { RunError } from '../../errors.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { ContextParts } from './run-context.js'
import type { Reading } from '../session/reading-types.js'
import type { Session, Tell } from '../session/session.js'

/** One node, ready to be computed: its arguments are there. */
export interface Work {
  readonly session: Session
  readonly plan: Plan
  readonly node: PlanNode
  readonly task: Task
  readonly params: Readonly<Record<string, unknown>>
  readonly args: Readonly<Record<string, unknown>>
  readonly inputs: ContextParts['inputs']
  readonly signal: AbortSignal
  /** Waits for what need not hold a slot. */
  readonly pause: <A>(wait: () => Promise<A>) => Promise<A>
  readonly tell: Tell
  /** Inputs that turned out to be damaged while `run` read them; `failed`: they are looked at again. */
  readonly damaged?: (failed: boolean) => Promise<readonly Reading[]>
  /** Tells which file is not what was planned with: its result has no right to this key. */
  readonly changed?: () => Promise<RunError | undefined>
}
