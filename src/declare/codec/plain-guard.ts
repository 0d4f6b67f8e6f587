import type * as t from 'io-ts'
import { isPlainCodec } from './plain-codec.js'
import type { CodecParts } from './codec-parts.js'
import { isRecord } from '../../base/records.js'

/**
 * A faster `is` for plain codecs: objects and arrays of primitives are checked in one loop, without a call per value.
 * Undefined if the codec is not plain (`isPlainCodec`), so that values that pass need neither `encode` nor `decode`.
 */
export const plainGuard = <A>(codec: t.Type<A, any>): GuardOf<A> | undefined => {
  if (guards.has(codec)) return guards.get(codec)
  const quick = isPlainCodec(codec) ? guardOf(codec) : undefined
  // values the fast guard refuses may still be valid: it does not handle holes and absent fields
  const guard = quick === undefined ? undefined : (value: unknown): value is A => quick(value) || codec.is(value)
  guards.set(codec, guard)
  return guard
}

type Guard = (value: unknown) => boolean

/** True for values that a codec changes in neither direction. */
export type GuardOf<A> = (value: unknown) => value is A

/** Each guard is for the values of its codec, which the type of the map cannot express. */
const guards = new WeakMap<object, GuardOf<any> | undefined>()

/** Kinds of primitives as bits: a field's possible kinds fit into one number. */
const bits: Readonly<Record<string, number>> = {
  StringType: 1,
  NumberType: 2,
  BooleanType: 4,
  NullType: 8,
  UndefinedType: 16,
}

const bitOf = (value: unknown): number => {
  switch (typeof value) {
    case 'string':
      return 1
    case 'number':
      return 2
    case 'boolean':
      return 4
    case 'undefined':
      return 16
    default:
      return value === null ? 8 : 0
  }
}

/** The primitives a codec accepts; 0 for any other codec. */
const maskOf = (codec: CodecParts): number => {
  const bit = bits[codec._tag ?? '']
  if (bit !== undefined) return bit
  if (codec._tag !== 'UnionType' || codec.types === undefined) return 0
  const masks = codec.types.map(maskOf)
  return masks.includes(0) ? 0 : masks.reduce((sum, mask) => sum | mask, 0)
}

const guardOf = (codec: CodecParts): Guard => {
  const mask = maskOf(codec)
  if (mask !== 0) return (value) => (mask & bitOf(value)) !== 0
  switch (codec._tag) {
    case 'InterfaceType':
      return fieldsGuard(codec.props ?? {}, 0)
    case 'PartialType':
      return fieldsGuard(codec.props ?? {}, 16)
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return codec.type === undefined ? codec.is : itemsGuard(codec.type)
    case 'ReadonlyType':
      return codec.type === undefined ? codec.is : guardOf(codec.type)
    case 'IntersectionType': {
      const parts = (codec.types ?? []).map(guardOf)
      return (value) => parts.every((part) => part(value))
    }
    default:
      return codec.is
  }
}

/** A mask of primitives, or a guard if the mask is 0. */
interface Part {
  readonly mask: number
  readonly guard: Guard
}

const partOf = (codec: CodecParts, also: number): Part => {
  const mask = maskOf(codec)
  if (mask !== 0) return { mask: mask | also, guard: codec.is }
  const guard = guardOf(codec)
  return { mask: 0, guard: also === 0 ? guard : (value) => value === undefined || guard(value) }
}

const fieldsGuard = (props: Readonly<Record<string, CodecParts>>, also: number): Guard => {
  const parts = Object.entries(props).map(([name, codec]) => ({ name, ...partOf(codec, also) }))
  return (value) => {
    if (!isRecord(value)) return false
    for (const { name, mask, guard } of parts) {
      const part = value[name]
      if (part === undefined && also === 0) return false // present or absent? `is` decides
      if (mask === 0 ? !guard(part) : (mask & bitOf(part)) === 0) return false
    }
    return true
  }
}

const itemsGuard = (item: CodecParts): Guard => {
  const { mask, guard } = partOf(item, 0)
  return (value) => {
    if (!Array.isArray(value)) return false
    for (let index = 0; index < value.length; index++)
      if (mask === 0 ? !guard(value[index]) : (mask & bitOf(value[index])) === 0) return false
    return true
  }
}
