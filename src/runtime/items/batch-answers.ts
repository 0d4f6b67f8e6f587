import { messageOf } from '../../base/thrown.js'
import type { Tried } from './attempts.js'

/** Splits the answer of a batch into one per item. */

/** A batch whose results cannot be assigned to its items. */
export class BatchMismatch extends Error {
  override readonly name = 'BatchMismatch'
}

/**
 * The answer for each item of a batch. A list of a different length than the items says nothing about any of them; a
 * map fails only the items it lacks. An `Error` in place of a result fails that item alone.
 */
export const batchAnswers = (
  tried: Tried,
  keys: readonly string[],
  mask: (text: string) => string,
): readonly Tried[] => {
  if (tried._tag === 'failed') return keys.map(() => tried)
  const { value: given, attempts } = tried
  const failed = (problem: unknown): Tried => ({ _tag: 'failed', problem: mask(messageOf(problem)), attempts })
  const resultOf = (value: unknown): Tried =>
    value instanceof Error ? failed(value) : { _tag: 'value', value, attempts }
  if (given instanceof Map)
    return keys.map((key) =>
      given.has(key)
        ? resultOf(given.get(key))
        : failed(new BatchMismatch(`the batch of ${keys.length} items gave no result for this one`)),
    )
  if (Array.isArray(given) && given.length === keys.length) return given.map(resultOf)
  const what = Array.isArray(given) ? `${given.length} results` : `${given === null ? 'null' : typeof given}`
  const problem = failed(
    new BatchMismatch(
      `the batch gave ${what} for ${keys.length} items: which belongs to which is unknown; ` +
        'give one result per item in their order (an Error for one that failed), or a Map by the keys of the context',
    ),
  )
  return keys.map(() => problem)
}
