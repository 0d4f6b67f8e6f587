import type { Place, PlanError } from '../../errors.js'
import { limits, tooLarge } from '../limits.js'
import { locatedList, locatedMap, locatedScalar, refusedKey, type Reading } from './located.js'
import type { Located } from '../config-types.js'

/**
 * Takes a config that was given as an object: plain objects, arrays, text, finite numbers, booleans and null.
 * Entries that are undefined count as absent. Everything else (functions, instances, cycles, NaN, bigint) is a
 * `BadStructure`, objects that throw when they are read too.
 */
export const readObject = (origin: string, object: unknown): Reading => {
  const errors: PlanError[] = []
  const place: Place = { origin, line: 0, column: 0 }
  const above = new Set<object>()
  let count = 0

  const refuse = (path: string, actual: string): Located => {
    errors.push({
      _tag: 'BadStructure',
      place,
      key: path,
      expected: path === '' ? 'a plain object' : 'text, a finite number, true, false, null, a list or a plain object',
      actual,
    })
    return locatedScalar(null, place)
  }
  const add = (problem: PlanError): Located => {
    errors.push(problem)
    return locatedScalar(null, place)
  }

  const take = (value: unknown, path: string, depth: number): Located => {
    if (count > limits.values) return locatedScalar(null, place)
    if (++count > limits.values) return add(tooLarge('values', place))
    if (value === null || typeof value === 'boolean') return locatedScalar(value, place)
    if (typeof value === 'string')
      return value.length > limits.scalar ? add(tooLarge('scalar', place)) : locatedScalar(value, place)
    if (typeof value === 'number')
      return Number.isFinite(value) ? locatedScalar(value, place) : refuse(path, String(value))
    if (typeof value !== 'object') return refuse(path, typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`)
    if (above.has(value)) return refuse(path, 'an object that holds itself')
    if (depth > limits.depth) return add(tooLarge('depth', place))
    above.add(value)
    try {
      return Array.isArray(value) ? list(value, path, depth) : map(value, path, depth)
    } catch {
      return refuse(path, 'an object that throws when it is read') // getters and proxies run code of the program
    } finally {
      above.delete(value)
    }
  }

  const list = (value: readonly unknown[], path: string, depth: number): Located => {
    if (value.length > limits.values - count) return add(tooLarge('values', place)) // before any is looked at
    const items = Array.from(value, (item, index) => take(item, `${path}.${index}`, depth + 1))
    return locatedList(items, place)
  }

  const map = (value: object, path: string, depth: number): Located => {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== null && !isPlain(prototype))
      return refuse(
        path,
        `an instance of ${(prototype as { readonly constructor?: { readonly name?: string } }).constructor?.name ?? 'a class'}`,
      )
    const parts = new Map<string, Located>()
    for (const [name, part] of Object.entries(value)) {
      if (part === undefined) continue
      const problem = name.length > limits.key ? tooLarge('key', place) : refusedKey(name, place)
      if (problem === undefined) parts.set(name, take(part, path === '' ? name : `${path}.${name}`, depth + 1))
      else errors.push(problem)
    }
    return locatedMap(parts, place)
  }

  return { located: object === undefined ? undefined : take(object, '', 1), errors, warnings: [] }
}

/** `Object.prototype` of this or another realm (a test runner's, say). */
const isPlain = (prototype: unknown): boolean =>
  prototype === Object.prototype ||
  (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'))
