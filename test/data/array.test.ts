import * as fc from 'fast-check'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import nd, { type NdArray } from 'ndarray'
import { afterAll, describe, expect, test } from 'vitest'
import { largeArray, ndarray, ndarrays } from '../../src/data/index.js'
import { decodeNpy, dtypeOf, type Dtype, type Elements } from '../../src/data/array/npy.js'
import type { FolderPersistence } from '../../src/declare/format.js'
import {
  encodedBytes,
  freshFolder,
  keep,
  load,
  problemIn,
  removeFolders,
  roundTrip,
  sourceOf,
  warm,
} from './artifact.js'
import { hasPython, needs, python } from './python.js'

afterAll(removeFolders)

/** Shape and elements in C order, so that arrays of different layout compare. */
const listed = (array: NdArray<any>): { readonly shape: readonly number[]; readonly values: readonly unknown[] } => {
  const values: unknown[] = []
  const visit = (prefix: readonly number[]): void => {
    if (prefix.length === array.shape.length) values.push(array.get(...prefix))
    else for (let index = 0; index < (array.shape[prefix.length] as number); index++) visit([...prefix, index])
  }
  visit([])
  return { shape: [...array.shape], values }
}

const examples: readonly (readonly [Dtype, Elements])[] = [
  ['float64', Float64Array.of(-0, NaN, Infinity, 5e-324, 1.5, -2)],
  ['float32', Float32Array.of(-0, NaN, Infinity, 1.5, -2, 3)],
  ['int8', Int8Array.of(-128, 127, 0, 1, 2, 3)],
  ['int16', Int16Array.of(-32768, 32767, 0, 1, 2, 3)],
  ['int32', Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, 1, 2, 3)],
  ['uint8', Uint8Array.of(0, 255, 1, 2, 3, 4)],
  ['uint16', Uint16Array.of(0, 65535, 1, 2, 3, 4)],
  ['uint32', Uint32Array.of(0, 2 ** 32 - 1, 1, 2, 3, 4)],
  ['bigint64', BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n, 2n, 3n)],
  ['biguint64', BigUint64Array.of(0n, 2n ** 64n - 1n, 1n, 2n, 3n, 4n)],
  ['bool', Uint8Array.of(0, 1, 1, 0, 1, 0)],
]

describe('ndarray', () => {
  test.each(examples)('%s comes back exactly, cold and warm', async (dtype, data) => {
    const array = nd(data as Float64Array, [2, 3]) as NdArray<any>
    const format = ndarray(dtype)
    const read = await roundTrip(format, array)
    expect([read.data, read.shape, read.stride, read.offset]).toStrictEqual([data, [2, 3], [3, 1], 0])
    const settled = await warm(format, array)
    expect(settled.settled).toBe(true)
    expect([settled.value.data, settled.value.shape, settled.value.stride]).toStrictEqual([data, [2, 3], [3, 1]])
  })

  const base = nd(
    Float64Array.from({ length: 24 }, (_, index) => index),
    [2, 3, 4],
  )
  const views: readonly (readonly [string, NdArray<Float64Array>])[] = [
    ['whole', base],
    ['transposed', base.transpose(2, 1, 0)],
    ['transposed in part', base.transpose(1, 0, 2)],
    ['every other', base.step(1, 2, 1)],
    ['backwards', base.step(-1, 1, -1)],
    ['picked', base.pick(null, 1, null)],
    ['cut', base.lo(1, 1, 1).hi(1, 2, 2)],
    ['one element', base.pick(1, 2, 3)],
    ['no elements', base.hi(0, 3, 4)],
    ['a number alone', nd(Float64Array.of(7), [])],
    ['a vector', nd(Float64Array.of(1, 2, 3))],
  ]
  test.each(views)('%s: a view comes back with the same elements, cold and warm alike', async (_, view) => {
    const read = await roundTrip(ndarray('float64'), view)
    expect(listed(read)).toEqual(listed(view))
    const { value } = await warm(ndarray('float64'), view)
    expect([value.data, value.shape, value.stride, value.offset]).toStrictEqual([
      read.data,
      read.shape,
      read.stride,
      read.offset,
    ])
    expect(value.data.buffer).not.toBe(view.data.buffer)
  })

  test('any view of any shape comes back', async () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.constantFrom(...examples),
        fc.nat(),
        fc.array(fc.constantFrom(1, -1, 2), { minLength: 4, maxLength: 4 }),
        async (shape, [, data], turn, steps) => {
          const size = shape.reduce((product, length) => product * length, 1)
          const elements = (
            data.constructor as unknown as {
              from(values: object, of: (_: unknown, index: number) => unknown): Float64Array
            }
          ).from({ length: size }, (_, index) => data[index % data.length])
          const axes = shape.map((_, axis) => (axis + turn) % shape.length)
          const view = nd(elements, shape)
            .transpose(...axes)
            .step(...steps.slice(0, shape.length))
          const read = await roundTrip(ndarray(), view)
          expect(listed(read)).toEqual(listed(view))
          expect(listed((await warm(ndarray(), view)).value)).toEqual(listed(view))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('another dtype is refused, written and read', async () => {
    const array = nd(Float32Array.of(1))
    expect((await problemIn(() => encodedBytes(ndarray('float64'), array))).message).toBe(
      'expected elements of float64, got float32',
    )
    const kept = await keep(ndarray(), array)
    expect((await problemIn(() => load(ndarray('float64'), kept))).message).toBe('kept as float32, declared as float64')
  })

  test('an array kept under one dtype is never read under another, be its elements as wide', async () => {
    const dtypes = Object.fromEntries(examples) as Readonly<Record<Dtype, Elements>>
    for (const [kept, values] of examples) {
      const file = await keep(ndarray(kept), nd(values as Float64Array))
      for (const declared of Object.keys(dtypes) as Dtype[]) {
        if (kept === declared) continue
        const refused = { name: 'FormatProblem', message: `kept as ${kept}, declared as ${declared}` }
        expect(await problemIn(() => load(ndarray(declared), file))).toMatchObject(refused)
        expect(await problemIn(() => load(largeArray(declared), file))).toMatchObject(refused)
      }
      expect((await load(ndarray(), file)).data).toStrictEqual(values)
    }
  })

  test.each<[string, NdArray<Float64Array>]>([
    ['more elements than it has', nd(Float64Array.of(1, 2), [5])],
    ['a view behind its end', nd(Float64Array.of(1, 2, 3, 4), [2, 2], [2, 1], 1)],
    ['steps out of its beginning', nd(Float64Array.of(1, 2), [2], [-1], 0)],
    ['a stride that is no number', nd(Float64Array.of(1, 2), [2], [Number.NaN])],
    ['a length that is missing', nd(Float64Array.of(1, 2), [undefined as never])],
    ['half a step', nd(Float64Array.of(1, 2), [2], [0.5])],
  ])('an array of %s is refused', async (_, array) => {
    for (const format of [ndarray(), ndarray('float64'), largeArray('float64')])
      expect(await problemIn(() => encodedBytes(format, array))).toMatchObject({
        name: 'FormatProblem',
        message: expect.stringMatching(/the shape \[[^\]]+\] reaches beyond its \d elements$/),
      })
    const { write } = ndarrays().persistence as FolderPersistence
    expect((await problemIn(async () => write({ a: array }, await freshFolder()))).message).toMatch(
      /reaches beyond its/,
    )
  })

  test('a view that repeats elements or goes through them backwards is kept', async () => {
    const repeated = nd(Float64Array.of(1, 2), [3, 2], [0, 1])
    expect(listed(await roundTrip(ndarray(), repeated)).values).toEqual([1, 2, 1, 2, 1, 2])
    expect(listed(await roundTrip(ndarray(), nd(Float64Array.of(1, 2), [2], [-1], 1))).values).toEqual([2, 1])
    expect(listed(await roundTrip(ndarray(), nd(Float64Array.of(1), [0, 7], [1, 1], 99))).shape).toEqual([0, 7])
  })

  test('what is no array of numbers is refused with what to do', async () => {
    expect(await problemIn(() => encodedBytes(ndarray(), Float64Array.of(1)))).toEqual({
      name: 'FormatProblem',
      path: '',
      message: 'expected an ndarray, got Float64Array',
      hint: "wrap it: import { nd } from 'taskchain/data'; nd(values)",
    })
    expect((await problemIn(() => encodedBytes(ndarray(), nd([1, 2])))).hint).toBe(
      'use a typed array for its data: ndarray(Float64Array.from(values), shape)',
    )
    expect((await problemIn(() => encodedBytes(ndarray('bool'), nd(Uint8Array.of(2))))).message).toBe(
      'expected 0 or 1 in an array of bool, got 2',
    )
  })

  test('clamped bytes come back as bytes', async () => {
    const read = await roundTrip(ndarray(), nd(Uint8ClampedArray.of(1, 255)))
    expect(read.data).toStrictEqual(Uint8Array.of(1, 255))
    expect((await warm(ndarray(), nd(Uint8ClampedArray.of(1, 255)))).value.data).toStrictEqual(Uint8Array.of(1, 255))
  })

  test('a file that is cut off is damage, and so is one with bytes left over', async () => {
    const { path } = await keep(ndarray(), nd(Float64Array.of(1, 2, 3)))
    const whole = await readFile(path)
    for (const part of [whole.subarray(0, -1), whole.subarray(0, 70), Buffer.concat([whole, Buffer.of(0)])]) {
      await writeFile(path, part)
      expect((await problemIn(async () => load(ndarray(), { path, source: await sourceOf(path) }))).name).toBe(
        'DamagedArtifact',
      )
    }
    await writeFile(path, 'something else')
    expect((await problemIn(async () => load(ndarray(), { path, source: await sourceOf(path) }))).message).toBe(
      'not a .npy file',
    )
  })
})

test('ndarrays keeps a folder of arrays by name', async () => {
  const { write, read } = ndarrays().persistence as FolderPersistence
  const folder = await freshFolder()
  await write(
    { train: nd(Float64Array.of(1, 2)), 10: nd(Int8Array.of(3)), empty: nd(new Float32Array(0), [0, 2]) },
    folder,
  )
  const arrays = (await read(folder)) as Readonly<Record<string, NdArray<Elements>>>
  expect(Object.entries(arrays).map(([name, array]) => [name, dtypeOf(array), listed(array)])).toEqual([
    ['10', 'int8', { shape: [1], values: [3] }],
    ['empty', 'float32', { shape: [0, 2], values: [] }],
    ['train', 'float64', { shape: [2], values: [1, 2] }],
  ])
  await writeFile(join(folder, 'titles.txt'), 'of another format')
  expect(await problemIn(() => read(folder))).toMatchObject({
    name: 'FormatProblem',
    message: 'kept as a folder with "titles.txt", declared as ndarrays',
  })
  expect(await problemIn(() => write({ '../up': nd(Float64Array.of(1)) }, folder))).toMatchObject({
    name: 'FormatProblem',
    path: '/../up',
    message: '"../up" cannot be a file name',
  })
  expect((await problemIn(() => write(nd(Float64Array.of(1)), folder))).message).toBe('expected a record of ndarrays')
  // without names of their own, these would be kept as an empty folder
  const map = new Map([['a', nd(Float64Array.of(1))]])
  for (const [value, what] of [
    [map, 'a Map'],
    [new Set(map.values()), 'a Set'],
    [map.entries(), 'a Map Iterator'],
    [new Date(0), 'a Date'],
  ] as const)
    expect((await problemIn(() => write(value, folder))).message).toContain(
      `expected a record of ndarrays, got ${what}`,
    )
})

const numpy = hasPython('numpy')

describe.skipIf(!numpy)(`NumPy${needs('numpy', numpy)}`, () => {
  test('reads every dtype and layout that is written', async () => {
    const files = await Promise.all(
      examples.map(async ([dtype, data]) => {
        const view = nd(data as Float64Array, [2, 3])
        return [
          (await keep(ndarray(dtype), view)).path,
          (await keep(ndarray(dtype), view.transpose(1, 0))).path,
          (await keep(ndarray(dtype), view.step(-1, 2))).path,
        ]
      }),
    )
    const script = `
import numpy as np
def told(path):
    array = np.load(path)
    return [array.dtype.name, list(array.shape), [repr(value) if array.dtype.kind == 'f' else str(int(value)) for value in array.ravel().tolist()]]
print(json.dumps([told(path) for path in sys.argv[1:]]))`
    const names: Partial<Record<Dtype, string>> = { bigint64: 'int64', biguint64: 'uint64' }
    const shown = (dtype: Dtype, value: unknown): string =>
      dtype.startsWith('float') ? pythonFloat(value as number) : String(value)
    const expected = examples.flatMap(([dtype, data]) => {
      const view = nd(data as Float64Array, [2, 3])
      return [view, view.transpose(1, 0), view.step(-1, 2)].map((array) => [
        names[dtype] ?? dtype,
        array.shape,
        listed(array).values.map((value) => shown(dtype, value)),
      ])
    })
    expect(python(script, ...files.flat())).toEqual(expected)
  })

  test('reads arrays whose header has checksums, mapped into memory too', async () => {
    const { path } = await keep(
      largeArray('float64'),
      nd(
        Float64Array.from({ length: 3_000_000 }, (_, index) => index),
        [3000, 1000],
      ),
    )
    const script =
      'import numpy as np; mapped = np.load(sys.argv[1], mmap_mode="r"); print(json.dumps([list(mapped.shape), mapped[2999, 999], np.load(sys.argv[1]).sum()]))'
    expect(python(script, path)).toEqual([[3000, 1000], 2_999_999, (3_000_000 * 2_999_999) / 2])
  })

  test('writes what is read: either byte order, Fortran order, versions 1 to 3, scalars, empty', async () => {
    const folder = await freshFolder()
    const made = python(
      `
import numpy as np
folder = sys.argv[1]
cases = {}
for code in ['f8', 'f4', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8']:
    for order in '<>':
        for layout in 'CF':
            cases[f'{"big" if order == ">" else "little"}_{code}_{layout}'] = np.array([[1, 2, 3], [4, 5, 100]], dtype=order + code, order=layout)
cases['bool'] = np.array([True, False])
cases['scalar'] = np.array(7.5)
cases['empty'] = np.zeros((0, 3))
cases['fortran3'] = np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
told = {}
for name, array in cases.items():
    for version in [(1, 0), (2, 0), (3, 0)]:
        path = f'{name}_{version[0]}'
        with open(f'{folder}/{path}.npy', 'wb') as file:
            np.lib.format.write_array(file, array, version=version)
        told[path] = [list(array.shape), array.astype(float).ravel().tolist()]
print(json.dumps(told))`,
      folder,
    ) as Readonly<Record<string, readonly [shape: number[], values: number[]]>>
    for (const [name, [shape, values]] of Object.entries(made)) {
      const read = decodeNpy(await readFile(join(folder, `${name}.npy`)))
      expect([name, listed(read)].flat()).toEqual([
        name,
        { shape, values: values.map((value) => (typeof read.data[0] === 'bigint' ? BigInt(value) : value)) },
      ])
    }
    expect(Object.keys(made).length).toBe(132)
  })

  test('writes kinds that are not known: told with their header', async () => {
    const folder = await freshFolder()
    python(
      `import numpy as np; np.save(sys.argv[1] + '/complex.npy', np.array([1j])); np.save(sys.argv[1] + '/record.npy', np.zeros(2, dtype=[('a', 'f8')])); print(1)`,
      folder,
    )
    for (const name of ['complex', 'record'])
      expect((await problemIn(async () => decodeNpy(await readFile(join(folder, `${name}.npy`))))).message).toMatch(
        /^arrays of this kind are not known: \{'descr'/,
      )
  })
})

/** A double as Python's `repr` has it, as far as the examples go. */
const pythonFloat = (value: number): string =>
  Number.isNaN(value)
    ? 'nan'
    : value === Infinity
      ? 'inf'
      : Object.is(value, -0)
        ? '-0.0'
        : value === 5e-324
          ? '5e-324'
          : Number.isInteger(value)
            ? `${value}.0`
            : String(value)
