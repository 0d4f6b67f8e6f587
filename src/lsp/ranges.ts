import type { Place } from '../errors.js'

/** Places count from 1, offsets from 0; both in UTF-16 code units, the default of editors. */

export interface Lines {
  readonly placeAt: (offset: number) => { readonly line: number; readonly column: number }
  readonly offsetAt: (line: number, column: number) => number
  readonly text: (line: number) => string
}

/** Lines of a text, with any kind of line ending. */
export const linesOf = (text: string): Lines => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const end = (line: number): number => {
    const next = starts[line] ?? text.length + 1
    return next - (text[next - 2] === '\r' ? 2 : 1)
  }
  return {
    placeAt: (offset) => {
      let [low, high] = [0, starts.length - 1]
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((starts[middle] ?? 0) <= offset) low = middle
        else high = middle - 1
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
    },
    offsetAt: (line, column) => Math.min((starts[line - 1] ?? text.length) + column - 1, text.length),
    text: (line) => text.slice(starts[line - 1] ?? text.length, Math.max(starts[line - 1] ?? 0, end(line))),
  }
}

/** A range within one line: columns from 1, `to` after the last character. */
export interface Stretch {
  readonly line: number
  readonly from: number
  readonly to: number
}

/** The range for a place: the key that a problem is about, else the scalar that begins there. */
export const stretchAt = (lines: Lines, { line, column }: Pick<Place, 'line' | 'column'>, name?: string): Stretch => {
  const text = lines.text(line)
  if (name !== undefined) {
    const at = keyBefore(text, column, name) // the place of a map is below its key
    if (at !== undefined) return { line, from: at, to: at + name.length }
    const above = line > 1 ? keyBefore(lines.text(line - 1), Infinity, name) : undefined
    if (above !== undefined) return { line: line - 1, from: above, to: above + name.length }
  }
  const from = Math.min(Math.max(column, 1), text.length + 1)
  const [token = ''] = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#].*?(?=\s+#|\s*$))/.exec(text.slice(from - 1)) ?? []
  return { line, from, to: from + Math.max(token.length, 1) }
}

const keyBefore = (text: string, column: number, name: string): number | undefined => {
  const before = text.slice(0, Math.min(column, text.length + 1))
  const at = before.lastIndexOf(name)
  return at >= 0 && /^["']?\s*:/.test(text.slice(at + name.length)) ? at + 1 : undefined
}
