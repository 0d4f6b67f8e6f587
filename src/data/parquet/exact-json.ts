/** JSON with exact integers: those that a number cannot represent become bigints. */

/** A parsed value, and whether it contains bigints. */
export interface ParsedJson {
  readonly value: unknown
  readonly hasBigints: boolean
}

/** Throws a `SyntaxError` for invalid JSON. */
export const parsedExactly = (text: string): ParsedJson => {
  if (!/\d{16}|\d[eE]/.test(text)) return plain(text) // an inexact integer has 16 digits or an exponent
  let mark = 'integer:'
  while (text.includes(mark)) mark = `${mark}:`
  let found = false
  const marked = text.replace(tokens, (token) => {
    if (token.startsWith('"') || isHeld(token)) return token
    found = true
    return `"${mark}${token}"`
  })
  if (!found) return plain(text)
  JSON.parse(text) // the marks must not turn invalid JSON into valid
  const value: unknown = JSON.parse(marked, (_, part: unknown) =>
    typeof part === 'string' && part.startsWith(mark) ? integerOf(part.slice(mark.length)) : part,
  )
  return { value, hasBigints: true }
}

const plain = (text: string): ParsedJson => ({ value: JSON.parse(text), hasBigints: false })

/** Strings, and numbers outside of strings. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** True for fractions, which every JSON reader rounds, and for integers that a number represents exactly. */
const isHeld = (token: string): boolean => {
  const value = Number(token)
  if (!Number.isFinite(value)) return false
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(token) || BigInt(value) === BigInt(token)
}

/** An integer larger than any number, written with an exponent, stays a string. */
const integerOf = (token: string): bigint | string => (/^-?\d+$/.test(token) ? BigInt(token) : token)
