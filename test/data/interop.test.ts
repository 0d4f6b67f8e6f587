import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as aq from 'arquero'
import * as t from 'io-ts'
import nd from 'ndarray'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import {
  date,
  duckdbTable,
  fromArquero,
  json,
  jsonLines,
  ndarrays,
  readParquet,
  table,
  tableOf,
  toArquero,
  type NdArrays,
  type Table,
} from '../../src/data/index.js'
import type { FolderPersistence } from '../../src/declare/format.js'
import { freshFolder, keep, load, problemIn, removeFolders, sourceOf } from './artifact.js'
import { duck } from './duck.js'
import { hasPython, needs, python } from './python.js'

afterAll(removeFolders)

interface Film {
  readonly title: string
  readonly votes: number
  readonly rating: number | null
}
// votes are whole numbers
const Film: t.Type<Film> = t.type({ title: t.string, votes: t.Int, rating: t.union([t.number, t.null]) }) as never
const films: readonly Film[] = [
  { title: 'Größe 😀, "so"\nisn\'t it', votes: 3, rating: 7.5 },
  { title: '', votes: 2 ** 53 - 1, rating: null },
  { title: 'x'.repeat(1 << 20), votes: 0, rating: -0.125 },
]

/** Moves a file to where its path is hard to quote. */
const inHardPlace = async (path: string): Promise<string> => {
  const folder = join(dirname(path), "it's [a] *place?")
  await mkdir(folder)
  await rename(path, join(folder, 'file.' + path.split('.').slice(1).join('.')))
  return join(folder, 'file.' + path.split('.').slice(1).join('.'))
}

describe('DuckDB', () => {
  test('reads tables, JSON and JSON lines, packed too, from any path', async () => {
    const expected = films.map(({ title, votes, rating }) => [title, BigInt(votes), rating])
    for (const format of [
      table(Film),
      json(t.array(Film)),
      jsonLines(Film),
      jsonLines(Film, { compression: 'gzip' }),
    ]) {
      const path = await inHardPlace((await keep(format, films)).path)
      const [, , rows] = await duck(`select title, votes, rating from ${duckdbTable(path)}`)
      expect(rows).toEqual(expected)
    }
    expect(() => duckdbTable('a/b.npy')).toThrow('DuckDB reads .parquet, .json and .jsonl files as tables, not a/b.npy')
  })

  test('writes Parquet that is read, of any type, compression and size of row groups', async () => {
    const Row = t.type({
      double: t.number,
      single: t.number,
      tiny: t.Int,
      integer: t.Int,
      long: t.bigint,
      shortAsBigint: t.bigint,
      flag: t.union([t.boolean, t.null]),
      name: t.union([t.string, t.null]),
      when: date,
      day: date,
      list: t.array(t.Int),
      struct: t.type({ a: t.Int, b: t.union([t.string, t.null]) }),
      told: t.type({ x: t.number }),
    })
    const folder = await freshFolder()
    const select = `select * from (values
      ('NaN'::double, 1.5::float, 127::tinyint, 9007199254740991::bigint, 9223372036854775807::bigint, 7::smallint, true, 'Größe 😀', timestamp '1969-12-31 23:59:59.999', date '1970-01-02', [1, 2], {'a': 1, 'b': 'x'}, '{"x":0.5}'::json),
      ('-Infinity'::double, '-0'::float, (-128)::tinyint, (-9007199254740991)::bigint, (-9223372036854775807 - 1)::bigint, (-7)::smallint, null, null, timestamp '9999-12-31 23:59:59', date '1900-01-01', [], {'a': 2, 'b': null}, '{"x":1}'::json),
      ('-0'::double, 0::float, 0::tinyint, 0::bigint, 0::bigint, 0::smallint, false, '', timestamp '1970-01-01', date '1970-01-01', [3], {'a': 3, 'b': ''}, '{"x":2}'::json)
    ) films(double, single, tiny, integer, long, "shortAsBigint", flag, name, "when", day, list, struct, told)`
    for (const [name, options] of [
      ['snappy', ''],
      ['gzip', ', compression gzip'],
      ['plain', ', compression uncompressed, parquet_version v2'],
      ['groups', ', row_group_size 2048'],
    ] as const) {
      const path = join(folder, `${name}.parquet`)
      await duck(`copy (${select}) to '${path}' (format parquet${options})`)
      const read = await readParquet(Row, path)
      expect(read.toRows(), name).toStrictEqual([
        {
          double: NaN,
          single: 1.5,
          tiny: 127,
          integer: 2 ** 53 - 1,
          long: 2n ** 63n - 1n,
          shortAsBigint: 7n,
          flag: true,
          name: 'Größe 😀',
          when: new Date(-1),
          day: new Date(86_400_000),
          list: [1, 2],
          struct: { a: 1, b: 'x' },
          told: { x: 0.5 },
        },
        {
          double: -Infinity,
          single: -0,
          tiny: -128,
          integer: -(2 ** 53 - 1),
          long: -(2n ** 63n),
          shortAsBigint: -7n,
          flag: null,
          name: null,
          when: new Date('9999-12-31T23:59:59Z'),
          day: new Date('1900-01-01'),
          list: [],
          struct: { a: 2, b: null },
          told: { x: 1 },
        },
        {
          double: -0,
          single: 0,
          tiny: 0,
          integer: 0,
          long: 0n,
          shortAsBigint: 0n,
          flag: false,
          name: '',
          when: new Date(0),
          day: new Date(0),
          list: [3],
          struct: { a: 3, b: '' },
          told: { x: 2 },
        },
      ])
    }
  })

  test('writes large and empty Parquet that is read', async () => {
    const folder = await freshFolder()
    const path = join(folder, 'large.parquet')
    await duck(
      `copy (select range::double as a, 'text ' || (range % 7) as b from range(200000)) to '${path}' (format parquet, row_group_size 30000)`,
    )
    const read = await readParquet(t.type({ a: t.number, b: t.string }), path)
    expect([read.length, read.column('a').reduce((sum, value) => sum + value, 0), read.at(199_999)]).toEqual([
      200_000,
      19_999_900_000,
      { a: 199_999, b: 'text 2' },
    ])
    await duck(`copy (select 1::double as a, 'x' as b where false) to '${path}' (format parquet)`)
    expect((await readParquet(t.type({ a: t.number, b: t.string }), path)).toRows()).toEqual([])
  })

  test('writes what does not fit: told with row and column', async () => {
    const folder = await freshFolder()
    const path = join(folder, 'wrong.parquet')
    await duck(`copy (select 9007199254740993::bigint as a, null::varchar as b) to '${path}' (format parquet)`)
    const messages = await Promise.all(
      [t.type({ a: t.number }), t.type({ b: t.string }), t.type({ c: t.string })].map(
        async (row) => (await problemIn(() => readParquet(row as t.Type<object>, path))).message,
      ),
    )
    expect(messages).toEqual([
      'expected number, got 9007199254740993n at /0/a',
      'expected string, got null at /0/b',
      'the table has no column "c"',
    ])
    await writeFile(path, 'no Parquet')
    expect(await problemIn(() => readParquet(Film, path))).toMatchObject({ name: 'DamagedArtifact' })
  })
})

describe('Arquero', () => {
  test('computes with the same memory, and gives tables back in its order', () => {
    const made = tableOf(Film, films)
    const arquero = toArquero(aq, made)
    expectTypeOf(arquero).toEqualTypeOf<aq.ColumnTable>()
    expect(arquero.data()['votes']).toBe(made.column('votes'))
    expect(arquero.columnNames()).toEqual(['title', 'votes', 'rating'])
    const chosen = arquero.filter('d => d.votes < 10').orderby('votes').derive({ extra: 'd => d.votes + 1' })
    const back: Table<Film> = fromArquero(Film, chosen)
    expect(back.toRows()).toStrictEqual([films[2], films[0]])
  })

  test('gives gaps as the codec has them, and other values are refused', async () => {
    const Row = t.intersection([t.type({ nullable: t.union([t.number, t.null]) }), t.partial({ optional: t.string })])
    expect(fromArquero(Row, aq.table({ nullable: [1, undefined], optional: [null, 'x'] })).toRows()).toStrictEqual([
      { nullable: 1 },
      { nullable: null, optional: 'x' },
    ])
    expect(
      (await problemIn(() => fromArquero(Film, aq.table({ title: ['a'], votes: [1.5], rating: [null] })))).message,
    ).toBe('expected Int up to ±9007199254740991, got 1.5 at /0/votes')
  })
})

const pandas = hasPython('pandas')
describe.skipIf(!pandas)(
  `pandas, of JSON and JSON lines; Parquet needs pyarrow, which Debian lacks, so DuckDB stands in for it${needs('pandas', pandas)}`,
  () => {
    const scripts = { json: 'pd.read_json(path)', 'json lines': 'pd.read_json(path, lines=True)' }
    test('reads what is written, packed too', async () => {
      const kept = await Promise.all([
        keep(json(t.array(Film)), films),
        keep(jsonLines(Film), films),
        keep(jsonLines(Film, { compression: 'gzip' }), films),
      ])
      for (const [index, { path }] of kept.entries()) {
        const told = python(
          `
import pandas as pd
path = sys.argv[1]
frame = ${index === 0 ? scripts.json : scripts['json lines']}
print(json.dumps([list(frame.columns), [str(t) for t in frame.dtypes], frame.title.tolist(), frame.votes.tolist(), [None if v != v else v for v in frame.rating.tolist()]]))`,
          path,
        )
        expect(told).toEqual([
          ['title', 'votes', 'rating'],
          ['object', 'int64', 'float64'],
          films.map(({ title }) => title),
          films.map(({ votes }) => votes),
          films.map(({ rating }) => rating),
        ])
      }
    })

    test('writes what is read, packed too', async () => {
      const folder = await freshFolder()
      python(
        `
import pandas as pd
frame = pd.DataFrame({'title': ['Größe 😀', 'a\\nb'], 'votes': [1, 9007199254740991], 'rating': [0.1, None]})
frame.to_json(sys.argv[1] + '/a.json', orient='records')
frame.to_json(sys.argv[1] + '/a.jsonl', orient='records', lines=True)
frame.to_json(sys.argv[1] + '/a.jsonl.gz', orient='records', lines=True)
print(1)`,
        folder,
      )
      const expected = [
        { title: 'Größe 😀', votes: 1, rating: 0.1 },
        { title: 'a\nb', votes: 2 ** 53 - 1, rating: null },
      ]
      const read = async (name: string) => ({ path: name, source: await sourceOf(join(folder, name)) })
      expect(await load(json(t.array(Film)), await read('a.json'))).toEqual(expected)
      expect(await (await load(jsonLines(Film), await read('a.jsonl'))).toArray()).toEqual(expected)
      expect(await (await load(jsonLines(Film, { compression: 'gzip' }), await read('a.jsonl.gz'))).toArray()).toEqual(
        expected,
      )
    })
  },
)

const numpy = hasPython('numpy')
describe.skipIf(!numpy)(`NumPy, of folders of arrays; single ones are in array.test.ts${needs('numpy', numpy)}`, () => {
  const persistence = ndarrays().persistence as FolderPersistence
  test('reads and writes named arrays', async () => {
    const folder = await freshFolder()
    await persistence.write(
      { weights: nd(Float32Array.of(1, 2, 3, 4), [2, 2]).transpose(1, 0), '0': nd(Int8Array.of(-1), [1]) },
      folder,
    )
    const told = python(
      `
import numpy as np, os
folder = sys.argv[1]
told = {name: [np.load(f'{folder}/{name}').dtype.str, np.load(f'{folder}/{name}').tolist()] for name in sorted(os.listdir(folder))}
np.save(f'{folder}/more.npy', np.arange(3, dtype='>i2'))
print(json.dumps(told))`,
      folder,
    )
    expect(told).toEqual({
      '0.npy': ['|i1', [-1]],
      'weights.npy': [
        '<f4',
        [
          [1, 3],
          [2, 4],
        ],
      ],
    })
    const read = (await persistence.read(folder)) as NdArrays
    expect([Object.keys(read), read['more']?.data]).toEqual([['0', 'more', 'weights'], Int16Array.of(0, 1, 2)])
  })
})
