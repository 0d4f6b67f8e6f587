import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

/** A codec of values that pass a guard, kept as they are. */
export const guarded = <A>(name: string, is: (value: unknown) => value is A): t.Type<A> =>
  new t.Type(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity)

/** A codec of numbers that are so. */
export const numberWhere = (name: string, holds: (value: number) => boolean): t.Type<number> =>
  guarded(name, (value): value is number => typeof value === 'number' && holds(value))

/** A codec of texts of a form. */
export const textLike = (name: string, form: RegExp): t.Type<string> =>
  guarded(name, (value): value is string => typeof value === 'string' && form.test(value))

/** What a text of JSON says, by a codec; undefined where it is no JSON, or says something else. */
export const readJsonText = <A>(codec: t.Type<A, any>, text: string): A | undefined => {
  try {
    const read = codec.decode(JSON.parse(text))
    return E.isRight(read) ? read.right : undefined
  } catch {
    return undefined
  }
}
