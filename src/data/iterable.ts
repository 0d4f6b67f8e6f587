import { FormatProblem } from '../declare/format.js'

/** True for synchronous and asynchronous iterables. */
const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)

/** The iterable that `run` returned; `what` describes the expected value. Throws `FormatProblem`. */
export const itemsOf = (returned: unknown, what: string): Iterable<unknown> | AsyncIterable<unknown> => {
  if (isIterable(returned)) return returned
  throw new FormatProblem(`expected ${what} to iterate over`, {
    hint: 'make run a generator (function*), or return an array',
  })
}
