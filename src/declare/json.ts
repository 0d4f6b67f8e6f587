import type * as t from 'io-ts'
import { DamagedArtifact, FormatProblem, makeFormat, type AnyFormat, type DataSpec, type Format } from './format.js'
import { checked, decoded } from './codec.js'
import type { KeptAsJson } from './json-check.js'

/**
 * Keeps a value as JSON (`.json`), through an io-ts codec. A codec alone as `data` means the same.
 * What JSON cannot give back is a compile error where the encoded type shows it, and a `WrongResult` at run time where not:
 * NaN, infinities, undefined, dates without a codec, class instances.
 *
 * @example data: json(t.array(Movie))
 */
export const json = <A, O>(codec: t.Type<A, O> & KeptAsJson<O>): Format<A> => jsonFormat(codec as t.Type<A, O>)

/** `json` without the compile-time check, for codecs that were checked already. */
export const jsonFormat = <A>(codec: t.Type<A, any>): Format<A> =>
  makeFormat('json', 'json', {
    storage: 'file',
    encode: (value) => Buffer.from(jsonText(codec.encode(checked(codec, value))), 'utf8'),
    decode: async (source) => decoded(codec, parsed(await source.bytes())),
  })

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch (cause) {
    throw new DamagedArtifact('not JSON', { cause })
  }
}

/** JSON text of a value that JSON gives back unchanged; throws `FormatProblem` with the path to what it would lose. */
export const jsonText = (value: unknown): string => {
  refuseLosses(value)
  const text = JSON.stringify(value)
  if (text === undefined) throw new FormatProblem('undefined cannot be kept as JSON', { hint: 'return null, or keep the value with inMemory()' })
  return text
}

/** Walks a value without recursion and throws at the first part that JSON would change. */
const refuseLosses = (root: unknown): void => {
  const waiting: { value: unknown; path: string }[] = [{ value: root, path: '' }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next
    const problem = lostAlone(value)
    if (problem !== undefined) throw new FormatProblem(`${problem} at ${path === '' ? 'the top' : path} cannot be kept as JSON`, { path, hint: lossHint })
    if (typeof value !== 'object' || value === null) continue
    if (path.length > 20_000) throw new FormatProblem(`nested too deeply, or a cycle, at ${path.slice(0, 80)}…`, { path: path.slice(0, 80) })
    for (const [name, part] of Object.entries(value)) if (typeof part === 'object' || lostAlone(part) !== undefined) waiting.push({ value: part, path: `${path}/${name}` })
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
      if (value === null || Array.isArray(value)) return undefined
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype === null || prototype === Object.prototype) return undefined
      return value instanceof Date ? 'a Date' : `an instance of ${(prototype as { constructor?: { name?: string } }).constructor?.name ?? 'a class'}`
    }
    default:
      return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`
  }
}

/** The format behind `data`: itself, or `json` of a codec alone. One object per codec. */
export const formatOf = (data: DataSpec): AnyFormat => {
  if ((data as { readonly _tag?: unknown })._tag === 'Format') return data as AnyFormat
  const known = formats.get(data)
  if (known !== undefined) return known
  const made = jsonFormat(data as t.Type<any, any>)
  formats.set(data, made)
  return made
}

const formats = new WeakMap<object, AnyFormat>()
