import type { Awaitable } from '../declare/types.js'

/**
 * A value that is made when it is first asked for, once. A failure is not kept: the next call tries again.
 *
 * @example
 * const model = lazy(() => loadModel('large'))
 * if (needed) (await model()).predict(row)
 */
export const lazy = <A>(make: () => Awaitable<A>): (() => Promise<A>) => {
  let made: Promise<A> | undefined
  return () => {
    made ??= (async () => make())().catch((problem: unknown) => {
      made = undefined
      throw problem
    })
    return made
  }
}
