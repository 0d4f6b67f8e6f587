/**
 * Values of other writers that may not fit into a number, string or `Date`: kept exactly until the codec decides what
 * they become. Dates use the ISO 8601 calendar, as in Parquet, even before 1582.
 */
export type Exact = Decimal | Instant | Day | TimeOfDay | JsonText

/** `unscaled` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly _tag: 'Decimal'
  readonly unscaled: bigint
  readonly scale: number
  /** Digits of the decimal type. */
  readonly precision: number
}

/** A point in time, counted in fractions of a second since 1970. */
export interface Instant {
  readonly _tag: 'Instant'
  readonly units: bigint
  readonly unit: Unit
  /** False for a local time without a zone. */
  readonly isUtc: boolean
}

export type Unit = 'milliseconds' | 'microseconds' | 'nanoseconds'

/** A day, counted from 1970. */
export interface Day {
  readonly _tag: 'Day'
  readonly days: number
}

export interface TimeOfDay {
  readonly _tag: 'TimeOfDay'
  /** As stored. */
  readonly units: bigint | number
  readonly unit: Unit
}

/** JSON that is not parsed yet. */
export interface JsonText {
  readonly _tag: 'JsonText'
  readonly text: string
}

const mark: unique symbol = Symbol('exact')

/** Marks a value as one of these with a symbol: an object from a file may have any named field. */
export const exact = <A extends Exact>(value: A): A => Object.defineProperty(value, mark, { value: true })

export const isExact = (value: unknown): value is Exact => typeof value === 'object' && value !== null && mark in value

/** In full, in the usual notation: `12.50`, `1969-12-31T23:59:59.999999Z`, `1970-01-02`. */
export const exactText = (value: Exact): string => {
  switch (value._tag) {
    case 'Decimal':
      return decimalText(value)
    case 'Instant': {
      const perDay = perSecond[value.unit] * 86_400n
      const days = floorDivided(value.units, perDay)
      return `${dayText(days)}T${timeText(value.units - days * perDay, value.unit)}${value.isUtc ? 'Z' : ''}`
    }
    case 'Day':
      return dayText(BigInt(value.days))
    case 'TimeOfDay':
      return timeText(BigInt(value.units), value.unit)
    case 'JsonText':
      return value.text
  }
}

const perSecond: Readonly<Record<Unit, bigint>> = {
  milliseconds: 1000n,
  microseconds: 1_000_000n,
  nanoseconds: 1_000_000_000n,
}

const floorDivided = (value: bigint, by: bigint): bigint =>
  value < 0n && value % by !== 0n ? value / by - 1n : value / by

const decimalText = ({ unscaled, scale }: Decimal): string => {
  if (scale <= 0) return `${unscaled * 10n ** BigInt(-scale)}`
  const digits = `${unscaled < 0n ? -unscaled : unscaled}`.padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Years beyond 9999 and before 0 have a sign and six digits, as `Date` writes and parses them. */
const dayText = (days: bigint): string => {
  const eras = floorDivided(days, 146_097n) // the calendar repeats every 400 years
  const text = new Date(Number(days - eras * 146_097n) * 86_400_000).toISOString()
  const year = BigInt(text.slice(0, 4)) + eras * 400n
  const digits = `${year < 0n ? -year : year}`
  const isLong = year < 0n || year > 9999n
  const shown = isLong ? `${year < 0n ? '-' : '+'}${digits.padStart(6, '0')}` : digits.padStart(4, '0')
  return `${shown}${text.slice(4, 10)}`
}

const timeText = (units: bigint, unit: Unit): string => {
  const seconds = units / perSecond[unit]
  const fraction = `${units % perSecond[unit]}`.padStart(
    unit === 'milliseconds' ? 3 : unit === 'microseconds' ? 6 : 9,
    '0',
  )
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n]
  return `${parts.map((part) => `${part}`.padStart(2, '0')).join(':')}.${fraction}`
}

/** The `Date` of the same point in time; undefined if it has more precision, or is out of the range of `Date`. */
export const exactDate = (value: Instant | Day): Date | undefined => {
  const per = value._tag === 'Day' ? 1n : perSecond[value.unit] / 1000n
  const units = value._tag === 'Day' ? BigInt(value.days) * 86_400_000n : value.units
  if (units % per !== 0n) return undefined
  const date = new Date(Number(units / per))
  return Number.isNaN(date.getTime()) ? undefined : date
}

/**
 * The number for a decimal: an equal one, or one written with the same digits, such as 0.1. Undefined if there is none.
 */
export const exactNumber = ({ unscaled, scale, precision }: Decimal): number | undefined => {
  const value = Number(scale <= 0 ? `${unscaled}e${-scale}` : `${unscaled}e-${scale}`)
  if (precision <= 15) return value
  const integer = exactInteger({ unscaled, scale })
  if (integer !== undefined && Number.isFinite(value) && BigInt(value) === integer) return value
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  if (whole === '') return undefined // infinite
  const places = fraction.length - Number(exponent)
  const shared = Math.max(places, scale)
  const written = BigInt(`${sign}${whole}${fraction}`) * 10n ** BigInt(shared - places)
  return written === unscaled * 10n ** BigInt(shared - scale) ? value : undefined
}

/** A decimal without a fraction. */
export const exactInteger = ({ unscaled, scale }: Pick<Decimal, 'unscaled' | 'scale'>): bigint | undefined => {
  if (scale <= 0) return unscaled * 10n ** BigInt(-scale)
  const one = 10n ** BigInt(scale)
  return unscaled % one === 0n ? unscaled / one : undefined
}
