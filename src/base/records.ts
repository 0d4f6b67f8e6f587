/** Fields of plain records, whatever they are called: `constructor` and `__proto__` are names like any other. */

/** A field of a record itself, never one that it inherits. */
export const own = <A>(record: { readonly [name: string]: A }, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** Names of two records, each once: those of the first in their order, then what only the second has. */
export const namesOfBoth = (first: object, second: object): readonly string[] => [
  ...new Set([...Object.keys(first), ...Object.keys(second)]),
]

/** A field of whatever was thrown or returned: undefined where there is none, and of null and undefined. */
export const fieldOf = (value: unknown, name: string): unknown =>
  (value as Readonly<Record<string, unknown>> | null | undefined)?.[name]
