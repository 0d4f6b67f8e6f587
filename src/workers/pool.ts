import type { Executor } from '../runtime/ports/executor.js'
import type { NodeCalls, NodeJob } from '../runtime/ports/node-job.js'
import { onKill } from '../runtime/task-run/elsewhere/kill-switch.js'
import { makeSlots } from '../runtime/session/slots.js'
import type { Channel } from './channel.js'
import { warnOfLateDeath } from './deaths.js'
import type { Dying, NodeTask } from './messages.js'
import { serve } from './serve.js'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plan } from '../plan/plan-types.js'

/** A thread or process that computes one node after the other. */
export interface Working<End> {
  /** A channel for one node. */
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
      const entering = slots.enter(0)
      if (entering !== undefined) await entering
      if (calls.stop.aborted) {
        slots.leave() // a worker hears only of stops that are yet to come
        return { _tag: 'stopped' }
      }
      let die: (end: End) => void = () => undefined
      const death = new Promise<{ readonly _tag: 'died'; readonly end: End }>((resolve) => {
        die = (end) => resolve({ _tag: 'died', end })
      })
      const working = pool.take(die)
      const channel = working.channel()
      const { ended, lastWords, isBroken } = serve(channel, job, calls)
      const forget = onKill(calls, working.kill)
      let isUsable = false
      try {
        channel.post({ task: { project, planNumber: numberOf(job.plan), job: jobToSend(job) } })
        const said = await Promise.race([ended, death])
        if (said._tag !== 'died') {
          isUsable = !isBroken()
          return said
        }
        const { outcome, dying } = lastWords()
        if (calls.kill.aborted) throw calls.kill.reason
        if (outcome === undefined) throw kind.deathOf(said.end, dying)
        return outcome // the outcome counts, even if it died right afterwards
      } finally {
        forget()
        channel.close()
        if (isUsable) pool.giveBack(working)
        else working.kill() // a dead one, too, which changes nothing
        slots.leave()
      }
    },
    close: pool.close,
  }
}

/** The plan and its secrets are sent apart, and once. */
const jobToSend = ({ node, key, attempted, store, root, noRepair, checkMutation }: NodeJob): NodeTask['job'] => ({
  node,
  key,
  attempted,
  store,
  root,
  noRepair,
  checkMutation,
})

/** `hide` functions of all sessions that use a pool: they are applied to reports of stray failures. */
type Hides = Set<NonNullable<NodeCalls['hide']>>

/** Workers start on demand; idle ones wait for the next node, without keeping the process alive. */
const makePool = <End>({ start, deathOf, called }: Kind<End>, { memory, idle = 10_000 }: PoolOptions, hides: Hides) => {
  const all = new Set<Working<End>>()
  const waiting = new Set<Working<End>>()
  /** Those that have waited; their timers are used again, and mean nothing while they compute. */
  const timers = new Map<Working<End>, NodeJS.Timeout>()
  /** Of the node that each one computes. A reaction to `death` for each node would stay until that death. */
  const onDeath = new Map<Working<End>, (end: End) => void>()
  const forget = (working: Working<End>): void => {
    waiting.delete(working)
    clearTimeout(timers.get(working))
    timers.delete(working)
  }
  const started = (): Working<End> => {
    const working = start(memory)
    all.add(working)
    void working.death.then((end) => {
      const hasWaited = waiting.has(working)
      all.delete(working)
      forget(working)
      onDeath.get(working)?.(end)
      onDeath.delete(working)
      if (hasWaited) warnOfLateDeath(called, end instanceof Error ? end : deathOf(end, undefined), hides)
    })
    return working
  }
  const longest = Math.min(idle, 2 ** 31 - 1) // a longer timer would fire at once
  const endIdle = (working: Working<End>): void => {
    if (!waiting.has(working)) return
    forget(working)
    working.kill()
  }
  return {
    /** `die`: called if it dies before it is given back. */
    take: (die: (end: End) => void): Working<End> => {
      const last = [...waiting].at(-1)
      const working = last ?? started()
      onDeath.set(working, die)
      if (last === undefined) return working
      waiting.delete(working)
      working.hold(true)
      return working
    },
    giveBack: (working: Working<End>): void => {
      onDeath.delete(working)
      if (!all.has(working)) return
      waiting.add(working)
      const known = timers.get(working)?.refresh()
      if (known === undefined) timers.set(working, setTimeout(endIdle, longest, working).unref())
      working.hold(false)
    },
    close: async (): Promise<void> => {
      const ending = [...all]
      for (const working of ending) {
        forget(working)
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
