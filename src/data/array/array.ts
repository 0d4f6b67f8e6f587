import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NdArray } from 'ndarray'
import { FormatProblem, makeFormat, type Format } from '../../declare/format.js'
import {
  decodeHeader,
  decodeNpy,
  dtypeOf,
  encodeNpy,
  independent,
  refuseOutside,
  type Dtype,
  type Dtypes,
  type Elements,
} from './npy.js'
import { isObject, isPlainRecord } from '../../base/records.js'
import { show } from '../../declare/codec/codec.js'

/**
 * Stores an array of the npm package `ndarray` in NumPy's format (`.npy`): any shape, strided views, C and Fortran
 * order.
 * With a dtype the type is exact and any other dtype is refused; without, any is accepted. `bool` is a `Uint8Array` of
 * 0 and 1 here, `bool` in NumPy.
 * Readers receive the elements contiguously: a transposed array in its own memory order, any other in C order.
 *
 * @example
 * const squares = defineTask({ data: ndarray('float64') }).run(() => nd(Float64Array.of(1, 4, 9, 16), [2, 2]))
 * // np.load('….npy') in Python
 */
export function ndarray<D extends Dtype>(dtype: D): Format<NdArray<Dtypes[D]>>
export function ndarray(): Format<NdArray<Elements>>
export function ndarray(dtype?: Dtype): Format<NdArray<Elements>> {
  return makeFormat(
    'ndarray',
    'npy',
    {
      storage: 'file',
      encode: (value) => encodeNpy(checkedArray(value, dtype), dtype === undefined ? {} : { dtype }),
      decode: async (source) => {
        const bytes = await source.bytes()
        refuseOtherKept(decodeHeader(bytes, bytes.byteLength).dtype, dtype)
        return decodeNpy(bytes)
      },
      settle: (value) => ({
        get value() {
          return independent(value as NdArray<Elements>)
        },
      }),
    },
    dtype ?? 'any',
  )
}

/** What `run` returned, as an array of the dtype; throws `FormatProblem` if it is not one. */
export const checkedArray = (value: unknown, dtype: Dtype | undefined): NdArray<Elements> => {
  if (!isArray(value)) {
    const hint = ArrayBuffer.isView(value)
      ? "wrap it: import { nd } from 'taskchain/data'; nd(values)"
      : "make one: import { nd } from 'taskchain/data'; nd(Float64Array.from(values), shape)"
    throw new FormatProblem(`expected an ndarray, got ${Object.prototype.toString.call(value).slice(8, -1)}`, { hint })
  }
  const wrong = value.shape.find((length) => !Number.isSafeInteger(length) || length < 0)
  if (wrong !== undefined) throw new FormatProblem(`an array cannot have ${wrong} elements along an axis`)
  refuseOther(value, dtype)
  refuseOutside(value)
  if (dtype === 'bool') refuseOthersThanBits(value)
  return value
}

/**
 * Applied when a file is opened: an array stored with another dtype has to be recomputed, even if its elements have the
 * same width.
 */
export const refuseOtherKept = (kept: Dtype, declared: Dtype | undefined): void => {
  if (declared !== undefined && kept !== declared) throw new FormatProblem(`kept as ${kept}, declared as ${declared}`)
}

const isArray = (value: unknown): value is NdArray<Elements> =>
  isObject(value) &&
  Array.isArray(value['shape']) &&
  Array.isArray(value['stride']) &&
  typeof value['offset'] === 'number' &&
  typeof value['data'] === 'object'

const refuseOther = (array: NdArray<Elements>, dtype: Dtype | undefined): void => {
  const actual = dtypeOf(array)
  if (dtype === undefined || actual === (dtype === 'bool' ? 'uint8' : dtype)) return
  throw new FormatProblem(`expected elements of ${dtype}, got ${actual}`)
}

const refuseOthersThanBits = (array: NdArray<Elements>): void => {
  const { data } = independent(array)
  for (let index = 0; index < data.length; index++)
    if (data[index]! > 1) throw new FormatProblem(`expected 0 or 1 in an array of bool, got ${data[index]}`)
}

/** Arrays by name. */
export type NdArrays = Readonly<Record<string, NdArray<Elements>>>

/**
 * Stores named arrays as a folder of `.npy` files; names may be numbers. Readers receive a record of arrays, sorted by
 * name.
 *
 * @example
 * const split = defineTask({ data: ndarrays() }).run(() => {
 *   const all = nd(new Float64Array(200), [100, 2])
 *   return { train: all.hi(80), test: all.lo(80) }
 * })
 */
export const ndarrays = (): Format<NdArrays> => keptArrays

const keptArrays: Format<NdArrays> = makeFormat(
  'ndarrays',
  undefined,
  {
    storage: 'folder',
    tools: () => ({}),
    write: async (returned, directory) => {
      if (typeof returned !== 'object' || returned === null || isArray(returned))
        throw new FormatProblem('expected a record of ndarrays')
      if (!isPlainRecord(returned) && Object.keys(returned).length === 0)
        throw new FormatProblem(`expected a record of ndarrays, got ${show(returned)}`, {
          hint: 'make a record: Object.fromEntries(map), or { name: array }',
        })
      await mkdir(directory, { recursive: true })
      for (const [name, array] of Object.entries(returned)) {
        if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name))
          throw new FormatProblem(`${JSON.stringify(name)} cannot be a file name`, {
            path: `/${name}`,
            hint: 'use letters, digits, _, - and dots',
          })
        await writeFile(
          join(directory, `${name}.npy`),
          Buffer.concat(encodeNpy(checkedArray(array, undefined), { checksums: true })),
        )
      }
    },
    read: async (directory) => {
      const files = await readdir(directory)
      const other = files.find((file) => !file.endsWith('.npy'))
      if (other !== undefined)
        throw new FormatProblem(`kept as a folder with ${JSON.stringify(other)}, declared as ndarrays`)
      const names = files.map((file) => file.slice(0, -'.npy'.length))
      const arrays = await Promise.all(
        names.sort().map(async (name) => [name, decodeNpy(await readFile(join(directory, `${name}.npy`)))] as const),
      )
      return Object.freeze(Object.fromEntries(arrays))
    },
  },
  '',
)
