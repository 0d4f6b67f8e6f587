import { delayAfter } from '../../declare/retry.js'
import type { NodeLog } from './node-log.js'
import type { NodeWork } from './work.js'

/** The maximum number of attempts of a task. */
export const attemptsOf = ({ task }: Pick<NodeWork, 'task'>): number =>
  Math.max(1, task.declaration.retry?.attempts ?? 1)

/** Reports a failed attempt that is not the last, and waits for the next one; the slot is free meanwhile. */
export const waitForRetry = async (work: NodeWork, log: NodeLog, attempt: number, problem: string): Promise<void> => {
  const { session, node, task, emit, signal, pause } = work
  const delay = delayAfter(attempt, task.declaration.retry)
  emit({ _tag: 'retrying', node: node.id, key: node.key, attempt: attempt + 1, delay, problem })
  log.note('warn', `attempt ${attempt} failed: ${problem}`)
  await pause(() => session.clock.wait(delay, signal).catch(() => undefined))
}
