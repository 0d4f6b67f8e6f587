import * as t from 'io-ts'

/** A codec of values that pass a guard, kept as they are. */
export const guarded = <A>(name: string, is: (value: unknown) => value is A): t.Type<A> =>
  new t.Type(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity)

/** A codec of numbers that are so. */
export const numberWhere = (name: string, holds: (value: number) => boolean): t.Type<number> =>
  guarded(name, (value): value is number => typeof value === 'number' && holds(value))
