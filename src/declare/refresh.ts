/**
 * How often a task that reads from outside is recomputed. Only parsed here; whether a result is due is decided where
 * results are looked up.
 */

/** When a stored result expires: with each session, or after a period since it was computed. */
export type Refresh = 'always' | { readonly after: Period }

/** A length of time in words: `'1 day'`, `'90 minutes'`, `'1.5 hours'`. */
export type Period = `${number} ${UnitOfTime}`

type UnitOfTime = Singular | `${Singular}s`
type Singular = 'second' | 'minute' | 'hour' | 'day' | 'week'

const milliseconds: { readonly [Unit in Singular]: number } = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

/** Longer periods are a mistake, and would exceed the last date that `Date` can represent. */
const longest = 1000 * 366 * milliseconds.day

/** Milliseconds of a length of time, or what is wrong with it. */
export const readPeriod = (period: unknown): { readonly milliseconds: number } | { readonly problem: string } => {
  if (typeof period !== 'string') return { problem: `expected a length of time like '1 day', got ${shown(period)}` }
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,15})?) (second|minute|hour|day|week)s?$/.exec(period) ?? []
  if (amount === undefined) return { problem: `'${period}' is not a length of time` }
  const length = Math.round(Number(amount) * milliseconds[unit as Singular]) // guaranteed by the pattern
  if (length < 1) return { problem: `'${period}' is too short` }
  return length > longest ? { problem: `'${period}' is longer than 1000 years` } : { milliseconds: length }
}

/** What is wrong with a `refresh`; undefined if it is valid. */
export const problemOfRefresh = (refresh: unknown): string | undefined => {
  if (refresh === 'always') return undefined
  if (typeof refresh !== 'object' || refresh === null || !('after' in refresh)) return `refresh is ${shown(refresh)}`
  const other = Object.keys(refresh).find((name) => name !== 'after')
  if (other !== undefined) return `refresh has '${other}', which means nothing there`
  const period = readPeriod(refresh.after)
  return 'problem' in period ? `refresh: ${period.problem}` : undefined
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : typeof value === 'object' && value !== null ? 'an object' : String(value)
