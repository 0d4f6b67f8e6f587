import type { NodeCalls } from '../../ports/node-job.js'
import { onAbort } from '../../session/on-abort.js'

/**
 * What ends a node that is computed elsewhere. Its signal is created when something reads it: it costs as much as
 * sending a small node, and hardly any is killed.
 */
export interface KillSwitch {
  readonly kill: (reason: unknown) => void
  readonly signal: () => AbortSignal
  /** Calls back when it is killed; returns a function that cancels it. */
  readonly onKill: (callback: () => void) => () => void
}

export const killSwitch = (): KillSwitch => {
  let controller: AbortController | undefined
  let killed: { readonly reason: unknown } | undefined
  const waiting = new Set<() => void>()
  return {
    kill: (reason) => {
      if (killed !== undefined) return
      killed = { reason }
      controller?.abort(reason)
      for (const one of waiting) one()
    },
    signal: () => {
      controller ??= new AbortController()
      if (killed !== undefined) controller.abort(killed.reason)
      return controller.signal
    },
    onKill: (callback) => {
      const mine = (): void => callback() // the same callback may wait twice
      waiting.add(mine)
      return () => void waiting.delete(mine)
    },
  }
}

/** Not enumerable: a copy of the calls, whose `kill` may be another, has none. */
const held = Symbol('switch')

interface Held {
  readonly [held]: KillSwitch
}

/** One getter for all calls: with a getter each they would have no common shape, and whatever reads them be slower. */
const kill = {
  get(this: Held): AbortSignal {
    return this[held].signal()
  },
  enumerable: true,
}

/** The calls of a node, whose `kill` is the signal of a switch. */
export const withKill = (calls: Omit<NodeCalls, 'kill'>, by: KillSwitch): NodeCalls =>
  Object.defineProperty(Object.defineProperty(calls, held, { value: by }), 'kill', kill) as NodeCalls // with it

const isHeld = (calls: object): calls is Held => Object.hasOwn(calls, held)

/** Calls back when a node has to be killed; returns a function that cancels it. */
export const onKill = (calls: Pick<NodeCalls, 'kill'>, callback: () => void): (() => void) =>
  isHeld(calls) ? calls[held].onKill(callback) : onAbort(calls.kill, callback)
