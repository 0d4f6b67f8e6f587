import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { checked, decoded, firstProblem, show } from '../../src/declare/codec/codec.js'
import { FormatProblem } from '../../src/declare/format.js'

const Movie = t.type({ title: t.string, votes: t.number }, 'Movie')
const messageOf = (codec: t.Mixed, value: unknown): string => {
  const outcome = codec.decode(value)
  return E.isLeft(outcome) ? firstProblem(outcome.left).message : 'fine'
}

describe('what is wrong with a value', () => {
  test.each([
    [t.number, 'a', 'expected number, got "a"'],
    [t.string, new Date(0), 'expected string, got a Date, 1970-01-01T00:00:00.000Z'],
    [t.string, new Date(Number.NaN), 'expected string, got an invalid Date'],
    [t.array(t.number), new Set([1]), 'expected Array<number>, got a Set'],
    [t.array(t.number), [1].values(), 'expected Array<number>, got an Array Iterator'],
    [t.number, Buffer.from('a'), 'expected number, got a Buffer'],
    [t.string, new TypeError('no'), 'expected string, got a TypeError'],
    [t.string, new (class Film {})(), 'expected string, got an instance of Film'],
    [t.string, Object.create(null), 'expected string, got {}'],
    [Movie, null, 'expected Movie, got null'],
    [
      t.array(Movie),
      [
        { title: 'a', votes: 1 },
        { title: 'b', votes: 'many' },
      ],
      'expected number, got "many" at /1/votes',
    ],
    [Movie, { title: 'a' }, 'expected number, got undefined at /votes'],
    [
      t.type({ list: t.array(t.type({ deep: t.Int })) }),
      { list: [{ deep: 1.5 }] },
      'expected Int, got 1.5 at /list/0/deep',
    ],
    [t.record(t.string, t.number), { a: 1, b: null }, 'expected number, got null at /b'],
  ] as const)('%# says what was expected, what there was, and where', (codec, value, message) => {
    expect(messageOf(codec, value)).toBe(message)
  })

  test('the branch of a union or intersection is no part of the path', () => {
    expect(messageOf(t.type({ a: t.union([t.string, t.null]) }), { a: 1 })).toBe(
      'expected (string | null), got 1 at /a',
    )
    expect(messageOf(t.intersection([Movie, t.type({ genre: t.string })]), { title: 'a', votes: 1, genre: 2 })).toBe(
      'expected string, got 2 at /genre',
    )
  })

  test('nor is it where the union or intersection is exact, readonly or has a condition', () => {
    const Both = t.intersection([t.type({ title: t.string }), t.partial({ genre: t.string })])
    for (const codec of [t.exact(Both), t.readonly(Both), t.exact(t.readonly(Both)), t.refinement(Both, () => true)])
      expect(messageOf(t.type({ film: codec }), { film: { title: 'a', genre: 2 } })).toBe(
        'expected string, got 2 at /film/genre',
      )
    expect(messageOf(t.type({ a: t.readonly(t.union([t.string, t.null])) }), { a: 1 })).toMatch(/got 1 at \/a$/)
  })

  test('a codec’s own message is kept', () => {
    const Even = new t.Type<number>(
      'Even',
      t.number.is,
      (value, context) =>
        typeof value === 'number' && value % 2 === 0 ? t.success(value) : t.failure(value, context, 'not even'),
      t.identity,
    )
    expect(messageOf(Even, 3)).toBe('not even')
  })
})

describe('checking', () => {
  test('a good value is given back as it is', () => {
    const value = { title: 'a', votes: 1 }
    expect([checked(Movie, value) === value, decoded(t.number, 1)]).toEqual([true, 1])
  })

  test('a wrong one throws a problem with the path', () => {
    const problem = (() => {
      try {
        return checked(t.array(Movie), [{ title: 1, votes: 1 }])
      } catch (cause) {
        return cause
      }
    })()
    expect(problem).toBeInstanceOf(FormatProblem)
    expect(problem).toMatchObject({ path: '/0/title', message: 'expected string, got 1 at /0/title' })
    expect(() => decoded(Movie, {})).toThrow(FormatProblem)
  })
})

test('values are shown in a few words', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(
    [undefined, 1n, { a: 1n }, function named() {}, () => {}, 'text', circle, Symbol('s'), 'x'.repeat(100)].map(show),
  ).toEqual([
    'undefined',
    '1n',
    '{"a":"1n"}',
    'function named',
    'function (anonymous)',
    '"text"',
    '[object Object]',
    'Symbol(s)',
    `"${'x'.repeat(76)}…`,
  ])
})
