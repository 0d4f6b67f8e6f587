import { fork, type ChildProcess } from 'node:child_process'
import { getHeapStatistics } from 'node:v8'
import { printsTo } from '../base/read-output.js'
import { ownModule } from '../base/package-root.js'
import { Amount, Wait } from '../declare/limits.js'
import { checkOptions } from '../runtime/chain/options.js'
import type { Executor } from '../runtime/ports/executor.js'
import { childChannels } from './channel.js'
import { deathOfProcess } from './deaths.js'
import { poolExecutor, type Working } from './pool.js'

/** Options of `childProcesses`. */
export interface ChildProcessesOptions {
  /**
   * The file that exports the project (by default or as `project`), as a path or a `file:` URL: processes import it and
   * look tasks up by name.
   * It must be the project that the chain is opened with.
   */
  readonly project: string | URL
  /** Megabytes of heap per process. Default: the limit of this process. */
  readonly memory?: number
  /** Milliseconds after which an idle process is ended. Default 10,000. */
  readonly idle?: number
}

/**
 * An executor that computes each kept node in a separate process: like `workerThreads`, but a task whose native code
 * crashes, or that the system kills when memory runs out, also fails alone. Processes start with the first nodes, are
 * reused, and end with `chain.close()`; none outlives this process.
 * Needs a store that other processes can open: `fileStore`.
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

/** How a process ended, known after all its messages were received. */
interface Death {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const startProcess = (memory: number | undefined): Working<Death> => {
  const child = forked(memory)
  return {
    channel: childChannels(child),
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
    execArgv: [...process.execArgv.filter((flag) => !flag.startsWith('--inspect')), `--max-old-space-size=${heap}`],
    stdio: ['ignore', printsTo(), 'inherit', 'ipc'],
  })
}

/** The end of a child: settles after its exit, when its channel is empty, so that its last messages come first. */
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
    // it could not be started; failures to send are covered by its exit
    child.on('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null })
    })
  })
