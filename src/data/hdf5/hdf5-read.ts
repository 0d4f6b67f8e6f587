import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { NdArray } from 'ndarray'
import { DamagedArtifact, FormatProblem } from '../../declare/format.js'
import {
  columnNames,
  datasetNames,
  dtypeOfDataset,
  elementsOf,
  hdf5Library,
  portion,
  sizeOf,
  type Hdf5Dtype,
  type OpenFile,
} from './hdf5-library.js'
import { dataName } from './hdf5-write.js'
import { arrayOver, type Dtypes, type Elements } from '../array/npy.js'
import { refuseEndless } from './hdf5-probe.js'
import { rangeOf } from '../range.js'

/** A finished file. */
export interface Hdf5File {
  readonly _tag: 'Hdf5File'
  /** Path of the file, for other tools. Changing the file is a bug: other tasks read it too. */
  readonly path: string
  /** Names of all datasets, including their groups. */
  readonly names: readonly string[]
  /** Throws a RangeError for an unknown name, `FormatProblem` if the dataset's number type is not the requested one. */
  dataset<D extends Hdf5Dtype = Hdf5Dtype>(name: string, dtype?: D): Hdf5Dataset<D>
}

/** A finished dataset; rows are read on demand. */
export interface Hdf5Dataset<D extends Hdf5Dtype = Hdf5Dtype> {
  readonly name: string
  readonly dtype: D
  readonly shape: readonly number[]
  /** Number of rows: the first axis. */
  readonly length: number
  /** Names of a row's numbers, if given. */
  readonly columns?: readonly string[]
  /**
   * Rows `from` (inclusive) to `to` (exclusive), in C order; positions as in `Array.prototype.slice`: `slice(-10)`
   * gives the last ten.
   */
  slice(from?: number, to?: number): Promise<NdArray<Dtypes[D]>>
  /** All rows. */
  all(): Promise<NdArray<Dtypes[D]>>
}

/** Opens the file in a finished folder. Damage is `DamagedArtifact`. */
export const openHdf5 = async (directory: string, isWhole = false): Promise<Hdf5File> => {
  const library = await hdf5Library()
  const path = join(directory, dataName)
  const seen = stateOf(path)
  if (!isWhole) await refuseEndless(path)
  const read: Read = (work) => {
    // a later change is not verified, and the library might hang on it
    if (stateOf(path) !== seen)
      throw new DamagedArtifact(`HDF5, ${path}: it was changed or removed while it was in use`)
    return damaged(() => library.within(path, 'r', work))
  }
  const names = read(datasetNames)
  return Object.freeze<Hdf5File>({
    _tag: 'Hdf5File',
    path,
    names: Object.freeze(names),
    dataset: (name: string, dtype?: Hdf5Dtype) => {
      if (!names.includes(name))
        throw new RangeError(`the file has no dataset ${JSON.stringify(name)}; it has ${names.join(', ') || 'none'}`)
      const found = openDataset(read, name)
      if (dtype !== undefined && found.dtype !== dtype)
        throw new FormatProblem(`dataset ${JSON.stringify(name)} holds ${found.dtype}, not ${dtype}`)
      return found as never // its element type was checked above
    },
  })
}

/** Opens the file for reading if it has not changed. */
type Read = <A>(work: (file: OpenFile) => A) => A

/** File status that changes when the file does. */
const stateOf = (path: string): string => {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? '' : [stat.ino, stat.size, stat.mtimeNs].join(' ')
}

const openDataset = (read: Read, name: string): Hdf5Dataset => {
  const { dtype, shape, columns } = read((file) => {
    const dataset = file.dataset(name)
    return { dtype: dtypeOfDataset(dataset, name), shape: dataset.shape ?? [], columns: columnNames(dataset) }
  })
  const [length = 1, ...rowShape] = shape
  const slice = async (from?: number, to?: number): Promise<NdArray<Elements>> => {
    const [start, end] = rangeOf(length, from, to)
    const rowSize = sizeOf(rowShape)
    const elements = elementsOf(dtype, (end - start) * rowSize)
    const step = Math.max(1, Math.floor(portion / (rowSize * elements.BYTES_PER_ELEMENT)))
    read((file) => {
      const dataset = file.dataset(name)
      for (let row = start; row < end; row += step) {
        const values = shape.length === 0 ? dataset.value : dataset.slice([[row, Math.min(end, row + step)]])
        if (shape.length === 0)
          elements[0] = values as never // one element, of the dataset's type
        else elements.set(values as never, (row - start) * rowSize) // of the dataset's type
      }
    })
    return arrayOver(elements, shape.length === 0 && end > start ? [] : [end - start, ...rowShape])
  }
  return Object.freeze<Hdf5Dataset>({
    name,
    dtype,
    shape: Object.freeze(shape),
    length,
    ...(columns === undefined ? {} : { columns }),
    slice: slice,
    all: () => slice(),
  })
}

const damaged = <A>(read: () => A): A => {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'Hdf5Error') throw new DamagedArtifact(cause.message, { cause })
    throw cause
  }
}
