import type * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { nearest } from '../../base/suggest.js'
import { FormatProblem } from '../format.js'
import { fieldOf, instanceText, tagOf } from '../../base/records.js'
import type { CodecParts } from './codec-parts.js'

/** The first problem a codec finds: where (`/0/votes`), what it expected, what it got. */
export interface CodecProblem {
  readonly path: string
  readonly expected: string
  readonly actual: unknown
  readonly message: string
}

/** A short sentence about the first error; the reporter of io-ts repeats the whole type. */
export const firstProblem = (errors: t.Errors): CodecProblem => {
  const deepest = errors.reduce((best, error) => (error.context.length > best.context.length ? error : best))
  const context = deepest.context.filter((entry, index) => index === 0 || entry.key !== '')
  const named = context.slice(1).filter((entry, index) => !isChoice(context[index]?.type, entry.key))
  const last = context[context.length - 1]
  const path = named.map((entry) => `/${entry.key}`).join('')
  const type = choiceAbove(deepest.context) ?? last?.type
  const actual = last?.actual
  const words = wordsOf(type)
  const expected =
    words === undefined
      ? typeName(type)
      : `${words.length > 1 ? 'one of ' : ''}${words
          .slice(0, 30)
          .map((word) => `'${word}'`)
          .join(', ')}${words.length > 30 ? ', …' : ''}`
  const near = words !== undefined && words.length > 1 && typeof actual === 'string' ? nearest(actual, words, 1) : []
  const meant = near.length === 0 ? '' : ` (did you mean '${near[0]}'?)`
  return {
    path,
    expected,
    actual,
    message: deepest.message ?? `expected ${expected}${meant}, got ${show(actual)}${path === '' ? '' : ` at ${path}`}`,
  }
}

/** The strings that a codec of alternatives admits; undefined for any other codec. */
const wordsOf = (type: Partial<CodecParts> | undefined): readonly string[] | undefined => {
  if (type?._tag === 'KeyofType' && type.keys !== undefined) return Object.keys(type.keys)
  if (type?._tag !== 'UnionType' || type.types === undefined) return undefined
  const words = type.types.map(({ _tag, value }) => (_tag === 'LiteralType' ? value : undefined))
  return words.every((word) => typeof word === 'string') ? words : undefined
}

/** Unions and intersections add their branch number to the context; it is not a field of the value. */
export const isChoice = (type: t.Decoder<any, any> | undefined, key: string): boolean => {
  const tag = choiceTag(type)
  return (tag === 'UnionType' || tag === 'IntersectionType') && /^\d+$/.test(key)
}

/** Codecs that add a condition validate with the codec inside them, and leave no step in the context. */
const around: ReadonlySet<unknown> = new Set(['ExactType', 'ReadonlyType', 'RefinementType'])

const choiceTag = (type: unknown): unknown => {
  const tag = tagOf(type)
  return around.has(tag) ? choiceTag(fieldOf(type, 'type')) : tag
}

/** If the last step was into a branch of a union, the union describes better what was expected. */
const choiceAbove = (context: t.Context): t.Decoder<any, any> | undefined => {
  const above = context[context.length - 2]
  return choiceTag(above?.type) === 'UnionType' ? above?.type : undefined
}

const typeName = (type: t.Decoder<any, any> | undefined): string => {
  const name = type?.name ?? 'something else'
  return name.length > 80 ? `${name.slice(0, 77)}…` : name
}

/** A value in a few words, for messages. */
export const show = (value: unknown): string => {
  if (value === undefined) return 'undefined'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol') return String(value)
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  try {
    if (value instanceof Date)
      return Number.isNaN(value.getTime()) ? 'an invalid Date' : `a Date, ${value.toISOString()}`
    const instance = instanceText(value)
    if (instance !== undefined) return instance
    const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
    if (text !== undefined) return text.length > 80 ? `${text.slice(0, 77)}…` : text
  } catch {} // cycles
  return Object.prototype.toString.call(value)
}

/** Returns a value from `run` unchanged; throws `FormatProblem` with the path if it does not match the codec. */
export const checked = <A>(codec: t.Type<A, any>, value: unknown): A => {
  if (codec.is(value)) return value
  const outcome = codec.decode(value)
  const problem = E.isLeft(outcome) ? firstProblem(outcome.left) : undefined
  throw new FormatProblem(problem?.message ?? `expected ${codec.name}, got ${show(value)}`, {
    path: problem?.path ?? '',
  })
}

/** Decodes a value; throws `FormatProblem` with the path if the codec refuses it. */
export const decoded = <A>(codec: t.Type<A, any>, value: unknown): A => {
  const outcome = codec.decode(value)
  if (E.isRight(outcome)) return outcome.right
  const problem = firstProblem(outcome.left)
  throw new FormatProblem(problem.message, { path: problem.path })
}

/** A problem in a part, as a problem of the whole: `/votes` in row 3 becomes `/3/votes`. */
export const problemUnder = (prefix: string, { message, path, hint, cause }: FormatProblem): FormatProblem => {
  const whole = `${prefix}${path}`
  const text =
    path !== '' && message.includes(` at ${path}`)
      ? message.replace(` at ${path}`, ` at ${whole}`)
      : message.includes(' at the top')
        ? message.replace(' at the top', ` at ${whole}`)
        : `${message} at ${whole}`
  return new FormatProblem(text, { path: whole, cause, ...(hint === undefined ? {} : { hint }) })
}
