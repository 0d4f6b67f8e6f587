import { oncePer } from '../../base/once-per.js'
import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { isObject } from '../../base/records.js'
import { partsIn, type CodecParts } from './codec-parts.js'

/**
 * Reports list elements beyond the end of a tuple, once per list: io-ts drops them silently.
 *
 * @example surplusOf(t.tuple([t.number, t.number]), [1, 2, 3], [])   // one error, about the third element
 */
export const surplusOf = (codec: t.Type<any, any>, value: unknown, context: t.Context): t.Errors => {
  const errors: t.ValidationError[] = []
  if (holdsTuple(codec)) collect(codec, value, context, errors)
  return errors
}

const collect = (codec: CodecParts, value: unknown, context: t.Context, errors: t.ValidationError[]): void => {
  if (!isObject(value) || !holdsTuple(codec)) return
  const into = (key: string, type: CodecParts, actual: unknown): void =>
    collect(type, actual, [...context, { key, type, actual }], errors)
  const { _tag: tag, type, types = [], props = {}, codomain } = codec
  switch (tag) {
    case 'TupleType':
      if (!Array.isArray(value)) return
      if (cuts(codec, value)) errors.push(surplus(types.length, value, context))
      return types.forEach((part, index) => into(String(index), part, value[index]))
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return Array.isArray(value) && type !== undefined
        ? value.forEach((item, index) => into(String(index), type, item))
        : undefined
    case 'InterfaceType':
    case 'PartialType':
      return Object.entries(props).forEach(([name, part]) => into(name, part, value[name]))
    case 'DictionaryType':
      return codomain === undefined
        ? undefined
        : Object.entries(value).forEach(([name, part]) => into(name, codomain, part))
    case 'UnionType': {
      const taken = types.findIndex((branch) => E.isRight(branch.decode(value))) // the one whose value `run` gets
      const branch = types[taken]
      return branch === undefined ? undefined : into(String(taken), branch, value)
    }
    case 'IntersectionType':
      return types.forEach((part, index) => into(String(index), part, value))
    case 'RecursiveType':
      return partsIn(codec).forEach((part) => collect(part, value, context, errors))
    default:
      return type === undefined ? undefined : collect(type, value, context, errors)
  }
}

/** A codec derived from a tuple may well keep elements beyond its end. */
const cuts = (codec: CodecParts, value: readonly unknown[]): boolean => {
  if (value.length <= (codec.types ?? []).length) return false
  const outcome = codec.decode(value)
  return E.isRight(outcome) && Array.isArray(outcome.right) && outcome.right.length < value.length
}

const surplus = (length: number, value: readonly unknown[], context: t.Context): t.ValidationError => ({
  value,
  context: [...context, { key: String(length), type: t.never, actual: value[length] }],
  message: `expected ${length} element${length === 1 ? '' : 's'}, got ${value.length}`,
})

const holdsTuple = oncePer((codec: t.Type<any, any>): boolean => found(codec, new Set()))

const found = (codec: CodecParts, seen: Set<CodecParts>): boolean => {
  if (codec._tag === undefined || codec._tag === 'ObjectType' || seen.has(codec)) return false
  if (codec._tag === 'TupleType') return true
  seen.add(codec)
  return partsIn(codec).some((part) => found(part, seen))
}
