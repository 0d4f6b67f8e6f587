import type { Place } from '../errors.js'
import { itemAt } from './present.js'

/** Orderings that depend only on the values: the same on every machine, in every locale. */

/** Strings by code unit. */
export const byCodeUnit = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** Whether strings are in that order already. */
export const isSorted = (names: readonly string[]): boolean => {
  for (let at = 1; at < names.length; at++) if (itemAt(names, at - 1) > itemAt(names, at)) return false
  return true
}

/** Places by file, then line, then column. */
export const byPlace = (left: Place, right: Place): number =>
  byCodeUnit(left.origin, right.origin) || left.line - right.line || left.column - right.column

/** Index of the first of the sorted texts that is not smaller than `text`; their number if all are smaller. */
export const firstFrom = (sorted: readonly string[], text: string): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (itemAt(sorted, middle) < text) low = middle + 1
    else high = middle
  }
  return low
}
