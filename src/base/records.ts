/** Fields of plain records, whatever their names: `constructor` and `__proto__` are names like any other. */

/** An object about whose fields nothing is known. */
export type Fields = Readonly<Record<string, unknown>>

/** True for anything with fields: records, lists and instances. */
export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** True for any object but a list. */
export const isRecord = (value: unknown): value is Fields => isObject(value) && !Array.isArray(value)

/** `Array.isArray` without `any`: elements are `unknown`. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** An own field of a record, never an inherited one. */
export const own = <A>(record: { readonly [name: string]: A }, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** Names of both records, each once: those of the first in their order, then those only in the second. */
export const namesOfBoth = (first: object, second: object): readonly string[] => [
  ...new Set([...Object.keys(first), ...Object.keys(second)]),
]

/**
 * A field of any value that was thrown, returned or declared; undefined if missing, or if the value is null or
 * undefined.
 */
export const fieldOf = (value: unknown, name: string | symbol): unknown =>
  // any value but null and undefined has fields
  (value as Readonly<Record<string | symbol, unknown>> | null | undefined)?.[name]

/** The tag of a tagged value, from this or another copy of the library; undefined for anything else. */
export const tagOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && '_tag' in value ? value._tag : undefined

/** True for a record of no class: its prototype is null, or the `Object.prototype` of any realm. */
export const isPlainRecord = (value: unknown): value is Fields => {
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Name of the class of an object, or its tag: `Film`, `Map`; `Object` for a class without a name. */
const classNameOf = (value: unknown): string => {
  const named = fieldOf(fieldOf(Object.getPrototypeOf(value), 'constructor'), 'name')
  const isNamed = typeof named === 'string' && named !== '' && named !== 'Object'
  return isNamed ? named : Object.prototype.toString.call(value).slice(8, -1)
}

/** An object as an instance: `an instance of Film`. */
export const anInstance = (value: unknown): string => {
  const name = classNameOf(value)
  return `an instance of ${name === 'Object' ? 'a class' : name}`
}

/** An instance in words: `a Map`, `an instance of Film`; undefined for plain records, lists and what is no object. */
export const instanceText = (value: unknown): string | undefined => {
  if (!isRecord(value) || isPlainRecord(value)) return undefined
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag === 'Object') return anInstance(value)
  const known = classNameOf(value)
  const name = known === 'Iterator' ? tag : known // the class of all iterators, from Node 22 on
  return `${/^[AEIOU](?!int)/.test(name) ? 'an' : 'a'} ${name}`
}

/** True for `Object.prototype`, also that of another realm: of a worker, a test runner, `node:vm`. */
export const isObjectPrototype = (prototype: unknown): boolean =>
  prototype === Object.prototype ||
  (isObject(prototype) &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'hasOwnProperty') &&
    Object.hasOwn(prototype, 'isPrototypeOf'))

/** The value of a JSON text; undefined if it is none. */
export const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
