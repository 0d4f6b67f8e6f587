/** Masks texts of secrets in everything that is shown or stored. */
import { hidden, maskedValue } from './mask-value.js'
import { formsOf } from './secret-forms.js'
import { searchFor, shortestText } from './text-search.js'

/** Replaces secrets in texts and, piece by piece, in values. */
export interface Mask {
  /** True while there is nothing to hide. */
  readonly idle: boolean
  readonly text: (text: string) => string
  /** The same value if it contains nothing to hide; else a copy, in which errors keep their class. */
  readonly value: <A>(value: A) => A
}

/** Texts and numbers inside a value. */
export const leavesOf = (value: unknown, depth = 0): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)]
  if (typeof value !== 'object' || value === null || depth > 50) return []
  return Object.values(value).flatMap((part) => leavesOf(part, depth + 1))
}

/**
 * A mask for secrets of at least four characters. A secret that a message truncated with `…` is hidden up to there.
 * The search is prepared on first use: an unused mask costs nothing.
 *
 * @example maskOf(['sk-1234']).text('401 for sk-1234')   // '401 for ***'
 */
export const maskOf = (secrets: Iterable<string>): Mask => {
  const known = [...secrets].filter((secret) => secret.length >= shortestText)
  if (known.length === 0) return idleMask
  let search: ReturnType<typeof searchFor> | undefined
  const text = (given: string): string => {
    if (given.length < 2) return given
    search ??= searchFor(known.flatMap(formsOf))
    return withoutCut(search.covered(given, hidden), search.begun)
  }
  // masking replaces texts by texts
  return { idle: false, text, value: (value) => maskedValue(value, text) as typeof value }
}

/** A mask that changes nothing. */
export const idleMask: Mask = { idle: true, text: (text) => text, value: (value) => value }

/** Minimum number of characters of a truncated secret to hide. */
const shortestCut = 2

const withoutCut = (text: string, begun: (text: string, least: number) => number): string => {
  if (!text.includes('…') && !text.includes(' more character')) return text
  const pieces = text.split(cuts)
  return pieces // every second one is a truncation mark
    .map((piece, index) => {
      const length = index % 2 === 1 || index === pieces.length - 1 ? 0 : begun(piece, shortestCut)
      return length === 0 ? piece : `${piece.slice(0, piece.length - length)}${hidden}`
    })
    .join('')
}

/** Truncation marks of messages, and of values printed by Node. */
const cuts = /(…|["'`]?\.\.\. \d+ more characters?)/
