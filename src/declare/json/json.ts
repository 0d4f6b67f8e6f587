import { oncePer } from '../../base/once-per.js'
import type * as t from 'io-ts'
import { FormatProblem, makeFormat, type AnyFormat, type DataSpec, type Format } from '../format.js'
import { checked, decoded } from '../codec/codec.js'
import { jsonBytes, parsedJson } from './json-bytes.js'
import { isPlainCodec } from '../codec/plain-codec.js'
import { plainGuard } from '../codec/plain-guard.js'
import type { KeptAsJson } from './json-check.js'
import { anInstance, isList, isObject, isObjectPrototype, tagOf, type Fields } from '../../base/records.js'

/**
 * Stores a value as JSON (`.json`) through an io-ts codec. A bare codec as `data` means the same.
 * Values that JSON cannot give back are a compile error if the encoded type shows it, and otherwise a `WrongResult` at
 * run time: NaN, infinities, undefined, dates without a codec, class instances.
 *
 * @example
 * const titles = defineTask({ inputs: { allMovies }, data: json(t.array(t.string)) }).run(({ allMovies }) =>
 *   allMovies.map(({ title }) => title),
 * )
 */
export const json = <A, O>(codec: t.Type<A, O> & KeptAsJson<O>): Format<A> => jsonFormat<A>(codec)

/** `json` without the compile-time check, for codecs that were already checked. */
export const jsonFormat = <A>(codec: t.Type<A, any>): Format<A> =>
  makeFormat(
    'json',
    'json',
    {
      storage: 'file',
      encode: (value) => jsonBytes(toJson(codec, value)),
      decode: async (source) => fromJson(codec, parsedJson(await source.bytes())),
      settle: (value) => (isPlainCodec(codec) && comesBack(value, deepest) ? { value } : undefined),
    },
    codec.name,
  )

/** The form of a value that is written as JSON; throws `FormatProblem` if the codec or JSON refuses it. */
export const toJson = <A>(codec: t.Type<A, any>, value: unknown, guard = plainGuard(codec)): unknown => {
  try {
    const encoded: unknown = guard?.(value) === true ? value : codec.encode(checked(codec, value))
    if (!isKept(encoded, deepest)) refuseLosses(encoded)
    return encoded
  } catch (cause) {
    if (cause instanceof RangeError) throw new FormatProblem('nested too deeply, or a cycle', { cause })
    throw cause
  }
}

/** Decodes a parsed value; throws `FormatProblem` with the path if the codec refuses it. */
export const fromJson = <A>(codec: t.Type<A, any>, parsed: unknown, guard = plainGuard(codec)): A =>
  guard !== undefined && guard(parsed) ? parsed : decoded(codec, parsed)

/** JSON text of a value that JSON gives back unchanged; throws `FormatProblem` with the path to what it would lose. */
export const jsonText = (value: unknown): string => {
  if (!isKept(value, deepest)) refuseLosses(value)
  return JSON.stringify(value)
}

/** Depth limit of the fast walks; deeper values are walked without recursion. */
const deepest = 1000

/** True if JSON loses nothing that a reader would miss. One cheap pass; if not, `refuseLosses` finds the place. */
const isKept = (value: unknown, depth: number): boolean => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return value - value === 0
    case 'object':
      return (
        value === null ||
        (depth > 0 &&
          (Array.isArray(value) ? areKept(value, depth - 1) : isPlainObject(value) && fieldsAreKept(value, depth - 1)))
      )
    default:
      return false
  }
}

/**
 * By index: `every` skips holes, which JSON turns into null. Primitives are checked inline: a call for each would cost
 * as much as `stringify`.
 */
const areKept = (values: readonly unknown[], depth: number): boolean => {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value === 'string' || (typeof value === 'number' && value - value === 0)) continue
    if (!isKept(value, depth)) return false
  }
  return true
}

const fieldsAreKept = (record: Fields, depth: number): boolean => {
  for (const name in record) {
    const value = record[name]
    if (typeof value === 'string' || (typeof value === 'number' && value - value === 0)) continue
    if (!isKept(value, depth)) return false
  }
  return true
}

/** True if the result of `JSON.parse` equals a value that `isKept`, including the sign of zero and prototypes. */
const comesBack = (value: unknown, depth: number): boolean => {
  if (typeof value === 'number') return value !== 0 || !Object.is(value, -0)
  if (Array.isArray(value)) {
    if (depth === 0 || Object.getPrototypeOf(value) !== Array.prototype) return false
    // named properties, as on the match of a regular expression
    if (value.length <= 64 && Object.keys(value).length !== value.length) return false
    for (let index = 0; index < value.length; index++) if (!comesBack(value[index], depth - 1)) return false
    return true
  }
  if (!isObject(value)) return true
  if (depth === 0) return false
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false
  for (const name in value) if (!comesBack(value[name], depth - 1)) return false
  return true
}

const isPlainObject = (value: object): value is Fields => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || isObjectPrototype(prototype)
}

/** Walks a value without recursion and throws at the first part that JSON would change. */
const refuseLosses = (root: unknown): void => {
  const waiting: { value: unknown; path: string }[] = [{ value: root, path: '' }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next
    const problem = lostAlone(value)
    if (problem !== undefined)
      throw new FormatProblem(`${problem} at ${path === '' ? 'the top' : path} cannot be kept as JSON`, {
        path,
        hint: lossHint,
      })
    if (!isObject(value)) continue
    if (path.length > 20_000)
      throw new FormatProblem(`nested too deeply, or a cycle, at ${path.slice(0, 80)}…`, { path: path.slice(0, 80) })
    for (const [name, part] of isList(value) ? value.entries() : Object.entries(value)) {
      if (typeof part === 'object' || lostAlone(part) !== undefined)
        waiting.push({ value: part, path: `${path}/${name}` })
    }
  }
}

const lossHint = 'encode it in the codec, use null instead of undefined and NaN, or choose another format'

const lostAlone = (value: unknown): string | undefined => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : String(value)
    case 'object': {
      if (value === null || Array.isArray(value) || isPlainObject(value)) return undefined
      if (value instanceof Date) return 'a Date'
      return anInstance(value)
    }
    default:
      return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`
  }
}

/** True for a format, false for a bare codec. */
export const isFormat = (data: DataSpec): data is AnyFormat => tagOf(data) === 'Format'

/** The format for `data`: itself, or `json` of a bare codec. One object per codec. */
export const formatOf = (data: DataSpec): AnyFormat => (isFormat(data) ? data : formatOfCodec(data))

const formatOfCodec = oncePer((codec: Exclude<DataSpec, AnyFormat>): AnyFormat => jsonFormat(codec))
