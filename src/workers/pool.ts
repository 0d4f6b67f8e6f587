import type { Executor } from '../runtime/ports/executor.js'
import type { NodeCalls } from '../runtime/ports/node-job.js'
import { onKill } from '../runtime/task-run/elsewhere/kill-switch.js'
import { makeSlots } from '../runtime/session/slots.js'
import type { Channel } from './channel.js'
import { warnOfLateDeath } from './deaths.js'
import type { Dying } from './messages.js'
import { serve } from './serve.js'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plan } from '../plan/plan-types.js'

/** A thread or process that computes one node after the other. */
export interface Working<End> {
  /** A channel for one node, whose listeners are removed with it. */
  readonly channel: () => Channel
  /** How it ended; resolves when all its messages can be received. */
  readonly death: Promise<End>
  readonly kill: () => void
  /** Whether it keeps this process alive. */
  readonly hold: (holds: boolean) => void
}

/** A kind of worker: threads or processes. */
export interface Kind<End> {
  /** The export that creates the executor, for errors. */
  readonly executor: string
  readonly called: string
  readonly start: (memory: number | undefined) => Working<End>
  readonly deathOf: (end: End, dying: Dying | undefined) => Error
}

export interface PoolOptions {
  readonly project: string | URL
  readonly memory?: number
  readonly idle?: number
}

/** Limit of living workers; the chain's `concurrency` limits how many work at once. */
const most = 256

/** An executor that computes each kept node in a worker of a kind. */
export const poolExecutor = <End>(kind: Kind<End>, options: PoolOptions): Executor => {
  const project = projectFile(kind.executor, options.project)
  const numberOf = planNumbers()
  const hides: Hides = new Set()
  const slots = makeSlots(most)
  const pool = makePool(kind, options, hides)
  return {
    execute: (job) => job.run(),
    elsewhere: async (job, calls) => {
      if (calls.hide !== undefined) hides.add(calls.hide)
      const { plan, secrets: _, ...rest } = job
      await slots.enter(0)
      const working = pool.take()
      const channel = working.channel()
      const { ended, lastWords, isBroken } = serve(channel, job, calls)
      const forget = onKill(calls, working.kill)
      const death = working.death.then((end) => ({ _tag: 'died' as const, end }))
      try {
        channel.post({ task: { project, planNumber: numberOf(plan), job: rest } })
        const said = await Promise.race([ended, death])
        if (said._tag !== 'died') {
          if (isBroken()) working.kill()
          else pool.giveBack(working)
          return said
        }
        const { outcome, dying } = lastWords()
        if (calls.kill.aborted) throw calls.kill.reason
        if (outcome === undefined) throw kind.deathOf(said.end, dying)
        return outcome // the outcome counts, even if it died right afterwards
      } finally {
        forget()
        channel.close()
        slots.leave()
      }
    },
    close: pool.close,
  }
}

/** `hide` functions of all sessions that use a pool: they are applied to reports of stray failures. */
type Hides = Set<NonNullable<NodeCalls['hide']>>

/** Workers start on demand; idle ones wait for the next node, without keeping the process alive. */
const makePool = <End>({ start, deathOf, called }: Kind<End>, { memory, idle = 10_000 }: PoolOptions, hides: Hides) => {
  const all = new Set<Working<End>>()
  const waiting = new Map<Working<End>, NodeJS.Timeout>()
  const forgetIdle = (working: Working<End>): void => {
    clearTimeout(waiting.get(working))
    waiting.delete(working)
  }
  const started = (): Working<End> => {
    const working = start(memory)
    all.add(working)
    void working.death.then((end) => {
      all.delete(working)
      if (!waiting.has(working)) return
      forgetIdle(working)
      warnOfLateDeath(called, end instanceof Error ? end : deathOf(end, undefined), hides)
    })
    return working
  }
  return {
    take: (): Working<End> => {
      const [last] = [...waiting.keys()].slice(-1)
      if (last === undefined) return started()
      forgetIdle(last)
      last.hold(true)
      return last
    },
    giveBack: (working: Working<End>): void => {
      if (!all.has(working)) return
      const end = (): void => {
        forgetIdle(working)
        working.kill()
      }
      waiting.set(working, setTimeout(end, Math.min(idle, 2 ** 31 - 1)).unref()) // a longer timer would fire at once
      working.hold(false)
    },
    close: async (): Promise<void> => {
      const ending = [...all]
      for (const working of ending) {
        forgetIdle(working)
        working.hold(true)
        working.kill() // its result is committed, or no longer needed
      }
      await Promise.all(ending.map(({ death }) => death))
    },
  }
}

/** The file that threads and processes import; throws a `RangeError` if it does not exist. */
const projectFile = (executor: string, project: string | URL): string => {
  const file = project instanceof URL || project.startsWith('file:') ? fileURLToPath(project) : resolve(project)
  if (!existsSync(file))
    throw new RangeError(`there is no file ${file}; ${executor}({ project }) needs the file that exports the project`)
  return file
}

/** Plans by number: a plan is sent once to each thread or process, however many of its nodes follow. */
const planNumbers = (): ((plan: Plan) => number) => {
  const numbers = new WeakMap<Plan, number>()
  let plans = 0
  return (plan) => {
    const number = numbers.get(plan) ?? plans++
    numbers.set(plan, number)
    return number
  }
}
