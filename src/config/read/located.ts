import type { Place, PlanError, PlanWarning } from '../../errors.js'
import type { ConfigValue, Located } from '../config-types.js'

/** The result of reading a text or an object; `located` is undefined if it is empty. */
export interface Reading {
  readonly located: Located | undefined
  readonly errors: readonly PlanError[]
  readonly warnings: readonly PlanWarning[]
}

/** A scalar value. */
export const locatedScalar = (value: null | boolean | number | string, place: Place): Located => ({
  value: Object.is(value, -0) ? 0 : value,
  place,
})

/**
 * A map from its entries. Values are plain objects, which codecs and users expect. All readers reject `__proto__`
 * before this; any other key (`constructor`, …) becomes an own property.
 */
export const locatedMap = (parts: ReadonlyMap<string, Located>, place: Place): Located => {
  const value: Record<string, ConfigValue> = {}
  for (const [name, part] of parts) value[name] = part.value
  return { value: Object.freeze(value), place, parts }
}

/** A list from its items. */
export const locatedList = (items: readonly Located[], place: Place): Located => ({
  value: Object.freeze(items.map((item) => item.value)),
  place,
  parts: new Map(items.map((item, index) => [String(index), item])),
})

/** True for a map; false for lists, null and scalars. */
export const isMap = (value: ConfigValue): value is { readonly [name: string]: ConfigValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Describes a value in messages: `the number 3`, `a list`. */
export const kindOf = (value: ConfigValue): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'object':
      return 'a map'
    case 'string':
      return `the text '${value.length > 40 ? `${value.slice(0, 39)}…` : value}'`
    default:
      return `${typeof value === 'number' ? 'the number ' : ''}${value}`
  }
}

/** The error of a rejected key: it would change the prototype of an object. */
export const refusedKey = (key: string, place: Place): PlanError | undefined =>
  key === '__proto__' ? { _tag: 'UnsafeName', place, what: 'key', name: key } : undefined

/**
 * The error of a number that a double cannot hold: an integer beyond 2^53 would be rounded silently, a float beyond
 * 1e308 would become infinite.
 */
export const numberProblem = (value: number, source: string, place: Place): PlanError | undefined => {
  if (Math.abs(value) < 2 ** 53 || Number.isNaN(value)) return undefined
  const text = source.replace(/^\+/, '')
  const wrong: PlanError = {
    _tag: 'NumberTooLarge',
    place,
    text: source.length > 60 ? `${source.slice(0, 59)}…` : source,
  }
  if (/^-?(?:\d+|0x[0-9a-fA-F]+|0o[0-7]+)$/.test(text))
    return text.replace('-', '') === '9007199254740992' ? undefined : wrong
  return Number.isFinite(value) || /inf$/i.test(text) ? undefined : wrong
}
