import { ownModule } from '../base/package-root.js'
import { getHeapStatistics } from 'node:v8'
import { MessageChannel } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { Amount, Wait } from '../declare/limits.js'
import { checkOptions } from '../runtime/chain/options.js'
import type { Executor } from '../runtime/ports/executor.js'
import type { NodeCalls } from '../runtime/ports/node-job.js'
import { portChannel } from './channel.js'
import { deathOfThread, warnOfLateDeath } from './deaths.js'
import type { ThreadTask } from './messages.js'
import { planNumbers, projectFile } from './pool-project.js'
import { serve } from './serve.js'

/** What `workerThreads` takes. */
export interface WorkerThreadsOptions {
  /**
   * The file that exports the project (by default or as `project`), as a path or a `file:` URL: threads import it and
   * look tasks up by name.
   * It must be the project that the chain is opened with.
   */
  readonly project: string | URL
  /**
   * Megabytes of heap that one thread may use; a task that needs more fails, and nothing else. Default: what this
   * process may use.
   */
  readonly memory?: number
  /** Milliseconds after which a thread that has nothing to do is ended. Default 10,000. */
  readonly idle?: number
}

/** More threads are never alive; how many work at once is the chain's `concurrency`. */
const mostThreads = 256

/**
 * An executor that computes each kept node on a worker thread: tasks that block their thread run side by side, one that
 * calls `process.exit`, leaves a rejection to nobody, runs out of memory or does not stop in time is ended and fails
 * alone, by name. Inputs go through the store, not through messages; what is in memory only is made again in every
 * thread that reads it. Threads start with the first node to compute.
 * Needs a store that threads can open: `fileStore`. `chain.close()` ends the threads.
 *
 * @example
 * // not run: starts threads
 * const executor = workerThreads({ project: new URL('./taskchain.config.js', import.meta.url) })
 * const chain = await openChain(project, { config: 'configs/model.yaml', executor })
 */
export const workerThreads = (options: WorkerThreadsOptions): Executor => {
  checkOptions({ memory: Amount, idle: Wait }, options)
  const project = projectFile('workerThreads', options.project)
  const numberOf = planNumbers()
  const hides = new Set<NonNullable<NodeCalls['hide']>>() // of the sessions that use it
  let pool: Promise<Piscina> | undefined

  return {
    execute: (job) => job.run(),
    elsewhere: async (job, calls) => {
      if (calls.hide !== undefined) hides.add(calls.hide)
      const running = await (pool ??= startPool(options, hides))
      const { plan, secrets: _, ...rest } = job
      const { port1: port, port2 } = new MessageChannel()
      const { ended, lastWords } = serve(portChannel(port), job, calls)
      const task: ThreadTask = { port: port2, project, planNumber: numberOf(plan), job: rest }
      try {
        const done = running.run(task, { transferList: [port2], signal: calls.kill })
        // What a thread has said counts, even if it dies while it says good-bye.
        return await Promise.race([ended, done.then(() => ended)])
      } catch (cause) {
        if (calls.kill.aborted) throw cause
        const { outcome, dying } = lastWords()
        if (outcome !== undefined) return outcome
        throw deathOfThread(cause, dying)
      } finally {
        port.close()
      }
    },
    close: async () => {
      const running = await pool?.catch(() => undefined)
      pool = undefined
      await running?.destroy()
    },
  }
}

/**
 * Threads that compute. `hides` are those of the sessions that use them: what is said of a stray failure passes them
 * all.
 */
const startPool = async (
  options: WorkerThreadsOptions,
  hides: ReadonlySet<NonNullable<NodeCalls['hide']>>,
): Promise<Piscina> => {
  const { Piscina } = await import('piscina')
  const made = new Piscina({
    filename: ownModule('workers/thread'),
    name: 'compute',
    minThreads: 0,
    maxThreads: mostThreads,
    idleTimeout: Math.min(options.idle ?? 10_000, 2 ** 31 - 1), // a longer timer would end at once
    concurrentTasksPerWorker: 1,
    atomics: 'disabled', // a thread that waits by blocking would keep what its last task left running for the next one
    // said even where it is Node's own: without it a thread that needs more takes the process with it
    resourceLimits: {
      maxOldGenerationSizeMb: options.memory ?? Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20),
    },
  })
  // a thread that dies with nothing to do is replaced, and takes nothing with it; whose failure it was nobody knows any
  // more
  made.on('error', (problem: unknown) => {
    warnOfLateDeath('worker thread', problem, hides)
  })
  return made
}
