import { fork, type ChildProcess } from 'node:child_process'
import { getHeapStatistics } from 'node:v8'
import { printsTo } from '../base/read-output.js'
import { ownModule } from '../base/package-root.js'
import { Amount, Wait } from '../declare/limits.js'
import { checkOptions } from '../runtime/chain/options.js'
import type { Executor } from '../runtime/ports/executor.js'
import { childChannel } from './channel.js'
import { deathOfProcess } from './deaths.js'
import { poolExecutor, type Working } from './pool.js'

/** What `childProcesses` takes. */
export interface ChildProcessesOptions {
  /**
   * The file that exports the project (by default or as `project`), as a path or a `file:` URL: processes import it and
   * look tasks up by name.
   * It must be the project that the chain is opened with.
   */
  readonly project: string | URL
  /** Megabytes of heap that one process may use. Default: what this process may use. */
  readonly memory?: number
  /** Milliseconds after which a process that has nothing to do is ended. Default 10,000. */
  readonly idle?: number
}

/**
 * An executor that computes each kept node in a process of its own: as `workerThreads`, and a task whose native code
 * crashes, or that the system ends for want of memory, fails alone too. Processes start with the first nodes, are used
 * again, and end with `chain.close()`; none outlives this process.
 * Needs a store that others can open: `fileStore`.
 *
 * @example
 * // not run: starts processes
 * const executor = childProcesses({ project: new URL('./taskchain.config.js', import.meta.url) })
 * const chain = await openChain(project, { config: 'configs/model.yaml', executor })
 */
export const childProcesses = (options: ChildProcessesOptions): Executor => {
  checkOptions({ memory: Amount, idle: Wait }, options)
  return poolExecutor(
    { executor: 'childProcesses', called: 'process', start: startProcess, deathOf: deathOfProcess },
    options,
  )
}

/** How a process ended, when all that it has said was heard. */
interface Death {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const startProcess = (memory: number | undefined): Working<Death> => {
  const child = forked(memory)
  return {
    channel: () => childChannel(child),
    death: deathOf(child),
    kill: () => void child.kill('SIGKILL'),
    hold: (holds) => {
      child[holds ? 'ref' : 'unref']()
      child.channel?.[holds ? 'ref' : 'unref']?.() // Bun's channel has none
    },
  }
}

const forked = (memory: number | undefined): ChildProcess => {
  const heap = memory ?? Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20)
  return fork(ownModule('workers/child'), [String(process.pid)], {
    serialization: 'advanced',
    execArgv: [...process.execArgv.filter((flag) => !flag.startsWith('--inspect')), `--max-old-space-size=${heap}`],
    stdio: ['ignore', printsTo(), 'inherit', 'ipc'],
  })
}

/** Its end is known when it has ended and its channel is empty: what it said last comes first. */
const deathOf = (child: ChildProcess): Promise<Death> =>
  new Promise((resolve) => {
    let end: Death | undefined
    const settle = (): void => {
      if (end !== undefined && !child.connected) resolve(end)
    }
    child.on('exit', (code, signal) => {
      end = { code, signal }
      settle()
    })
    child.on('disconnect', settle)
    // one that could not be started; a message that could not be sent is told by its end
    child.on('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null })
    })
  })
