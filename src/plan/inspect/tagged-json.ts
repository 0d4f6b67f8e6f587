import { isEncodedList, type Encoded } from '../../declare/types.js'

/** A value as plain JSON data; `fromTagged` restores it. */
export const toTagged = (value: Encoded): unknown => {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (isEncodedList(value)) return value.map(toTagged)
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name.startsWith('$') ? `$${name}` : name, toTagged(field)]),
  )
}

/**
 * Restores a value from the result of `toTagged`; undefined for anything `toTagged` never writes. Recursive: only for
 * values of bounded depth.
 */
export const fromTagged = (value: Encoded): Encoded | undefined => {
  if (typeof value !== 'object' || value === null) return value
  if (isEncodedList(value)) {
    const items = value.map(fromTagged).filter((item) => item !== undefined)
    return items.length < value.length ? undefined : Object.freeze(items)
  }
  const fields = Object.entries(value)
  if (fields.length === 1 && fields[0]?.[0] === '$bigint') {
    const digits = fields[0][1]
    return typeof digits === 'string' && /^-?\d{1,100000}$/.test(digits) ? BigInt(digits) : undefined
  }
  const plain: [string, Encoded][] = []
  for (const [tagged, field] of fields) {
    const read = fromTagged(field)
    if (read === undefined || (tagged.startsWith('$') && !tagged.startsWith('$$'))) return undefined
    plain.push([tagged.startsWith('$') ? tagged.slice(1) : tagged, read])
  }
  return Object.freeze(Object.fromEntries(plain))
}
