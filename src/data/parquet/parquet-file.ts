import { parquetMetadataAsync, type ColumnMetaData, type FileMetaData } from 'hyparquet'
import { DamagedArtifact } from '../../declare/format.js'
import { pagesOf, type PageValues } from './parquet-chunk.js'
import { leavesOf, schemaNodes, type SchemaNode } from './parquet-schema.js'
import type { ValueMaker } from './parquet-values.js'
import { unpackerOf } from './unpack-page.js'

/**
 * A Parquet file whose footer was read by hyparquet and checked for consistency: counts, offsets and types agree before
 * a page is read.
 */

/** Random access to the bytes of a file, wherever it is. */
export interface Bytes {
  readonly size: number
  readonly slice: (from: number, to: number) => Promise<Uint8Array>
}

export interface ParquetFooter {
  readonly rows: number
  readonly groups: readonly RowGroup[]
  /** Top-level columns. */
  readonly columns: readonly SchemaNode[]
  /** Key-value metadata of the file. */
  readonly metadata: ReadonlyMap<string, string>
}

export interface RowGroup {
  /** Position of its first row in the file. */
  readonly start: number
  readonly rows: number
  /** A chunk for each column of the file, by position. */
  readonly chunks: readonly Chunk[]
}

export interface Chunk {
  readonly from: number
  readonly to: number
  readonly meta: ColumnMetaData
}

export const readFooter = async (bytes: Bytes): Promise<ParquetFooter> => {
  const slice = async (from: number, to = bytes.size): Promise<ArrayBuffer> => {
    const part = await bytes.slice(from, to)
    return part.byteLength === part.buffer.byteLength && part.buffer instanceof ArrayBuffer
      ? part.buffer
      : Uint8Array.from(part).buffer
  }
  const footer = await parquetMetadataAsync({ byteLength: bytes.size, slice }, { geoparquet: false, parsers })
  const columns = schemaNodes(footer.schema)
  const groups = rowGroups(footer, columns.flatMap(leavesOf), bytes.size)
  const rows = groups.reduce((sum, group) => sum + group.rows, 0)
  if (count(footer.num_rows) !== rows)
    throw new DamagedArtifact(`the footer says ${footer.num_rows} rows, its row groups have ${rows}`)
  return {
    rows,
    groups,
    columns,
    metadata: new Map((footer.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ''])),
  }
}

/** Statistics are not used: nothing in them is a reason to refuse a file. */
const parsers = { dateFromDays: () => new Date(0), stringFromBytes: () => '' } as const

const count = (value: bigint | number | undefined): number => {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 0) throw new DamagedArtifact(`the footer has a count of ${value}`)
  return number
}

const rowGroups = (footer: FileMetaData, leaves: readonly SchemaNode[], size: number): readonly RowGroup[] => {
  let start = 0
  return footer.row_groups.map(({ columns, num_rows }): RowGroup => {
    const rows = count(num_rows)
    if (columns.length !== leaves.length)
      throw new DamagedArtifact(`a row group has ${columns.length} columns, the schema ${leaves.length}`)
    const chunks = columns.map((column, position): Chunk => {
      const leaf = leaves[position]!
      if (column.file_path !== undefined || column.meta_data === undefined)
        throw new DamagedArtifact('its columns are in other files')
      return chunkOf(column.meta_data, leaf, rows, size)
    })
    start += rows
    return { start: start - rows, rows, chunks }
  })
}

const chunkOf = (meta: ColumnMetaData, leaf: SchemaNode, rows: number, size: number): Chunk => {
  const name = leaf.path.join('.')
  if (meta.type !== leaf.element.type || meta.path_in_schema.join('.') !== name)
    throw new DamagedArtifact(`column ${JSON.stringify(name)} differs in a row group`)
  const values = count(meta.num_values)
  if (leaf.repetition === 0 ? values !== rows : values < rows)
    throw new DamagedArtifact(`column ${JSON.stringify(name)} has ${values} values in ${rows} rows`)
  const data = count(meta.data_page_offset)
  const dictionary = count(meta.dictionary_page_offset ?? 0) // some writers store 0 for none
  const from = dictionary > 0 && dictionary < data ? dictionary : data
  const to = from + count(meta.total_compressed_size)
  if (to > size - 8 || (values > 0 && from < 4))
    throw new DamagedArtifact(`column ${JSON.stringify(name)} lies outside of the file`)
  return { from, to, meta }
}

/** Values of some columns of a row group, page by page; adjacent chunks are read together. */
export async function* pagesOfGroup(
  bytes: Bytes,
  group: RowGroup,
  wanted: readonly { readonly leaf: SchemaNode; readonly make: ValueMaker }[],
): AsyncGenerator<{ readonly index: number; readonly pages: Generator<PageValues, void> }, void> {
  const placed = wanted
    .map(({ leaf, make }, index) => ({ leaf, make, index, chunk: group.chunks[leaf.position]! }))
    .sort((one, other) => one.chunk.from - other.chunk.from)
  for (let next = 0; next < placed.length; ) {
    const first = placed[next]!.chunk.from
    let last = next
    let end = placed[next]!.chunk.to
    for (
      let chunk = placed[last + 1]?.chunk;
      chunk !== undefined && chunk.from - end <= maxGap && chunk.to - first <= maxTogether;
      chunk = placed[last + 1]?.chunk
    ) {
      last++
      end = Math.max(end, chunk.to)
    }
    const part = await bytes.slice(first, end)
    if (part.length !== end - first) throw new DamagedArtifact('the file ends before its columns do')
    for (; next <= last; next++) {
      const { leaf, make, index, chunk } = placed[next]!
      yield {
        index,
        pages: pagesOf(
          part.subarray(chunk.from - first, chunk.to - first),
          leaf,
          chunk.meta,
          await unpackerOf(chunk.meta.codec),
          make,
        ),
      }
    }
  }
}

/** Bytes between two chunks that are read and discarded rather than making a second read. */
const maxGap = 1 << 14

/** Bytes read at once, unless a single chunk has more. */
const maxTogether = 1 << 25
