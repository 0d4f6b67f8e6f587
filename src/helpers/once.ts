import type { Awaitable } from '../declare/types.js'

/**
 * A value that is created once, on first use. A failure is not kept: the next call tries again.
 *
 * @example
 * const model = once(() => ({ predict: (n: number) => 2 * n }))
 * ;(await model()).predict(4) // => 8
 */
export const once = <A>(make: () => Awaitable<A>): (() => Promise<A>) => {
  let made: Promise<A> | undefined
  return () => {
    made ??= (async () => make())().catch((problem: unknown) => {
      made = undefined
      throw problem
    })
    return made
  }
}
