import type { Place } from '../errors.js'

/** Orders that depend on nothing but the values: the same on every machine, in every locale. */

/** Strings by code unit. */
export const byCodeUnit = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** Places by file, then line, then column. */
export const byPlace = (left: Place, right: Place): number =>
  byCodeUnit(left.origin, right.origin) || left.line - right.line || left.column - right.column
