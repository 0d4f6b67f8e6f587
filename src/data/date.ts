import * as t from 'io-ts'

/**
 * A codec for dates: a `Date` in code, an ISO string in JSON and configs, a TIMESTAMP column in a table.
 * `Date` codecs of other libraries produce TIMESTAMP columns too.
 *
 * @example
 * const Film: t.Type<{ title: string; released: Date }, unknown> = t.type({ title: t.string, released: date })
 * const films = defineTask({ data: t.array(Film) }).run(() => [{ title: 'Alien', released: new Date('1979-05-25') }])
 */
export const date: t.Type<Date, string> = new t.Type(
  'date',
  (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime()),
  (value, context) => {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return t.success(value)
    const parsed =
      typeof value === 'string' && /^[+-]?\d{4,6}-\d\d-\d\d(T.*)?$/.test(value) ? new Date(value) : undefined
    return parsed === undefined || Number.isNaN(parsed.getTime()) ? t.failure(value, context) : t.success(parsed)
  },
  (value) => value.toISOString(),
)
