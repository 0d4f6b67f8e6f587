import { FormatProblem } from '../declare/format.js'

/** Whether there are items to go through, at once or one after the other as they come. */
const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)

/** What `run` returned, to go through; `what` it should have been. Throws `FormatProblem`. */
export const itemsOf = (returned: unknown, what: string): Iterable<unknown> | AsyncIterable<unknown> => {
  if (isIterable(returned)) return returned
  throw new FormatProblem(`expected ${what} to iterate over`, {
    hint: 'make run a generator (function*), or return an array',
  })
}
