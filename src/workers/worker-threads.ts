import { MessageChannel, Worker } from 'node:worker_threads'
import { ownModule } from '../base/package-root.js'
import { Amount, Wait } from '../declare/limits.js'
import { checkOptions } from '../runtime/chain/options.js'
import type { Executor } from '../runtime/ports/executor.js'
import { portChannels } from './channel.js'
import { deathOfThread } from './deaths.js'
import { heapLimits } from '../base/threads/heap-limits.js'
import { poolExecutor, type Working } from './pool.js'

/** Options of `workerThreads`. */
export interface WorkerThreadsOptions {
  /**
   * The file that exports the project (by default or as `project`), as a path or a `file:` URL: threads import it and
   * look tasks up by name.
   * It must be the project that the chain is opened with.
   */
  readonly project: string | URL
  /**
   * Megabytes of heap per thread; a task that needs more fails alone, with few exceptions (`childProcesses` has none).
   * Default: the limit of this process.
   */
  readonly memory?: number
  /** Milliseconds after which an idle thread is ended. Default 10,000. */
  readonly idle?: number
}

/**
 * An executor that computes each kept node on a worker thread: tasks that block their thread run in parallel; one that
 * calls `process.exit`, leaves a rejection unhandled, runs out of memory or does not stop in time is ended and fails
 * alone. Inputs go through the store, not through messages; in-memory values are recomputed in every thread that reads
 * them. Threads start with the first node to compute.
 * Needs a store that threads can open: `fileStore`. `chain.close()` ends the threads.
 *
 * @example
 * // not run: starts threads
 * const executor = workerThreads({ project: new URL('./taskchain.config.js', import.meta.url) })
 * const chain = await openChain(project, { config: 'configs/model.yaml', executor })
 */
export const workerThreads = (options: WorkerThreadsOptions): Executor => {
  checkOptions({ memory: Amount, idle: Wait }, options)
  return poolExecutor(
    { executor: 'workerThreads', called: 'worker thread', start: startThread, deathOf: deathOfThread },
    options,
  )
}

/** Milliseconds to wait for a terminated thread: native code may keep it from ending. */
const longestEnd = 2000

/** `death`: the error of its end, even if it is one of Node's own. */
const startThread = (memory: number | undefined): Working<unknown> => {
  const { port1: mine, port2: port } = new MessageChannel()
  const thread = new Worker(ownModule('workers/thread'), {
    name: 'compute',
    workerData: { port },
    transferList: [port],
    resourceLimits: heapLimits(memory),
  })
  let die: (problem: unknown) => void = () => undefined
  const death = new Promise<unknown>((resolve) => (die = resolve))
  let problem: unknown
  thread.on('error', (thrown) => {
    problem = thrown
  })
  thread.on('exit', (code) => die(problem ?? new Error(`worker exited with code: ${code}`)))
  return {
    channel: portChannels(mine),
    death,
    kill: () => {
      void thread.terminate()
      setTimeout(die, longestEnd).unref()
    },
    hold: (holds) => {
      const change = holds ? 'ref' : 'unref'
      thread[change]()
      mine[change]()
    },
  }
}
