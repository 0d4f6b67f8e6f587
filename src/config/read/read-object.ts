import { isObjectPrototype } from '../../base/records.js'
import type { Place, PlanError } from '../../errors.js'
import { limits, tooLarge } from '../limits.js'
import { locatedList, locatedMap, locatedScalar, refusedKey, type Reading } from './located.js'
import type { Located } from '../config-types.js'

/**
 * Reads a config given as an object: plain objects, arrays, text, finite numbers, booleans and null.
 * Undefined entries count as absent. Everything else (functions, instances, cycles, NaN, bigint) is a `BadStructure`,
 * as are objects that throw when they are read.
 */
export const readObject = (origin: string, object: unknown): Reading => {
  const reader: Reader = { errors: [], place: { origin, line: 0, column: 0 }, above: new Set(), count: 0 }
  const located = object === undefined ? undefined : take(reader, object, '', 1)
  return { located, errors: reader.errors, warnings: [] }
}

interface Reader {
  readonly errors: PlanError[]
  /** The place of all values. */
  readonly place: Place
  /** Ancestors of the current object. */
  readonly above: Set<object>
  count: number
}

const add = ({ errors, place }: Reader, problem: PlanError): Located => {
  errors.push(problem)
  return locatedScalar(null, place)
}

const refuse = (reader: Reader, path: string, actual: string): Located =>
  add(reader, {
    _tag: 'BadStructure',
    place: reader.place,
    key: path,
    expected: path === '' ? 'a plain object' : 'text, a finite number, true, false, null, a list or a plain object',
    actual,
  })

const take = (reader: Reader, value: unknown, path: string, depth: number): Located => {
  const { place, above } = reader
  if (reader.count > limits.values) return locatedScalar(null, place)
  if (++reader.count > limits.values) return add(reader, tooLarge('values', place))
  if (value === null || typeof value === 'boolean') return locatedScalar(value, place)
  if (typeof value === 'string')
    return value.length > limits.scalar ? add(reader, tooLarge('scalar', place)) : locatedScalar(value, place)
  if (typeof value === 'number')
    return Number.isFinite(value) ? locatedScalar(value, place) : refuse(reader, path, String(value))
  if (typeof value !== 'object') return refuse(reader, path, value === undefined ? 'undefined' : `a ${typeof value}`)
  if (above.has(value)) return refuse(reader, path, 'an object that contains itself')
  if (depth > limits.depth) return add(reader, tooLarge('depth', place))
  above.add(value)
  try {
    return Array.isArray(value) ? takeList(reader, value, path, depth) : takeMap(reader, value, path, depth)
  } catch {
    return refuse(reader, path, 'an object that throws when it is read') // getters and proxies run user code
  } finally {
    above.delete(value)
  }
}

const takeList = (reader: Reader, value: readonly unknown[], path: string, depth: number): Located => {
  const { place } = reader
  // checked before any item is read
  if (value.length > limits.values - reader.count) return add(reader, tooLarge('values', place))
  return locatedList(
    Array.from(value, (item, index) => take(reader, item, `${path}.${index}`, depth + 1)),
    place,
  )
}

const takeMap = (reader: Reader, value: object, path: string, depth: number): Located => {
  const { place, errors } = reader
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && !isObjectPrototype(prototype)) {
    const { constructor: made } = prototype as { readonly constructor?: { readonly name?: string } }
    return refuse(reader, path, `an instance of ${made?.name ?? 'a class'}`)
  }
  const parts = new Map<string, Located>()
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) continue
    const problem = name.length > limits.key ? tooLarge('key', place) : refusedKey(name, place)
    if (problem === undefined) parts.set(name, take(reader, part, path === '' ? name : `${path}.${name}`, depth + 1))
    else errors.push(problem)
  }
  return locatedMap(parts, place)
}
