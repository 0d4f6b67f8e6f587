import * as zlib from 'node:zlib'
import { parquetMetadataAsync, parquetRead, parquetSchema, type Compressors, type AsyncBuffer, type FileMetaData, type ParquetParsers } from 'hyparquet'
import type { ArtifactSource } from '../declare/format.js'
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
      const chunks = await readChunks(file, metadata, columns.map(({ name }) => name), from, to)
      return columns.map(({ name, stored }) => storedFrom(stored, chunks.get(name) ?? [], to - from))
    },
  }
}

interface Chunk {
  /** Position of the first value, counted from the first row asked for. */
  readonly at: number
  readonly values: ArrayLike<unknown>
}

const readChunks = async (file: AsyncBuffer, metadata: FileMetaData, columns: string[], from: number, to: number): Promise<ReadonlyMap<string, readonly Chunk[]>> => {
  const chunks = new Map<string, Chunk[]>(columns.map((name) => [name, []]))
  if (to > from && columns.length > 0) {
    // chunks come in any order; what onChunk throws would be lost, so it only gathers
    const onChunk = (chunk: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number }): void =>
      void chunks.get(chunk.columnName)?.push({ at: chunk.rowStart - from, values: chunk.columnData })
    await parquetRead({ file, metadata, columns, rowStart: from, rowEnd: to, parsers, onChunk })
  }
  return chunks
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
  const unpack = (zlib as unknown as Partial<Record<string, (bytes: Uint8Array) => Buffer>>)[name]
  if (unpack === undefined) throw new Error(`it is compressed by zstd, which Node ${process.versions.node} cannot unpack`)
  return new Uint8Array(unpack(bytes))
}

const compressors: Compressors = { GZIP: unpacked('gunzipSync'), ZSTD: unpacked('zstdDecompressSync') }

const storedFrom = (stored: Stored, chunks: readonly Chunk[], rows: number): StoredColumn => {
  switch (stored) {
    case 'number':
      return { stored, ...numbers(chunks, new Float64Array(rows), (value) => value as number) }
    case 'bigint':
      return { stored, ...numbers(chunks, new BigInt64Array(rows), (value) => value as bigint) }
    case 'boolean':
      return { stored, ...numbers(chunks, new Uint8Array(rows), (value) => (value === true ? 1 : 0)) }
    case 'integer':
    case 'date':
      return { stored, ...numbers(chunks, new Float64Array(rows), Number) }
    case 'text':
    case 'json':
      return { stored, values: texts(chunks), valid: undefined }
  }
}

const numbers = <A extends Float64Array | BigInt64Array | Uint8Array>(chunks: readonly Chunk[], target: A, of: (value: unknown) => A[number]): { readonly values: A; readonly valid: Uint8Array | undefined } => {
  let valid: Uint8Array | undefined
  const [first] = chunks
  if (chunks.length === 1 && first?.values.constructor === target.constructor) return { values: first.values as A, valid }
  for (const { at, values } of chunks) {
    if (values instanceof BigInt64Array && target instanceof Float64Array) {
      fromHalves(values, target, at)
    } else if (values.constructor === target.constructor) {
      target.set(values as never, at) // both arrays are of one kind, which the compiler cannot see
    } else {
      for (let index = 0; index < values.length; index++) {
        const value = values[index]
        if (value === null || value === undefined) {
          valid ??= new Uint8Array(target.length).fill(1)
          valid[at + index] = 0
        } else target[at + index] = of(value) as never // as above
      }
    }
  }
  return { values: target, valid }
}

/** 64-bit integers that fit into doubles, without a BigInt for each. */
const fromHalves = (values: BigInt64Array, target: Float64Array, at: number): void => {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  for (let index = 0; index < values.length; index++) target[at + index] = (halves[2 * index + 1] as number) * 0x1_0000_0000 + ((halves[2 * index] as number) >>> 0)
}

const texts = (chunks: readonly Chunk[]): readonly (string | null)[] => {
  const parts = [...chunks].sort((one, other) => one.at - other.at).map(({ values }) => values as readonly (string | null)[])
  return parts.length === 1 ? (parts[0] as readonly (string | null)[]) : ([] as (string | null)[]).concat(...parts)
}
