import { FormatProblem } from '../../declare/format.js'
import type { Dtypes, Elements } from '../array/npy.js'
import { optional } from '../optional-package.js'
import { messageOf } from '../../base/thrown.js'

/** Number types stored in HDF5; its booleans are enumerations, which h5wasm cannot write. */
export type Hdf5Dtype = Exclude<keyof Dtypes, 'bool'>

/** The parts of h5wasm used here, loaded on demand; its silent errors are thrown. */

/** The used parts of an h5wasm dataset; published types cannot name a package that may not be installed. */
export interface Dataset {
  readonly dtype: unknown
  readonly shape: number[] | null
  readonly attrs: Readonly<Record<string, { readonly value: unknown }>>
  readonly value: unknown
  readonly slice: (ranges: [number, number][]) => unknown
  readonly resize: (shape: number[]) => unknown
  readonly write_slice: (ranges: [number, number][], data: Elements) => void
  readonly create_attribute: (name: string, data: string[]) => void
}

/** The used parts of an h5wasm group. */
export interface Group {
  readonly paths: () => string[]
  readonly get: (name: string) => unknown
  readonly create_group: (name: string) => unknown
  readonly create_dataset: (made: {
    readonly name: string
    readonly data: Elements
    readonly shape: number[]
    readonly maxshape: (number | null)[]
    readonly chunks: number[]
    readonly dtype: string
    readonly compression?: 'gzip'
  }) => Dataset
}

/** An open file, valid only inside `within`. */
export interface OpenFile {
  /** A dataset by name. Throws if there is none. */
  readonly dataset: (name: string) => Dataset
  readonly has: (name: string) => boolean
  readonly group: Group
}

export interface Hdf5Library {
  /**
   * Opens a file, does the work, closes it. Anything the library reports in the meantime is thrown, with the name of
   * the file.
   */
  within<A>(path: string, mode: 'r' | 'a' | 'w', work: (file: OpenFile) => A): A
}

/** Rejects with `FormatProblem` if the package is not installed. */
export const hdf5Library = async (): Promise<Hdf5Library> => {
  const { default: h5 } = await optional('hdf5', ['h5wasm@0.10'], () => import('h5wasm/node'))
  const module = await h5.ready
  return {
    within: (path, mode, work) =>
      (mode === 'r' ? withPrintedErrors : thrown)(module, path, () => withFile(h5, path, mode, work)),
  }
}

type H5 = typeof import('h5wasm/node').default
type Module = Awaited<H5['ready']>

/** Runs work with the library set to throw its errors. */
const thrown = <A>(module: Module, path: string, work: () => A): A => {
  // without it errors are printed and dropped; turned off again for other users of the library
  module.activate_throwing_error_handler()
  try {
    return work()
  } catch (cause) {
    if (cause instanceof Error && (cause.name === 'FormatProblem' || cause.name === 'Hdf5Error')) throw cause
    throw new Hdf5Error(`HDF5, ${path}: ${reasonOf(cause)}`, { cause })
  } finally {
    module.deactivate_throwing_error_handler()
  }
}
/**
 * For reading: an error thrown through the library's own frames would leave its handles open, and with them the file.
 */
const withPrintedErrors = <A>(module: Module, path: string, work: () => A): A => {
  const { streams } = module.FS as unknown as { readonly streams: unknown[] } // untyped internals of Emscripten
  if (streams[standardError] === undefined) return thrown(module, path, work)
  const printed = streams[standardError]
  let output = ''
  const write = (_: unknown, bytes: Uint8Array, offset: number, length: number): number => {
    output += Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString()
    return length
  }
  module.activate_throwing_error_handler()
  module.deactivate_throwing_error_handler() // from here on it prints errors
  streams[standardError] = { flags: 1, node: { mode: 0o020666 }, stream_ops: { write } }
  try {
    const result = work()
    if (output !== '') throw new Error(output)
    return result
  } catch (cause) {
    if (cause instanceof Error && (cause.name === 'FormatProblem' || cause.name === 'Hdf5Error')) throw cause
    throw new Hdf5Error(`HDF5, ${path}: ${reasonOf(output === '' ? cause : new Error(output))}`, { cause })
  } finally {
    streams[standardError] = printed
  }
}

/** Opens a file, works on it and closes it in every case. */
const withFile = <A>(
  { File: OpenableFile }: Pick<H5, 'File'>,
  path: string,
  mode: 'r' | 'a' | 'w',
  work: (file: OpenFile) => A,
): A => {
  // adds checksums to its structures, so that damage is detected; readable by every version since 2016
  const file = new OpenableFile(path, mode, { libver: 'v110' })
  if (file.file_id < 0n) throw new Error('it cannot be opened')
  let result: A
  try {
    result = work({
      group: file,
      has: (name) => file.get(name) !== null,
      dataset: (name) => {
        const found = file.get(name)
        if (!isDataset(found)) throw new Error(`there is no dataset ${JSON.stringify(name)}`)
        return found
      },
    })
  } catch (cause) {
    try {
      file.close()
    } catch {
      // the first error says more
    }
    throw cause
  }
  if (file.close() < 0) throw new Error('it cannot be closed')
  return result
}

const standardError = 2

/** Names of all datasets, with their groups, sorted. */
export const datasetNames = ({ group }: OpenFile): readonly string[] =>
  group
    .paths()
    .map((name) => name.replace(/^\//, ''))
    .filter((name) => isDataset(group.get(name)))
    .toSorted()

const isDataset = (found: unknown): found is Dataset => typeof found === 'object' && found !== null && 'resize' in found

/** An error of the library, in its own words. */
export class Hdf5Error extends Error {
  override readonly name = 'Hdf5Error'
}

/** One sentence from a stack of them: the system's message, otherwise the failed operation. */
const reasonOf = (cause: unknown): string => {
  const text = messageOf(cause)
  return /error message = '([^']+)'/.exec(text)?.[1] ?? /#000:.*?\(\): (.*)/.exec(text)?.[1] ?? text.split('\n')[0]!
}

const codes: Readonly<Record<Hdf5Dtype, string>> = {
  float64: '<d',
  float32: '<f',
  int8: '<b',
  int16: '<h',
  int32: '<i',
  uint8: '<B',
  uint16: '<H',
  uint32: '<I',
  bigint64: '<q',
  biguint64: '<Q',
}

export const codeOf = (dtype: Hdf5Dtype): string => codes[dtype]

/** Names of a row's numbers, if the writer stored them. */
export const columnNames = ({ attrs }: Dataset): readonly string[] | undefined => {
  const named: unknown = 'columns' in attrs ? attrs['columns']?.value : undefined
  return Array.isArray(named) ? Object.freeze(named.map(String)) : undefined
}

/** The element type of a dataset; throws `FormatProblem` for anything but numbers. */
export const dtypeOfDataset = ({ dtype }: Dataset, name: string): Hdf5Dtype => {
  const found = (Object.keys(codes) as Hdf5Dtype[]).find(
    (known) => typeof dtype === 'string' && codes[known].slice(1) === dtype.slice(1),
  )
  if (found === undefined)
    throw new FormatProblem(
      `dataset ${JSON.stringify(name)} holds ${JSON.stringify(dtype)}, not numbers of a supported type`,
      { hint: 'open the file with h5wasm itself: the value has its path' },
    )
  return found
}

const makers = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  bigint64: BigInt64Array,
  biguint64: BigUint64Array,
} as const

/** Zeros of an element type. */
export const elementsOf = <D extends Hdf5Dtype>(dtype: D, length: number): Dtypes[D] =>
  new makers[dtype](length) as Dtypes[D]

/** Number of elements in a row. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

/** Bytes passed through the library's memory at once. */
export const portion = 1 << 24
