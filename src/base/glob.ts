/**
 * Path patterns: `*` and `?` for letters of a name, `[abc]` and `[!a-c]` for sets, `**` for folders at any depth, `\`
 * to escape a letter. Case-sensitive; names that start with a dot only match parts that do so too.
 */

/** A part of a pattern, between two slashes. */
export type GlobPart =
  | { readonly _tag: 'name'; readonly name: string }
  | { readonly _tag: 'some'; readonly matches: (name: string) => boolean }
  | { readonly _tag: 'any depth' }

export interface Glob {
  /** The folder it starts from; empty if the pattern has none. */
  readonly base: string
  /** The parts below that; the last one matches files. */
  readonly parts: readonly GlobPart[]
}

/** Parses a pattern; otherwise returns what is wrong with it. */
export const readGlob = (pattern: string): Glob | { readonly problem: string } => {
  const isAbsolute = pattern.startsWith('/')
  const parts: GlobPart[] = []
  for (const text of splitParts(pattern)) {
    const part = partOf(text)
    if ('problem' in part) return part
    if (part._tag !== 'any depth' || parts.at(-1)?._tag !== 'any depth') parts.push(part)
  }
  if (parts.at(-1)?._tag === 'any depth') parts.push(anyName)
  if (pattern.endsWith('/') || parts.length === 0) return { problem: 'a pattern must end with the name of files' }
  const fixed = parts.findIndex(({ _tag }) => _tag !== 'name')
  const count = fixed < 0 ? parts.length - 1 : fixed
  const names = parts.slice(0, count).map((part) => (part._tag === 'name' ? part.name : ''))
  return { base: `${isAbsolute ? '/' : ''}${names.join('/')}`, parts: parts.slice(count) }
}

/** Splits at slashes, including those inside `[…]`: such a pattern matches no file. */
const splitParts = (pattern: string): readonly string[] =>
  pattern.split('/').filter((text) => text !== '' && text !== '.')

const isVisible = (name: string): boolean => !name.startsWith('.')
const anyName: GlobPart = { _tag: 'some', matches: isVisible }

const partOf = (text: string): GlobPart | { readonly problem: string } => {
  if (text === '**') return { _tag: 'any depth' }
  const tokens = tokensOf(Array.from(text))
  if ('problem' in tokens) return { problem: `'${text}' ${tokens.problem}` }
  if (tokens.every((token) => typeof token === 'string')) return { _tag: 'name', name: tokens.join('') }
  const isHidden = text.startsWith('.')
  return { _tag: 'some', matches: (name) => (isHidden || isVisible(name)) && matchesAll(tokens, Array.from(name)) }
}

/** A letter, any sequence of letters, or one letter of a set. */
type Token = string | typeof anyLetters | ((letter: string) => boolean)
const anyLetters: unique symbol = Symbol('*')

const tokensOf = (letters: readonly string[]): readonly Token[] | { readonly problem: string } => {
  const tokens: Token[] = []
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? ''
    if (letter === '*') {
      if (tokens.at(-1) !== anyLetters) tokens.push(anyLetters)
    } else if (letter === '?') tokens.push(() => true)
    else if (letter === '\\') {
      const next = letters[++at]
      if (next === undefined) return { problem: "ends with a '\\', which stands before the letter that it is for" }
      tokens.push(next)
    } else if (letter === '[') {
      const isNot = letters[at + 1] === '!' || letters[at + 1] === '^'
      const from = at + (isNot ? 2 : 1)
      const to = letters.indexOf(']', from + 1) // a `]` in first position is a letter of the set
      if (to < 0) return { problem: "has a '[' that is not closed" }
      const set = setOf(letters.slice(from, to))
      if (set === undefined) return { problem: 'has a range that ends before it begins' }
      tokens.push(isNot ? (one) => !set(one) : set)
      at = to
    } else tokens.push(letter)
  }
  return tokens
}

/** Letters and ranges of a set; undefined if a range ends before it starts. */
const setOf = (letters: readonly string[]): ((letter: string) => boolean) | undefined => {
  const ranges: (readonly [number, number])[] = []
  for (let at = 0; at < letters.length; at++) {
    const from = codeOf(letters[at])
    const isRange = letters[at + 1] === '-' && at + 2 < letters.length
    const to = isRange ? codeOf(letters[at + 2]) : from
    if (to < from) return undefined
    ranges.push([from, to])
    if (isRange) at += 2
  }
  return (letter) => ranges.some(([from, to]) => from <= codeOf(letter) && codeOf(letter) <= to)
}

const codeOf = (letter = ''): number => letter.codePointAt(0) ?? -1

/** Backtracks to the last `*` only, so that no pattern takes exponential time. */
const matchesAll = (tokens: readonly Token[], letters: readonly string[]): boolean => {
  let [token, letter] = [0, 0]
  let star: { readonly token: number; letter: number } | undefined
  while (letter < letters.length) {
    const wanted = tokens[token]
    const one = letters[letter] ?? ''
    if (wanted === anyLetters) star = { token: token++, letter }
    else if (wanted !== undefined && (typeof wanted === 'string' ? wanted === one : wanted(one))) {
      token++
      letter++
    } else if (star !== undefined) {
      token = star.token + 1
      letter = ++star.letter
    } else return false
  }
  while (tokens[token] === anyLetters) token++
  return token === tokens.length
}
