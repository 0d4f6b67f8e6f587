import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'

/** Whether a list has anything in it. That of fp-ts loads twenty modules with it, in every process that plans. */
export const isNonEmpty = <A>(list: A[]): list is NonEmptyArray<A> => list.length > 0
