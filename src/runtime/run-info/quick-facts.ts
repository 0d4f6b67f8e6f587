import { longPattern } from '../../base/long-pattern.js'
import * as E from 'fp-ts/lib/Either.js'
import { ofNewer, parseRunInfo } from './read-run-info.js'

/** The few facts of a run info that tables and stores need, without parsing it. */

/** Size, checksum and extension of the data that a run info belongs to. */
export interface DataFacts {
  readonly size: number
  readonly checksum: string
  readonly extension: string | null
  /** Checksum of the files in a folder; left out for files, and in older run infos. */
  readonly content?: string
  /** SHA-256 of the data; left out in older run infos. */
  readonly digest?: string
  /** Extensions of the views stored next to it; left out if there are none. */
  readonly beside?: readonly string[]
  /** How these were made. */
  readonly views?: string
}

// Our emitter writes one line per scalar, so a line that starts with `data:` is the top-level field, which no note can
// forge.
const dataLines = longPattern(
  /^data:\n {2}format: [^\n]*\n {2}extension: ([^"\n]*|"[^"\\\n]*")\n {2}size: (\d{1,16})/m,
  /\n {2}checksum: "?([0-9a-f]{8})"?(?:\n {2}content: "?([0-9a-f]{8})"?)?/,
  /(?:\n {2}digest: "?([0-9a-f]{64})"?)?$/,
)

/**
 * What a run info states about its data, found by a regular expression over our emitter's lines (microseconds); any
 * other YAML is parsed. undefined if it has no data or is not a run info.
 */
export const quickData = (text: string): DataFacts | undefined => {
  const start = text.indexOf('\ndata:')
  if (start >= 0 && text.startsWith('\ndata: null\n', start)) return undefined
  const found = start < 0 ? null : dataLines.exec(text.slice(start + 1, start + 600))
  const follows =
    found === null ? '' : text.slice(start + 1 + found[0].length, start + 1 + found[0].length + besideLine.length)
  if (found !== null && found.index === 0 && follows !== besideLine)
    return {
      extension: extensionOf(found[1] ?? ''),
      size: Number(found[2]),
      checksum: found[3] ?? '',
      ...(found[4] === undefined ? {} : { content: found[4] }),
      ...(found[5] === undefined ? {} : { digest: found[5] }),
    }
  const parsed = parseRunInfo(text)
  if (E.isLeft(parsed) || parsed.right.data === null) return undefined
  const { format: _, ...facts } = parsed.right.data
  return facts
}

/** The list of views follows the other fields of the data; rare enough to be parsed. */
const besideLine = '\n  beside:'

const extensionOf = (text: string): string | null =>
  text === 'null' ? null : text.startsWith('"') ? text.slice(1, -1) : text

/** When a run ended and how many seconds it took, without a full parse; undefined if they are missing. */
export const quickFacts = (text: string): { readonly ended: string; readonly time: number } | undefined => {
  const ended = /^ended: ["']?([^"'\n]+)["']?$/m.exec(text)
  const time = /^time: ([-+0-9.e]+)$/m.exec(text)
  return ended?.[1] === undefined || time === null ? undefined : { ended: ended[1], time: Number(time[1]) }
}

/**
 * The code of all upstream tasks with `onCodeChange: 'recompute'`, without a full parse; undefined if there is none.
 */
export const quickLineage = (text: string): string | undefined =>
  /^code_lineage: ["']?([^"'\n]+)["']?$/m.exec(text)?.[1]

/**
 * The key that a run info was written for. Our emitter writes one line per scalar, so no note can forge it; undefined
 * if there is none (the original's).
 */
export const keyIn = (text: string): string | undefined => {
  const start = text.indexOf('\nkey: ')
  if (start < 0) return undefined
  const key = text.slice(start + 6, text.indexOf('\n', start + 6)).replaceAll('"', '')
  return key === '' ? undefined : key
}

/**
 * The problem with the text of a run info, in the words that all reports use; undefined if it states which data belongs
 * to it, or that there is none.
 *
 * @example runInfoProblem('')   // 'the run info is not a map'
 */
export const runInfoProblem = (text: string): string | undefined => {
  if (quickData(text) !== undefined) return undefined
  const parsed = parseRunInfo(text)
  if (E.isLeft(parsed)) return parsed.left
  return /^data: null$/m.test(text)
    ? undefined
    : `the run info has no size and checksum of the data${ofNewer(parsed.right.schema)}`
}

/** The context of a run, if its run info contains it in a line as we write it. */
export const contextIn = (text: string): string | undefined => {
  const found = /^config:\n(?: {2}[^\n]*\n)*? {2}context: ([^\n]*)$/m.exec(text)?.[1]
  return found === undefined || found === 'null' || found === '' ? undefined : found.replace(/^"(.*)"$/, '$1')
}
