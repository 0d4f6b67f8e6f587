import type { PoolName } from '../base/resource-amounts.js'
import type { Executor } from '../runtime/ports/executor.js'
import { childProcesses } from './child-processes.js'
import { workerThreads } from './worker-threads.js'

/** What `workerPools` takes. */
export interface WorkerPoolsOptions {
  /** As for `workerThreads`. */
  readonly project: string | URL
  /** Where tasks run that do not say it. Default: on threads. */
  readonly standard?: PoolName
  /** Megabytes of heap that one thread or process may use. Default: what this process may use. */
  readonly memory?: number
  /** Milliseconds after which one that has nothing to do is ended. Default 10,000. */
  readonly idle?: number
}

/**
 * An executor that computes each kept node where its task says, by `resources: { pool }`: in this process (`main`), on
 * a thread (`thread`), or in a process of its own (`process`: native code that crashes takes one task with it). Threads
 * and processes start when they are first wanted.
 *
 * @example
 * // not run: starts threads
 * const executor = workerPools({ project: new URL('./taskchain.config.js', import.meta.url) })
 * const chain = await openChain(project, { config: 'configs/model.yaml', executor })
 */
export const workerPools = ({ standard = 'thread', ...options }: WorkerPoolsOptions): Executor => {
  const [threads, processes] = [workerThreads(options), childProcesses(options)]
  return {
    execute: (job) => job.run(),
    standardPool: standard,
    elsewhere: async ({ pool = standard, ...job }, calls) => {
      const { elsewhere } = pool === 'process' ? processes : threads
      if (elsewhere === undefined) throw new Error('threads and processes compute elsewhere')
      return elsewhere(job, calls)
    },
    close: async () => {
      await Promise.all([threads.close?.(), processes.close?.()])
    },
  }
}
