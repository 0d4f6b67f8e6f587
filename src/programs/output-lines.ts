import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

/** Reads a program's output line by line; holds only a limited part of endless output. */

/** Characters of a line that are shown; the rest is only counted. */
const longest = 8192
/** Limit in characters on a program's output in the log, for each stream. */
const maxLogged = 16 * 1024 * 1024
/** Number of last lines that an error shows. */
const maxLast = 20

/** Calls back for each line. A carriage return also ends a line, since progress bars write nothing else. */
export const eachLine = (output: Readable, take: (line: string) => void): void => {
  const decoder = new StringDecoder('utf8')
  let line = ''
  let cut = 0
  const add = (piece: string): void => {
    const room = longest - line.length
    if (piece.length > room) cut += piece.length - Math.max(room, 0)
    if (room > 0) line += piece.slice(0, room)
  }
  const end = (): void => {
    if (line !== '') take(cut === 0 ? line : `${line}… (${cut} characters more)`)
    line = ''
    cut = 0
  }
  const read = (text: string): void => {
    const pieces = text.split(/\r\n|\n|\r/)
    pieces.forEach((piece, at) => {
      add(piece)
      if (at < pieces.length - 1) end()
    })
  }
  output.on('data', (bytes: Buffer) => read(decoder.write(bytes)))
  output.on('close', () => {
    read(decoder.end())
    end()
  })
  output.on('error', () => undefined) // the exit of the program reports failures
}

/** Keeps the last lines, and passes on what fits into a log. */
export const boundedLines = (
  log: (line: string) => void,
): { readonly take: (line: string) => void; readonly last: () => readonly string[] } => {
  const last: string[] = []
  let logged = 0
  return {
    take: (line) => {
      last.push(line)
      if (last.length > maxLast) last.shift()
      if (logged > maxLogged) return
      logged += line.length + 1
      log(logged > maxLogged ? 'it prints more than 16 MB: the rest is not logged' : line)
    },
    last: () => last,
  }
}

/** A line of output addressed to the run rather than to its log. */
export type Directive =
  | { readonly _tag: 'progress'; readonly done: number; readonly total: number | undefined }
  | { readonly _tag: 'note'; readonly record: unknown }

/** `[taskchain] progress 3/10`, `[taskchain] progress 3`, `[taskchain] note {"rows": 3}`; undefined for other lines. */
export const directiveIn = (line: string): Directive | undefined => {
  const [, word, rest = ''] = /^\[taskchain\] (progress|note) (.+)$/.exec(line) ?? []
  if (word === 'note') return noteIn(rest)
  const [, done, total] = (word === 'progress' && /^(\d+(?:\.\d+)?)(?: ?\/ ?(\d+(?:\.\d+)?))?$/.exec(rest.trim())) || []
  return done === undefined
    ? undefined
    : { _tag: 'progress', done: Number(done), total: total === undefined ? undefined : Number(total) }
}

const noteIn = (text: string): Directive | undefined => {
  try {
    return { _tag: 'note', record: JSON.parse(text) }
  } catch {
    return undefined
  }
}
