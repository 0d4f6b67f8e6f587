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
  if (timeout === undefined) return { signal: outer, timedOut: never, end: nothing }
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

const never = (): boolean => false
const nothing = (): void => undefined

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
export const withGrace = <A>(
  { clock, grace }: Pick<Session, 'clock' | 'grace'>,
  signal: AbortSignal,
  made: Promise<A>,
): Promise<Ran<A>> =>
  new Promise((resolve) => {
    const stop = (): void => void clock.wait(grace).then(() => resolve({ _tag: 'stopped', still: made }))
    const forget = onAbort(signal, stop)
    if (signal.aborted) stop() // while it began
    made.then(
      (value) => {
        forget()
        resolve(signal.aborted ? { _tag: 'stopped' } : { _tag: 'returned', value })
      },
      (cause: unknown) => {
        forget()
        resolve(threw(cause))
      },
    )
  })

/** The outcome of work that has thrown. */
export const threw = (cause: unknown): Ran<never> => ({ _tag: 'threw', cause: readable(cause) })
