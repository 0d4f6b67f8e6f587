import { jsonIn } from '../../base/records.js'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

/** A codec of values that pass a guard; it leaves them unchanged. */
export const guarded = <A>(name: string, is: (value: unknown) => value is A): t.Type<A> =>
  new t.Type(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity)

/** A codec of numbers that satisfy a condition. */
export const numberWhere = (name: string, holds: (value: number) => boolean): t.Type<number> =>
  guarded(name, (value): value is number => typeof value === 'number' && holds(value))

/** A codec of strings that match a pattern. */
export const textLike = (name: string, form: RegExp): t.Type<string> =>
  guarded(name, (value): value is string => typeof value === 'string' && form.test(value))

/** Parses JSON text with a codec; undefined if it is not JSON or the codec refuses it. */
export const readJsonText = <A>(codec: t.Type<A, any>, text: string): A | undefined => {
  const read = codec.decode(jsonIn(text))
  return E.isRight(read) ? read.right : undefined
}
