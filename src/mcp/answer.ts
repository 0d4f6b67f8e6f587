import { isList, isRecord, type Fields } from '../base/records.js'

/** The outcome of a command. */
export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** Why it was stopped, if it was. */
  readonly stopped: string | undefined
}

/** An answer to an assistant. */
export interface Answer {
  readonly isError: boolean
  readonly text: string
}

/** Maximum length of an answer in characters, which an assistant can still read. */
const maxText = 50_000

/** A command's output as an answer: shortened, with its errors as sentences with hints. */
export const answerOf = ({ code, out, err, stopped }: Finished): Answer => {
  if (stopped !== undefined) return { isError: true, text: stopped }
  const document = jsonIn(out)
  const errors = document === undefined ? undefined : errorsIn(document)
  if (errors !== undefined) return { isError: true, text: cut(errors.join('\n')) }
  const beside = err.trim()
  if (document !== undefined) {
    const { schema: _, ...rest } = document
    const note = code !== 0 && beside !== '' ? { note: beside } : {}
    return { isError: false, text: bounded({ ...rest, ...note }) }
  }
  if (code === 0 && out.trim() !== '') return { isError: false, text: cut(out) }
  return { isError: true, text: cut(beside === '' ? `the command ended with exit code ${code}` : beside) }
}

const jsonIn = (text: string): Fields | undefined => {
  try {
    const read: unknown = JSON.parse(text)
    return isRecord(read) ? read : undefined
  } catch {
    return undefined
  }
}

/** Error sentences of a document that contains only errors. */
const errorsIn = (document: Fields): readonly string[] | undefined => {
  const { schema: _, warnings: __, errors, ...rest } = document
  if (!isList(errors) || Object.keys(rest).length > 0) return undefined
  return errors.map((error) => {
    if (!isRecord(error)) return String(error)
    const { place, message, hint } = error
    const where = isRecord(place)
      ? `${String(place['origin'])}:${String(place['line'])}:${String(place['column'])}: `
      : ''
    return `${where}${String(message)}${typeof hint === 'string' ? `\n  ${hint}` : ''}`
  })
}

const cut = (text: string): string => (text.length > maxText ? `${text.slice(0, maxText)}\n… cut` : text)

/**
 * JSON of a document, cut to fit: long lists and records keep their first entries, long texts their start, each with a
 * note of what was left out.
 */
export const bounded = (document: unknown, most: number = maxText): string => {
  for (let entries = 200; ; entries = Math.floor(entries / 2)) {
    const text = JSON.stringify(shortened(document, entries, 0))
    if (text.length <= most || entries <= 1) return text.length <= 2 * most ? text : `${text.slice(0, most)}… cut`
  }
}

const deepest = 20

const shortened = (value: unknown, entries: number, depth: number): unknown => {
  if (typeof value === 'string')
    return value.length > 2000 ? `${value.slice(0, 2000)}… ${value.length} characters` : value
  if (typeof value !== 'object' || value === null) return value
  if (depth > deepest) return '…'
  if (isList(value)) {
    const kept = value.slice(0, entries).map((one) => shortened(one, entries, depth + 1))
    return value.length > entries ? [...kept, `… and ${value.length - entries} more`] : kept
  }
  const all = Object.entries(value)
  const most = Math.max(entries, 20)
  const kept = all.slice(0, most).map(([name, one]) => [name, shortened(one, entries, depth + 1)] as const)
  return Object.fromEntries(all.length > most ? [...kept, ['…', `and ${all.length - most} more`]] : kept)
}
