import type { Place, PlanError } from '../../errors.js'
import { limits, tooLarge } from '../limits.js'
import { locatedList, locatedMap, locatedScalar, numberProblem, type Reading, refusedKey } from './located.js'
import type { Located } from '../config-types.js'

/** The position in a text being read. */
interface Cursor {
  readonly origin: string
  readonly text: string
  readonly placeAt: (offset: number) => Place
  readonly errors: PlanError[]
  at: number
  /** Values so far. */
  count: number
}

/** Reads JSON with the place of every value, which `JSON.parse` does not give. Duplicate keys are errors. */
export const readJson = (origin: string, source: string): Reading => {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source
  const cursor: Cursor = { origin, text, placeAt: placer(origin, text), errors: [], at: 0, count: 0 }
  const located = whole(cursor)
  return { located: located?.value === null ? undefined : located, errors: cursor.errors, warnings: [] }
}

/** Thrown and caught in this file to stop at text that cannot be parsed. */
const ended = new Error('ended')

const end = (cursor: Cursor, error: PlanError): Error => {
  cursor.errors.push(error)
  return ended
}

/** `placeAt` may have advanced past this offset. */
const notJson = (cursor: Cursor, offset: number, reason: string): Error =>
  end(cursor, { _tag: 'YamlSyntax', place: placer(cursor.origin, cursor.text)(offset), reason })

const expected = (cursor: Cursor, what: string): Error => {
  const got = cursor.text[cursor.at]
  return notJson(
    cursor,
    cursor.at,
    got === undefined ? `expected ${what}, but the text ends` : `expected ${what}, got '${got}'`,
  )
}

const whole = (cursor: Cursor): Located | undefined => {
  try {
    skipSpace(cursor)
    if (cursor.at >= cursor.text.length) return undefined
    const located = valueAt(cursor, 1)
    skipSpace(cursor)
    if (cursor.at < cursor.text.length) throw expected(cursor, 'the end')
    return located
  } catch (thrown) {
    if (thrown === ended) return undefined
    throw thrown
  }
}

const skipSpace = (cursor: Cursor): void => {
  const { text } = cursor
  while (cursor.at < text.length && isSpace(text.charCodeAt(cursor.at))) cursor.at++
}

const valueAt = (cursor: Cursor, depth: number): Located => {
  skipSpace(cursor)
  const place = cursor.placeAt(cursor.at)
  if (depth > limits.depth) throw end(cursor, tooLarge('depth', place))
  if (++cursor.count === limits.values + 1) cursor.errors.push(tooLarge('values', place))
  switch (cursor.text[cursor.at]) {
    case '{':
      return mapAt(cursor, depth, place)
    case '[': {
      const items: Located[] = []
      eachIn(cursor, ']', () => items.push(valueAt(cursor, depth + 1)))
      return locatedList(items, place)
    }
    case '"': {
      const found = stringAt(cursor)
      if (found.length > limits.scalar) cursor.errors.push(tooLarge('scalar', place))
      return locatedScalar(found, place)
    }
    default:
      return wordAt(cursor, place)
  }
}

const stringAt = (cursor: Cursor): string => {
  const start = cursor.at
  const after = endOfString(cursor.text, start)
  if (after === undefined) throw notJson(cursor, start, 'this text is not closed in its line')
  cursor.at = after
  try {
    return JSON.parse(cursor.text.slice(start, after)) as string
  } catch {
    throw notJson(cursor, start, 'this text has a control character or an escape that JSON does not know')
  }
}

const wordAt = (cursor: Cursor, place: Place): Located => {
  const start = cursor.at
  wordPattern.lastIndex = start
  const found = wordPattern.exec(cursor.text)?.[0]
  if (found === undefined) throw expected(cursor, 'a value')
  cursor.at += found.length
  if (found === 'true' || found === 'false') return locatedScalar(found === 'true', place)
  if (found === 'null') return locatedScalar(null, place)
  if (!numberPattern.test(found))
    throw notJson(cursor, start, `'${found.slice(0, 40)}' is no JSON value; text needs double quotes`)
  const problem = numberProblem(Number(found), found, place)
  if (problem !== undefined) cursor.errors.push(problem)
  return locatedScalar(Number(found), place)
}

/** Calls `one` at each item between brackets; the cursor is at the opening bracket. */
const eachIn = (cursor: Cursor, close: ']' | '}', one: () => void): void => {
  cursor.at++
  skipSpace(cursor)
  if (cursor.text[cursor.at] === close) {
    cursor.at++
    return
  }
  for (;;) {
    one()
    skipSpace(cursor)
    const next = cursor.text[cursor.at]
    if (next !== ',' && next !== close) throw expected(cursor, `',' or '${close}'`)
    cursor.at++
    if (next === close) return
  }
}

const mapAt = (cursor: Cursor, depth: number, place: Place): Located => {
  const parts = new Map<string, Located>()
  const keys = new Map<string, Place>()
  eachIn(cursor, '}', () => {
    skipSpace(cursor)
    const keyPlace = cursor.placeAt(cursor.at)
    if (cursor.text[cursor.at] !== '"') throw expected(cursor, 'a key in double quotes')
    const key = stringAt(cursor)
    skipSpace(cursor)
    if (cursor.text[cursor.at] !== ':') throw expected(cursor, "':' after the key")
    cursor.at++
    const part = valueAt(cursor, depth + 1)
    const first = keys.get(key)
    const problem = key.length > limits.key ? tooLarge('key', keyPlace) : refusedKey(key, keyPlace)
    if (problem !== undefined) cursor.errors.push(problem)
    else if (first !== undefined) cursor.errors.push({ _tag: 'DuplicateKey', place: keyPlace, key, first })
    else {
      keys.set(key, keyPlace)
      parts.set(key, part.place.line === keyPlace.line ? part : { ...part, place: keyPlace })
    }
  })
  return locatedMap(parts, place)
}

const wordPattern = /[^\s,:[\]{}"]+/y
const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/** Offset after the closing quote. Scanned by hand: a regular expression may overflow the stack. */
const endOfString = (text: string, start: number): number | undefined => {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) return at + 1
    if (code === 10) return undefined
    if (code === 92) at++
  }
  return undefined
}

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9

/** Maps offsets to places; offsets must be queried in ascending order. */
const placer = (origin: string, text: string): ((offset: number) => Place) => {
  let line = 1
  let lineStart = 0
  let next = text.indexOf('\n')
  return (offset) => {
    while (next >= 0 && next < offset) {
      line++
      lineStart = next + 1
      next = text.indexOf('\n', lineStart)
    }
    return { origin, line, column: offset - lineStart + 1 }
  }
}
