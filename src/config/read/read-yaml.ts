import type { CST } from 'yaml'
import type { Place, PlanError } from '../../errors.js'
import { limits, tooLarge } from '../limits.js'
import type { Reading } from './located.js'
import { yamlLibrary } from './yaml-library.js'
import { compose, tokensOf, type Composed } from './yaml-syntax.js'
import { libraryWarning, yamlValues } from './yaml-values.js'

/**
 * `version` and `schema` are both set so that a `%YAML 1.1` line changes nothing. Duplicate keys are detected here,
 * since the library compares every pair of keys.
 */
const options = {
  version: '1.2',
  schema: 'core',
  uniqueKeys: false,
  prettyErrors: false,
  resolveKnownTags: false,
  logLevel: 'silent',
} as const

/**
 * Reads YAML 1.2 (core schema and `<<`) with the place of every value. Reports all syntax errors, not just the first.
 */
export const readYaml = (origin: string, text: string): Reading => {
  const lines = new (yamlLibrary().LineCounter)()
  const read = tokensOf(text, lines.addNewLine)
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { origin, line: Math.max(1, line), column: Math.max(1, col) }
  }
  if ('passed' in read)
    return { located: undefined, errors: [tooLarge(read.passed, placeAt(read.offset))], warnings: [] }
  const deep = tooDeep(read.tokens)
  if (deep !== undefined) return { located: undefined, errors: [tooLarge('depth', placeAt(deep))], warnings: [] }
  const composed = compose(read.tokens, text.length, options)
  const errors = syntaxErrors(text, composed, placeAt)
  const { first } = composed
  if (errors.length > 0 || first === undefined) return { located: undefined, errors, warnings: [] }
  const warnings = first.warnings.flatMap(({ message, pos }) => libraryWarning(message, placeAt(pos[0])) ?? [])
  return yamlValues(first.contents, placeAt, warnings)
}

/** Offset of the first value nested too deeply. The parser handles any depth, but later steps recurse. */
const tooDeep = (tokens: readonly CST.Token[]): number | undefined => {
  let level: readonly CST.Token[] = tokens.flatMap((token) =>
    token.type === 'document' && token.value !== undefined ? [token.value] : [],
  )
  for (let depth = 0; level.length > 0; depth++) {
    const inner: CST.Token[] = []
    for (const token of level) {
      if (!('items' in token)) continue
      if (depth >= limits.depth) return token.offset
      for (const item of token.items) {
        if (item.key != null && 'items' in item.key) inner.push(item.key)
        if (item.value != null && 'items' in item.value) inner.push(item.value)
      }
    }
    level = inner
  }
  return undefined
}

/** Spaces of other widths come with text copied from web pages. */
const oddSpaceIn = (line: string): string => {
  const code = /[\u00a0\u2000-\u200a\u202f\u3000]/.exec(line)?.[0].charCodeAt(0).toString(16).toUpperCase()
  return code === undefined
    ? ''
    : `; the line contains U+${code.padStart(4, '0')}, which looks like a space but YAML reads as text`
}

const syntaxErrors = (
  text: string,
  { problems, second }: Composed,
  placeAt: (offset: number) => Place,
): PlanError[] => {
  const errors = problems.slice(0, limits.errors).map(({ offset, message }): PlanError => {
    const reason = message + oddSpaceIn(text.slice(offset, offset + 1000).split('\n', 1)[0] ?? '')
    return { _tag: 'YamlSyntax', place: placeAt(offset), reason }
  })
  if (problems.length > limits.errors) errors.push(tooLarge('errors', placeAt(problems[limits.errors]?.offset ?? 0)))
  if (second !== undefined)
    errors.push({
      _tag: 'YamlSyntax',
      place: placeAt(second),
      reason: "a second document starts here; for several configs in one file use 'configs'",
    })
  return errors
}
