import { crc32 } from 'node:zlib'
import parquet, { type FieldDefinition } from 'parquetjs-lite'
import thrift from 'parquetjs-lite/gen-nodejs/parquet_types.js'
import util from 'parquetjs-lite/lib/util.js'
import type { Stored, StoredColumn } from '../table/stored-column.js'
import { pageOf, type PageParts } from './parquet-pages.js'
import { snappyCompressed } from './snappy.js'

/**
 * Writes Parquet: parquetjs-lite does schema, footer and thrift; pages and column chunks are written here, since its
 * own encoder rounds large integers, refuses NaN and is fifteen times slower. Imported only when a table is written.
 */

/** A column as declared in the file. */
export interface FileColumn {
  readonly name: string
  readonly stored: Stored
  readonly optional: boolean
}

/** Yields the bytes of a file in order: `begin`, row groups, `end`. */
export interface ParquetWriter {
  begin(): readonly Uint8Array[]
  /** Rows `from` (inclusive) to `to` (exclusive); columns in file order. */
  group(columns: readonly StoredColumn[], from: number, to: number): readonly Uint8Array[]
  /** `stored`: final column types; a column with only gaps so far may still be of any type. */
  end(metadata: Readonly<Record<string, string>>, stored?: readonly Stored[]): readonly Uint8Array[]
}

const types: Readonly<Record<Stored, FieldDefinition['type']>> = {
  number: 'DOUBLE',
  integer: 'INT64',
  bigint: 'INT64',
  boolean: 'BOOLEAN',
  text: 'UTF8',
  date: 'TIMESTAMP_MILLIS',
  json: 'UTF8',
}

export const parquetWriter = (columns: readonly FileColumn[]): ParquetWriter => {
  const schema = schemaOf(columns)
  const positionOf = new Map(columns.map(({ name }, position) => [name, position]))
  const positions = schema.fieldList.map(({ name }) => positionOf.get(name)!) // integer-like names come first
  const typed: { readonly meta_data: { type: number | undefined }; readonly field: number }[] = []
  let pending: Uint8Array[] = []
  const envelope = new parquet.ParquetEnvelopeWriter(
    schema,
    (bytes) => void pending.push(bytes),
    () => undefined,
    0,
    { pageIndex: false },
  )
  const taken = (): readonly Uint8Array[] => {
    const bytes = pending
    pending = []
    return bytes
  }
  return {
    begin: () => {
      envelope.writeHeader()
      return taken()
    },
    group: (stored, from, to) => {
      const chunks = positions.map((position) => chunkOf(stored[position]!, columns[position]!, from, to))
      const metadata = chunks.map((chunk, position) => {
        const field = schema.fieldList[position]
        const start = envelope.offset
        for (const piece of chunk.pieces) envelope.writeSection(piece)
        const meta_data = columnMetadata(chunk, field?.path, to - from, start, envelope.offset)
        typed.push({ meta_data, field: position })
        return new thrift.ColumnChunk({ file_offset: start, meta_data })
      })
      envelope.rowGroups.push(
        new thrift.RowGroup({
          num_rows: to - from,
          total_byte_size: chunks.reduce((sum, { uncompressed }) => sum + uncompressed, 0),
          columns: metadata,
        }),
      )
      envelope.rowCount += to - from
      return taken()
    },
    end: (metadata, stored) => {
      if (stored !== undefined)
        envelope.schema = schemaOf(columns.map((column, position) => ({ ...column, stored: stored[position]! })))
      const known = envelope.schema.fieldList.map(({ primitiveType }) => thrift.Type[primitiveType])
      for (const { meta_data, field } of typed) meta_data.type = known[field]
      envelope.writeFooter(metadata)
      return taken()
    },
  }
}

const columnMetadata = (
  { dictionaryLength, uncompressed }: ReturnType<typeof chunkOf>,
  path: readonly string[] | undefined,
  rows: number,
  start: number,
  end: number,
): InstanceType<typeof thrift.ColumnMetaData> =>
  new thrift.ColumnMetaData({
    encodings: [
      thrift.Encoding['PLAIN'],
      thrift.Encoding['RLE'],
      ...(dictionaryLength === 0 ? [] : [thrift.Encoding['RLE_DICTIONARY']]),
    ],
    path_in_schema: path,
    codec: thrift.CompressionCodec['SNAPPY'],
    num_values: rows,
    total_uncompressed_size: uncompressed,
    total_compressed_size: end - start,
    data_page_offset: start + dictionaryLength,
    ...(dictionaryLength === 0 ? {} : { dictionary_page_offset: start }),
  })

const schemaOf = (columns: readonly FileColumn[]): InstanceType<typeof parquet.ParquetSchema> =>
  new parquet.ParquetSchema(
    Object.fromEntries(
      columns.map(({ name, stored, optional }) => [
        name,
        { type: types[stored], optional, compression: 'SNAPPY', statistics: false } as const,
      ]),
    ),
  )

interface Chunk {
  readonly pieces: readonly Uint8Array[]
  readonly uncompressed: number
  /** Length of the leading dictionary page in bytes; 0 if there is none. */
  readonly dictionaryLength: number
}

const chunkOf = (stored: StoredColumn, { optional }: FileColumn, from: number, to: number): Chunk => {
  const page = pageOf(stored, from, to, optional)
  const dictionary = dictionaryPage(page)
  const data = dataPage(page)
  const dictionaryLength = dictionary.reduce((sum, piece) => sum + piece.length, 0)
  const headers = (dictionary[0]?.length ?? 0) + (data[0]?.length ?? 0)
  return {
    pieces: [...dictionary, ...data].filter(({ length }) => length > 0),
    uncompressed: headers + page.levels.length + page.values.length + (page.dictionary?.values.length ?? 0),
    dictionaryLength,
  }
}

const dictionaryPage = ({ dictionary }: PageParts): readonly Uint8Array[] => {
  if (dictionary === undefined) return []
  const body = snappyCompressed(dictionary.values) // a dictionary page cannot be marked as uncompressed
  const header = new thrift.PageHeader({
    type: thrift.PageType['DICTIONARY_PAGE'],
    uncompressed_page_size: dictionary.values.length,
    compressed_page_size: body.length,
    crc: crc32(body) | 0,
    dictionary_page_header: new thrift.DictionaryPageHeader({
      num_values: dictionary.entries,
      encoding: thrift.Encoding['PLAIN'],
      is_sorted: false,
    }),
  })
  return [util.serializeThrift(header), body]
}

const dataPage = ({ rows, nulls, levels, values, dictionary }: PageParts): readonly Uint8Array[] => {
  const small = isWorthIt(values) ? snappyCompressed(values) : undefined
  const body = small !== undefined && small.length < values.length * 0.95 ? small : values
  const header = new thrift.PageHeader({
    type: thrift.PageType['DATA_PAGE_V2'],
    uncompressed_page_size: levels.length + values.length,
    compressed_page_size: levels.length + body.length,
    // the only protection for what is read in parts
    crc: (body.length === 0 ? crc32(levels) : crc32(body, crc32(levels))) | 0,
    data_page_header_v2: new thrift.DataPageHeaderV2({
      num_values: rows,
      num_nulls: nulls,
      num_rows: rows,
      encoding: thrift.Encoding[dictionary === undefined ? 'PLAIN' : 'RLE_DICTIONARY'],
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: body === small,
    }),
  })
  return [util.serializeThrift(header), levels, body]
}

/**
 * A sample from the middle shows whether the whole will shrink: random doubles do not, and trying would take as long as
 * everything else.
 */
const isWorthIt = (values: Uint8Array): boolean => {
  const sample = 1 << 13
  if (values.length <= sample * 4) return values.length > 64
  const from = (values.length >> 4) << 3
  return snappyCompressed(values.subarray(from, from + sample)).length < sample * 0.9
}
