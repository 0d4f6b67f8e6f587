import { longPattern } from '../../base/long-pattern.js'
import * as E from 'fp-ts/lib/Either.js'
import { ofNewer, parseRunInfo } from './read-run-info.js'

/** The few facts of a run info that tables and stores want, without parsing it. */

/** Size, checksum and extension of the data that a run info belongs to. */
export interface DataFacts {
  readonly size: number
  readonly checksum: string
  readonly extension: string | null
  /** Of what is in the files of a folder; left out for files, and in run infos that are older. */
  readonly content?: string
  /** SHA-256 of the data; left out in run infos that are older. */
  readonly digest?: string
  /** Extensions of what is kept beside it; left out where there is nothing. */
  readonly beside?: readonly string[]
  /** How that was made. */
  readonly views?: string
}

// Our emitter writes one line a scalar, so a line that starts with `data:` is the top-level field and nothing a note
// could forge.
const dataLines = longPattern(
  /^data:\n {2}format: [^\n]*\n {2}extension: ([^"\n]*|"[^"\\\n]*")\n {2}size: (\d{1,16})/m,
  /\n {2}checksum: "?([0-9a-f]{8})"?(?:\n {2}content: "?([0-9a-f]{8})"?)?/,
  /(?:\n {2}digest: "?([0-9a-f]{64})"?)?$/,
)

/**
 * What a run info says of its data, found by a regular expression over our emitter's lines (microseconds); any other
 * YAML is parsed. undefined where there is no data or no run info in it.
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

/** What is kept beside the data follows it; rare enough to be parsed. */
const besideLine = '\n  beside:'

const extensionOf = (text: string): string | null =>
  text === 'null' ? null : text.startsWith('"') ? text.slice(1, -1) : text

/** When a run ended and how many seconds it took, without a full parse; undefined where they are not there. */
export const quickFacts = (text: string): { readonly ended: string; readonly time: number } | undefined => {
  const ended = /^ended: ["']?([^"'\n]+)["']?$/m.exec(text)
  const time = /^time: ([-+0-9.e]+)$/m.exec(text)
  return ended?.[1] === undefined || time === null ? undefined : { ended: ended[1], time: Number(time[1]) }
}

/** The code of all that says `onCodeChange: 'recompute'` above, without a full parse; undefined where there is none. */
export const quickLineage = (text: string): string | undefined =>
  /^code_lineage: ["']?([^"'\n]+)["']?$/m.exec(text)?.[1]

/**
 * The key that a run info was written for. Our emitter writes one line a scalar, so no note can forge it; undefined
 * where there is none (the original's).
 */
export const keyIn = (text: string): string | undefined => {
  const start = text.indexOf('\nkey: ')
  if (start < 0) return undefined
  const key = text.slice(start + 6, text.indexOf('\n', start + 6)).replaceAll('"', '')
  return key === '' ? undefined : key
}

/**
 * What is wrong with the text of a run info, in the words that everybody uses who reports it; undefined where it says
 * what data belongs to it, or that none was kept.
 *
 * @example runInfoProblem('')   // 'the run info is not a map'
 */
export const runInfoProblem = (text: string): string | undefined => {
  if (quickData(text) !== undefined) return undefined
  const parsed = parseRunInfo(text)
  if (E.isLeft(parsed)) return parsed.left
  return /^data: null$/m.test(text)
    ? undefined
    : `the run info does not tell size and checksum of the data${ofNewer(parsed.right.schema)}`
}

/** The context that a run had, as far as its run info says so in a line as we write it. */
export const contextIn = (text: string): string | undefined => {
  const found = /^config:\n(?: {2}[^\n]*\n)*? {2}context: ([^\n]*)$/m.exec(text)?.[1]
  return found === undefined || found === 'null' || found === '' ? undefined : found.replace(/^"(.*)"$/, '$1')
}
