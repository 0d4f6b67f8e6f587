import * as fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import { json } from '../../src/data/index.js'
import { jsonBytes, parsedJson } from '../../src/declare/json/json-bytes.js'
import { jsonFormat } from '../../src/declare/json/json.js'
import { isPlainCodec } from '../../src/declare/codec/plain-codec.js'
import { encodedBytes, keep, load, persistenceOf, problemIn, removeFolders, roundTrip, warm } from './artifact.js'

afterAll(removeFolders)

const anything = jsonFormat(t.unknown)

describe('json', () => {
  test('any JSON value comes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary' }), async (value) => {
        const expected: unknown = JSON.parse(JSON.stringify(value)) // -0 becomes 0
        expect(await roundTrip(anything, value)).toStrictEqual(expected)
        expect((await warm(anything, value)).value).toStrictEqual(expected)
      }),
      { numRuns: 150 },
    )
  })

  test('lone surrogates and a key called __proto__ come back', async () => {
    const value = JSON.parse('{"__proto__": {"a": 1}, "s": "\\ud800"}') as unknown
    expect(await roundTrip(anything, value)).toStrictEqual(value)
  })

  class Film {
    readonly title = 'Alien'
  }
  test.each([
    [
      'NaN',
      { films: [{ score: 1 }, { score: NaN }] },
      'NaN at /films/1/score cannot be kept as JSON',
      '/films/1/score',
    ],
    ['infinity', [1, -Infinity], '-Infinity at /1 cannot be kept as JSON', '/1'],
    ['undefined', { a: { b: undefined } }, 'undefined at /a/b cannot be kept as JSON', '/a/b'],
    ['a Date', [new Date(0)], 'a Date at /0 cannot be kept as JSON', '/0'],
    ['a class instance', { film: new Film() }, 'an instance of Film at /film cannot be kept as JSON', '/film'],
    ['a Map', { map: new Map() }, 'an instance of Map at /map cannot be kept as JSON', '/map'],
    ['a generator', [(function* () {})()], 'an instance of Generator at /0 cannot be kept as JSON', '/0'],
    ['a bigint', [[1n]], 'a bigint at /0/0 cannot be kept as JSON', '/0/0'],
    ['a function', { toJSON: () => 1 }, 'a function at /toJSON cannot be kept as JSON', '/toJSON'],
    ['a hole', [1, , 3], 'undefined at /1 cannot be kept as JSON', '/1'], // eslint-disable-line no-sparse-arrays
    ['nothing at all', undefined, 'undefined at the top cannot be kept as JSON', ''],
  ])('%s is named with its path', async (_, value, message, path) => {
    expect(await problemIn(() => encodedBytes(anything, value))).toEqual({
      name: 'FormatProblem',
      message,
      path,
      hint: 'encode it in the codec, use null instead of undefined and NaN, or choose another format',
    })
  })

  test('a cycle and endless nesting are told, not followed', async () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    expect((await problemIn(() => encodedBytes(anything, cycle))).message).toMatch(/^nested too deeply, or a cycle/)
    const deep = Array.from({ length: 100_000 }).reduce<unknown>((inner) => [inner], 1)
    expect((await problemIn(() => encodedBytes(anything, deep))).message).toMatch(/^nested too deeply, or a cycle/)
    const fair = Array.from({ length: 2000 }).reduce<unknown>((inner) => [inner], 1)
    expect(JSON.stringify(await roundTrip(anything, fair))).toBe(JSON.stringify(fair))
  })

  test('a wrong value is named with its path, saving and loading', async () => {
    const Films = t.array(t.type({ title: t.string, votes: t.number }))
    expect((await problemIn(() => encodedBytes(json(Films), [{ title: 'Alien', votes: '9' }]))).message).toBe(
      'expected number, got "9" at /0/votes',
    )
    const kept = await keep(json(t.array(t.type({ title: t.string, votes: t.string }))), [
      { title: 'Alien', votes: '9' },
    ])
    expect(await problemIn(() => load(json(Films), kept))).toEqual({
      name: 'FormatProblem',
      path: '/0/votes',
      message: 'expected number, got "9" at /0/votes',
    })
  })

  test('bytes that are no JSON are damage', async () => {
    const kept = await keep(json(t.string), 'x')
    expect(
      (
        await problemIn(() =>
          load(json(t.string), { ...kept, source: { ...kept.source, bytes: async () => Buffer.from('{"a":') } }),
        )
      ).name,
    ).toBe('DamagedArtifact')
  })

  test('codecs that change values work both ways', async () => {
    const Day = new t.Type<Date, string>(
      'Day',
      (value): value is Date => value instanceof Date,
      (value, context) => (typeof value === 'string' ? t.success(new Date(value)) : t.failure(value, context)),
      (value) => value.toISOString(),
    )
    const format = json(t.array(t.type({ day: Day })))
    const value = [{ day: new Date(5) }]
    expect(await roundTrip(format, value)).toEqual(value)
    expect(await warm(format, value)).toEqual({ value, settled: false })
  })
})

describe('a value is settled only where loading gives the same', () => {
  const settles = (codec: t.Type<any, any>, value: unknown): boolean =>
    persistenceOf(jsonFormat(codec)).settle?.(value) !== undefined
  test('plain values of plain codecs', () => {
    expect(settles(t.array(t.type({ a: t.number })), [{ a: 1 }])).toBe(true)
    expect(settles(t.intersection([t.type({ a: t.number }), t.partial({ b: t.string })]), { a: 1 })).toBe(true)
  })
  test('not for -0, prototypes, subclasses of Array, named properties of arrays, symbols', () => {
    expect(settles(t.unknown, [-0])).toBe(false)
    expect(settles(t.unknown, Object.create(null))).toBe(false)
    expect(settles(t.unknown, [new (class Own extends Array {})()])).toBe(false)
    expect(settles(t.unknown, /a/.exec('a'))).toBe(false)
    expect(settles(t.unknown, { [Symbol.iterator]: 1 })).toBe(false)
  })
  test('not for codecs that strip or change', () => {
    expect(settles(t.strict({ a: t.number }), { a: 1 })).toBe(false)
    expect(settles(t.array(t.exact(t.partial({ a: t.number }))), [])).toBe(false)
  })
  test('cold and warm are the same for values with more than the codec names', async () => {
    const value = { a: 1, more: [1, 2] }
    for (const codec of [
      t.type({ a: t.number }),
      t.strict({ a: t.number }),
      t.record(t.string, t.unknown),
      t.record(t.literal('a'), t.number),
    ] as t.Type<any, any>[]) {
      const format = jsonFormat(codec)
      expect((await warm(format, value)).value).toStrictEqual(await roundTrip(format, value))
    }
  })
})

describe('isPlainCodec', () => {
  interface Tree {
    readonly children: readonly Tree[]
  }
  const Tree: t.Type<Tree> = t.recursion('Tree', () => t.type({ children: t.readonlyArray(Tree) }))
  test.each<[string, t.Type<any, any>]>([
    ['primitives', t.union([t.string, t.number, t.boolean, t.null, t.bigint, t.unknown])],
    ['records', t.record(t.string, t.array(t.number))],
    ['objects', t.readonly(t.intersection([t.type({ a: t.Int }), t.partial({ b: t.keyof({ x: null }) })]))],
    ['tagged unions', t.union([t.type({ tag: t.literal('a') }), t.type({ tag: t.literal('b') })])],
    ['tuples', t.tuple([t.string, t.number])],
    ['recursion', Tree],
    ['arrays of intersections', t.array(t.intersection([t.type({ a: t.string }), t.type({ b: t.string })]))],
  ])('knows %s', (_, codec) => {
    expect(isPlainCodec(codec)).toBe(true)
  })
  const clone = <C extends t.Any>(codec: C, changes: object): C =>
    Object.assign(Object.create(Object.getPrototypeOf(codec) as object), codec, changes) as C
  test.each<[string, t.Type<any, any>]>([
    ['exact', t.exact(t.type({ a: t.string }))],
    ['strict within', t.array(t.strict({ a: t.string }))],
    ['records that strip keys', t.record(t.keyof({ a: null }), t.string)],
    ['own codecs', new t.Type('Own', t.string.is, t.string.validate, t.identity)],
    ['pipes', t.string.pipe(t.string)],
    [
      'clones with another validate, as io-ts-types makes them',
      clone(t.string, { validate: (value: unknown) => t.success(String(value).trim()) }),
    ],
    ['clones with another encode', t.type({ a: clone(t.number, { encode: (value: number) => value + 1 }) })],
  ])('does not vouch for %s', (_, codec) => {
    expect(isPlainCodec(codec)).toBe(false)
  })
  test('a plain codec decodes what it accepts to the value itself', () => {
    const codec = t.array(
      t.intersection([
        t.type({ a: t.union([t.number, t.null]) }),
        t.partial({ b: t.record(t.string, t.string), c: Tree }),
      ]),
    )
    expect(isPlainCodec(codec)).toBe(true)
    const value = [
      { a: 1, b: { x: 'y' }, c: { children: [] } },
      { a: null, more: 1 },
    ]
    expect(codec.is(value)).toBe(true)
    expect((codec.decode(value) as { right: unknown }).right).toBe(value)
  })
})

describe('arrays longer than the longest string', () => {
  test('are written and read in parts', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), fc.constantFrom('a,b', '"[{', '\\', '\\"', 'é😀'))), (value) => {
        const longest = Math.max(40, ...value.map((part) => JSON.stringify(part).length + 2))
        const bytes = jsonBytes(value, longest)
        const whole = bytes instanceof Uint8Array ? bytes : Buffer.concat(bytes)
        expect(JSON.parse(Buffer.from(whole).toString())).toEqual(JSON.parse(JSON.stringify(value)))
        expect(parsedJson(whole, longest * 4)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
  test('one element that is too long is told', async () => {
    expect(await problemIn(() => jsonBytes(['x'.repeat(100)], 50))).toEqual({
      name: 'FormatProblem',
      message: 'too large for one JSON text (512 MB)',
      path: '',
      hint: 'keep it with jsonLines(codec), table(codec) or ndarray() instead; a top-level array may be of any size',
    })
    expect((await problemIn(() => parsedJson(Buffer.from(`[${'1,'.repeat(60)}`), 50))).name).toBe('DamagedArtifact')
  })
})
