import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { object } from '../object.js'
import { isList, isPlainRecord, tagOf, type Fields } from '../../base/records.js'

/** Any config value, including objects written as `{ class: … }`. */

const anyObject: t.Type<unknown, any> = object()

/** Recognised by code that inspects codecs. */
export class AnyValueType extends t.Type<unknown, unknown> {
  readonly _tag = 'AnyValueType'
  constructor() {
    super('any value', (_value): _value is unknown => true, decodeAny, encodeAny)
  }
}

const decodeAny = (value: unknown, context: t.Context): t.Validation<unknown> => {
  if (isObject(value)) return anyObject.validate(value, asObject(context))
  if (isList(value))
    return E.map((parts: readonly (readonly [string, unknown])[]) => parts.map(([, item]) => item))(
      partsOf(value, context),
    )
  return isPlainRecord(value) ? E.map(Object.fromEntries)(partsOf(value, context)) : t.success(value)
}

const partsOf = (
  value: Fields | readonly unknown[],
  context: t.Context,
): E.Either<t.Errors, (readonly [string, unknown])[]> => {
  const parts: (readonly [string, unknown])[] = []
  const errors: t.ValidationError[] = []
  for (const [key, actual] of Object.entries(value)) {
    const outcome = decodeAny(actual, [...context, { key, type: anyValue, actual }])
    if (E.isRight(outcome)) parts.push([key, outcome.right])
    else for (const error of outcome.left) errors.push(error)
  }
  return errors.length > 0 ? E.left(errors) : E.right(parts)
}

const encodeAny = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(encodeAny)
  if (typeof value === 'function' || (typeof value === 'object' && value !== null && !isPlainRecord(value)))
    return anyObject.encode(value)
  return isPlainRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, encodeAny(part)]))
    : value
}

/** Problems with an object are reported as for any other object codec. */
const asObject = (context: t.Context): t.Context =>
  context.map((entry, index) => (index === context.length - 1 ? { ...entry, type: anyObject } : entry))

const isObject = (value: unknown): boolean =>
  (isPlainRecord(value) && typeof value['class'] === 'string') || tagOf(value) === 'ObjectCall'

/**
 * The codec of any value that may contain objects of registered classes: lists and maps at any depth, with
 * `{ class: … }` turned into the object it describes.
 *
 * @example
 * const options = param(anyValue, { default: {} })
 * const scaled = defineTask({ params: { options }, data: t.string }).run(({ options }) => JSON.stringify(options))
 * await testTask(scaled, { params: { options: { layers: [8, null] } } }) // => '{"layers":[8,null]}'
 */
export const anyValue: t.Type<unknown, unknown> = new AnyValueType()
