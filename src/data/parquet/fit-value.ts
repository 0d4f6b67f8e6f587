import { oncePer } from '../../base/once-per.js'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isUtf8 } from 'node:buffer'
import { decoded, problemUnder } from '../../declare/codec/codec.js'
import type { CodecParts } from '../../declare/codec/codec-parts.js'
import { FormatProblem } from '../../declare/format.js'
import { parsedExactly } from './exact-json.js'
import { exactDate, exactInteger, exactNumber, exactText, isExact, type Exact } from './exact-value.js'
import { fieldsOf, kindOf, type ColumnKind } from '../table/row-schema.js'

/**
 * Values of other writers → what a codec accepts, through lists and records. A number, a `Date` or a string is used
 * only if it represents the stored value exactly; a value that no number can represent is available as a bigint, as a
 * string, or through a custom codec.
 */

/** A value that the codec accepts; throws `FormatProblem` with the path if a part does not fit. */
export const fittedValue = (codec: CodecParts, value: unknown): unknown => {
  const fit = fittedPart(codec, value)
  return codec.is(fit) ? fit : decoded(codec, fit)
}

const kindIn = oncePer((codec: CodecParts): ColumnKind => {
  const { kind } = kindOf(codec)
  return kind
})

/**
 * The best form of a value for the codec, which checks it afterwards. Throws `FormatProblem` if information would be
 * lost.
 */
export const fittedPart = (codec: CodecParts, value: unknown): unknown => {
  if (value === null || value === undefined) return value
  switch (kindIn(codec)) {
    case 'number':
    case 'integer':
      return numberOf(codec, value)
    case 'bigint':
      return bigintOf(codec, value)
    case 'boolean':
      return value
    case 'text':
      return textOf(codec, value)
    case 'date':
      return dateOf(codec, value)
    case 'encoded':
      return firstDecoded(codec, choicesOf(value))
    case 'json':
      return structured(codec, isExact(value) && value._tag === 'JsonText' ? parsedExactly(value.text).value : value)
  }
}

const refused = (codec: CodecParts, value: Exact | bigint | Uint8Array, why: string): FormatProblem =>
  new FormatProblem(`expected ${codec.name}, got ${shown(value)}, ${why}`, {
    hint:
      value instanceof Uint8Array
        ? 'give the column a codec of your own that decodes a Uint8Array'
        : 'use t.bigint or t.string, or a codec of your own that decodes one of them',
  })

const shown = (value: Exact | bigint | Uint8Array): string =>
  typeof value === 'bigint'
    ? `${value}n`
    : value instanceof Uint8Array
      ? `${value.length} bytes 0x${Buffer.from(value.subarray(0, 16)).toString('hex')}`
      : exactText(value)

const numberOf = (codec: CodecParts, value: unknown): unknown => {
  if (typeof value === 'bigint') return BigInt(Number(value)) === value ? Number(value) : value
  if (!isExact(value)) return value
  if (value._tag === 'JsonText') return numberOf(codec, parsedExactly(value.text).value)
  const number = value._tag === 'Decimal' ? exactNumber(value) : undefined
  if (number === undefined) throw refused(codec, value, 'which no number represents exactly')
  return number
}

const bigintOf = (codec: CodecParts, value: unknown): unknown => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (!isExact(value)) return value
  if (value._tag === 'Decimal') {
    const integer = exactInteger(value)
    if (integer === undefined) throw refused(codec, value, 'which is not an integer')
    return integer
  }
  if (value._tag === 'Instant' || value._tag === 'TimeOfDay') return BigInt(value.units)
  if (value._tag === 'JsonText') return bigintOf(codec, parsedExactly(value.text).value)
  throw refused(codec, value, 'which is not an integer')
}

const textOf = (codec: CodecParts, value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}`
  if (value instanceof Uint8Array) {
    const text = textIn(value)
    if (text === undefined) throw refused(codec, value, 'which are not UTF-8')
    return text
  }
  return isExact(value) ? exactText(value) : value
}

/** The text encoded in bytes; undefined if they are not UTF-8. */
export const textIn = (bytes: Uint8Array): string | undefined =>
  isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : undefined

const dateOf = (codec: CodecParts, value: unknown): unknown => {
  if (typeof value === 'string') return decoded(codec, value)
  if (!isExact(value)) return value
  const date = value._tag === 'Instant' || value._tag === 'Day' ? exactDate(value) : undefined
  if (date === undefined)
    throw refused(
      codec,
      value,
      value._tag === 'Instant' ? 'which a Date cannot hold: it has milliseconds' : 'which is no Date',
    )
  return date
}

/** Candidate forms of a value for a custom codec, the most likely first. None loses information. */
const choicesOf = (value: unknown): readonly unknown[] => {
  if (typeof value === 'bigint') return [value, ...(BigInt(Number(value)) === value ? [Number(value)] : []), `${value}`]
  if (value instanceof Uint8Array) return [value, ...(isUtf8(value) ? [textIn(value)] : [])]
  if (!isExact(value)) return [value]
  const text = exactText(value)
  switch (value._tag) {
    case 'Decimal': {
      const [number, integer] = [exactNumber(value), exactInteger(value)]
      const numbers = [...(number === undefined ? [] : [number]), ...(integer === undefined ? [] : [integer])]
      // one choice for all values of a column
      return value.precision <= 15 ? [...numbers, text] : [text, ...numbers.reverse()]
    }
    case 'Instant':
    case 'Day': {
      const date = exactDate(value)
      return [...(date === undefined ? [] : [date]), text, ...(value._tag === 'Instant' ? [value.units] : [])]
    }
    case 'TimeOfDay':
      return [value.units, text]
    case 'JsonText':
      return [parsedExactly(text).value, text]
  }
}

/** The first choice that a codec accepts, as it is or decoded. */
const firstDecoded = (codec: t.Type<any, any>, choices: readonly unknown[]): unknown => {
  for (const choice of choices) {
    if (codec.is(choice)) return choice
    const outcome = codec.decode(choice)
    if (E.isRight(outcome)) return outcome.right
  }
  return decoded(codec, choices[0])
}

const under = <A>(name: string | number, fit: () => A): A => {
  try {
    return fit()
  } catch (cause) {
    throw cause instanceof FormatProblem ? problemUnder(`/${name}`, cause) : cause
  }
}

/** Lists, records and unions, part by part. */
const structured = (codec: CodecParts, value: unknown): unknown => {
  switch (codec._tag) {
    case 'ReadonlyType':
    case 'RefinementType':
    case 'ExactType':
    case 'StrictType':
      if (codec.props === undefined && codec.type !== undefined) return fittedPart(codec.type, value)
      return recordOf(codec, value)
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return Array.isArray(value)
        ? value.map((item, index) => under(index, () => fittedPart(codec.type ?? t.unknown, item)))
        : plain(value)
    case 'TupleType':
      return Array.isArray(value)
        ? value.map((item, index) => under(index, () => fittedPart(codec.types?.[index] ?? t.unknown, item)))
        : plain(value)
    case 'InterfaceType':
    case 'PartialType':
    case 'IntersectionType':
      return recordOf(codec, value)
    case 'DictionaryType':
      return isRecord(value)
        ? Object.fromEntries(
            Object.entries(value).map(([name, part]) => [
              name,
              under(name, () => fittedPart(codec.codomain ?? t.unknown, part)),
            ]),
          )
        : plain(value)
    case 'UnionType':
      return branchOf(codec, value)
    default:
      return plain(value)
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isExact(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const recordOf = (codec: CodecParts, value: unknown): unknown => {
  const fields = fieldsIn(codec)
  if (fields === undefined || !isRecord(value)) return plain(value)
  const parts = Object.entries(value).flatMap(([name, part]): readonly (readonly [string, unknown])[] => {
    const field = fields.get(name)
    if (field === undefined) return [[name, plain(part)]]
    // a gap is an absent field
    if (part === null && !field.is(null)) return field.is(undefined) || isPartial(codec, name) ? [] : [[name, null]]
    return [[name, under(name, () => fittedPart(field, part))]]
  })
  return Object.fromEntries(parts)
}

const isPartial = (codec: CodecParts, name: string): boolean =>
  fieldsOf(codec).some(([field, , optional]) => field === name && optional)

const known = new WeakMap<object, ReadonlyMap<string, CodecParts>>()

const fieldsIn = (codec: CodecParts): ReadonlyMap<string, CodecParts> | undefined => {
  const before = known.get(codec)
  if (before !== undefined) return before
  try {
    const fields = new Map(fieldsOf(codec).map(([name, field]) => [name, field]))
    known.set(codec, fields)
    return fields
  } catch {
    return undefined // an intersection of something other than records
  }
}

const branchOf = (codec: CodecParts, value: unknown): unknown => {
  let problem: unknown
  for (const branch of codec.types ?? []) {
    try {
      return fittedValue(branch, value)
    } catch (cause) {
      problem ??= cause
    }
  }
  if ((codec.types?.length ?? 0) === 1 || isExact(value)) throw problem
  return plain(value)
}

/** A value without a codec: a number or a `Date` if exact, otherwise a bigint or string; bytes unchanged. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
  if (typeof value === 'bigint') return BigInt(Number(value)) === value ? Number(value) : value
  if (!isExact(value)) return value
  if (value._tag === 'JsonText') return parsedExactly(value.text).value
  return (
    (value._tag === 'Decimal' ? exactNumber(value) : value._tag === 'TimeOfDay' ? undefined : exactDate(value)) ??
    exactText(value)
  )
}
