import { createHash } from 'node:crypto'

/** A fingerprint of what a function's source says, so that a result can tell that it was computed by other code. */

const known = new WeakMap<object, string | null>()

/**
 * First 16 hex digits of SHA-256 over a function's source without comments, layout, semicolons, trailing commas and
 * kind of quotes. null where the source cannot be read (native and bound functions). It sees one function, not what
 * that calls.
 */
export const codeFingerprint = (code: (...args: never[]) => unknown): string | null => {
  const before = known.get(code)
  if (before !== undefined) return before
  const source = Function.prototype.toString.call(code)
  const made = /\{\s*\[native code\]\s*\}\s*$/.test(source)
    ? null
    : createHash('sha256').update(normalised(source)).digest('hex').slice(0, 16)
  known.set(code, made)
  return made
}

/** Source as tokens with single spaces where two words would grow together. Exported for its test. */
export const normalised = (source: string): string => {
  let out = ''
  let ended = false
  const open: string[] = []
  for (const token of tokens(source)) {
    if (token === ';' && open.at(-1) !== '(') {
      ended = true // whether it counts depends on what follows; in the head of a `for` it always does
      continue
    }
    if (ended && /^[([`+\-/]/.test(token)) out += ';'
    ended = false
    if (token === '(' || token === '[' || token === '{') open.push(token)
    if (token === ')' || token === ']' || token === '}') {
      open.pop()
      if (/[^,[(]\s*,$/.test(out)) out = out.slice(0, -1)
    }
    out += needsSpace(out, token) ? ` ${token}` : token
  }
  return out
}

const needsSpace = (before: string, token: string): boolean => {
  const last = before.at(-1) ?? ''
  const first = token[0] ?? ''
  return (isWord(last) && isWord(first)) || ((first === '+' || first === '-') && last === first)
}

const isWord = (letter: string): boolean => /[\p{L}\p{N}_$#@]/u.test(letter)

/** Words after which a slash starts a regular expression, unlike after a name. */
const beforeRegex = new Set([
  'return',
  'typeof',
  'instanceof',
  'in',
  'of',
  'new',
  'delete',
  'void',
  'throw',
  'case',
  'do',
  'else',
  'yield',
  'await',
])

const patterns = {
  space: /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y,
  string: /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y,
  regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  steps: /\+\+|--/y,
  word: /[\p{L}\p{N}_$#@]+/uy,
} as const

const at = (pattern: RegExp, source: string, position: number): string | undefined => {
  pattern.lastIndex = position
  return pattern.exec(source)?.[0]
}

/** A small tokenizer: enough JavaScript to know what is a comment and what only looks like one. */
function* tokens(source: string): Generator<string> {
  let position = 0
  let last = ''
  while (position < source.length) {
    const space = at(patterns.space, source, position)
    if (space !== undefined) {
      position += space.length
      continue
    }
    const token = tokenAt(source, position, last)
    position += token.length
    last = token
    yield token[0] === "'" || token[0] === '"' ? sameQuotes(token) : token[0] === '`' ? template(token) : token
  }
}

const tokenAt = (source: string, position: number, last: string): string => {
  const letter = source[position] as string
  if (letter === '`') return source.slice(position, endOfTemplate(source, position))
  if (letter === '"' || letter === "'") return at(patterns.string, source, position) ?? letter
  if (letter === '/' && (last === '' || beforeRegex.has(last) || !/[\p{L}\p{N}_$)\]}`"']$/u.test(last)))
    return at(patterns.regex, source, position) ?? letter
  return at(patterns.word, source, position) ?? at(patterns.steps, source, position) ?? letter
}

/** Compilers choose quotes anew; one form for all. */
const sameQuotes = (token: string): string => JSON.stringify(token.slice(1, -1).replace(/\\(['"])/g, '$1'))

/**
 * Position after a template's closing backtick; what is inside `${}` may hold strings, comments and templates again.
 */
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
  let position = start
  let depth = 1
  let last = ''
  while (position < source.length) {
    const space = at(patterns.space, source, position)
    if (space !== undefined) {
      position += space.length
      continue
    }
    const token = tokenAt(source, position, last)
    position += token.length
    last = token
    if (token === '{') depth++
    else if (token === '}' && --depth === 0) return position
  }
  return source.length
}

/** The text of a template as it is, the code in it normalised. */
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
