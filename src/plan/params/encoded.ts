import type { Encoded } from '../../declare/types.js'
import { anInstance, isList, isObject, isObjectPrototype, type Fields } from '../../base/records.js'
import { messageOf } from '../../base/thrown.js'

/** `Array.isArray` for encoded data: anything else then narrows to a record. */
export const isEncodedList = (value: Encoded): value is readonly Encoded[] => Array.isArray(value)

/** A value that is not allowed in an encoded form, with its path. */
export interface EncodingProblem {
  readonly path: string
  readonly problem: string
}

export type EncodingOutcome =
  | { readonly _tag: 'Encoded'; readonly value: Encoded }
  | ({ readonly _tag: 'Refused' } & EncodingProblem)

/** Deeper or larger values are rejected: no config needs them, and later steps can recurse safely. */
const deepest = 200
const largest = 1_000_000

/**
 * A frozen copy of a value in the only form allowed in plans and keys: JSON and bigint.
 * Records keep the order of their names (keys do not depend on it), -0 becomes 0, undefined fields are omitted.
 * Rejects NaN, infinities, undefined elsewhere, dates, class instances, functions and symbols, with the path.
 */
export const toEncoded = (value: unknown): EncodingOutcome => encodedIn(value, 'as given')

type NameOrder = 'as given' | 'sorted'

const encodedIn = (value: unknown, order: NameOrder): EncodingOutcome => {
  const simple = encodedSimple(value)
  if (simple !== undefined) return { _tag: 'Encoded', value: simple }
  try {
    return { _tag: 'Encoded', value: copy(value, '', { left: largest, depth: 0, order }) }
  } catch (cause) {
    if (isRefusal(cause)) return { _tag: 'Refused', path: cause.path, problem: cause.problem }
    // a getter or a proxy that throws
    return { _tag: 'Refused', path: '', problem: `reading it failed: ${messageOf(cause)}` }
  }
}

/** A frozen copy, with sorted names, of plain data owned by other code; anything else is returned unchanged. */
export const frozenData = <A extends object>(data: A): A => {
  const copied = encodedIn(data, 'sorted')
  return copied._tag === 'Encoded' ? (copied.value as A) : data // equal, name by name
}

interface Refusal extends EncodingProblem {
  readonly refusal: true
}
const refuse = (path: string, problem: string): never => {
  // oxlint-disable-next-line typescript/only-throw-error -- only caught by `toEncoded`, which needs no stack
  throw { refusal: true, path, problem } satisfies Refusal
}
const isRefusal = (cause: unknown): cause is Refusal =>
  typeof cause === 'object' && cause !== null && 'refusal' in cause

/** The encoded form of a string, boolean, bigint, number or null; undefined for anything else. */
export const encodedSimple = (value: unknown): Encoded | undefined => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value
    case 'number':
      return Number.isFinite(value) ? (value === 0 ? 0 : value) : undefined
    default:
      return value === null ? null : undefined
  }
}

interface Budget {
  left: number
  depth: number
  readonly order: NameOrder
}

const copy = (value: unknown, path: string, budget: Budget): Encoded => {
  const simple = encodedSimple(value)
  if (simple !== undefined) return simple
  if (!isObject(value)) return refuse(path, nameOf(value))
  if (++budget.depth > deepest) return refuse(path.slice(0, 60), 'nested too deeply, or a cycle')
  const made = isList(value) ? copyList(value, path, budget) : copyRecord(value, path, budget)
  budget.depth--
  return made
}

const copyList = (list: readonly unknown[], path: string, budget: Budget): Encoded => {
  if ((budget.left -= list.length + 1) < 0) return refuse('', `more than ${largest} parts`)
  const items: Encoded[] = []
  for (let index = 0; index < list.length; index++) items.push(copy(list[index], `${path}/${index}`, budget))
  return Object.freeze(items)
}

const copyRecord = (record: Fields, path: string, budget: Budget): Encoded => {
  const prototype: unknown = Object.getPrototypeOf(record)
  if (prototype !== null && !isObjectPrototype(prototype)) return refuse(path, nameOf(record))
  const names = Object.keys(record)
  if (budget.order === 'sorted') names.sort()
  if ((budget.left -= names.length + 1) < 0) return refuse('', `more than ${largest} parts`)
  if (Object.getOwnPropertySymbols(record).length > 0) return refuse(path, 'a record with symbols as names')
  const fields: [string, Encoded][] = []
  for (const name of names) {
    const field = record[name]
    if (field !== undefined) fields.push([name, copy(field, `${path}/${name}`, budget)])
  }
  return Object.freeze(Object.fromEntries(fields)) // fromEntries takes '__proto__' as a name like any other
}

const nameOf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'number' || value === undefined ? String(value) : `a ${typeof value}`
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  return tag === 'Object' ? anInstance(value) : `a ${tag}`
}

/** Whether two values of plain data are equal; the order of names is ignored. */
export const sameData = (left: unknown, right: unknown): boolean => {
  if (left === right) return true
  if (!isObject(left) || !isObject(right)) return false
  if (isList(left) || isList(right))
    return (
      isList(left) &&
      isList(right) &&
      left.length === right.length &&
      left.every((item, index) => sameData(item, right[index]))
    )
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && sameData(left[name], right[name]))
  )
}

/** Whether a value may contain a parameter object, whose form in the key can differ from that in the plan. */
export const holdsObject = (value: Encoded): boolean => {
  if (typeof value !== 'object' || value === null) return false
  if (isEncodedList(value)) return value.some(holdsObject)
  return Object.hasOwn(value, 'class') || Object.values(value).some(holdsObject)
}

/** Whether `toTagged` would change nothing about a value. If in doubt, false. */
export const isUntagged = (value: Encoded, depth = 0): boolean => {
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint'
  if (depth > 5) return false
  if (isEncodedList(value)) return value.every((item) => isUntagged(item, depth + 1))
  for (const name in value) {
    const one = value[name]
    if (name.startsWith('$') || (one !== undefined && !isUntagged(one, depth + 1))) return false
  }
  return true
}

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
