import { setMaxListeners } from 'node:events'
import { oncePer } from '../../base/once-per.js'

/**
 * Calls back at an abort; gives a function that forgets. One real listener a signal: adding one costs more than a small
 * task, and Node warns of a leak where a signal has more than ten, as many nodes that wait at once would.
 */
export const onAbort = (signal: AbortSignal, callback: () => void): (() => void) => {
  const waiting = callbacksOf(signal)
  const mine = (): void => callback() // the same callback may wait twice
  waiting.add(mine)
  return () => void waiting.delete(mine)
}

/** Apart from `onAbort`: the listener stays as long as the signal, and would hold what it closes over. */
const callbacksOf = oncePer((signal: AbortSignal): Set<() => void> => {
  const waiting = new Set<() => void>()
  signal.addEventListener('abort', () => waiting.forEach((one) => one()), { once: true })
  return waiting
})

/**
 * A controller that aborts with an outer signal too, and whose own signal may be listened to by any number of tasks.
 * `forget` lets go of the outer one.
 */
export const abortingWith = (
  outer: AbortSignal | undefined,
): { readonly controller: AbortController; readonly forget: () => void } => {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  if (outer?.aborted === true) controller.abort(outer.reason)
  const forget = outer === undefined ? undefined : onAbort(outer, () => controller.abort(outer.reason))
  return { controller, forget: () => forget?.() }
}
