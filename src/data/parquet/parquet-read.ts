import { DamagedArtifact, type ArtifactSource } from '../../declare/format.js'
import { columnSink } from '../table/column-sink.js'
import { pagesOfGroup, readFooter, type Bytes } from './parquet-file.js'
import type { SchemaNode } from './parquet-schema.js'
import type { ValueMaker } from './parquet-values.js'
import type { Stored, StoredColumn } from '../table/stored-column.js'

/** Reads Parquet files written by this library into columns as stored. Imported only when a table is read. */

/** An open file, its footer read. */
export interface ParquetFile {
  readonly rows: number
  /** Number of rows of each row group, in order. */
  readonly groups: readonly number[]
  /** Key-value metadata of the file. */
  readonly metadata: ReadonlyMap<string, string>
  /** Columns of the rows `from` (inclusive) to `to` (exclusive), which must be whole row groups. */
  read(columns: readonly StoredAs[], from: number, to: number): Promise<readonly StoredColumn[]>
}

/** A column and how it is stored. */
export interface StoredAs {
  readonly name: string
  readonly stored: Stored
}

/** Opens a file in memory. */
export const openBytes = (bytes: Uint8Array): Promise<ParquetFile> =>
  open({ size: bytes.byteLength, slice: async (from, to) => bytes.subarray(from, to) })

/** Opens a file that is read only in the needed parts. */
export const openSource = (source: ArtifactSource): Promise<ParquetFile> =>
  open({ size: source.size, slice: (from, to) => source.slice(from, to) })

const open = async (bytes: Bytes): Promise<ParquetFile> => {
  const footer = await readFooter(bytes)
  const nodes = new Map(footer.columns.map((node) => [node.element.name, node]))
  const read = async (columns: readonly StoredAs[], from: number, to: number): Promise<readonly StoredColumn[]> => {
    const wanted = columns.map((column) => ({ leaf: leafOf(nodes.get(column.name), column), make: asStored }))
    const sinks = columns.map(({ stored }) => columnSink(stored, to - from))
    for (const group of footer.groups) {
      if (group.rows === 0 || group.start < from || group.start + group.rows > to) continue
      for await (const { index, pages } of pagesOfGroup(bytes, group, wanted)) {
        let at = group.start - from
        for (const page of pages) {
          sinks[index]?.take(at, page)
          at += page.count
        }
      }
    }
    return sinks.map((sink) => sink.column())
  }
  return { rows: footer.rows, groups: footer.groups.map(({ rows }) => rows), metadata: footer.metadata, read }
}

/** The file's column of this name; a damaged footer may declare another type. */
const leafOf = (node: SchemaNode | undefined, { name, stored }: StoredAs): SchemaNode => {
  if (node !== undefined && node.element.type === types[stored] && !node.isRepeated) return node
  throw new DamagedArtifact(
    `column ${JSON.stringify(name)} is ${node === undefined ? 'missing' : `of type ${node.element.type}`}`,
  )
}

const types: Readonly<Record<Stored, SchemaNode['element']['type']>> = {
  number: 'DOUBLE',
  integer: 'INT64',
  bigint: 'INT64',
  date: 'INT64',
  boolean: 'BOOLEAN',
  text: 'BYTE_ARRAY',
  json: 'BYTE_ARRAY',
}

const asStored: ValueMaker = {
  numbers: (values) => values,
  bytes: (page, from, to) => page.toString('utf8', from, to),
}
