import { setMaxListeners } from 'node:events'
import { oncePer } from '../../base/once-per.js'

/**
 * Calls back at an abort; returns a function that cancels it. One real listener per signal: adding one costs more than
 * a small task, and Node warns of a leak if a signal has more than ten, which many waiting nodes would exceed.
 */
export const onAbort = (signal: AbortSignal, callback: () => void): (() => void) => {
  const waiting = callbacksOf(signal)
  const mine = (): void => callback() // the same callback may wait twice
  waiting.add(mine)
  return () => void waiting.delete(mine)
}

/** Separate from `onAbort`: the listener lives as long as the signal, and would retain what it closes over. */
const callbacksOf = oncePer((signal: AbortSignal): Set<() => void> => {
  const waiting = new Set<() => void>()
  signal.addEventListener('abort', () => waiting.forEach((one) => one()), { once: true })
  return waiting
})

/**
 * A controller that also aborts with an outer signal, and whose own signal may have any number of listeners. `forget`
 * detaches it from the outer one.
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
