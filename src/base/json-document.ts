import { fieldOf, isObjectPrototype } from './records.js'

/**
 * A JSON document for programs: `schema: 1` first, then its fields.
 * A bigint becomes `{ "$bigint": "12" }` (as in `planToJson`), a number that JSON lacks `{ "$number": "NaN" }`, a date
 * `{ "$date": ISO }`, bytes `{ "$bytes": base64 }`; names that start with `$` get another `$`; `undefined` fields are
 * dropped.
 */
export const jsonDocument = (fields: object, indent?: number): string =>
  `${JSON.stringify(plain({ schema: 1, ...fields }), undefined, indent)}\n`

/** Whether every field is a string, boolean, finite number or null, which JSON writes as it is. */
export const isFlatJson = (fields: object): boolean => {
  for (const name in fields) {
    const value = fieldOf(fields, name)
    const isOne = typeof value === 'number' ? Number.isFinite(value) : value === null || flatTypes.has(typeof value)
    if (!isOne || name.startsWith('$')) return false
  }
  return true
}
const flatTypes: ReadonlySet<string> = new Set(['string', 'boolean', 'undefined'])

const isText = (value: unknown): boolean => typeof value === 'string'

/** A value in JSON form. Cycles are cut with `(circular)`. */
export const plain = (value: unknown, above: readonly object[] = []): unknown => {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) }
  if (typeof value === 'function' || typeof value === 'symbol') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '(circular)'
  if (isObjectPrototype(Object.getPrototypeOf(value)) && isFlatJson(value)) return value
  const inside = [...above, value]
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() }
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.every(isText) ? value : value.map((part) => plain(part ?? null, inside))
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, (part) => plain(part))
  if (value instanceof Map) return Array.from(value, ([key, part]) => [plain(key, inside), plain(part, inside)])
  if (value instanceof Set) return Array.from(value, (part) => plain(part, inside))
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name.startsWith('$') ? `$${name}` : name, plain(part, inside)]),
  )
}
