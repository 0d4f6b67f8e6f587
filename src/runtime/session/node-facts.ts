import type { Task } from '../../declare/task.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { Session } from './session.js'

/** Whether the session's executor computes it in another thread or process. */
export const runsElsewhere = (session: Session, node: PlanNode): boolean =>
  session.executor.elsewhere !== undefined && node.storage !== 'memory'

/**
 * The task of a node, by the name that plans know it under. Chains are not made over plans whose tasks the project
 * lacks.
 */
export const taskOf = (session: Session, node: PlanNode): Task => {
  const task = session.index.tasks.get(node.task)
  if (task === undefined) throw new RangeError(`the project has no task ${node.task}`)
  return task
}

/** Ids that a role is bound to. */
export const boundIds = (node: PlanNode, role: string): readonly string[] => {
  const bound = node.inputs[role]
  return bound === null || bound === undefined ? [] : typeof bound === 'string' ? [bound] : Object.values(bound)
}
