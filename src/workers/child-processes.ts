import { fork, type ChildProcess } from 'node:child_process'
import { getHeapStatistics } from 'node:v8'
import { printsTo } from '../base/read-output.js'
import { ownModule } from '../base/package-root.js'
import { Amount, Wait } from '../declare/limits.js'
import { checkOptions } from '../runtime/chain/options.js'
import type { Executor } from '../runtime/ports/executor.js'
import type { NodeCalls } from '../runtime/ports/node-job.js'
import { onAbort } from '../runtime/session/on-abort.js'
import { childChannel } from './channel.js'
import { deathOfProcess, warnOfLateDeath } from './deaths.js'
import { planNumbers, projectFile } from './pool-project.js'
import { serve } from './serve.js'

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
  const project = projectFile('childProcesses', options.project)
  const numberOf = planNumbers()
  const hides = new Set<NonNullable<NodeCalls['hide']>>() // of the sessions that use it
  const pool = processPool(options, hides)
  return {
    execute: (job) => job.run(),
    elsewhere: async (job, calls) => {
      if (calls.hide !== undefined) hides.add(calls.hide)
      const { plan, secrets: _, ...rest } = job
      const working = pool.take()
      const channel = childChannel(working.child)
      const { ended, lastWords } = serve(channel, job, calls)
      const forget = onAbort(calls.kill, () => void working.child.kill('SIGKILL'))
      try {
        channel.post({ task: { project, planNumber: numberOf(plan), job: rest } })
        const end = await Promise.race([ended, working.death])
        if (!('_tag' in end)) {
          const { outcome, dying } = lastWords()
          if (calls.kill.aborted) throw calls.kill.reason
          if (outcome === undefined) throw deathOfProcess(end, dying)
          return outcome
        }
        pool.giveBack(working)
        return end
      } finally {
        forget()
        channel.close()
      }
    },
    close: pool.close,
  }
}

/** How a process ended, when all that it has said was heard. */
interface Death {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

interface Working {
  readonly child: ChildProcess
  readonly death: Promise<Death>
}

/** Processes by need; those that have nothing to do wait for the next node, and keep nobody alive. */
const processPool = (options: ChildProcessesOptions, hides: ReadonlySet<(text: string) => string>) => {
  const all = new Set<Working>()
  const idle = new Map<Working, NodeJS.Timeout>()
  const start = (): Working => {
    const child = startProcess(options.memory)
    const death = deathOf(child)
    const working = { child, death }
    all.add(working)
    void death.then((end) => {
      all.delete(working)
      if (!idle.has(working)) return
      forgetIdle(working)
      warnOfLateDeath('process', deathOfProcess(end, undefined), hides)
    })
    return working
  }
  const forgetIdle = (working: Working): void => {
    clearTimeout(idle.get(working))
    idle.delete(working)
  }
  return {
    take: (): Working => {
      const [waiting] = [...idle.keys()].slice(-1)
      if (waiting === undefined) return start()
      forgetIdle(waiting)
      waiting.child.ref()
      waiting.child.channel?.ref?.() // Bun's channel has none
      return waiting
    },
    giveBack: (working: Working): void => {
      if (!all.has(working)) return
      const end = (): void => {
        forgetIdle(working)
        working.child.kill('SIGKILL')
      }
      idle.set(working, setTimeout(end, Math.min(options.idle ?? 10_000, 2 ** 31 - 1)).unref())
      working.child.unref()
      working.child.channel?.unref?.()
    },
    close: async (): Promise<void> => {
      const ending = [...all]
      for (const working of ending) {
        forgetIdle(working)
        working.child.ref()
        working.child.kill('SIGKILL') // what it has computed is committed, or belongs to nobody any more
      }
      await Promise.all(ending.map(({ death }) => death))
    },
  }
}

const startProcess = (memory: number | undefined): ChildProcess => {
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
