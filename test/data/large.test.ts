import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import nd from 'ndarray'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import { date, largeArray, largeTable, ndarray, table, type LargeTable } from '../../src/data/index.js'
import type { ArtifactSource } from '../../src/declare/format.js'
import { duck } from './duck.js'
import { encodedBytes, keep, load, problemIn, removeFolders, sourceOf, type Kept } from './artifact.js'

afterAll(removeFolders)

/** Counts the bytes that are read. */
const counted = (kept: Kept): { readonly kept: Kept; readonly read: () => number } => {
  let read = 0
  const source: ArtifactSource = {
    ...kept.source,
    slice: (from, to) => {
      read += to - from
      return kept.source.slice(from, to)
    },
  }
  return { kept: { ...kept, source }, read: () => read }
}

describe('largeTable', () => {
  const Rating = t.intersection([t.type({ id: t.Int, stars: t.number, text: t.string }), t.partial({ note: t.string })])
  type Rating = t.TypeOf<typeof Rating>
  const rating = (id: number): Rating => ({
    id: id as t.Int,
    stars: Math.sin(id),
    text: `${id} ${'x'.repeat(id % 40)}`,
    ...(id % 3 === 0 ? { note: 'a' } : {}),
  })
  const generated = function* (length: number): Generator<Rating> {
    for (let id = 0; id < length; id++) yield rating(id)
  }
  const length = 140_000

  test('rows of a generator come back in batches, in order', async () => {
    const large = await load(largeTable(Rating), await keep(largeTable(Rating), generated(length)))
    expect([large.length, large.names]).toEqual([length, ['id', 'stars', 'text', 'note']])
    const sizes: number[] = []
    let next = 0
    for await (const batch of large.batches()) {
      sizes.push(batch.length)
      expect(batch.at(0)).toStrictEqual(rating(next))
      next += batch.length
    }
    expect(sizes).toEqual([65_536, 65_536, 8928])
    let sum = 0
    for await (const { id } of large) sum += id
    expect(sum).toBe((length * (length - 1)) / 2)
  })

  test('some columns and rows are read without the rest', async () => {
    const whole = await keep(largeTable(Rating), generated(length))
    const { kept, read } = counted(whole)
    const large = await load(largeTable(Rating), kept)
    const opened = read()
    const part = await large.read({ columns: ['stars', 'note'], from: 65_530, to: 65_540 })
    expect(part.toRows()).toStrictEqual(
      Array.from({ length: 10 }, (_, index) => rating(65_530 + index)).map(({ stars, note }) =>
        note === undefined ? { stars } : { stars, note },
      ),
    )
    const one = read() - opened
    expect(one).toBeLessThan(whole.source.size / 2)
    expect((await large.read({ columns: ['id'], from: 139_999 })).toRows()).toEqual([{ id: 139_999 }])
    expect(await large.read({ from: 7, to: 7 })).toHaveLength(0)
    expect((await problemIn(() => large.read({ columns: ['star' as 'stars'] }))).message).toBe(
      'the table has no column "star"; it has id, stars, text, note',
    )
  })

  test('is the same file that table writes and reads', async () => {
    const rows = [...generated(1000)]
    expect(await encodedBytes(largeTable(Rating), generated(1000))).toEqual(await encodedBytes(table(Rating), rows))
    const asynchronous = (async function* () {
      yield* rows
    })()
    expect((await load(table(Rating), await keep(largeTable(Rating), asynchronous))).toRows()).toStrictEqual(rows)
  })

  test('a file of the version before, without checksums of its pages, is read', async () => {
    const Before = t.type({ id: t.Int, x: t.union([t.number, t.null]), text: t.string, when: date })
    const path = join(import.meta.dirname, 'without-checksums.parquet')
    const large = await load(largeTable(Before), { path, source: await sourceOf(path) })
    expect((await large.read()).toRows()).toStrictEqual(
      Array.from({ length: 100 }, (_, id) => ({
        id,
        x: id % 3 === 0 ? null : id / 8,
        text: `text ${id % 3}`,
        when: new Date(id),
      })),
    )
  })

  test('no rows are a table with columns', async () => {
    const large: LargeTable<Rating> = await load(largeTable(Rating), await keep(largeTable(Rating), []))
    expect([large.length, (await large.read()).toRows()]).toEqual([0, []])
  })

  test('a wrong row is told by its place in the whole', async () => {
    const rows = function* (): Generator {
      yield* generated(70_000)
      yield { id: 1, stars: 'many', text: '' }
    }
    expect(await problemIn(() => encodedBytes(largeTable(Rating), rows()))).toMatchObject({
      name: 'FormatProblem',
      path: '/70000/stars',
      message: 'expected number, got "many" at /70000/stars',
    })
  })

  test('a codec that encodes to something else later on is told', async () => {
    const Odd = new t.Type<string | number, string | number>(
      'Odd',
      (value): value is string | number => typeof value === 'string' || typeof value === 'number',
      (value) => t.success(value as string | number),
      t.identity,
    )
    const rows = function* (): Generator {
      for (let id = 0; id < 70_000; id++) yield { odd: id < 66_000 ? 'text' : 1 }
    }
    expect((await problemIn(() => encodedBytes(largeTable(t.type({ odd: Odd })), rows()))).message).toBe(
      'column "odd" encodes to json from row 65536 on, to text before',
    )
  })

  test('a codec of one’s own whose first rows are gaps', async () => {
    const codec = <A extends string | number | bigint | boolean>(of: (id: number) => A, name: string) => {
      const is = (value: unknown): value is A => typeof value === typeof of(0)
      return t.union([
        new t.Type<A, A>(
          name,
          is,
          (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
          t.identity,
        ),
        t.null,
      ])
    }
    const makers = {
      1: Number,
      long: BigInt,
      flag: (id: number) => id % 2 === 0,
      text: String,
      0: (id: number) => -id,
      none: () => '',
    }
    const Gaps = t.type(
      Object.fromEntries(
        Object.entries(makers).map(([name, of]) => [name, codec<string | number | bigint | boolean>(of, name)]),
      ),
    )
    const at = (id: number): t.TypeOf<typeof Gaps> =>
      Object.fromEntries(
        Object.entries(makers).map(([name, of]) => [
          name,
          name === 'none' || (id > 0 && id < 66_000) || id > 131_072 ? null : of(id),
        ]),
      )
    for (const from of [0, 1]) {
      const rows = Array.from({ length: 131_172 }, (_, id) => at(id + from))
      const kept = await keep(largeTable(Gaps), rows)
      const large = await load(largeTable(Gaps), kept)
      expect((await large.read({ from: 65_500, to: 66_100 })).toRows()).toStrictEqual(rows.slice(65_500, 66_100))
      expect((await large.read({ from: 131_000 })).toRows()).toStrictEqual(rows.slice(131_000))
      const [, , counts] = await duck(`select count(1), count("1"), count(long), count(none) from '${kept.path}'`)
      const values = BigInt(rows.filter((row) => row['1'] !== null).length)
      expect(counts).toEqual([[131_172n, values, values, 0n]])
    }
  })
})

describe('largeArray', () => {
  const data = Float32Array.from({ length: 60_000 }, (_, index) => index / 8)
  const array = nd(data, [20_000, 3])

  test('parts are read without the rest', async () => {
    const { kept, read } = counted(await keep(largeArray('float32'), array))
    const large = await load(largeArray('float32'), kept)
    const opened = read()
    const part = await large.slice(100, 102)
    expect([large.shape, part.shape, part.data]).toEqual([[20_000, 3], [2, 3], data.slice(300, 306)])
    expect(read() - opened).toBe(65_536) // the block that has it, to be verified
    await large.slice(200, 202)
    expect(read() - opened).toBe(65_536 + 24)
    expect((await large.read()).data).toEqual(data)
    const sizes: number[] = []
    for await (const batch of large.batches(7000)) sizes.push(batch.shape[0] as number)
    expect(sizes).toEqual([7000, 7000, 6000])
    for (const size of [0, -1, 1.5, Number.NaN])
      expect(
        (
          await problemIn(async () => {
            for await (const _ of large.batches(size)) break
          })
        ).message,
      ).toBe(`batches of ${size} entries cannot be read`)
  })

  test('a flipped bit is met where its block is read, and nowhere else', async () => {
    const kept = await keep(largeArray('float32'), array)
    const bytes = await readFile(kept.path)
    const at = bytes.length - 12 * 5000 // in the third block of four
    bytes[at] = (bytes[at] as number) ^ 1
    const source: ArtifactSource = {
      ...kept.source,
      slice: async (from, to) => Uint8Array.from(bytes.subarray(from, to)),
    }
    const large = await load(largeArray('float32'), { ...kept, source })
    expect((await large.slice(0, 10_000)).data).toEqual(data.slice(0, 30_000))
    expect((await large.slice(19_000, 20_000)).data).toEqual(data.slice(57_000))
    expect(await problemIn(() => large.slice(14_000, 14_001))).toEqual({
      name: 'DamagedArtifact',
      message: 'the checksum of block 2 differs',
    })
  })

  test('an array without checksums is read', async () => {
    const large = await load(largeArray('float32'), await keep(ndarray('float32'), array))
    expect((await large.slice(100, 102)).data).toEqual(data.slice(300, 306))
  })

  test('a transposed array is kept in C order', async () => {
    const large = await load(largeArray('float32'), await keep(largeArray('float32'), array.transpose(1, 0)))
    expect([large.shape, (await large.slice(1, 2)).data.slice(0, 3)]).toEqual([
      [3, 20_000],
      Float32Array.of(data[1] as number, data[4] as number, data[7] as number),
    ])
  })

  test('another dtype or order is refused', async () => {
    expect((await problemIn(async () => load(largeArray('float64'), await keep(ndarray(), array)))).message).toBe(
      'kept as float32, declared as float64',
    )
    expect(
      (await problemIn(async () => load(largeArray('float32'), await keep(ndarray(), array.transpose(1, 0))))).message,
    ).toBe('an array in Fortran order cannot be read in parts')
  })
})
