import { matchAt } from '../../base/long-pattern.js'
import { hash } from 'node:crypto'
import { canonicalCode, formerCode } from './canonical-code.js'

/** A fingerprint of a function's source, which shows that a result was computed by other code. */

const known = new WeakMap<object, string | null>()
/** Tasks that are created in a loop, or derived, have separate functions with the same source. */
const sources = new Map<string, string>()
const maxSources = 1000

/** Fingerprints that earlier processes made, by source: to parse it takes a tenth of the time of a small plan. */
export interface KeptFingerprints {
  readonly of: (source: string) => string | undefined
  readonly add: (source: string, fingerprint: string) => void
}
let kept: KeptFingerprints | undefined

/** From now on, sources are looked up there before they are parsed. */
export const keepFingerprints = (fingerprints: KeptFingerprints): void => {
  kept = fingerprints
}

/** The file of this code. In the built package, its name changes with the code. */
export const fingerprintMaker = import.meta.url

/**
 * `ast-` and the first 16 hex digits of SHA-256 over the canonical form of a function's source, which does not depend
 * on layout, comments, names of local variables, or the compiler or loader that produced the code. null if the source
 * cannot be read (native and bound functions). It covers one function, not the functions that it calls.
 *
 * @example codeFingerprint((a: number) => a + 1) === codeFingerprint((b: number) => (b + 1)) // => true
 */
export const codeFingerprint = (code: (...args: never[]) => unknown): string | null => {
  const before = known.get(code)
  if (before !== undefined) return before
  const source = Function.prototype.toString.call(code)
  const made = sources.get(source) ?? kept?.of(source) ?? madeOf(source)
  known.set(code, made)
  if (made !== null && sources.size < maxSources) sources.set(source, made)
  return made
}

const madeOf = (source: string): string | null => {
  const made = fingerprintOf(source)
  if (made !== null) kept?.add(source, made)
  return made
}

const fingerprintOf = (source: string, renamed?: ReadonlyMap<string, string>): string | null =>
  /\{\s*\[native code\]\s*\}\s*$/.test(source)
    ? null
    : shortHash((renamed === undefined ? canonicalCode(source) : formerCode(source, renamed)) ?? normalised(source))

/**
 * The fingerprint that a function had when the properties of its first argument had these names, by their present ones.
 */
export const formerFingerprint = (
  code: (...args: never[]) => unknown,
  renamed: ReadonlyMap<string, string>,
): string | null => fingerprintOf(Function.prototype.toString.call(code), renamed)

/**
 * Fingerprints that an earlier version computed differently have another prefix: they say nothing about the present
 * code.
 */
const scheme = 'ast-'

/** A text as a fingerprint. */
export const shortHash = (text: string): string => `${scheme}${hash('sha256', text, 'hex').slice(0, 16)}`

/** Whether two fingerprints, of functions, tasks or lineages, show that the code has changed. */
export const isOtherCode = (before: string | null | undefined, now: string | null | undefined): boolean =>
  isComparable(before) && isComparable(now) && before !== now

const isComparable = (fingerprint: string | null | undefined): boolean => fingerprint?.startsWith(scheme) === true

/** Source as tokens, with a single space where two words would merge. Exported for its test. */
export const normalised = (source: string): string => {
  let out = ''
  // the last characters of `out`, tracked separately: appending to a text is cheap only as long as it is not read
  let [last, beforeLast] = ['', '']
  const add = (piece: string): void => {
    out += piece
    beforeLast = piece.length > 1 ? piece.charAt(piece.length - 2) : last
    last = piece.charAt(piece.length - 1)
  }
  let ended = false
  const open: string[] = []
  for (const [written] of tokensFrom(source, 0)) {
    const token = inOneForm(written)
    if (token === ';' && open.at(-1) !== '(') {
      ended = true // whether it counts depends on what follows; in the head of a `for` it always does
      continue
    }
    if (ended && '([`+-/'.includes(token.charAt(0))) add(';')
    ended = false
    if (token === '(' || token === '[' || token === '{') open.push(token)
    if (token === ')' || token === ']' || token === '}') {
      open.pop()
      if (last === ',' && beforeLast !== '' && !',[('.includes(beforeLast)) {
        out = out.slice(0, -1)
        ;[last, beforeLast] = [beforeLast, out.at(-2) ?? '']
      }
    }
    if (needsSpace(last, token)) add(' ')
    add(token)
  }
  return out
}

const needsSpace = (last: string, token: string): boolean => {
  const first = token[0] ?? ''
  return (isWord(last) && isWord(first)) || ((first === '+' || first === '-') && last === first)
}

const isWord = (letter: string): boolean =>
  letter.charCodeAt(0) < 128 ? isPlainWord(letter.charCodeAt(0)) : /[\p{L}\p{N}_$#@]/u.test(letter)

/** The same for ASCII, as most code is, without a regular expression: letters, digits, `_`, `$`, `#`, `@`. */
const isPlainWord = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 64 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code === 36 ||
  code === 35

/** Words after which a slash starts a regular expression, unlike after a name. */
const beforeRegex = new Set('return typeof instanceof in of new delete void throw case do else yield await'.split(' '))

const patterns = {
  space: /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y,
  string: /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y,
  regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  steps: /\+\+|--/y,
  word: /[\p{L}\p{N}_$#@]+/uy,
} as const

/** White space or a comment at a position; most positions start neither. */
const spaceAt = (source: string, position: number): string | undefined => {
  const code = source.charCodeAt(position)
  return code > 32 && code < 128 && code !== 47 ? undefined : matchAt(patterns.space, source, position)
}

const wordAt = (source: string, position: number): string | undefined => {
  let end = position
  while (end < source.length && isPlainWord(source.charCodeAt(end))) end++
  if (end < source.length && source.charCodeAt(end) >= 128) return matchAt(patterns.word, source, position)
  return end === position ? undefined : source.slice(position, end)
}

/**
 * A small tokenizer: it knows enough JavaScript to distinguish comments from text that looks like one. Yields each
 * token with the position after it.
 */
function* tokensFrom(source: string, start: number): Generator<readonly [token: string, end: number]> {
  let position = start
  let last = ''
  while (position < source.length) {
    const space = spaceAt(source, position)
    if (space === undefined) last = tokenAt(source, position, last)
    position += (space ?? last).length
    if (space === undefined) yield [last, position]
  }
}

const tokenAt = (source: string, position: number, last: string): string => {
  const letter = source.charAt(position)
  if (letter === '`') return source.slice(position, endOfTemplate(source, position))
  if (letter === '"' || letter === "'") return matchAt(patterns.string, source, position) ?? letter
  if (letter === '/' && (last === '' || beforeRegex.has(last) || !/[\p{L}\p{N}_$)\]}`"']$/u.test(last)))
    return matchAt(patterns.regex, source, position) ?? letter
  return wordAt(source, position) ?? matchAt(patterns.steps, source, position) ?? letter
}

/** Compilers choose quotes themselves; here all strings have one form. */
const inOneForm = (token: string): string => {
  if (token[0] === '`') return template(token)
  return token[0] === "'" || token[0] === '"' ? JSON.stringify(token.slice(1, -1).replace(/\\(['"])/g, '$1')) : token
}

/** Position after a template's closing backtick; `${}` may contain strings, comments and templates again. */
const endOfTemplate = (source: string, start: number): number => {
  let position = start + 1
  while (position < source.length) {
    const letter = source[position]
    if (letter === '\\') position += 2
    else if (letter === '`') return position + 1
    else if (letter === '$' && source[position + 1] === '{') position = endOfBraces(source, position + 2)
    else position++
  }
  return source.length
}

const endOfBraces = (source: string, start: number): number => {
  let depth = 1
  for (const [token, end] of tokensFrom(source, start)) {
    if (token === '{') depth++
    else if (token === '}' && --depth === 0) return end
  }
  return source.length
}

/** The text of a template unchanged, the code in it normalised. */
const template = (token: string): string => {
  let out = ''
  let position = 0
  while (position < token.length) {
    if (token[position] === '\\') {
      out += token.slice(position, position + 2)
      position += 2
    } else if (token[position] === '$' && token[position + 1] === '{') {
      const end = endOfBraces(token, position + 2)
      out += '${' + normalised(token.slice(position + 2, end - 1)) + '}'
      position = end
    } else out += token[position++]
  }
  return out
}
