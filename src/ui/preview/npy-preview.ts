import type { ArtifactSource } from '../../declare/format.js'
import { verifiedData } from '../../data/array/large-array.js'
import { arrayOf, decodeHeader, headerBytes, type Elements, type NpyHeader } from '../../data/array/npy.js'
import type { ArrayPreview, HeatMap, NoPreview } from '../contract.js'
import { cellOf } from './cells.js'
import { heatMap, sampledRows, stretches } from './grid.js'
import { numberSummary } from './numbers.js'

/** Arrays in NumPy's format: statistics and a picture, from as much as can be read quickly. */

const maxElements = 1 << 21
const firstElements = 100

/** The access to an array that previews need, however it is stored. */
export interface ReadableArray {
  readonly dtype: string
  readonly shape: readonly number[]
  /** Elements by their position in memory order, `from` to `to`. */
  readonly elements: (from: number, to: number) => Promise<ArrayLike<number | bigint>>
  /** False if the last index is not the fastest-varying one. */
  readonly rowMajor: boolean
}

export const openNpy = async (source: Pick<ArtifactSource, 'size' | 'slice' | 'refused'>): Promise<ReadableArray> => {
  const header: NpyHeader = decodeHeader(await source.slice(0, Math.min(headerBytes, source.size)), source.size)
  const read = verifiedData(source, header)
  return {
    dtype: header.dtype,
    shape: header.shape,
    rowMajor: !header.fortran || header.shape.length < 2,
    elements: async (from, to) => {
      const bytes = await read(from * header.itemSize, to * header.itemSize)
      return dataOf(arrayOf({ ...header, fortran: false }, [to - from], bytes).data)
    },
  }
}

const dataOf = (data: Elements): ArrayLike<number | bigint> => data

/** `slice`: the indexes before the last two, `1,0`. */
export const arrayPreview = async (
  array: ReadableArray,
  slice: string | undefined,
): Promise<ArrayPreview | NoPreview> => {
  const { dtype, shape } = array
  const map = await mapOf(array, slice)
  if (map !== undefined && 'kind' in map) return map
  const length = shape.reduce((product, part) => product * part, 1)
  const looked = Math.min(length, maxElements)
  const values = numbersOf(await array.elements(0, looked))
  const summary = numberSummary(values)
  return {
    kind: 'array',
    dtype,
    shape,
    looked,
    ...(summary === undefined ? {} : { summary }),
    ...(map === undefined ? {} : { heatMap: map }),
    ...(shape.length === 1 ? { line: stretches(values) } : {}),
    first: Array.from(await array.elements(0, Math.min(length, firstElements)), cellOf),
  }
}

const numbersOf = (elements: ArrayLike<number | bigint>): Float64Array => {
  if (elements instanceof Float64Array) return elements
  const numbers = new Float64Array(elements.length)
  for (let index = 0; index < numbers.length; index++) numbers[index] = Number(elements[index])
  return numbers
}

/** For the last two dimensions; all rows if they are few, else a sample from each band. */
const mapOf = async (array: ReadableArray, asked: string | undefined): Promise<HeatMap | NoPreview | undefined> => {
  const { shape } = array
  const [rows = 0, columns = 0] = shape.slice(-2)
  if (shape.length < 2 || rows === 0 || columns === 0) return undefined
  const leading = shape.slice(0, -2)
  const slice = sliceOf(leading, asked)
  if (slice === undefined) return { kind: 'unreadable', message: `there is no slice ${asked} of ${shape.join(' × ')}` }
  if (!array.rowMajor && (leading.length > 0 || rows * columns > maxElements)) return undefined
  const start = leading.reduce((at, part, index) => at * part + (slice[index] ?? 0), 0) * rows * columns
  const common = { slice, rowsInAll: rows, columnsInAll: columns }
  if (rows * columns <= maxElements) {
    const values = numbersOf(await array.elements(start, start + rows * columns))
    const at = (row: number, column: number): number =>
      values[array.rowMajor ? row * columns + column : column * rows + row] ?? NaN
    return { ...heatMap(rows, columns, at), ...common }
  }
  const chosen = sampledRows(rows)
  const width = Math.min(columns, maxElements / 64)
  const lines: Float64Array[] = []
  for (const row of chosen)
    lines.push(numbersOf(await array.elements(start + row * columns, start + row * columns + width)))
  return { ...heatMap(lines.length, width, (row, column) => lines[row]?.[column] ?? NaN), ...common }
}

const sliceOf = (leading: readonly number[], asked: string | undefined): readonly number[] | undefined => {
  if (asked === undefined) return leading.map(() => 0)
  const given = asked.split(',').map(Number)
  const fits = (index: number, position: number): boolean =>
    Number.isInteger(index) && index >= 0 && index < (leading[position] ?? 0)
  return given.length === leading.length && given.every(fits) ? given : undefined
}
