import * as zlib from 'node:zlib'
import { parquetMetadataAsync, parquetRead, parquetSchema, type Compressors, type AsyncBuffer, type FileMetaData, type ParquetParsers } from 'hyparquet'
import type { ArtifactSource } from '../declare/format.js'
import { columnSink, type ColumnSink } from './column-sink.js'
import type { Stored, StoredColumn } from './stored-column.js'

/** Reads Parquet by hyparquet into columns as they were stored. Imported only when a table is read. */

/** A file whose footer was read. */
export interface ParquetFile {
  readonly rows: number
  /** Rows of each row group, in order. */
  readonly groups: readonly number[]
  /** What was written beside the data, by name. */
  readonly metadata: ReadonlyMap<string, string>
  /** Columns of the rows `from` (inclusive) to `to` (exclusive), which are whole row groups. */
  read(columns: readonly { readonly name: string; readonly stored: Stored }[], from: number, to: number): Promise<readonly StoredColumn[]>
}

/** Opens a file in memory. */
export const openBytes = (bytes: Uint8Array): Promise<ParquetFile> =>
  open({ byteLength: bytes.byteLength, slice: (from, to) => Uint8Array.prototype.slice.call(bytes, from, to).buffer as ArrayBuffer })

/** Opens a file of which only the needed parts are read. */
export const openSource = (source: ArtifactSource): Promise<ParquetFile> =>
  open({
    byteLength: source.size,
    slice: async (from, to = source.size) => {
      const bytes = await source.slice(from, to)
      return bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer ? bytes.buffer : new Uint8Array(bytes).buffer
    },
  })

const open = async (file: AsyncBuffer): Promise<ParquetFile> => {
  const metadata = await parquetMetadataAsync(file)
  return {
    rows: Number(metadata.num_rows),
    groups: metadata.row_groups.map(({ num_rows }) => Number(num_rows)),
    metadata: new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ''])),
    read: async (columns, from, to) => {
      const sinks = new Map(columns.map(({ name, stored }) => [name, columnSink(stored, to - from)]))
      await readInto(sinks, file, metadata, from, to)
      return columns.map(({ name }) => (sinks.get(name) as ColumnSink).column())
    },
  }
}

/** Takes chunks as they come, so that what hyparquet made of one is gone before the next. What `onChunk` throws would be lost; it is thrown here. */
const readInto = async (sinks: ReadonlyMap<string, ColumnSink>, file: AsyncBuffer, metadata: FileMetaData, from: number, to: number): Promise<void> => {
  if (to <= from || sinks.size === 0) return
  let problem: { readonly cause: unknown } | undefined
  const onChunk = ({ columnName, columnData, rowStart }: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number }): void => {
    try {
      sinks.get(columnName)?.take(rowStart - from, columnData)
    } catch (cause) {
      problem ??= { cause }
    }
  }
  await parquetRead({ file, metadata, columns: [...sinks.keys()], rowStart: from, rowEnd: to, parsers, onChunk })
  if (problem !== undefined) throw problem.cause
}

/** hyparquet's own decoder would drop a byte order mark at the beginning of a text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const stringFromBytes = (bytes: Uint8Array | undefined): string | undefined => bytes && decoder.decode(bytes)

const parsers: Partial<ParquetParsers> = {
  stringFromBytes,
  timestampFromMilliseconds: (milliseconds: bigint) => milliseconds,
}

/** Columns of a file that others wrote, as hyparquet gives them; names that are not there are left out. */
export const readForeign = async (
  size: number,
  read: (from: number, to: number) => Promise<Uint8Array>,
  names: readonly string[],
): Promise<{ readonly columns: ReadonlyMap<string, readonly unknown[]>; readonly rows: number }> => {
  const file: AsyncBuffer = { byteLength: size, slice: async (from, to = size) => new Uint8Array(await read(from, to)).buffer }
  const metadata = await parquetMetadataAsync(file)
  const rows = Number(metadata.num_rows)
  const there = new Set(parquetSchema(metadata).children.map(({ element }) => element.name))
  const columns = new Map(names.filter((name) => there.has(name)).map((name) => [name, Array.from<unknown>({ length: rows })]))
  const onChunk = ({ columnName, columnData, rowStart }: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number }): void => {
    const target = columns.get(columnName)
    if (target !== undefined) for (let index = 0; index < columnData.length; index++) target[rowStart + index] = columnData[index]
  }
  if (rows > 0 && columns.size > 0) await parquetRead({ file, metadata, columns: [...columns.keys()], compressors, parsers: { stringFromBytes }, onChunk })
  return { columns, rows }
}

const unpacked = (name: 'gunzipSync' | 'zstdDecompressSync') => (bytes: Uint8Array): Uint8Array => {
  const unpack = (zlib as unknown as Partial<Record<string, (bytes: Uint8Array) => Buffer>>)[name] // types of Node 20 have no zstd
  if (unpack === undefined) throw new Error(`it is compressed by zstd, which Node ${process.versions.node} cannot unpack`)
  return new Uint8Array(unpack(bytes))
}

const compressors: Compressors = { GZIP: unpacked('gunzipSync'), ZSTD: unpacked('zstdDecompressSync') }
