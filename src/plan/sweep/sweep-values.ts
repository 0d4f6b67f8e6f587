import * as E from 'fp-ts/lib/Either.js'

/** Lists and ranges as written on a command line. Only texts; each piece is later parsed as YAML. */

/**
 * Splits a list at its commas, except inside quotes, brackets and braces. One piece if there is no comma.
 *
 * @example splitList('a,"b,c",[1,2]')   // ['a', '"b,c"', '[1,2]']
 */
export const splitList = (text: string): readonly string[] => {
  const pieces: string[] = []
  let start = 0
  for (let at = 0; at <= text.length; at++) {
    if (text.slice(start, at).trim() === '' && opening.has(text.charAt(at))) at = endOfValue(text, at)
    if (at >= text.length || text[at] === ',') {
      pieces.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  return pieces
}

const opening: ReadonlySet<string> = new Set(['"', "'", '[', '{'])

/** The index after a quoted text or collection that starts here; the text's length if it is not closed. */
const endOfValue = (text: string, start: number): number => {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const letter = text[at]
    if (letter === '"' || letter === "'") at = endOfQuote(text, at) - 1
    else if (letter === '[' || letter === '{') depth++
    else if (letter === ']' || letter === '}') depth--
    if (depth <= 0) return at + 1
  }
  return text.length
}

const endOfQuote = (text: string, start: number): number => {
  const quote = text[start]
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++
    else if (text[at] === quote) {
      if (quote !== "'" || text[at + 1] !== "'") return at + 1
      at++ // '' is a quote inside single quotes
    }
  }
  return text.length
}

/** Maximum number of values: more than any sensible range. */
const maxValues = 100_000

/**
 * Numbers of `from..to`, `from..to:step` or `from..to:*factor`; includes `to` if a step reaches it. The default step is
 * 1, or -1 downwards.
 * Steps are computed in decimals, so that 0.1..0.3:0.1 is 0.1, 0.2, 0.3. Left: the error in the text.
 *
 * @example rangeValues('1..10:3')    // right([1, 4, 7, 10])
 * @example rangeValues('0.001..1:*10')   // right([0.001, 0.01, 0.1, 1])
 */
export const rangeValues = (text: string): E.Either<string, readonly number[]> => {
  const parts = new RegExp(`^\\s*(${number})\\s*\\.\\.\\s*(${number})\\s*(?::\\s*(\\*?)\\s*(${number})\\s*)?$`).exec(
    text,
  )
  if (parts === null) return E.left('use from..to, from..to:step or from..to:*factor, as in 1..10:3')
  const [, from = '', to = '', times, step] = parts
  return times === '*'
    ? geometric(Number(from), Number(to), Number(step))
    : arithmetic(from, to, step ?? (Number(from) <= Number(to) ? '1' : '-1'))
}

const number = '[-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d{1,3})?'

const arithmetic = (from: string, to: string, step: string): E.Either<string, readonly number[]> => {
  const decimals = Math.max(decimalsOf(from), decimalsOf(to), decimalsOf(step))
  const scaled = (text: string): number => Number(`${withoutExponent(text)}e${exponentOf(text) + decimals}`)
  const [first, last, by] = [scaled(from), scaled(to), scaled(step)]
  if (![first, last, by].every(Number.isSafeInteger)) return E.left('it has more digits than a number can hold')
  if (by === 0 || (by > 0 ? last < first : last > first))
    return E.left(`no step of ${Number(step)} leads from ${Number(from)} to ${Number(to)}`)
  const count = Math.floor((last - first) / by) + 1
  return count > maxValues
    ? tooMany(count)
    : E.right(Array.from({ length: count }, (_, index) => Number(`${first + index * by}e${-decimals}`)))
}

const geometric = (from: number, to: number, factor: number): E.Either<string, readonly number[]> => {
  const growth = Math.log(to / from) / Math.log(factor)
  if (!(factor > 0) || factor === 1 || !(from * to > 0) || !(growth >= 0) || !Number.isFinite(growth))
    return E.left(`no factor of ${factor} leads from ${from} to ${to}`)
  const count = Math.floor(growth + 1e-9) + 1
  return count > maxValues
    ? tooMany(count)
    : E.right(Array.from({ length: count }, (_, index) => Number((from * factor ** index).toPrecision(12))))
}

const tooMany = (count: number): E.Either<string, never> =>
  E.left(`it has ${count} values; at most ${maxValues} are allowed`)

const withoutExponent = (text: string): string => text.split(/e/i)[0] ?? ''
const exponentOf = (text: string): number => Number(text.split(/e/i)[1] ?? 0)
/** Number of decimal places, with the exponent expanded. */
const decimalsOf = (text: string): number =>
  Math.max(0, (withoutExponent(text).split('.')[1] ?? '').length - exponentOf(text))
