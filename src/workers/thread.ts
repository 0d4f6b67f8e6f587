import { portChannel } from './channel.js'
import { computeFor, watchDeath } from './computing.js'
import { taskOfThread } from './message-codecs.js'

/** A thread of `workerThreads`. */

watchDeath()

export const compute = (sent: unknown): Promise<void> => {
  const task = taskOfThread(sent)
  return computeFor(portChannel(task.port), task)
}
