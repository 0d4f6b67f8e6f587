import type { Place, PlanError } from '../../errors.js'

/**
 * The error of a number that a double cannot hold: an integer beyond 2^53 would be rounded without a word, a float
 * beyond 1e308 would be infinite.
 */
export const numberProblem = (value: number, source: string, place: Place): PlanError | undefined => {
  if (Math.abs(value) < 2 ** 53 || Number.isNaN(value)) return undefined
  const text = source.replace(/^\+/, '')
  const wrong: PlanError = {
    _tag: 'NumberTooLarge',
    place,
    text: source.length > 60 ? `${source.slice(0, 59)}…` : source,
  }
  if (/^-?(?:\d+|0x[0-9a-fA-F]+|0o[0-7]+)$/.test(text))
    return text.replace('-', '') === '9007199254740992' ? undefined : wrong
  return Number.isFinite(value) || /inf$/i.test(text) ? undefined : wrong
}
