import { crc32 } from 'node:zlib'
import type { ColumnMetaData, PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { DamagedArtifact, FormatProblem } from '../../declare/format.js'
import { readRuns, type Cursor } from './parquet-runs.js'
import type { SchemaNode } from './parquet-schema.js'
import { readPlain, readValues, type ValueMaker } from './parquet-values.js'
import type { Unpack } from './unpack-page.js'

/** The pages of one column in one row group. Whatever a page declares is checked against the actual bytes. */

/** Values of one page. */
export interface PageValues {
  /** Number of entries, including gaps. */
  readonly count: number
  /** A level per entry; undefined if every entry has a value. */
  readonly definitions: Uint8Array | undefined
  /** A level per entry; undefined if the column has no lists. */
  readonly repetitions: Uint8Array | undefined
  /** The values, without the gaps. */
  readonly values: ArrayLike<unknown>
}

/** Iterates over the pages of a chunk. Throws `DamagedArtifact` if they contradict the footer. */
export function* pagesOf(
  chunk: Uint8Array,
  leaf: SchemaNode,
  { num_values }: ColumnMetaData,
  unpack: Unpack,
  make: ValueMaker,
): Generator<PageValues, void> {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 }
  let left = Number(num_values)
  let dictionary: ArrayLike<unknown> | undefined
  while (left > 0) {
    const header: PageHeader = parquetHeader(reader)
    const length = header.compressed_page_size
    if (!(length >= 0 && reader.offset + length <= chunk.length && header.uncompressed_page_size >= 0))
      throw new DamagedArtifact('a page is cut off')
    const bytes = chunk.subarray(reader.offset, (reader.offset += length))
    if (header.crc !== undefined && crc32(bytes) !== header.crc >>> 0)
      throw new DamagedArtifact('the checksum of a page differs')
    if (header.dictionary_page_header !== undefined) {
      const { num_values: entries } = header.dictionary_page_header
      if (dictionary !== undefined || entries < 0) throw new DamagedArtifact('a dictionary is incomplete')
      dictionary = readPlain(
        { bytes: unpack(bytes, header.uncompressed_page_size), at: 0 },
        entries,
        leaf.element,
        make,
      )
      continue
    }
    const page =
      header.data_page_header_v2 === undefined
        ? firstVersion(header, bytes, left, leaf, unpack)
        : secondVersion(header, bytes, left, leaf, unpack)
    if (page === undefined) continue // an index
    left -= page.count
    yield {
      count: page.count,
      definitions: page.definitions,
      repetitions: page.repetitions,
      values: readValues(page.rest, page.encoding, page.present, leaf.element, make, dictionary),
    }
  }
}

interface OpenPage {
  readonly count: number
  /** Number of entries with a value. */
  readonly present: number
  readonly definitions: Uint8Array | undefined
  readonly repetitions: Uint8Array | undefined
  readonly encoding: string
  readonly rest: Cursor
}

const checkedCount = (count: number, left: number): number => {
  if (!(count >= 0 && count <= left)) throw new DamagedArtifact(`a page of ${count} values where ${left} are left`)
  return count
}

const firstVersion = (
  header: PageHeader,
  bytes: Uint8Array,
  left: number,
  leaf: SchemaNode,
  unpack: Unpack,
): OpenPage | undefined => {
  const page = header.data_page_header
  if (page === undefined) {
    if (header.type === 'INDEX_PAGE') return undefined
    throw new DamagedArtifact('a page of no known kind')
  }
  const count = checkedCount(page.num_values, left)
  const rest: Cursor = { bytes: unpack(bytes, header.uncompressed_page_size), at: 0 }
  const levels = (highest: number, encoding: string | undefined): Uint8Array | undefined => {
    if (highest === 0) return undefined
    if (encoding === 'BIT_PACKED') throw new FormatProblem('levels in the old encoding BIT_PACKED are not known')
    const length =
      rest.at + 4 <= rest.bytes.length
        ? new DataView(rest.bytes.buffer, rest.bytes.byteOffset + rest.at).getUint32(0, true)
        : Infinity
    return levelsIn(rest, 4, length, count, highest)
  }
  const repetitions = levels(leaf.repetition, page.repetition_level_encoding)
  const definitions = levels(leaf.definition, page.definition_level_encoding)
  return { count, repetitions, encoding: page.encoding, rest, ...presence(definitions, leaf.definition, count) }
}

const secondVersion = (
  header: PageHeader,
  bytes: Uint8Array,
  left: number,
  leaf: SchemaNode,
  unpack: Unpack,
): OpenPage => {
  const page = header.data_page_header_v2!
  const count = checkedCount(page.num_values, left)
  const levels: Cursor = { bytes, at: 0 }
  const [repeated, defined] = [page.repetition_levels_byte_length, page.definition_levels_byte_length]
  if ((leaf.repetition === 0 && repeated !== 0) || (leaf.definition === 0 && defined !== 0))
    throw new DamagedArtifact('a page has levels, but its column has none')
  const repetitions = leaf.repetition === 0 ? undefined : levelsIn(levels, 0, repeated, count, leaf.repetition)
  const definitions = leaf.definition === 0 ? undefined : levelsIn(levels, 0, defined, count, leaf.definition)
  const body = bytes.subarray(levels.at)
  const length = header.uncompressed_page_size - levels.at
  if (page.is_compressed === false && body.length !== length)
    throw new DamagedArtifact(`a page has ${body.length} bytes, not ${length}`)
  const { present, ...rest } = presence(definitions, leaf.definition, count)
  const isEmpty = body.length === 0 && present === 0 // some writers leave nothing to decompress
  return {
    count,
    repetitions,
    present,
    ...rest,
    encoding: page.encoding,
    rest: { bytes: page.is_compressed === false || isEmpty ? body : unpack(body, length), at: 0 },
  }
}

/** Levels in runs: `length` bytes after `skipped` others. */
const levelsIn = (cursor: Cursor, skipped: number, length: number, count: number, highest: number): Uint8Array => {
  const from = cursor.at + skipped
  const end = from + length
  if (!(length >= 0 && end <= cursor.bytes.length)) throw new DamagedArtifact('a page is cut off')
  const levels = new Uint8Array(count)
  if (count > 0) readRuns({ bytes: cursor.bytes.subarray(from, end), at: 0 }, 32 - Math.clz32(highest), levels)
  cursor.at = end
  return levels
}

const presence = (
  definitions: Uint8Array | undefined,
  highest: number,
  count: number,
): Pick<OpenPage, 'definitions' | 'present'> => {
  if (definitions === undefined) return { definitions, present: count }
  let present = 0
  for (let index = 0; index < count; index++) {
    const level = definitions[index]!
    if (level === highest) present++
    else if (level > highest) throw new DamagedArtifact(`a level of ${level}, where ${highest} is the highest`)
  }
  return present === count ? { definitions: undefined, present } : { definitions, present }
}
