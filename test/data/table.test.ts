import * as fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import { date, rows, table, tableOf, type Table } from '../../src/data/index.js'
import { cutPoints } from '../../src/data/parquet/row-groups.js'
import { duck } from './duck.js'
import { encodedBytes, keep, load, problemIn, removeFolders, roundTrip, warm } from './artifact.js'

afterAll(removeFolders)

const extremes = [0, -0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, -1.5, 2 ** 53]

describe('columns follow from the codec of a row', () => {
  const Row = t.intersection([
    t.type({
      double: t.number,
      integer: t.Int,
      long: t.bigint,
      flag: t.boolean,
      name: t.string,
      when: date,
      color: t.keyof({ red: null, green: null }),
      size: t.union([t.literal('s'), t.literal('m')]),
      stars: t.union([t.literal(1), t.literal(2)]),
      nested: t.type({ list: t.array(t.number) }),
      nullable: t.union([t.number, t.null]),
      nothing: t.union([t.string, t.undefined]),
      mixed: t.union([t.number, t.string]),
    }),
    t.partial({ optional: t.number, both: t.union([t.number, t.null]) }),
  ])
  type Row = t.TypeOf<typeof Row>
  const given: readonly Row[] = [
    {
      double: -0,
      integer: 1 as t.Int,
      long: 2n ** 63n - 1n,
      flag: true,
      name: 'Größe 😀',
      when: new Date(0),
      color: 'red',
      size: 's',
      stars: 1,
      nested: { list: [1] },
      nullable: null,
      nothing: undefined,
      mixed: 1,
      optional: 2,
      both: null,
    },
    {
      double: NaN,
      integer: (2 ** 53 - 1) as t.Int,
      long: -(2n ** 63n),
      flag: false,
      name: '',
      when: new Date(-8.64e15),
      color: 'green',
      size: 'm',
      stars: 2,
      nested: { list: [] },
      nullable: 0,
      nothing: 'x',
      mixed: 'one',
    },
    {
      double: -Infinity,
      integer: -(2 ** 53 - 1) as t.Int,
      long: 0n,
      flag: true,
      name: '\uFEFFmark',
      when: new Date(8.64e15),
      color: 'red',
      size: 's',
      stars: 1,
      nested: { list: [2, 3] },
      nullable: 1.5,
      nothing: undefined,
      mixed: 2,
      both: 7,
    },
  ]

  test('rows come back exactly, cold and warm', async () => {
    expect((await roundTrip(table(Row), given)).toRows()).toStrictEqual(given)
    expect(await roundTrip(rows(Row), given)).toStrictEqual(given)
    const settled = await warm(table(Row), given)
    expect(settled.settled).toBe(true)
    expect(settled.value.toRows()).toStrictEqual(given)
  })

  test('DuckDB reads the same values', async () => {
    const { path } = await keep(table(Row), given)
    const [names, types, read] = await duck(`select * from '${path}'`)
    expect(Object.fromEntries(names.map((name, index) => [name, types[index]]))).toEqual({
      double: 'DOUBLE',
      integer: 'BIGINT',
      long: 'BIGINT',
      flag: 'BOOLEAN',
      name: 'VARCHAR',
      when: expect.stringMatching(/^TIMESTAMP/),
      color: 'VARCHAR',
      size: 'VARCHAR',
      stars: 'DOUBLE',
      nested: 'VARCHAR',
      nullable: 'DOUBLE',
      nothing: 'VARCHAR',
      mixed: 'VARCHAR',
      optional: 'DOUBLE',
      both: 'VARCHAR',
    })
    const plain = read.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])))
    expect(plain.map(({ double }) => double)).toEqual([-0, NaN, -Infinity])
    expect(plain.map(({ long }) => long)).toEqual(given.map(({ long }) => long))
    expect(plain.map(({ integer }) => integer)).toEqual(given.map(({ integer }) => BigInt(integer)))
    expect(plain.map(({ name }) => name)).toEqual(['Größe 😀', '', 'mark']) // its binding for Node drops the byte order mark that DuckDB itself sees
    expect((await duck(`select length(name) from '${path}'`))[2]).toEqual([[7n], [0n], [5n]])
    expect(plain.map(({ nested }) => nested)).toEqual(['{"list":[1]}', '{"list":[]}', '{"list":[2,3]}'])
    expect(plain.map(({ nullable }) => nullable)).toEqual([null, 0, 1.5])
    expect(plain.map(({ flag }) => flag)).toEqual([true, false, true])
    expect(plain.map(({ both }) => both)).toEqual(['null', null, '7'])
  })

  test('readers get typed columns', async () => {
    const read = await roundTrip(table(Row), given)
    expect(read.column('double')).toEqual(Float64Array.of(-0, NaN, -Infinity))
    expect(read.column('long')).toEqual(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 0n))
    expect(read.column('nullable')).toEqual([null, 0, 1.5])
    expect(read.names).toEqual(Object.keys({ ...given[0] }))
  })
})

test('a table without rows has its columns and comes back', async () => {
  const Row = t.type({ a: t.number, b: t.string, c: t.union([t.bigint, t.null]), d: t.array(t.string) })
  const kept = await keep(table(Row), [])
  const read = await load(table(Row), kept)
  expect([read.length, read.toRows(), read.names]).toEqual([0, [], ['a', 'b', 'c', 'd']])
  expect((await duck(`select * from '${kept.path}'`)).slice(0, 1)).toEqual([['a', 'b', 'c', 'd']])
})

test('columns of nulls alone come back, also over several row groups', async () => {
  const Row = t.type({
    a: t.union([t.number, t.null]),
    b: t.union([t.string, t.null]),
    c: t.union([t.boolean, t.null]),
  })
  const given = Array.from({ length: 70_000 }, (_, index) => ({ a: null, b: null, c: index > 69_000 ? true : null }))
  const kept = await keep(table(Row), given)
  const read = await load(table(Row), kept)
  expect([
    read.column('a').every((value) => value === null),
    read.column('b').every((value) => value === null),
  ]).toEqual([true, true])
  expect(read.column('c')).toEqual(given.map(({ c }) => c))
  expect((await duck(`select count(a), count(b), count(c), count(*) from '${kept.path}'`))[2]).toEqual([
    [0n, 0n, 999n, 70_000n],
  ])
})

test('several row groups, repeating texts and texts of all widths come back in order', async () => {
  const Row = t.type({ id: t.Int, genre: t.string, title: t.string, score: t.number })
  const genres = ['drama', 'comédie', 'アニメ', '😀', '']
  const given = Array.from({ length: 140_000 }, (_, index) => ({
    id: index as t.Int,
    genre: genres[index % 5] as string,
    title: `${'é'.repeat(index % 7)}${index}${'😀'.repeat(index % 3)}`,
    score: Math.sin(index),
  }))
  const kept = await keep(table(Row), given)
  const read = await load(table(Row), kept)
  expect(read.column('score')).toEqual(Float64Array.from(given, ({ score }) => score))
  expect(read.column('genre')).toEqual(given.map(({ genre }) => genre))
  expect(read.column('title')).toEqual(given.map(({ title }) => title))
  expect(read.column('id')).toEqual(Float64Array.from(given, ({ id }) => id))
  const [, , [sums]] = await duck(
    `select count(*), sum(id), count(distinct genre), sum(length(title)), count(distinct title) from '${kept.path}'`,
  )
  expect(sums?.map(Number)).toEqual([
    140_000,
    given.reduce((sum, { id }) => sum + id, 0),
    5,
    given.reduce((sum, { title }) => sum + [...title].length, 0),
    140_000,
  ])
})

test('texts of a megabyte come back', async () => {
  const Row = t.type({ text: t.string })
  const given = Array.from({ length: 8 }, (_, index) => ({ text: `${index}${'x'.repeat(1_000_000)}` }))
  const read = await roundTrip(rows(Row), given)
  expect(read.every(({ text }, index) => text === given[index]?.text)).toBe(true)
})

test('row groups end at 65,536 rows, or at 64 MB of text', () => {
  const numbers = (length: number) =>
    ({ stored: 'number', values: new Float64Array(length), valid: undefined }) as const
  const texts = (...sizes: readonly number[]) =>
    ({ stored: 'text', values: sizes.map((size) => 'x'.repeat(size)), valid: undefined }) as const
  expect(cutPoints([numbers(0)])).toEqual([0])
  expect(cutPoints([numbers(140_000)])).toEqual([0, 65_536, 131_072, 140_000])
  expect(cutPoints([numbers(4), texts(4e7, 4e7, 9e7, 1)])).toEqual([0, 1, 2, 3, 4])
  expect(cutPoints([numbers(3), texts(3e7, 3e7, 3e7)])).toEqual([0, 2, 3])
  expect(cutPoints(Array.from({ length: 1024 }, () => numbers(10_000)))).toEqual([0, 8192, 10_000])
})

test('a codec of one`s own is kept as what it encodes to', async () => {
  const Url = new t.Type<URL, string>(
    'Url',
    (value): value is URL => value instanceof URL,
    (value, context) =>
      typeof value === 'string' && URL.canParse(value) ? t.success(new URL(value)) : t.failure(value, context),
    String,
  )
  const Percent = new t.Type<number, string>(
    'Percent',
    t.number.is,
    (value, context) => (typeof value === 'string' ? t.success(Number.parseFloat(value)) : t.failure(value, context)),
    (value) => `${value}%`,
  )
  const Pair = new t.Type<readonly [string, string], { readonly first: string; readonly second: string }>(
    'Pair',
    (value): value is readonly [string, string] => Array.isArray(value),
    (value, context) => {
      const { first, second } = value as { first: string; second: string }
      return first === undefined ? t.failure(value, context) : t.success([first, second] as const)
    },
    ([first, second]) => ({ first, second }),
  )
  const Row = t.type({ url: Url, percent: Percent, pair: t.union([Pair, t.null]) })
  const given = [
    { url: new URL('https://a.example/'), percent: 5, pair: ['a', 'b'] as const },
    { url: new URL('https://b.example/'), percent: 7, pair: null },
  ]
  const kept = await keep(rows(Row), given)
  expect(await load(rows(Row), kept)).toEqual(given)
  expect((await duck(`select * from '${kept.path}'`))[2]).toEqual([
    ['https://a.example/', '5%', '{"first":"a","second":"b"}'],
    ['https://b.example/', '7%', null],
  ])
  expect((await load(table(Row), kept)).column('percent')).toEqual(Float64Array.of(5, 7))
  expect((await warm(rows(Row), given)).value).toEqual(given)
})

test('dates of other codecs become timestamps', async () => {
  const Day = new t.Type<Date, string>(
    'Day',
    (value): value is Date => value instanceof Date,
    (value, context) => (typeof value === 'string' ? t.success(new Date(value)) : t.failure(value, context)),
    (value) => value.toISOString().slice(0, 10),
  )
  const Row = t.type({ day: Day, maybe: t.union([Day, t.null]) })
  const given = [{ day: new Date('1979-05-25T10:00:00.123Z'), maybe: null }]
  const kept = await keep(rows(Row), given)
  expect(await load(rows(Row), kept)).toEqual(given)
  expect((await duck(`select day::varchar from '${kept.path}'`))[2][0]?.[0]).toMatch(/^1979-05-25 10:00:00.123/)
})

describe('what a table cannot keep is told with row and column', () => {
  const Row = t.type({
    title: t.string,
    votes: t.Int,
    score: t.number,
    big: t.bigint,
    tags: t.array(t.number),
    level: t.union([t.literal('low'), t.literal('high')]),
  })
  const good = { title: 'a', votes: 1, score: 1, big: 1n, tags: [1], level: 'low' }
  const told = (wrong: object) => problemIn(() => encodedBytes(table(Row), [good, { ...good, ...wrong }]))
  test.each([
    [{ title: 7 }, 'expected string, got 7 at /1/title'],
    [{ title: null }, 'expected string, got null at /1/title'],
    [{ title: 'a\uD800' }, 'a lone surrogate, which UTF-8 cannot hold, at /1/title'],
    [{ votes: 1.5 }, 'expected Int up to ±9007199254740991, got 1.5 at /1/votes'],
    [{ votes: 1e300 }, 'expected Int up to ±9007199254740991, got 1e+300 at /1/votes'],
    [{ score: '1' }, 'expected number, got "1" at /1/score'],
    [{ score: undefined }, 'expected number, got undefined at /1/score'],
    [{ big: 2n ** 63n }, 'expected an integer of 64 bits, got 9223372036854775808n at /1/big'],
    [{ tags: [1, 'x'] }, 'expected number, got "x" at /1/tags/1'],
    [{ tags: [1, NaN] }, 'NaN at /1/tags/1 cannot be kept as JSON'],
    [{ level: 'middle' }, "expected one of 'low', 'high', got \"middle\" at /1/level"],
  ])('%o', async (wrong, message) => {
    expect((await told(wrong)).message).toBe(message)
  })
  test('something that is no row, or no rows', async () => {
    expect((await problemIn(() => encodedBytes(table(Row), [good, 3]))).message).toBe('expected a row, got 3 at /1')
    expect((await problemIn(() => encodedBytes(table(Row), { good }))).name).toBe('FormatProblem')
  })
  test('a row codec without known fields', async () => {
    expect(await problemIn(() => encodedBytes(table(t.record(t.string, t.number)), []))).toEqual({
      name: 'FormatProblem',
      path: '',
      message: 'rows of { [K in string]: number } cannot be a table: it is a DictionaryType',
      hint: 'describe a row by t.type, t.partial, t.strict or an intersection of these, or keep the rows with json(t.array(row)) or jsonLines(row)',
    })
  })
})

describe('a stored table that no longer fits its codec is refused', () => {
  const before = t.type({ a: t.number, b: t.string })
  test.each([
    [
      'another type',
      t.type({ a: t.string, b: t.string }),
      'column "a" is stored as number, the codec of a row now says text',
    ],
    ['a field more', t.type({ a: t.number, b: t.string, c: t.number }), 'the stored table has no column "c"'],
    ['a field less', t.type({ a: t.number }), 'the stored table has a column "b", but the codec of a row has not'],
    [
      'nullable now',
      t.type({ a: t.number, b: t.union([t.string, t.null]) }),
      'column "b" is stored as text, the codec of a row now says text or null',
    ],
    ['fewer values', t.type({ a: t.number, b: t.keyof({ x: null }) }), 'expected \'x\', got "y" at /0/b'],
  ])('%s', async (_, now, message) => {
    const kept = await keep(table(before), [{ a: 1, b: 'y' }])
    expect(await problemIn(() => load(table(now as t.Type<object, any>), kept))).toMatchObject({
      name: 'FormatProblem',
      message,
    })
  })
  test('a file that is no table is damaged', async () => {
    const format = table(before)
    const source = { ...(await keep(format, [{ a: 1, b: 'y' }])).source, bytes: async () => Buffer.from('not a table') }
    expect((await problemIn(() => load(format, { path: '', source }))).name).toBe('DamagedArtifact')
  })
})

describe('Table', () => {
  interface Film {
    readonly title: string
    readonly votes: number
    readonly year?: number
  }
  const Film: t.Type<Film> = t.intersection([
    t.type({ title: t.string, votes: t.number }),
    t.partial({ year: t.number }),
  ])
  const films: Table<Film> = tableOf(Film, [
    { title: 'Alien', votes: 9, year: 1979 },
    { title: 'Big', votes: 7 },
    { title: 'Heat', votes: 8, year: 1995 },
  ])
  test('is gone through by rows, and says its length', () => {
    expect([...films]).toEqual(films.toRows())
    expect(films.length).toBe(3)
    expect(films.at(1)).toStrictEqual({ title: 'Big', votes: 7 })
    expect(films.at(3)).toBeUndefined()
    expect(films.map(({ title }, index) => `${index} ${title}`)).toEqual(['0 Alien', '1 Big', '2 Heat'])
  })
  test('select, filter and slice give tables', async () => {
    const good = films.filter(({ votes }) => votes > 7)
    expect(good.select('title').toRows()).toEqual([{ title: 'Alien' }, { title: 'Heat' }])
    expect(good.column('votes')).toEqual(Float64Array.of(9, 8))
    expect(films.slice(-1).toRows()).toEqual([{ title: 'Heat', votes: 8, year: 1995 }])
    expect((await roundTrip(table(Film), good)).toRows()).toStrictEqual(good.toRows())
  })
  test('compares by its rows, is frozen, and names a column that is not there', () => {
    expect(films).toEqual(tableOf(Film, films.toRows()))
    expect(films).not.toEqual(films.filter(({ votes }) => votes === 9))
    expect(Object.isFrozen(films)).toBe(true)
    expect(() => films.column('titel' as 'title')).toThrow('the table has no column "titel"; it has title, votes, year')
  })
})

describe('property tests', () => {
  const Row = t.intersection([
    t.type({
      number: t.number,
      maybe: t.union([t.number, t.null]),
      text: t.string,
      maybeText: t.union([t.string, t.null]),
      long: t.bigint,
      maybeLong: t.union([t.bigint, t.null]),
      flag: t.union([t.boolean, t.null]),
      when: t.union([date, t.null]),
      json: t.array(t.union([t.string, t.number, t.null])),
    }),
    t.partial({ perhaps: t.string, integer: t.Int }),
  ])
  const number = fc.oneof(fc.double(), fc.constantFrom(...extremes))
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\uFEFF', '😀', 'a,b\n"c"', '\0'))
  const long = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n)),
  )
  const row = fc.record(
    {
      number,
      maybe: fc.option(number),
      text,
      maybeText: fc.option(fc.oneof(text, fc.constantFrom('a', 'b'))),
      long,
      maybeLong: fc.option(long),
      flag: fc.option(fc.boolean()),
      when: fc.option(fc.date({ noInvalidDate: true })),
      json: fc.array(fc.oneof(text, fc.integer(), fc.constant(null))),
      perhaps: text,
      integer: fc.oneof(fc.maxSafeInteger(), fc.integer()).map((value) => (value + 0) as t.Int),
    },
    {
      noNullPrototype: true,
      requiredKeys: ['number', 'maybe', 'text', 'maybeText', 'long', 'maybeLong', 'flag', 'when', 'json'],
    },
  )
  test('any rows come back, and are the same cold and warm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 300 }), async (given) => {
        const format = rows(Row)
        expect(await roundTrip(format, given)).toStrictEqual(given)
        expect((await warm(format, given)).value).toStrictEqual(given)
      }),
      { numRuns: 60 },
    )
  })
  test('any names of columns come back', async () => {
    const name = fc
      .oneof(
        fc.string({ minLength: 1 }),
        fc.constantFrom('toString', 'constructor', 'a.b', 'a,b', '1', '0', 'length', ' '),
      )
      .filter((value) => value !== '__proto__' && value.isWellFormed())
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), async (names) => {
        const format = rows(t.type(Object.fromEntries(names.map((each) => [each, t.number]))))
        const given = [Object.fromEntries(names.map((each, index) => [each, index]))]
        expect(await roundTrip(format, given)).toStrictEqual(given)
      }),
      { numRuns: 100 },
    )
  })
})
