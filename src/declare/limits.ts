import * as t from 'io-ts'
import { numberWhere } from './codec/guarded.js'

/**
 * Codecs of amounts, counts and durations. They refuse NaN: every comparison with it is false, so nothing would ever
 * start or end.
 */

/** Number of things at once; `Infinity` means no limit. */
export const AtOnce = numberWhere('a number from 1', (value) => value >= 1)
/** Total number of times. */
export const Times = numberWhere(
  'a whole number from 1',
  (value) => value >= 1 && (Number.isInteger(value) || value === Infinity),
)
/** A duration in milliseconds, possibly zero. */
export const Wait = numberWhere('a number of milliseconds from 0', (value) => value >= 0)
/** A duration in milliseconds; `Infinity` means no end. */
export const Duration = numberWhere('a number of milliseconds above 0', (value) => value > 0)
/** An amount. */
export const Amount = numberWhere('a number from 0', (value) => value >= 0)

/** Valid values of a task's `retry`. */
export const RetryCodec = t.intersection(
  [t.type({ attempts: Times }), t.partial({ delay: Wait, factor: Amount, maxDelay: Wait })],
  'Retry',
)
