import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import * as fc from 'fast-check'
import * as t from 'io-ts'
import parquetjs from 'parquetjs-lite'
import { afterAll, describe, expect, test } from 'vitest'
import { date, readParquet } from '../../src/data/index.js'
import { freshFolder, problemIn, removeFolders } from './artifact.js'
import { duck } from './duck.js'

/** Parquet that others wrote, read exactly or refused by name. */

afterAll(removeFolders)

/** A file with what DuckDB selects. */
const selected = async (select: string, options = ''): Promise<string> => {
  const path = join(await freshFolder(), 'value.parquet')
  await duck(`copy (${select}) to '${path}' (format parquet${options})`)
  return path
}

const valuesOf = async <A>(codec: t.Type<A, any>, expression: string, options = ''): Promise<readonly A[]> =>
  (await readParquet(t.type({ a: codec }), await selected(`select ${expression} as a`, options)))
    .toRows()
    .map(({ a }) => a)

/** Bytes as they are; kept as hex. */
const bytes = new t.Type<Uint8Array, string>(
  'bytes',
  (value): value is Uint8Array => value instanceof Uint8Array,
  (value, context) =>
    value instanceof Uint8Array
      ? t.success(value)
      : typeof value === 'string'
        ? t.success(new Uint8Array(Buffer.from(value, 'hex')))
        : t.failure(value, context),
  (value) => Buffer.from(value).toString('hex'),
)

describe('what a number or a Date cannot hold is refused with column and value, and had as bigint, as text or through a codec', () => {
  test.each([
    [
      'microseconds',
      date,
      "timestamp '1969-12-31 23:59:59.999999'",
      'expected date, got 1969-12-31T23:59:59.999999, which a Date cannot hold: it has milliseconds at /0/a',
    ],
    [
      'nanoseconds',
      date,
      "timestamp_ns '2020-01-01 00:00:00.000000001'",
      'expected date, got 2020-01-01T00:00:00.000000001, which a Date cannot hold: it has milliseconds at /0/a',
    ],
    [
      'the end of time',
      date,
      "'infinity'::timestamp",
      'expected date, got +294247-01-10T04:00:54.775807, which a Date cannot hold: it has milliseconds at /0/a',
    ],
    [
      'a decimal over 2^53',
      t.number,
      '9007199254740993::decimal(18,0)',
      'expected number, got 9007199254740993, which no number represents exactly at /0/a',
    ],
    [
      'a decimal of 30 digits',
      t.number,
      '-12345678901234567890.5::decimal(30,10)',
      'expected number, got -12345678901234567890.5000000000, which no number represents exactly at /0/a',
    ],
    ['a fraction', t.bigint, '1.5::decimal(3,1)', 'expected bigint, got 1.5, which is not an integer at /0/a'],
    ['bytes', t.string, "'\\xFF\\xFE'::blob", 'expected string, got 2 bytes 0xfffe, which are not UTF-8 at /0/a'],
    [
      'an integer in JSON',
      t.type({ x: t.number }),
      `'{"x": 9007199254740993}'::json`,
      'expected number, got 9007199254740993n at /0/a/x',
    ],
    [
      'an integer in a text of JSON',
      t.type({ x: t.number }),
      `'{"x": 9007199254740993}'`,
      'expected number, got 9007199254740993n at /0/a/x',
    ],
    ['an integer in a list', t.array(t.Int), '[1, 9007199254740993]', 'expected Int, got 9007199254740993n at /0/a/1'],
    [
      'a time in a list',
      t.array(t.type({ at: date })),
      "[{'at': timestamp '2020-01-01 00:00:00.000001'}]",
      'expected date, got 2020-01-01T00:00:00.000001, which a Date cannot hold: it has milliseconds at /0/a/0/at',
    ],
  ] as readonly (readonly [string, t.Type<any, any>, string, string])[])(
    '%s',
    async (_, codec, expression, message) => {
      expect(await problemIn(() => valuesOf(codec, expression))).toMatchObject({ name: 'FormatProblem', message })
    },
  )

  test.each([
    ['milliseconds before 1970', date, "timestamp '1969-12-31 23:59:59.999'", new Date(-1)],
    ['microseconds as text', t.string, "timestamp '1969-12-31 23:59:59.999999'", '1969-12-31T23:59:59.999999'],
    ['microseconds as bigint', t.bigint, "timestamp '1969-12-31 23:59:59.999999'", -1n],
    ['nanoseconds with a zone', t.string, "timestamptz '1969-12-31 23:59:59.999999+00'", '1969-12-31T23:59:59.999999Z'],
    ['a day of long ago', t.string, "date '0044-03-15 (BC)'", '-000043-03-15'],
    ['a time of day', t.string, "time '12:34:56.789012'", '12:34:56.789012'],
    ['a decimal', t.number, '0.3::decimal(2,1)', 0.3],
    ['a large decimal with the digits of a number', t.number, '1234567.25::decimal(30,10)', 1234567.25],
    ['a decimal as bigint', t.bigint, '9007199254740993::decimal(18,0)', 9007199254740993n],
    ['a decimal as text', t.string, '-0.05::decimal(38,2)', '-0.05'],
    ['bytes', bytes, "'\\xFF\\xFE'::blob", Uint8Array.of(255, 254)],
    ['bytes that are text', t.string, "'abc'::blob", 'abc'],
    ['an integer as text', t.string, '18446744073709551615::ubigint', '18446744073709551615'],
    ['JSON as text', t.string, `'{"x": 9007199254740993}'::json`, '{"x": 9007199254740993}'],
    [
      'an integer in JSON as text',
      t.type({ x: t.string }),
      `'{"x": 9007199254740993}'::json`,
      { x: '9007199254740993' },
    ],
    ['an interval', t.string, 'interval 3 days', 'P0M3DT0S'],
  ] as readonly (readonly [string, t.Type<any, any>, string, unknown])[])(
    '%s',
    async (_, codec, expression, expected) => {
      expect(await valuesOf(codec, expression)).toStrictEqual([expected])
    },
  )

  test('text that is not UTF-8 is refused, not repaired', async () => {
    const schema = [
      { name: 'root', num_children: 1 },
      { name: 'a', type: 'BYTE_ARRAY', repetition_type: 'REQUIRED', converted_type: 'UTF8' },
    ] as const
    const path = join(await freshFolder(), 'value.parquet')
    await writeFile(
      path,
      Buffer.from(
        parquetWriteBuffer({
          columnData: [{ name: 'a', data: ['plain', 'xyz'] }],
          schema: [...schema],
          codec: 'UNCOMPRESSED',
          statistics: false,
        }),
      ).map((byte) => (byte === 0x79 ? 0xff : byte)),
    )
    expect((await problemIn(() => readParquet(t.type({ a: t.string }), path))).message).toBe(
      'column "a" has a text that is not UTF-8: 0x78ff7a',
    )
  })
})

/** Replaces bytes in a file's footer, wherever they are. */
const withFooter = (file: Buffer, from: readonly number[], to: readonly number[], most = Infinity): Buffer => {
  const changed = Buffer.from(file)
  const begin = file.length - 8 - file.readUInt32LE(file.length - 8)
  let at = begin
  for (let count = 0; count < most && (at = changed.indexOf(Buffer.from(from), at)) !== -1; count++)
    Buffer.from(to).copy(changed, at)
  return changed
}

test('int96, which Spark and Hive wrote, has nanoseconds', async () => {
  const values = [
    [-1n, 2_440_588],
    [86_399_999_999_999n, 2_440_587],
    [1_000_000n, 2_459_000],
  ] as const
  const data = values.map(([nanoseconds, day]) => {
    const value = Buffer.alloc(12)
    value.writeBigInt64LE(nanoseconds)
    value.writeInt32LE(day, 8)
    return new Uint8Array(value)
  })
  const schema = [
    { name: 'root', num_children: 1 },
    { name: 'a', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12, repetition_type: 'REQUIRED' },
  ] as const
  const file = Buffer.from(
    parquetWriteBuffer({
      columnData: [{ name: 'a', data, encoding: 'PLAIN' }],
      schema: [...schema],
      statistics: false,
    }),
  )
  const path = join(await freshFolder(), 'value.parquet')
  // the type, where the schema and the column say it
  await writeFile(path, withFooter(file, [0x15, 0x0e], [0x15, 0x06]))
  const read = await readParquet(t.type({ a: t.string }), path)
  expect(read.column('a')).toEqual([
    '1969-12-31T23:59:59.999999999Z',
    '1969-12-31T23:59:59.999999999Z',
    '2020-05-30T00:00:00.001000000Z',
  ])
  expect((await problemIn(() => readParquet(t.type({ a: date }), path))).message).toBe(
    'expected date, got 1969-12-31T23:59:59.999999999Z, which a Date cannot hold: it has milliseconds at /0/a',
  )
})

test('a footer that says 0 rows over a group of 6 is damage', async () => {
  const path = await selected('select range as a from range(6)')
  await writeFile(path, withFooter(await readFile(path), [0x16, 0x0c], [0x16, 0x00], 1))
  expect(await problemIn(() => readParquet(t.type({ a: t.bigint }), path))).toEqual({
    name: 'DamagedArtifact',
    message: 'the footer says 0 rows, its row groups have 6',
  })
})

describe('lists and structs', () => {
  test('lists of 64-bit integers, with gaps at every level', async () => {
    const Nullable = t.union([t.null, t.array(t.union([t.null, t.array(t.union([t.Int, t.null]))]))])
    expect(await valuesOf(Nullable, 'unnest([[[1::bigint, null], null, [], [3]], null, []])')).toStrictEqual([
      [[1, null], null, [], [3]],
      null,
      [],
    ])
  })

  test('maps, and structs in lists in structs', async () => {
    const Nested = t.type({ list: t.array(t.union([t.null, t.type({ d: t.number, when: t.union([date, t.null]) })])) })
    expect(
      await valuesOf(
        Nested,
        "{'list': [{'d': 0.1::decimal(2,1), 'when': timestamp '2020-01-01'}, null, {'d': 2, 'when': null}]}",
      ),
    ).toStrictEqual([{ list: [{ d: 0.1, when: new Date('2020-01-01') }, null, { d: 2, when: null }] }])
    expect(await valuesOf(t.record(t.string, t.array(t.Int)), "map {'x': [1::bigint], '__proto__': []}")).toStrictEqual(
      [
        Object.fromEntries([
          ['x', [1]],
          ['__proto__', []],
        ]),
      ],
    )
  })

  const text = fc.string({ unit: 'grapheme', maxLength: 5 }).filter((value) => !value.includes('\0'))
  const gap = <A>(value: fc.Arbitrary<A>) => fc.option(value, { freq: 4 })
  const row = fc.record(
    {
      a: gap(
        fc.array(
          gap(
            fc.record({
              b: gap(fc.array(gap(fc.maxSafeInteger()))),
              c: gap(text),
              d: gap(fc.record({ e: gap(fc.boolean()) })),
            }),
          ),
        ),
      ),
      f: gap(fc.array(gap(fc.array(gap(text))))),
    },
    { noNullPrototype: true },
  )
  const orNull = <A>(codec: t.Type<A>) => t.union([codec, t.null])
  const Row = t.type({
    a: orNull(
      t.array(
        orNull(
          t.type({
            b: orNull(t.array(orNull(t.number))),
            c: orNull(t.string),
            d: orNull(t.type({ e: orNull(t.boolean) })),
          }),
        ),
      ),
    ),
    f: orNull(t.array(orNull(t.array(orNull(t.string))))),
  })
  test('of any shape come back as DuckDB was given them, in pages of either version', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.constantFrom('', ', parquet_version v2', ', row_group_size 2048'),
        async (rows, options) => {
          const plain = JSON.parse(JSON.stringify(rows)) as unknown
          const literal = JSON.stringify(rows).replaceAll("'", "''")
          const structure = '[{"a":[{"b":["BIGINT"],"c":"VARCHAR","d":{"e":"BOOLEAN"}}],"f":[["VARCHAR"]]}]'
          const path = await selected(
            `select unnest(from_json('${literal}', '${structure}'), recursive := false) as row_`,
            options,
          )
          const read = await readParquet(t.type({ row_: Row }), path)
          expect(read.toRows().map(({ row_ }) => row_)).toStrictEqual(plain)
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('writers, encodings and compressions', () => {
  test.each(['lz4', 'lz4_raw', 'brotli', 'zstd', 'gzip', 'snappy', 'uncompressed'])('%s', async (name) => {
    expect(await valuesOf(t.string, "unnest(['abc', 'abd', repeat('x', 10000)])", `, compression ${name}`)).toEqual([
      'abc',
      'abd',
      'x'.repeat(10_000),
    ])
  })

  const Row = t.type({
    i: t.Int,
    l: t.bigint,
    d: t.number,
    s: t.string,
    b: t.union([t.boolean, t.null]),
    n: t.union([t.Int, t.null]),
  })
  const rows = Array.from({ length: 3000 }, (_, index) => ({
    i: index * index,
    l: -(2n ** 62n) + BigInt(index) ** 3n,
    d: Math.sin(index),
    s: `text ${index % 7} ${'ü'.repeat(index % 5)}`,
    b: index % 5 === 0 ? null : index % 3 === 0,
    n: index % 2 === 0 ? null : -index,
  }))
  test('DuckDB: deltas, dictionaries and split bytes', async () => {
    const select = `select i, l, d, s, b, n from (select range as k, (k * k)::int as i, -4611686018427387904 + (k * k * k)::bigint as l, sin(k) as d, 'text ' || (k % 7) || ' ' || repeat('ü', (k % 5)::int) as s, if(k % 5 = 0, null, k % 3 = 0) as b, if(k % 2 = 0, null, -k::int) as n from range(3000))`
    for (const options of [
      '',
      ', parquet_version v2',
      ', parquet_version v2, dictionary_size_limit 1',
      ', dictionary_size_limit 1, compression zstd',
    ]) {
      const read = (await readParquet(Row, await selected(select, options))).toRows()
      expect(
        read.map((row, index) => (Math.abs(row.d - Math.sin(index)) < 1e-12 ? { ...row, d: Math.sin(index) } : row)),
        options,
      ).toStrictEqual(rows)
    }
  })

  test('hyparquet-writer: every encoding that it has', async () => {
    const path = join(await freshFolder(), 'value.parquet')
    for (const [i, s, d] of [
      ['PLAIN', 'PLAIN', 'PLAIN'],
      ['DELTA_BINARY_PACKED', 'DELTA_LENGTH_BYTE_ARRAY', 'BYTE_STREAM_SPLIT'],
      ['BYTE_STREAM_SPLIT', 'DELTA_BYTE_ARRAY', 'PLAIN'],
    ] as const) {
      const column = (name: keyof (typeof rows)[number]) => rows.map((row) => row[name])
      const columnData = [
        { name: 'i', data: column('i'), type: 'INT32', encoding: i },
        { name: 'l', data: column('l'), type: 'INT64', encoding: i },
        { name: 'd', data: column('d'), type: 'DOUBLE', encoding: d },
        { name: 's', data: column('s'), type: 'STRING', encoding: s },
        { name: 'b', data: column('b'), type: 'BOOLEAN', nullable: true, encoding: 'PLAIN' },
        { name: 'n', data: column('n'), type: 'INT32', nullable: true, encoding: i },
      ] as const
      await writeFile(
        path,
        new Uint8Array(
          parquetWriteBuffer({
            columnData: columnData.map((each) => ({ ...each, data: each.data as never })),
            pageSize: 4000,
          }),
        ),
      ) // data of each column's type
      expect((await readParquet(Row, path)).toRows(), s).toStrictEqual(rows)
    }
  })

  test('parquetjs: int96-free rows with repeated fields', async () => {
    const path = join(await freshFolder(), 'value.parquet')
    const { ParquetSchema, ParquetWriter } = parquetjs as unknown as {
      ParquetSchema: new (fields: object) => object
      ParquetWriter: {
        openFile(
          schema: object,
          path: string,
        ): Promise<{ appendRow(row: object): Promise<void>; close(): Promise<void> }>
      }
    } // its whole interface is declared nowhere
    const writer = await ParquetWriter.openFile(
      new ParquetSchema({
        s: { type: 'UTF8' },
        tags: { type: 'UTF8', repeated: true },
        parts: { repeated: true, fields: { k: { type: 'INT64' }, v: { type: 'DOUBLE', optional: true } } },
      }),
      path,
    )
    await writer.appendRow({ s: 'x', tags: ['a', 'b'], parts: [{ k: 1, v: 0.5 }, { k: 2 }] })
    await writer.appendRow({ s: 'y' })
    await writer.close()
    const read = await readParquet(
      t.type({
        s: t.string,
        tags: t.array(t.string),
        parts: t.array(t.type({ k: t.Int, v: t.union([t.number, t.null]) })),
      }),
      path,
    )
    expect(read.toRows()).toStrictEqual([
      {
        s: 'x',
        tags: ['a', 'b'],
        parts: [
          { k: 1, v: 0.5 },
          { k: 2, v: null },
        ],
      },
      { s: 'y', tags: [], parts: [] },
    ])
  })
})
