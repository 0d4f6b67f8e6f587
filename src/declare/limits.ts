import * as t from 'io-ts'
import { numberWhere } from './codec/guarded.js'

/**
 * Codecs of numbers that say how much, how often, how long. Not a number is none of them: compared with anything it is
 * false, and nothing would ever start or end.
 */

/** How many at once; `Infinity` is no limit. */
export const AtOnce = numberWhere('a number from 1', (value) => value >= 1)
/** How many in all. */
export const Times = numberWhere(
  'a whole number from 1',
  (value) => value >= 1 && (Number.isInteger(value) || value === Infinity),
)
/** A time that may be nothing, in milliseconds. */
export const Wait = numberWhere('a number of milliseconds from 0', (value) => value >= 0)
/** A time, in milliseconds; `Infinity` is no end. */
export const Duration = numberWhere('a number of milliseconds above 0', (value) => value > 0)
/** How much. */
export const Amount = numberWhere('a number from 0', (value) => value >= 0)

/** What `retry` of a task may be. */
export const RetryCodec = t.intersection(
  [t.type({ attempts: Times }), t.partial({ delay: Wait, factor: Amount, maxDelay: Wait })],
  'Retry',
)
