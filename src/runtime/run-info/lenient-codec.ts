import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isRecord } from '../../base/records.js'

/**
 * Codecs for records that may come from elsewhere: an older or newer version of this library, the original in Python,
 * or any other program. Unknown fields are left out; a missing field or one of another type gets the fallback of its
 * codec, or makes the record invalid.
 */

type Fields = Readonly<Record<string, t.Mixed>>

/** The decoded type of a record of fields; optional ones are left out if they decode to undefined. */
type RecordOf<Required extends Fields, Optional extends Fields> = {
  readonly [Name in keyof Required]: t.TypeOf<Required[Name]>
} & { readonly [Name in keyof Optional]?: Exclude<t.TypeOf<Optional[Name]>, undefined> }

/**
 * A codec that only reads: its output is plain data and its own encoding. `is`: a value that reading does not change.
 */
export type Reading<A> = t.Type<A> & {
  /** The same as `decode`, without a list of errors: run infos are read by the thousand. */
  readonly read: (value: unknown) => A | undefined
}

export const reading = <A>(name: string, read: (value: unknown) => A | undefined): Reading<A> =>
  Object.assign(
    new t.Type<A>(
      name,
      (value): value is A => read(value) === value,
      (value, context) => {
        const found = read(value)
        return found === undefined ? t.failure(value, context) : t.success(found)
      },
      t.identity,
    ),
    { read },
  )

const readerOf = <A>(codec: t.Type<A> & Partial<Pick<Reading<A>, 'read'>>): Reading<A>['read'] => {
  if (codec.read !== undefined) return codec.read
  return (value) => {
    const decoded = codec.decode(value)
    return E.isRight(decoded) ? decoded.right : undefined
  }
}

/** A record of these fields, in this order. A value that is not a record has none of them. */
export const lenientRecord = <Required extends Fields, Optional extends Fields>(
  name: string,
  required: Required,
  optional: Optional,
): Reading<RecordOf<Required, Optional>> => {
  const readers = Object.entries({ ...required, ...optional }).map(
    ([field, codec]) => [field, readerOf(codec), Object.hasOwn(required, field)] as const,
  )
  return reading(name, (value) => {
    const given = isRecord(value) ? value : {}
    const found: Record<string, unknown> = {}
    for (const [field, read, isRequired] of readers) {
      const one: unknown = read(given[field])
      if (one !== undefined) found[field] = one
      else if (isRequired) return undefined
    }
    return found as RecordOf<Required, Optional> // each of its fields was read just now
  })
}

/** The fallback for a missing or refused value. */
export const orElse = <A>(codec: t.Type<A>, fallback: NoInfer<A>): Reading<A> => {
  const read = readerOf(codec)
  return reading(codec.name, (value) => read(value) ?? fallback)
}

/** null for a missing or refused value. */
export const orNull = <A>(codec: t.Type<A>): Reading<A | null> => {
  const read = readerOf(codec)
  return reading<A | null>(codec.name, (value) => read(value) ?? null)
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined

/** A text; unquoted in YAML it may look like a number. */
export const text = reading('a text', textOf)

/** A number; quoted in YAML it is a text. */
export const number = reading('a number', (value) => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : undefined
})
