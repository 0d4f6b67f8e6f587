import type { Place, PlanError } from '../../errors.js'
import { limits, tooLarge } from '../limits.js'
import { locatedList, locatedMap, locatedScalar, refusedKey, type Reading } from './located.js'
import { numberProblem } from './number-problem.js'
import type { Located } from '../config-types.js'

/** Where a text stops being JSON; ends the reading, since what follows cannot be understood. */
class NotJson extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** Reads JSON with the place of every value, which `JSON.parse` does not give. Duplicate keys are errors. */
export const readJson = (origin: string, source: string): Reading => {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source
  const errors: PlanError[] = []
  const placeAt = placer(origin, text)
  let at = 0
  let count = 0

  const skipSpace = (): void => {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++
  }
  const fail = (expected: string): never => {
    throw new NotJson(
      at >= text.length ? `expected ${expected}, but the text ends` : `expected ${expected}, got '${text[at]}'`,
      at,
    )
  }
  const take = (character: string, otherwise: string): void => {
    if (text[at] !== character) fail(otherwise)
    at++
  }
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }

  const string = (): string => {
    const start = at
    const end = endOfString(text, start)
    if (end === undefined) throw new NotJson('this text is not closed in its line', start)
    at = end
    try {
      return JSON.parse(text.slice(start, end)) as string
    } catch {
      throw new NotJson('this text has a control character or an escape that JSON does not know', start)
    }
  }

  const value = (depth: number): Located => {
    skipSpace()
    const start = at
    const place = placeAt(start)
    if (depth > limits.depth) throw new TooDeep(place)
    if (++count === limits.values + 1) errors.push(tooLarge('values', place))
    switch (text[at]) {
      case '{':
        return map(depth, place)
      case '[':
        return list(depth, place)
      case '"': {
        const found = string()
        if (found.length > limits.scalar) errors.push(tooLarge('scalar', place))
        return locatedScalar(found, place)
      }
      default:
        return word(start, place)
    }
  }

  const word = (start: number, place: Place): Located => {
    const found = match(wordPattern)
    if (found === undefined) return fail('a value')
    if (found === 'true' || found === 'false') return locatedScalar(found === 'true', place)
    if (found === 'null') return locatedScalar(null, place)
    if (!numberPattern.test(found))
      throw new NotJson(`'${found.slice(0, 40)}' is no JSON value; text needs double quotes`, start)
    const problem = numberProblem(Number(found), found, place)
    if (problem !== undefined) errors.push(problem)
    return locatedScalar(Number(found), place)
  }

  const list = (depth: number, place: Place): Located => {
    const items: Located[] = []
    at++
    skipSpace()
    if (text[at] === ']') at++
    else
      for (let more = true; more; ) {
        items.push(value(depth + 1))
        skipSpace()
        more = text[at] === ','
        if (more) at++
        else take(']', "',' or ']'")
      }
    return locatedList(items, place)
  }

  const map = (depth: number, place: Place): Located => {
    const parts = new Map<string, Located>()
    const keys = new Map<string, Place>()
    at++
    skipSpace()
    if (text[at] === '}') at++
    else
      for (let more = true; more; ) {
        skipSpace()
        const keyPlace = placeAt(at)
        if (text[at] !== '"') fail('a key in double quotes')
        const key = string()
        skipSpace()
        take(':', "':' after the key")
        const part = value(depth + 1)
        const first = keys.get(key)
        const problem = key.length > limits.key ? tooLarge('key', keyPlace) : refusedKey(key, keyPlace)
        if (problem !== undefined) errors.push(problem)
        else if (first !== undefined) errors.push({ _tag: 'DuplicateKey', place: keyPlace, key, first })
        else {
          keys.set(key, keyPlace)
          parts.set(key, part.place.line === keyPlace.line ? part : { ...part, place: keyPlace })
        }
        skipSpace()
        more = text[at] === ','
        if (more) at++
        else take('}', "',' or '}'")
      }
    return locatedMap(parts, place)
  }

  try {
    skipSpace()
    if (at >= text.length) return { located: undefined, errors, warnings: [] }
    const located = value(1)
    skipSpace()
    if (at < text.length) fail('the end')
    return { located: located.value === null ? undefined : located, errors, warnings: [] }
  } catch (thrown) {
    if (thrown instanceof TooDeep) errors.push(tooLarge('depth', thrown.place))
    else if (thrown instanceof NotJson)
      errors.push({ _tag: 'YamlSyntax', place: placer(origin, text)(thrown.offset), reason: thrown.message })
    else throw thrown
    return { located: undefined, errors, warnings: [] }
  }
}

/** Ends the reading before the stack does. */
class TooDeep extends Error {
  readonly place: Place
  constructor(place: Place) {
    super('too deep')
    this.place = place
  }
}

const wordPattern = /[^\s,:[\]{}"]+/y
const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/** Offset behind the closing quote; by hand, since a pattern's stack has an end. */
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

/** Places of offsets that are asked in rising order. */
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
