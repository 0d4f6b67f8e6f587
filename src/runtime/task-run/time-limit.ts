import { readable } from '../../explain/readable.js'
import { onAbort } from '../session/on-abort.js'
import type { Session } from '../session/session.js'
import { after } from '../session/system-clock.js'

/** A signal that aborts with the run's signal, or after a number of milliseconds. */
export interface Limit {
  readonly signal: AbortSignal
  readonly timedOut: () => boolean
  readonly end: () => void
}

export const limited = (outer: AbortSignal, timeout: number | undefined): Limit => {
  if (timeout === undefined) return { signal: outer, timedOut: () => false, end: () => undefined }
  const controller = new AbortController()
  let late = false
  const forgetTime = after(timeout, () => {
    late = true
    controller.abort(new Error(`timed out after ${timeout} ms`))
  })
  const stop = (): void => controller.abort(outer.reason)
  const forget = onAbort(outer, stop)
  if (outer.aborted) stop()
  return {
    signal: controller.signal,
    timedOut: () => late,
    end: () => {
      forgetTime()
      forget()
    },
  }
}

/** The outcome of a piece of work under a limit. */
export type Ran<A> =
  | { readonly _tag: 'returned'; readonly value: A }
  | { readonly _tag: 'threw'; readonly cause: unknown }
  /** `still`: it did not end within the grace. */
  | { readonly _tag: 'stopped'; readonly still?: Promise<unknown> }

/**
 * Waits for work; after an abort no longer than the session's grace, so that work that ignores the signal cannot delay
 * the end: it is `still` running.
 */
export const withGrace = async <A>(
  { clock, grace }: Pick<Session, 'clock' | 'grace'>,
  signal: AbortSignal,
  make: () => Promise<A>,
): Promise<Ran<A>> => {
  if (signal.aborted) return { _tag: 'stopped' }
  let forget = (): void => undefined
  const overdue = new Promise<true>((resolve) => {
    forget = onAbort(signal, () => void clock.wait(grace).then(() => resolve(true)))
  })
  const made = make()
  const inTime = (): false => false
  const isOverdue = await Promise.race([made.then(inTime, inTime), overdue])
  forget()
  if (isOverdue) return { _tag: 'stopped', still: made }
  try {
    const value = await made
    return signal.aborted ? { _tag: 'stopped' } : { _tag: 'returned', value }
  } catch (cause) {
    return { _tag: 'threw', cause: readable(cause) }
  }
}
