import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'

/** Whether a list is not empty. The function of fp-ts loads twenty modules, in every process that plans. */
export const isNonEmpty = <A>(list: A[]): list is NonEmptyArray<A> => list.length > 0
