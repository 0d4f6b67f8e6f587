/** JSON whose integers are kept exactly: those that no number holds become bigints. */

/** What was parsed; whether bigints are in it. */
export interface ParsedJson {
  readonly value: unknown
  readonly hasBigints: boolean
}

/** Throws a `SyntaxError` for what is no JSON. */
export const parsedExactly = (text: string): ParsedJson => {
  if (!/\d{16}|\d[eE]/.test(text)) return plain(text) // what no number holds has 16 digits or an exponent
  let mark = 'integer:'
  while (text.includes(mark)) mark = `${mark}:`
  let found = false
  const marked = text.replace(tokens, (token) => {
    if (token.startsWith('"') || isHeld(token)) return token
    found = true
    return `"${mark}${token}"`
  })
  if (!found) return plain(text)
  JSON.parse(text) // the marks must not make JSON of what is none
  const value: unknown = JSON.parse(marked, (_, part: unknown) =>
    typeof part === 'string' && part.startsWith(mark) ? integerOf(part.slice(mark.length)) : part,
  )
  return { value, hasBigints: true }
}

const plain = (text: string): ParsedJson => ({ value: JSON.parse(text), hasBigints: false })

/** Texts, and numbers outside of them. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** True for fractions, which every reader of JSON rounds, and for integers that a number has exactly. */
const isHeld = (token: string): boolean => {
  const value = Number(token)
  if (!Number.isFinite(value)) return false
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(token) || BigInt(value) === BigInt(token)
}

/** What is larger than any number, written with an exponent, is recognised by its text: nothing else has it. */
const integerOf = (token: string): bigint | string => (/^-?\d+$/.test(token) ? BigInt(token) : token)
