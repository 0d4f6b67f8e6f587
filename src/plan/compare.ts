import type { Place } from '../errors.js'

/** Orders that depend on nothing but the values: the same on every machine, in every locale. */

/** Strings by code unit. */
export const byCodeUnit = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** Places by file, then line, then column. */
export const byPlace = (left: Place, right: Place): number => byCodeUnit(left.origin, right.origin) || left.line - right.line || left.column - right.column

/** Errors or warnings by place (those without one first), then by what they say; what is said twice is kept once. */
export const inOrder = <A extends { readonly _tag: string }>(items: readonly A[]): readonly A[] => {
  const told = new Map(items.map((item) => [JSON.stringify(item), item]))
  return [...told]
    .sort(([text, item], [otherText, other]) => byPlaceIfAny(placeOf(item), placeOf(other)) || byCodeUnit(item._tag, other._tag) || byCodeUnit(text, otherText))
    .map(([, item]) => item)
}

const placeOf = (item: object): Place | undefined => (item as { readonly place?: Place | undefined }).place

const byPlaceIfAny = (left: Place | undefined, right: Place | undefined): number =>
  left === undefined || right === undefined ? Number(left !== undefined) - Number(right !== undefined) : byPlace(left, right)
