import { isError, reasonsOf } from '../../base/thrown.js'
import { inspect } from 'node:util'
import type { LogLine } from '../../runtime/ports/log.js'
import { formatTime } from '../../runtime/run-info/run-info.js'
import { fieldOf, isList } from '../../base/records.js'

/** Format of log lines, in files and on the console. */

/**
 * `2026-11-22 11:34:01.520 INFO  message {details}`. Further lines of a message, and stacks of errors in the details,
 * follow indented, so that only entries start at the beginning of a line. Never throws.
 */
export const formatLine = (line: Pick<LogLine, 'level' | 'message' | 'details'>, time: number): string =>
  `${formatTime(time)} ${line.level.toUpperCase().padEnd(5)} ${body(line)}`

/** The console form: with the node but without the date. */
export const formatConsoleLine = (line: LogLine): string =>
  `${line.level.toUpperCase().padEnd(5)} ${withoutKey(line.node)}: ${body(line)}`

const body = ({ message, details }: Pick<LogLine, 'message' | 'details'>): string => {
  const stacks: string[] = []
  const text = details === undefined ? '' : detailsText(details, stacks)
  return [printable(`${message}${text === '' ? '' : ` ${text}`}`), ...stacks].join('\n').replace(/\r?\n/g, '\n    ')
}

/** A node token has the name and the start of the key; people know the name. */
const withoutKey = (token: string): string => token.replace(/ [0-9a-f]{8}$/, '')

/** Control characters would let a value overwrite what a terminal shows. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (letter) =>
    '\n\r\t'.includes(letter) ? letter : `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

/** Maximum number of values printed in details: a few values that share parts can expand without end. */
const maxValues = 10_000
const maxStacks = 100
const cutOff = '[cut off: too large]'

/** Details as JSON if possible, bigints as digits; errors as their message, with their stacks collected. */
const detailsText = (details: object, stacks: string[]): string => {
  const seen: object[] = []
  let left = maxValues
  try {
    if (isError(details)) return errorText(details, stacks)
    return JSON.stringify(details, function (this: unknown, _name, value: unknown) {
      left--
      if (typeof value === 'bigint') return String(value)
      if (typeof value !== 'object' || value === null)
        return typeof value === 'function' ? `[function ${value.name}]` : value
      while (seen.length > 0 && seen.at(-1) !== this) seen.pop() // ancestors of this value stay
      if (seen.includes(value)) return '[circular]'
      if (left < 0) return cutOff
      seen.push(value)
      if (isError(value)) return errorText(value, stacks)
      if (ArrayBuffer.isView(value)) return inspect(value, { maxArrayLength: 20, breakLength: Infinity })
      if (value instanceof Map) return firstParts(Object.fromEntries<unknown>(value), left)
      return firstParts(value instanceof Set ? [...value] : value, left)
    })
  } catch {
    return inspected(details)
  }
}

const inspected = (details: object): string => {
  try {
    return inspect(details, { depth: 4, breakLength: Infinity })
  } catch {
    return '[unreadable]'
  }
}

/** A list or record with at most `most` parts. */
const firstParts = (value: object, most: number): object => {
  if (isList(value)) return value.length <= most ? value : [...value.slice(0, most), cutOff]
  const names = Object.keys(value)
  if (names.length <= most) return value
  return Object.fromEntries([
    ...names.slice(0, most).map((name): [string, unknown] => [name, fieldOf(value, name)]),
    ['…', cutOff],
  ])
}

const errorText = (error: Error, stacks: string[], depth = 0): string => {
  if (stacks.length < maxStacks)
    stacks.push(printable(`${depth === 0 ? '' : 'caused by '}${error.stack ?? `${error.name}: ${error.message}`}`))
  if (depth < 4)
    for (const reason of reasonsOf(error)) if (stacks.length < maxStacks) errorText(reason, stacks, depth + 1)
  return error.message
}
