import { fieldOf as anyFieldOf } from '../../base/records.js'
/** The data that a record can hold. */
export type Plain = null | boolean | number | bigint | string | readonly Plain[] | { readonly [name: string]: Plain }

/** A task can note anything, such as a graph of its own objects; the rest of the record is as large as its config. */
export const maxNoted = 10_000

/** A record is for people, and its readers are recursive: deeper values are cut off. */
export const deepest = 60

/** Replaces a value that is cut off. */
export const tooDeep = '[cut off: too deep]'

/**
 * Any value as plain data, as far as possible; never throws. Cycles, and values beyond the limits, become a note in
 * brackets (`most`: maximum number of values); `undefined`, functions and symbols are left out of maps and null in
 * lists; dates, maps, sets, errors and instances become their data.
 */
export const plainData = (value: unknown, most = Infinity): Plain => visit({ left: most, above: [] }, value) ?? null

interface Walk {
  /** How many more values are allowed. */
  left: number
  /** Objects that contain the current one. */
  readonly above: object[]
}

const visit = (walk: Walk, value: unknown): Plain | undefined => {
  if (isScalar(value)) return value
  if (typeof value !== 'object') return undefined
  const { above } = walk
  if (above.includes(value)) return '[circular]'
  if (above.length >= deepest) return tooDeep
  if (walk.left <= 0) return '[cut off: too large]'
  above.push(value)
  const depth = above.length
  try {
    return visitData(walk, asData(value))
  } catch {
    return '[unreadable]' // a proxy of the user's
  } finally {
    above.length = depth - 1
  }
}

const isScalar = (value: unknown): value is null | boolean | number | bigint | string =>
  value === null || ['boolean', 'number', 'bigint', 'string'].includes(typeof value)

const visitData = (walk: Walk, data: unknown): Plain | undefined => {
  if (typeof data !== 'object' || data === null) return visit(walk, data)
  if (Array.isArray(data))
    return data.slice(0, Math.max(0, Math.min(walk.left, data.length))).map((item) => {
      walk.left--
      return visit(walk, item) ?? null
    })
  const map: Record<string, Plain> = {}
  for (const name in data) {
    if (!Object.hasOwn(data, name)) continue
    if (--walk.left < 0) {
      map['...'] = '[cut off: too large]'
      break
    }
    const made = visit(walk, fieldOf(data, name))
    if (made === undefined) continue
    if (name === '__proto__') Object.defineProperty(map, name, { value: made, enumerable: true })
    else map[name] = made
  }
  return map
}

/** One step towards plain data. */
const asData = (value: object): unknown => {
  try {
    if (Array.isArray(value)) return value
    const toJson = fieldOf(value, 'toJSON')
    if (typeof toJson === 'function') return Reflect.apply(toJson, value, [])
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return value
    if (value instanceof Error) return `${value.name}: ${value.message}`
    if (value instanceof Map)
      return Object.fromEntries([...value].map(([name, field]): [string, unknown] => [String(name), field]))
    if (value instanceof Set) return [...value]
    return isTypedArray(value) ? Array.from<number | bigint>(value) : value
  } catch {
    return '[unreadable]'
  }
}

const isTypedArray = (value: object): value is ArrayLike<number | bigint> =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

/** A field whose getter may throw. */
const fieldOf = (value: object, name: string): unknown => {
  try {
    return anyFieldOf(value, name)
  } catch {
    return '[unreadable]'
  }
}
