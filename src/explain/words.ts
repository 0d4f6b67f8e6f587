import { inspect, type InspectOptions } from 'node:util'
import { reasonsOf } from '../base/thrown.js'
import type { Place } from '../errors.js'
import { framesOf } from './frames.js'

/**
 * Building blocks of error sentences. Text from outside is shown on one line, shortened, without control characters.
 */

/** The parts of an error sentence: for JSON, editors and UIs. */
export interface Sentence {
  readonly place?: Place | undefined
  readonly message: string
  /** What to do next. */
  readonly hint?: string | undefined
}

/** The sentence for each tag. */
export type Sentences<Tagged extends { readonly _tag: string }> = {
  readonly [Tag in Tagged['_tag']]: (tagged: Tagged & { readonly _tag: Tag }) => Sentence
}

/** The sentence for a tagged value, from a table with one for each tag. */
export const sentenceOf = <Tagged extends { readonly _tag: string }>(
  sentences: Sentences<Tagged>,
  tagged: Tagged,
): Sentence => sentences[tagged._tag as Tagged['_tag']](tagged)

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const unseen = /[\u0000-\u001f\u007f-\u00a0\u00ad\u2000-\u200b\u200e\u200f\u2028-\u202f\u2060\u2066-\u2069\ufeff]/g

/** Text from outside on one line, without control or invisible characters and odd spaces; at most 200 characters. */
export const oneLine = (text: string): string => {
  const cut = text.length > 200 ? `${text.slice(0, 199)}…` : text
  return cut.replace(unseen, (character) =>
    character === '\n' || character === '\t' ? ' ' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A name in quotes. */
export const quoted = (name: string): string => `'${oneLine(name)}'`

/** Names in quotes, the first eight; the rest are only counted. */
export const listed = (names: readonly string[], most = 8): string =>
  names.length <= most
    ? names.map(quoted).join(', ')
    : `${names.slice(0, most).map(quoted).join(', ')} and ${names.length - most} more`

/** `did you mean 'a' or 'b'?`, or undefined if no name is similar. */
export const didYouMean = (near: readonly string[]): string | undefined => {
  if (near.length === 0) return undefined
  const names = near.map(quoted)
  const before = names.slice(0, -1).join(', ')
  return `did you mean ${before === '' ? '' : `${before} or `}${names.at(-1)}?`
}

/** Joins the sentences of a hint, skipping missing ones. */
export const hints = (...parts: readonly (string | undefined)[]): string | undefined => {
  const given = parts.filter((part) => part !== undefined && part !== '')
  return given.length === 0 ? undefined : given.join('; ')
}

/** `file:line:column`; only the origin if the config was given as an object. */
export const placeText = (place: Place): string =>
  place.line === 0 ? oneLine(place.origin) : `${oneLine(place.origin)}:${place.line}:${place.column}`

/** The message of a thrown value, without its stack. */
export const causeText = (cause: unknown): string => {
  const reasons = typeof cause === 'object' && cause !== null ? reasonsOf(cause).flatMap(reasonTexts) : []
  const first = [...new Set(reasons)].slice(0, 3)
  return `${ownText(cause)}${first.length === 0 ? '' : ` (caused by: ${first.join('; ')})`}`
}

/** The message of a reason; if it has none, as `connect` gives for several addresses, those of its own reasons. */
const reasonTexts = (reason: Error): readonly string[] =>
  reason.message === '' ? reasonsOf(reason).map(ownText) : [oneLine(reason.message)]

/** Errors whose message is sufficient without their name. */
const isPlain = (name: string): boolean => ['FormatProblem', 'TaskchainError', 'ObjectStoreFailed'].includes(name)

const ownText = (cause: unknown): string => {
  if (typeof cause === 'object' && cause !== null && 'message' in cause && typeof cause.message === 'string') {
    const name = 'name' in cause && typeof cause.name === 'string' ? cause.name : 'Error'
    const message = oneLine(cause.message)
    return message === '' ? name : name === 'Error' || isPlain(name) ? message : `${name}: ${message}`
  }
  try {
    const text = String(cause)
    return oneLine(/^\[object \w+\]$/.test(text) ? inspect(cause, shallow) : text)
  } catch {
    return 'something that cannot be shown'
  }
}

/** Runs no code of the inspected value. */
const shallow: InspectOptions = {
  depth: 1,
  customInspect: false,
  getters: false,
  maxArrayLength: 10,
  maxStringLength: 100,
  breakLength: Infinity,
  compact: true,
}

/**
 * Where in the user's own code an error was thrown: the first place in its stack that belongs neither to Node nor to a
 * package.
 */
export const thrownAt = (cause: unknown): string | undefined =>
  cause instanceof Error && cause.stack !== undefined ? framesOf(cause.stack)[0]?.place : undefined
