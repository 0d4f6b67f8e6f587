import type { PoolName } from '../base/resource-amounts.js'
import type { Executor } from '../runtime/ports/executor.js'
import { childProcesses } from './child-processes.js'
import { workerThreads } from './worker-threads.js'

/** Options of `workerPools`. */
export interface WorkerPoolsOptions {
  /** As for `workerThreads`. */
  readonly project: string | URL
  /** The pool of tasks that name none. Default: threads. */
  readonly standard?: PoolName
  /** Megabytes of heap per thread or process. Default: the limit of this process. */
  readonly memory?: number
  /** Milliseconds after which an idle thread or process is ended. Default 10,000. */
  readonly idle?: number
}

/**
 * An executor that computes each kept node where its task says, by `resources: { pool }`: in this process (`main`), on
 * a thread (`thread`), or in a separate process (`process`: a crash of native code affects only one task). Threads and
 * processes start on demand.
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
