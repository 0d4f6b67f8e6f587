import { isPlainRecord } from '../../base/records.js'
/**
 * Normalises a result to what JSON gives back, in this run as in the next. Throws a `TypeError` for what JSON cannot
 * hold.
 */
export const asJson = (value: unknown): unknown => {
  if (value === undefined) return null
  const text = jsonOf(value)
  if (text === undefined) throw new TypeError(`a result that JSON cannot hold: ${typeof value}`)
  return JSON.parse(text)
}

const jsonOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value, refused)
  } catch (problem) {
    if (problem instanceof TypeError && problem.message.startsWith('Converting circular'))
      throw new TypeError('a result that JSON cannot hold: it contains itself')
    throw problem
  }
}

function refused(this: unknown, name: string, value: unknown): unknown {
  const given: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, name) : value
  const what = notInJson(given)
  if (what !== undefined)
    throw new TypeError(`a result that JSON cannot hold: ${what}${name === '' ? '' : ` at ${name}`}`)
  return value
}

/** Describes a value that JSON would drop or change. */
const notInJson = (given: unknown): string | undefined => {
  if (typeof given === 'number') return Number.isFinite(given) ? undefined : String(given)
  if (typeof given === 'bigint' || typeof given === 'function' || typeof given === 'symbol') return typeof given
  if (typeof given !== 'object' || given === null || Array.isArray(given) || isPlainRecord(given)) return undefined
  return given.constructor?.name ?? 'an object of a class'
}
