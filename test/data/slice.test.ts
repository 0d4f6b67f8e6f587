import fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hdf5, largeArray, largeTable, nd, tableOf, type Hdf5File, type Hdf5Tools } from '../../src/data/index.js'
import type { FolderPersistence } from '../../src/declare/format.js'
import { freshFolder, keep, load, removeFolders } from './artifact.js'

/** One convention for parts of everything that has an order: that of `Array.prototype.slice`. */

afterAll(removeFolders)

const values = Array.from({ length: 25 }, (_, index) => index)
const Row = t.type({ id: t.number })
const records = values.map((id) => ({ id }))

type Slice = (from?: number, to?: number) => Promise<readonly number[]>
const slices: Record<string, Slice> = {}

const hdf5File = async (): Promise<Hdf5File> => {
  const directory = await freshFolder()
  const persistence = hdf5().persistence as FolderPersistence
  const { file } = persistence.tools({ directory, resumed: false }) as Hdf5Tools
  ;(await file.dataset('id')).append(values)
  await persistence.write(undefined, directory)
  return (await persistence.read(directory)) as Hdf5File
}

beforeAll(async () => {
  const table = tableOf(Row, records)
  const largerTable = await load(largeTable(Row), await keep(largeTable(Row), records))
  const array = await load(
    largeArray('float64'),
    await keep(largeArray('float64'), nd(Float64Array.from(values), [25])),
  )
  const dataset = (await hdf5File()).dataset('id', 'float64')
  slices['a table'] = async (from, to) => table.slice(from, to).map(({ id }) => id)
  slices['a large table'] = async (from, to) =>
    (await largerTable.read({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) })).map(
      ({ id }) => id,
    )
  slices['a large array'] = async (from, to) => [...(await array.slice(from, to)).data]
  slices['a dataset'] = async (from, to) => [...(await dataset.slice(from, to)).data]
})

describe.each(['a table', 'a large table', 'a large array', 'a dataset'])('a slice of %s', (of) => {
  test('has the entries that an array would give', async () => {
    const position = fc.option(
      fc.oneof(fc.integer({ min: -60, max: 60 }), fc.constantFrom(Infinity, -Infinity, NaN, -0, 2.7, -2.7, 2 ** 53)),
      { nil: undefined },
    )
    await fc.assert(
      fc.asyncProperty(position, position, async (from, to) => {
        expect(await slices[of]?.(from, to)).toEqual(values.slice(from, to))
      }),
      {
        examples: [
          [-10, undefined],
          [-10, -5],
          [5, 2],
          [undefined, -1],
          [30, 40],
        ],
      },
    )
  })
})
