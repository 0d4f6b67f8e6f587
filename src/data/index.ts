/** `taskchain/data`: formats that store values. */
export {
  inMemory,
  FormatProblem,
  DamagedArtifact,
  type AnyFormat,
  type ArtifactSource,
  type Bytes,
  type DataSpec,
  type FilePersistence,
  type FolderPersistence,
  type MemoryPersistence,
  type FolderPlace,
  type Format,
  type Persistence,
  type Returned,
  type Tools,
  type Unfinished,
} from '../declare/format.js'
export { json } from '../declare/json/json.js'
export { text, bytes } from './text.js'
export { jsonLines, type JsonLinesOptions, type LineItems, type Lines } from './lines.js'
export type { Compression } from './compression.js'
export { ndarray, ndarrays, type NdArrays } from './array/array.js'
/** The package `ndarray` itself, to create and read arrays: `nd(Float64Array.of(1, 2, 3, 4), [2, 2])`. */
export { default as nd, type NdArray } from 'ndarray'
export { largeArray, type LargeArray } from './array/large-array.js'
export type { Dtype, Dtypes, Elements } from './array/npy.js'
export { table, rows, tableOf, type TableLike } from './table/table.js'
export type { Column, Table } from './table/table-value.js'
export { largeTable, type LargeTable, type RowItems, type TablePart } from './table/large-table.js'
export { readParquet } from './parquet/read-parquet.js'
export { duckdbTable, fromArquero, toArquero, type ArqueroTable } from './table/table-adapters.js'
export { date } from './date.js'
export { figure, type FigureLanguage, type FigureOptions, type VegaSpec } from './figure.js'
export { directory, checkpoint, type CheckpointTools, type DirectoryPath, type DirectoryTools } from './folder.js'
export { hdf5, type Hdf5Tools } from './hdf5/hdf5.js'
export type { Hdf5Appender, Hdf5DatasetOptions } from './hdf5/hdf5-dataset.js'
export type { Hdf5Dtype } from './hdf5/hdf5-library.js'
export type { Hdf5Dataset, Hdf5File } from './hdf5/hdf5-read.js'
export type { Hdf5Writer } from './hdf5/hdf5-write.js'
export {
  defineFormat,
  type FileFormatSpec,
  type FolderFormatSpec,
  type StreamFormatSpec,
  type ToolFormatSpec,
} from './define-format.js'
