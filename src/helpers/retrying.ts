import * as E from 'fp-ts/lib/Either.js'
import { firstProblem } from '../declare/codec/codec.js'
import { RetryCodec } from '../declare/limits.js'
import type { Retry } from '../declare/retry.js'
import type { Awaitable } from '../declare/types.js'
import { systemClock } from '../runtime/session/system-clock.js'
import { delayAfter } from '../declare/retry.js'

/** How failed calls are retried. */
export interface RetryPolicy extends Retry {
  /** Whether a failure should be retried; `attempt` counts from 1. Default: every failure. */
  readonly when?: (problem: unknown, attempt: number) => boolean
  /** Called before each wait, with the delay in milliseconds. */
  readonly onRetry?: (problem: unknown, attempt: number, delay: number) => void
  /** Ends the wait and all further attempts; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** How to wait; for tests. Default: a timer. */
  readonly wait?: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

/**
 * Delays between the attempts of a policy, in milliseconds: one fewer than attempts. The defaults are those of a task's
 * `retry`.
 * Throws a `RangeError` unless `attempts` is a whole number from 1 to 1,000 and the other options are valid numbers.
 *
 * @example
 * delays({ attempts: 4 }) // => [200, 400, 800]
 */
export const delays = ({ attempts, ...retry }: Retry): readonly number[] => {
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 1_000)
    throw new RangeError(`attempts must be a whole number from 1 to 1,000, got ${attempts}`)
  const policy = RetryCodec.decode({ attempts, ...retry })
  if (E.isLeft(policy)) throw new RangeError(firstProblem(policy.left).message)
  return Array.from({ length: attempts - 1 }, (_, failures) => delayAfter(failures + 1, retry))
}

/**
 * Wraps a function so that failed calls are retried; keeps its name. Rejects with the last failure unchanged.
 *
 * @example
 * let calls = 0
 * const ask = retrying(
 *   async (question: string) => {
 *     if (++calls < 2) throw new Error('busy')
 *     return question.length
 *   },
 *   { attempts: 5, delay: 1, when: (problem) => problem instanceof Error },
 * )
 * await ask('how many?') // => 9
 */
export const retrying = <Args extends readonly unknown[], A>(
  fn: (...args: Args) => Awaitable<A>,
  policy: RetryPolicy,
): ((...args: Args) => Promise<A>) => {
  const { when = () => true, onRetry, signal, wait = systemClock.wait } = policy
  const waits = delays(policy)
  const patient = async (...args: Args): Promise<A> => {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      try {
        return await fn(...args)
      } catch (problem) {
        const delay = waits[attempt - 1]
        if (signal?.aborted === true) throw signal.reason
        if (delay === undefined || !when(problem, attempt)) throw problem
        onRetry?.(problem, attempt, delay)
        await wait(delay, signal)
      }
    }
  }
  return Object.defineProperty(patient, 'name', { value: fn.name, configurable: true })
}
