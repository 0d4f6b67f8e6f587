import type { Place, PlanError, PlanWarning } from '../../errors.js'
import type { ConfigValue, Located } from '../config-types.js'

/** What a text or an object was read into; `located` is undefined where it is empty. */
export interface Reading {
  readonly located: Located | undefined
  readonly errors: readonly PlanError[]
  readonly warnings: readonly PlanWarning[]
}

/** A value without parts. */
export const locatedScalar = (value: null | boolean | number | string, place: Place): Located => ({
  value: Object.is(value, -0) ? 0 : value,
  place,
})

/**
 * A map from its entries. Plain objects hold the values, so that codecs and users see what they know;
 * `__proto__` is refused by all readers before it comes here, any other key (`constructor`, …) becomes an own property.
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

/** True for a map, false for lists, null and scalars. */
export const isMap = (value: ConfigValue): value is { readonly [name: string]: ConfigValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a value is, for messages: `the number 3`, `a list`. */
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

/** Why a key is refused: it would change what an object is made of. */
export const refusedKey = (key: string, place: Place): PlanError | undefined =>
  key === '__proto__' ? { _tag: 'UnsafeName', place, what: 'key', name: key } : undefined

/**
 * The error of a number that a double cannot hold: an integer beyond 2^53 would be rounded without a word, a float
 * beyond 1e308 would be infinite.
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
