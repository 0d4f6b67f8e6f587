import type { Composer, CST, Document } from 'yaml'
import { limits } from '../limits.js'
import { yamlLibrary } from './yaml-library.js'

/**
 * Limits for the YAML library: it collects every token and every error of a text, which takes minutes and gigabytes for
 * a few megabytes of brackets.
 */

/** Tokens of a text, or the offset at which a limit was exceeded. */
export type Tokens =
  | { readonly tokens: readonly CST.Token[] }
  | { readonly passed: 'depth' | 'values'; readonly offset: number }

/** Lexical tokens of one file: two for each list item, five for each `key: value` line. */
const maxLexemes = 2_000_000

/** Parses a text; calls `onNewLine` with the start of every line. */
export const tokensOf = (text: string, onNewLine: (offset: number) => void): Tokens => {
  const { Lexer, Parser } = yamlLibrary()
  const parser = new Parser(onNewLine)
  const tokens: CST.Token[] = []
  let offset = 0
  let count = 0
  let wrong = 0
  let brackets = 0
  let indicators = 0 // on the current line: each of `- - ? :` opens a level
  onNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > maxLexemes) return { passed: 'values', offset }
    if (lexeme === '[' || lexeme === '{') brackets++
    else if (lexeme === ']' || lexeme === '}') brackets = Math.max(0, brackets - 1)
    else if (lexeme === '\n' || lexeme === '\r\n') indicators = 0
    else if (brackets === 0 && (lexeme === '-' || lexeme === '?' || lexeme === ':')) indicators++
    if (brackets > 2 * limits.depth || indicators > 2 * limits.depth) return { passed: 'depth', offset }
    for (const token of parser.next(lexeme)) {
      tokens.push(token)
      // the rest would only add more errors
      if (token.type === 'error' && ++wrong > limits.errors) return { tokens }
    }
    if (!isMark(lexeme)) offset += lexeme.length
  }
  for (const token of parser.end()) tokens.push(token)
  return { tokens }
}

/** Markers that the lexer adds for the parser: of documents, flow errors and scalars. */
const isMark = (lexeme: string): boolean => lexeme === '\u0002' || lexeme === '\u0018' || lexeme === '\u001f'

export interface SyntaxProblem {
  readonly offset: number
  readonly message: string
}

export interface Composed {
  readonly first: Document | undefined
  /** Where a second document starts. */
  readonly second: number | undefined
  /** Problems of the first document, at most one more than are reported. */
  readonly problems: readonly SyntaxProblem[]
}

/** Composes the first document from tokens; stops at the limit of errors. */
export const compose = (
  tokens: readonly CST.Token[],
  length: number,
  options: ConstructorParameters<typeof Composer>[0],
): Composed => {
  const composer = new (yamlLibrary().Composer)(options)
  const found: SyntaxProblem[] = []
  const report = composer as unknown as { onError: OnError } // not in the library's types
  const before = report.onError
  report.onError = (source, code, message, warning) => {
    before(source, code, message, warning)
    if (warning === true) return
    found.push({ offset: offsetOf(source), message })
    if (found.length > limits.errors) throw tooMany
  }
  const documents: Document[] = []
  try {
    for (const document of composer.compose(tokens, true, length)) if (documents.push(document) === 2) break
  } catch (cause) {
    if (cause === tooMany) return { first: undefined, second: undefined, problems: found }
    throw cause
  }
  const [first, second] = documents
  return {
    first,
    second: second?.range?.[0],
    problems: (first?.errors ?? []).map(({ pos, message }) => ({ offset: pos[0], message })),
  }
}

/** Thrown and caught in this file. */
const tooMany = new Error('too many errors')

type OnError = (
  source: number | readonly [number, number] | { readonly offset: number },
  code: string,
  message: string,
  warning?: boolean,
) => void

const offsetOf = (source: Parameters<OnError>[0]): number =>
  typeof source === 'number' ? source : 'offset' in source ? source.offset : source[0]
