import type { Task } from '../../declare/task.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { Session } from './session.js'

/** Whether the session's executor computes it in another thread or process. */
export const runsElsewhere = (session: Pick<Session, 'executor' | 'index'>, node: NodeOutline): boolean =>
  session.executor.elsewhere !== undefined && node.storage !== 'memory' && poolOf(session, node) !== 'main'

/** The pool in which an executor with several pools computes it. */
export const poolOf = ({ executor, index }: Pick<Session, 'executor' | 'index'>, node: NodeOutline) =>
  executor.standardPool === undefined
    ? undefined
    : (index.taskOf(node.task)?.declaration.resources?.pool ?? executor.standardPool)

/** The task of a node, by its name in plans. No chain is created for a plan whose tasks the project lacks. */
export const taskOf = ({ index }: Pick<Session, 'index'>, node: NodeOutline): Task => {
  const task = index.taskOf(node.task)
  if (task === undefined) throw new RangeError(`the project has no task ${node.task}`)
  return task
}
