import type { Executor } from '../runtime/ports/executor.js'
import type { NodeCalls } from '../runtime/ports/node-job.js'
import { onAbort } from '../runtime/session/on-abort.js'
import { makeSlots } from '../runtime/session/slots.js'
import type { Channel } from './channel.js'
import { warnOfLateDeath } from './deaths.js'
import type { Dying } from './messages.js'
import { planNumbers, projectFile } from './pool-project.js'
import { serve } from './serve.js'

/** A thread or a process that computes one node after the other. */
export interface Working<End> {
  /** For one node, so that listeners end with it. */
  readonly channel: () => Channel
  /** How it ended, when all that it has said can be heard. */
  readonly death: Promise<End>
  readonly kill: () => void
  /** Whether it keeps this process alive. */
  readonly hold: (holds: boolean) => void
}

/** A kind of them. */
export interface Kind<End> {
  /** The export that makes the executor, for errors. */
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

/** More are never alive; how many work at once is the chain's `concurrency`. */
const most = 256

/** An executor that computes each kept node in what `kind` starts. */
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
      const forget = onAbort(calls.kill, working.kill)
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
        return outcome // what it has said counts, even if it died while it said good-bye
      } finally {
        forget()
        channel.close()
        slots.leave()
      }
    },
    close: pool.close,
  }
}

/** Of the sessions that use a pool: what is said of a stray failure passes them all. */
type Hides = Set<NonNullable<NodeCalls['hide']>>

/** They start by need; those that have nothing to do wait for the next node, and keep nobody alive. */
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
      waiting.set(working, setTimeout(end, Math.min(idle, 2 ** 31 - 1)).unref()) // a longer timer would end at once
      working.hold(false)
    },
    close: async (): Promise<void> => {
      const ending = [...all]
      for (const working of ending) {
        forgetIdle(working)
        working.hold(true)
        working.kill() // what it has computed is committed, or belongs to nobody any more
      }
      await Promise.all(ending.map(({ death }) => death))
    },
  }
}
