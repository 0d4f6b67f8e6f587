/** Fields of plain records, whatever they are called: `constructor` and `__proto__` are names like any other. */

/** What is known of a value that is an object: nothing, field by field. */
export type Fields = Readonly<Record<string, unknown>>

/** True for anything that has fields: records, lists and instances. */
export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** True for any object but a list. */
export const isRecord = (value: unknown): value is Fields => isObject(value) && !Array.isArray(value)

/** `Array.isArray` for what may hold anything: it makes `any` of the elements. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** A field of a record itself, never one that it inherits. */
export const own = <A>(record: { readonly [name: string]: A }, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** Names of two records, each once: those of the first in their order, then what only the second has. */
export const namesOfBoth = (first: object, second: object): readonly string[] => [
  ...new Set([...Object.keys(first), ...Object.keys(second)]),
]

/** A field of whatever was thrown, returned or declared: undefined where there is none, and of null and undefined. */
export const fieldOf = (value: unknown, name: string | symbol): unknown =>
  // whatever is neither null nor undefined may be asked for a field
  (value as Readonly<Record<string | symbol, unknown>> | null | undefined)?.[name]

/** The tag of a tagged value, of this or another copy of the library; undefined of anything else. */
export const tagOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && '_tag' in value ? value._tag : undefined
