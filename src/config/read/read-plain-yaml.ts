import { longPattern } from '../../base/long-pattern.js'
import type { Place, PlanWarning } from '../../errors.js'
import { limits } from '../limits.js'
import { locatedList, locatedMap, locatedScalar, numberProblem, type Reading } from './located.js'
import { oldYamlWarning } from './old-yaml.js'
import type { Located } from '../config-types.js'

/**
 * Fast path for the simple YAML of most configs: keys of letters, single-line scalars, lists, single-line flow
 * collections and comments.
 * Undefined for anything else and for any error: then `readYaml`, which is ten times slower, reads the text and reports
 * the errors.
 * Its result always equals that of `readYaml`; a property test checks this.
 */
export const readPlainYaml = (origin: string, text: string): Reading | undefined => {
  if (unusual.test(text)) return undefined
  const reader: Reader = { origin, text, warnings: [], line: undefined, number: 0, next: 0, count: 0 }
  try {
    advance(reader)
    const first = reader.line
    if (first === undefined) return undefined
    const place = placeOf(reader, first, first.indent)
    const parts = mapAt(reader, first.indent, 1)
    const located: Located = {
      // the value of an entire document is rarely used
      get value() {
        return locatedMap(parts, place).value
      },
      place,
      parts,
    }
    return reader.line === undefined ? { located, errors: [], warnings: reader.warnings } : undefined
  } catch (thrown) {
    if (thrown === notPlain) return undefined
    throw thrown
  }
}

interface Reader {
  readonly origin: string
  readonly text: string
  readonly warnings: PlanWarning[]
  /** The next line that contains more than a comment; undefined at the end. */
  line: Line | undefined
  /** Number of lines up to there, and the offset after it. */
  number: number
  next: number
  /** Values so far. */
  count: number
}

/** A flow collection on a single line. */
interface Flow {
  readonly reader: Reader
  readonly line: Line
  at: number
}

const placeOf = (reader: Reader, line: Line, at: number): Place => ({
  origin: reader.origin,
  line: line.number,
  column: at + 1,
})

const spend = (reader: Reader, depth: number): void => {
  if (depth > limits.depth || ++reader.count > limits.values) throw notPlain
}

/** The entries of the map whose first key is at `indent` of the next line, possibly after the dash of a list. */
const mapAt = (reader: Reader, indent: number, depth: number): ReadonlyMap<string, Located> => {
  spend(reader, depth)
  const parts = new Map<string, Located>()
  for (let first = true; ; first = false) {
    if (indent === 0 && takeEntries(reader, parts)) first = false
    const { line } = reader
    if (line === undefined || (!first && line.indent < indent)) return parts
    if (!first && line.indent > indent) throw notPlain
    if (!first && line.text.startsWith('- ', indent)) return parts
    blockKey.lastIndex = indent
    const found = blockKey.exec(line.text)
    if (found === null) throw notPlain
    advance(reader)
    put(parts, found[1] ?? '', valueAfter(reader, line, indent, indent + found[0].length, depth + 1))
  }
}

/** Takes lines of the simplest form, `name: value`, which are most of a long config, without splitting them further. */
const takeEntries = (reader: Reader, parts: Map<string, Located>): boolean => {
  const { line, text, origin } = reader
  if (line === undefined || line.indent > 0) return false
  let { number } = line
  let start = line.start
  for (;;) {
    entry.lastIndex = start
    const found = entry.exec(text)
    if (found === null) break
    const key = found[1] ?? ''
    put(parts, key, scalarOf(reader, found[2] ?? '', { origin, line: number, column: key.length + 3 }))
    start += found[0].length
    number++
  }
  if (start === line.start) return false
  reader.next = start
  reader.number = number - 1
  advance(reader)
  return true
}

/** The value of a key at `indent`: on its line from `at`, or on the lines below. */
const valueAfter = (reader: Reader, line: Line, indent: number, at: number, depth: number): Located => {
  const value = inLine(reader, line, at, depth)
  if (value !== undefined) return value
  const here = placeOf(reader, line, indent)
  const below = reader.line
  const isList = below !== undefined && /^-(?: |$)/.test(below.text.slice(below.indent))
  if (below === undefined || below.indent < indent || (below.indent === indent && !isList)) {
    reader.count++
    return locatedScalar(null, here)
  }
  return isList ? listAt(reader, below.indent, here, depth) : locatedMap(mapAt(reader, below.indent, depth), here)
}

const listAt = (reader: Reader, indent: number, at: Place, depth: number): Located => {
  spend(reader, depth)
  const items: Located[] = []
  for (;;) {
    const { line } = reader
    if (line === undefined || line.indent < indent || (line.indent === indent && !line.text.startsWith('-', indent)))
      return locatedList(items, at)
    if (line.indent > indent || !line.text.startsWith('- ', indent)) throw notPlain
    let start = indent + 1
    while (line.text[start] === ' ') start++
    blockKey.lastIndex = start
    if (blockKey.test(line.text)) items.push(locatedMap(mapAt(reader, start, depth + 1), placeOf(reader, line, start)))
    else {
      advance(reader)
      const item = inLine(reader, line, start, depth + 1)
      if (item === undefined) throw notPlain
      items.push(item)
    }
  }
}

/** The value that starts at `at` and takes the rest of the line; undefined if there is at most a comment. */
const inLine = (reader: Reader, line: Line, at: number, depth: number): Located | undefined => {
  const rest = line.text.slice(at)
  const first = rest.charAt(0)
  if (first === '' || first === '#') return undefined
  if (first === '[' || first === '{') {
    const flow: Flow = { reader, line, at }
    const found = flowValue(flow, depth)
    if (!/^(?: +#.*| *)$/.test(line.text.slice(flow.at))) throw notPlain
    return found
  }
  const place = placeOf(reader, line, at)
  if (first === '"' || first === "'") {
    const string = (first === '"' ? doubleQuoted : singleQuoted).exec(rest)
    if (string === null) throw notPlain
    reader.count++
    return locatedScalar(string[1] ?? '', place)
  }
  const comment = rest.indexOf(' #')
  const plain = (comment < 0 ? rest : rest.slice(0, comment)).trimEnd()
  if (!plainStart.test(plain) || plain.includes(': ') || plain.endsWith(':')) throw notPlain
  return scalarOf(reader, plain, place)
}

const nine = '9'.charCodeAt(0)

const scalarOf = (reader: Reader, text: string, at: Place): Located => {
  if (++reader.count > limits.values || text.length > limits.key) throw notPlain
  if (text.charCodeAt(0) <= nine) {
    const integer = Number(text)
    if (Number.isSafeInteger(integer) && String(integer) === text) return locatedScalar(integer, at) // in YAML 1.1 too
  }
  const value = plainValue(text, at)
  const warning = oldYamlWarning(text, value, at)
  if (warning !== undefined) reader.warnings.push(warning)
  return locatedScalar(value, at)
}

const flowValue = (flow: Flow, depth: number): Located => {
  spend(flow.reader, depth)
  const here = placeOf(flow.reader, flow.line, flow.at)
  const first = flow.line.text[flow.at]
  if (first === '[') {
    const list: Located[] = []
    eachInFlow(flow, ']', () => list.push(flowValue(flow, depth + 1)))
    return locatedList(list, here)
  }
  if (first === '{') {
    const map = new Map<string, Located>()
    eachInFlow(flow, '}', () => {
      const key = take(flow, flowKey)?.slice(0, -1) ?? ''
      skipSpaces(flow)
      put(map, key, flowValue(flow, depth + 1))
    })
    return locatedMap(map, here)
  }
  const quoted = take(flow, flowQuoted)
  if (quoted !== undefined) return locatedScalar(quoted.slice(1, -1), here)
  const plain = take(flow, flowPlain)
  if (plain === undefined) throw notPlain
  return scalarOf(flow.reader, plain.trimEnd(), here)
}

/** Calls `one` at each item between brackets; `at` is the opening bracket. */
const eachInFlow = (flow: Flow, close: ']' | '}', one: () => void): void => {
  const { text } = flow.line
  flow.at++
  skipSpaces(flow)
  if (text[flow.at] === close) {
    flow.at++
    return
  }
  for (;;) {
    one()
    skipSpaces(flow)
    const end = text[flow.at++]
    if (end === close) return
    if (end !== ',') throw notPlain
    skipSpaces(flow)
  }
}

const skipSpaces = (flow: Flow): void => {
  while (flow.line.text[flow.at] === ' ') flow.at++
}

const take = (flow: Flow, pattern: RegExp): string | undefined => {
  pattern.lastIndex = flow.at
  const found = pattern.exec(flow.line.text)?.[0]
  if (found !== undefined) flow.at += found.length
  return found
}

/** Longer than any line that people write in a config. */
const longestLine = 10_000

/** Thrown to stop reading text that is not plain YAML. */
const notPlain = new Error('not plain')

interface Line {
  /** Without trailing spaces. */
  readonly text: string
  readonly indent: number
  readonly number: number
  /** Offset in the text. */
  readonly start: number
}

/** Goes on to the next line that contains more than a comment. */
const advance = (reader: Reader): void => {
  const { text } = reader
  while (reader.next < text.length) {
    const start = reader.next
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    if (end - start > longestLine) throw notPlain
    reader.next = end + 1
    reader.number++
    let at = start
    while (text.charCodeAt(at) === 32) at++
    if (at < end && text.charCodeAt(at) !== 35) {
      reader.line = { text: text.slice(start, end).trimEnd(), indent: at - start, number: reader.number, start }
      return
    }
  }
  reader.line = undefined
}

/** Control characters, tabs, other systems' line ends, unusual spaces, surrogate pairs, and document markers. */
const unusual = longPattern(
  /^(?:---|\.\.\.|%)|/m,
  // oxlint-disable-next-line no-control-regex -- searches for control characters
  /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2060\u3000\ud800-\udfff\ufeff]/,
)

/** Excludes `__proto__` and words that YAML may read as something other than text. */
const blockKey = /(?!(?:y|n|yes|no|on|off|true|false|null)\s*:|__proto__)([A-Za-z_][A-Za-z0-9_.-]{0,200}) *:(?: +|$)/iy
/** A line of a name and a plain value. */
const entry = new RegExp(
  /(?!(?:y|n|yes|no|on|off|true|false|null|__proto__):)([a-z_][\w.-]{0,200}): /.source +
    /([\w/](?:[\w/.,+* -]*[\w/.,+*-])?)(?:\n|$)/.source,
  'iy',
)
const flowKey = /(?!(?:y|n|yes|no|on|off|true|false|null)\s*:|__proto__)[A-Za-z_][A-Za-z0-9_.-]{0,200}:(?= )/iy
const doubleQuoted = /^"([^"\\]*)"(?: +#.*)?$/
const singleQuoted = /^'([^']*)'(?: +#.*)?$/
const flowQuoted = /"[^"\\]*"|'[^']*'/y
const plainStart = /^(?:[A-Za-z0-9_/]|[-+](?=[0-9.])|\.(?=[0-9A-Za-z_/.]))/
const flowPlain = /(?:[A-Za-z0-9_/]|[-+](?=[0-9.])|\.(?=[0-9A-Za-z_/.]))[A-Za-z0-9_./+* -]*/y

const put = (parts: Map<string, Located>, key: string, value: Located): void => {
  const before = parts.size
  if (key === '' || parts.set(key, value).size === before) throw notPlain // a name twice
}

/** The core schema; numbers in other bases or beyond a double's precision are left to `readYaml`. */
const plainValue = (text: string, place: Place): null | boolean | number | string => {
  const first = text.charCodeAt(0)
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46) {
    if (/^(?:0x|0o|[-+]?\.(?:inf|nan)$)/i.test(text)) throw notPlain
    if (!/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return text
    const value = Number(text)
    if (numberProblem(value, text, place) !== undefined) throw notPlain
    return value
  }
  switch (text) {
    case 'true':
    case 'True':
    case 'TRUE':
      return true
    case 'false':
    case 'False':
    case 'FALSE':
      return false
    case 'null':
    case 'Null':
    case 'NULL':
      return null
    default:
      return text
  }
}
