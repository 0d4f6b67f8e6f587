import { isNonEmpty } from './non-empty.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'

/**
 * Lookups that an earlier loop, search or index guarantees to succeed, which the compiler cannot see. A failure is a
 * bug in this library, and throws immediately.
 */

/** The item at an index within a list. */
export const itemAt = <A>(list: ArrayLike<A>, position: number): A => {
  const item = list[position]
  if (item === undefined) throw new RangeError(`no item ${position} in a list of ${list.length}`)
  return item
}

/** The value of a key that a map has. */
export const valueIn = <Name, A>(map: { get(name: Name): A | undefined }, name: Name): A => {
  const value = map.get(name)
  if (value === undefined) throw new RangeError(`no value for '${String(name)}'`)
  return value
}

/** The field of a name that a record has. */
export const fieldIn = <A>(record: { readonly [name: string]: A }, name: string): A => {
  const field = record[name]
  if (field === undefined) throw new RangeError(`no field '${name}'`)
  return field
}

/** A list that is not empty. */
export const nonEmpty = <A>(list: A[]): NonEmptyArray<A> => {
  if (!isNonEmpty(list)) throw new RangeError('an empty list')
  return list
}
