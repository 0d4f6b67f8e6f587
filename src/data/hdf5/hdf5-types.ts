import type { NdArray } from 'ndarray'
import type { CheckpointTools } from '../folder.js'
import type { Dtypes, Elements } from '../array/npy.js'

/** Kinds of numbers that are kept in HDF5; its booleans are enumerations, which h5wasm cannot write. */
export type Hdf5Dtype = Exclude<keyof Dtypes, 'bool'>

/** What the context of `run` gains with `hdf5()`: a checkpoint's, and the file to append to. */
export interface Hdf5Tools extends CheckpointTools {
  readonly file: Hdf5Writer
}

/** A file under construction. */
export interface Hdf5Writer {
  /** Path of the file, for other tools. */
  readonly path: string
  /**
   * Makes a dataset of rows that can be appended to, or takes up the one of an interrupted run. Groups are part of the
   * name: `train/loss`.
   */
  dataset<D extends Hdf5Dtype = 'float64'>(name: string, options?: Hdf5DatasetOptions<D>): Promise<Hdf5Appender<D>>
  /**
   * Writes all rows so far; a kill from now on loses none of them. Happens by itself every 4 MB, at `unfinished` and
   * when `run` returns.
   */
  flush(): void
}

/** What a dataset's rows are. */
export interface Hdf5DatasetOptions<D extends Hdf5Dtype> {
  /** Default: `float64`. */
  readonly dtype?: D
  /** How many numbers a row has, or their names, kept as the attribute `columns`. Default: a row is one number. */
  readonly columns?: number | readonly string[]
  /** Instead of `columns`, for rows that are arrays: `[28, 28]`. */
  readonly rowShape?: readonly number[]
  /** Compressed by gzip. Default: false. */
  readonly compression?: boolean
}

/** A dataset under construction. */
export interface Hdf5Appender<D extends Hdf5Dtype = Hdf5Dtype> {
  readonly name: string
  /** Rows so far, those of an interrupted run included: where to go on. */
  readonly length: number
  /**
   * Adds whole rows: their numbers one after the other, or an ndarray whose first axis is the rows. Throws
   * `FormatProblem` where they do not fit.
   */
  append(rows: ArrayLike<Dtypes[D][number]> | NdArray<Elements>): void
}

/** A finished file. */
export interface Hdf5File {
  readonly _tag: 'Hdf5File'
  /** Path of the file, for other tools. To change it is a bug: other tasks read it too. */
  readonly path: string
  /** Names of all datasets, with their groups. */
  readonly names: readonly string[]
  /** Throws a RangeError for an unknown name, `FormatProblem` for another kind of numbers than is asked for. */
  dataset<D extends Hdf5Dtype = Hdf5Dtype>(name: string, dtype?: D): Hdf5Dataset<D>
}

/** A finished dataset; nothing is read before it is asked for. */
export interface Hdf5Dataset<D extends Hdf5Dtype = Hdf5Dtype> {
  readonly name: string
  readonly dtype: D
  readonly shape: readonly number[]
  /** Rows: the first axis. */
  readonly length: number
  /** Names of a row's numbers, where they were given. */
  readonly columns?: readonly string[]
  /**
   * Rows `from` (inclusive) to `to` (exclusive), in C order; counted as in `Array.prototype.slice`: `slice(-10)` has
   * the last ten.
   */
  slice(from?: number, to?: number): Promise<NdArray<Dtypes[D]>>
  /** All rows. */
  all(): Promise<NdArray<Dtypes[D]>>
}
