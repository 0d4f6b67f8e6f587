import { oncePer } from '../../base/once-per.js'
import * as t from 'io-ts'
import { partsIn, type CodecParts } from './codec-parts.js'

/**
 * Whether a codec changes nothing: `decode` returns the very value that `is` accepts, and so does `encode`.
 * Proved by structure: only io-ts's own building blocks count, and only with io-ts's own functions inside, since
 * libraries clone codecs and replace `validate`. If in doubt the answer is no. Computed once per codec.
 */
export const isPlainCodec = oncePer((codec: t.Type<any, any>): boolean => proved(codec, new Set()))

const proved = (codec: CodecParts, above: Set<CodecParts>): boolean => {
  if (above.has(codec)) return true // a recursive type: its enclosing codec decides
  const within = new Set([...above, codec])
  return hasOwnFunctions(codec) && partsIn(codec).every((part) => proved(part, within))
}

/** True if `is`, `validate` and `encode` have the same source as in io-ts's own codec of this tag. */
const hasOwnFunctions = (codec: CodecParts): boolean => {
  if (codec._tag === 'ReadonlyType')
    return codec.is === codec.type?.is && codec.validate === codec.type.validate && codec.encode === codec.type.encode
  if (codec._tag === 'RefinementType')
    return (
      codec.encode === codec.type?.encode &&
      refinement === textOf({ is: codec.is, validate: codec.validate, encode: identity })
    )
  // keys outside the domain are stripped
  if (codec._tag === 'DictionaryType' && codec.domain?._tag !== 'StringType') return false
  return (models[codec._tag ?? ''] ?? []).some((model) => textOf(codec) === model)
}

const textOf = ({ is, validate, encode }: Pick<t.Type<any, any>, 'is' | 'validate' | 'encode'>): string =>
  [is, validate, encode].map((part) => Function.prototype.toString.call(part)).join('\n')

const textsOf = (...codecs: readonly t.Type<any, any>[]): readonly string[] => codecs.map(textOf)

/** Encodes to something else, so that combinators of it show their encode function for the non-identity case. */
const changing = new t.Type<string, string>('changing', t.string.is, t.string.validate, String)

const { identity } = t

const refinement = textOf({ is: t.Int.is, validate: t.Int.validate, encode: identity })

const models: Readonly<Record<string, readonly string[]>> = {
  StringType: textsOf(t.string),
  NumberType: textsOf(t.number),
  BooleanType: textsOf(t.boolean),
  BigIntType: textsOf(t.bigint),
  NullType: textsOf(t.null),
  UndefinedType: textsOf(t.undefined),
  UnknownType: textsOf(t.unknown),
  AnyType: textsOf(t.any),
  AnyArrayType: textsOf(t.UnknownArray),
  AnyDictionaryType: textsOf(t.UnknownRecord),
  LiteralType: textsOf(t.literal('a')),
  KeyofType: textsOf(t.keyof({ a: null })),
  ArrayType: textsOf(t.array(t.string), t.array(changing)),
  ReadonlyArrayType: textsOf(t.readonlyArray(t.string), t.readonlyArray(changing)),
  TupleType: textsOf(t.tuple([t.string]), t.tuple([changing])),
  InterfaceType: textsOf(t.type({ a: t.string }), t.type({ a: changing })),
  PartialType: textsOf(t.partial({ a: t.string }), t.partial({ a: changing })),
  DictionaryType: textsOf(t.record(t.string, t.string), t.record(t.string, changing)),
  UnionType: textsOf(
    t.union([t.string, t.number]),
    t.union([t.string, changing]),
    t.union([t.type({ tag: t.literal('a') }), t.type({ tag: t.literal('b') })]),
    t.union([t.type({ tag: t.literal('a') }), t.type({ tag: t.literal('b'), value: changing })]),
  ),
  IntersectionType: textsOf(t.intersection([t.type({ a: t.string }), t.type({ b: t.string })])),
  RecursiveType: textsOf(t.recursion<string>('a', () => t.string)),
}
