import type { NdArray } from 'ndarray'
import { show } from '../../declare/codec/codec.js'
import { FormatProblem } from '../../declare/format.js'
import {
  codeOf,
  columnNames,
  dtypeOfDataset,
  elementsOf,
  portion,
  sizeOf,
  type Hdf5Dtype,
  type OpenFile,
} from './hdf5-library.js'
import { contiguous, dtypeOf, refuseOutside, rowMajor, type Dtypes, type Elements } from '../array/npy.js'
import { copyElements } from '../elements.js'

/** The rows of a dataset. */
export interface Hdf5DatasetOptions<D extends Hdf5Dtype> {
  /** Default: `float64`. */
  readonly dtype?: D
  /** How many numbers a row has, or their names, stored as the attribute `columns`. Default: a row is one number. */
  readonly columns?: number | readonly string[]
  /** In place of `columns`, for rows that are arrays: `[28, 28]`. */
  readonly rowShape?: readonly number[]
  /** Compress with gzip. Default: false. */
  readonly compression?: boolean
}

/** A dataset under construction. */
export interface Hdf5Appender<D extends Hdf5Dtype = Hdf5Dtype> {
  readonly name: string
  /** Rows so far, including those of an interrupted run: where to resume. */
  readonly length: number
  /**
   * Appends whole rows: their numbers in sequence, or an ndarray whose first axis is the rows. Throws `FormatProblem`
   * if they do not fit.
   */
  append(rows: ArrayLike<Dtypes[D][number]> | NdArray<Elements>): void
}

/** A dataset with the rows gathered for it. */
export interface Target {
  readonly name: string
  readonly dtype: Hdf5Dtype
  readonly rowShape: readonly number[]
  /** Names of a row's numbers, if given. */
  readonly columns: readonly string[] | undefined
  /** Rows in the file. */
  flushed: number
  pending: Elements[]
  pendingRows: number
}

const shapeOfRow = ({ columns, rowShape }: Hdf5DatasetOptions<Hdf5Dtype>): readonly number[] =>
  rowShape ?? (columns === undefined ? [] : [typeof columns === 'number' ? columns : columns.length])

/** A new dataset; throws `FormatProblem` for an invalid name or options. */
export const checkedTarget = (name: string, options: Hdf5DatasetOptions<Hdf5Dtype>, flushed: number): Target => {
  if (
    segmentsOf(name).some((segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0'))
  )
    throw new FormatProblem(`a dataset cannot be called ${JSON.stringify(name)}`)
  const rowShape = shapeOfRow(options)
  if (rowShape.some((length) => !Number.isSafeInteger(length) || length < 1))
    throw new FormatProblem(`rows of dataset ${JSON.stringify(name)} cannot have the shape ${JSON.stringify(rowShape)}`)
  return {
    name,
    dtype: options.dtype ?? 'float64',
    rowShape,
    columns: namesIn(options),
    flushed,
    pending: [],
    pendingRows: 0,
  }
}

const namesIn = ({ columns }: Hdf5DatasetOptions<Hdf5Dtype>): readonly string[] | undefined =>
  typeof columns === 'object' ? columns : undefined

const segmentsOf = (name: string): readonly string[] => name.split('/')

export const makeDataset = (
  file: OpenFile,
  { name, dtype, rowShape }: Target,
  { columns, compression }: Hdf5DatasetOptions<Hdf5Dtype>,
): void => {
  const segments = segmentsOf(name)
  for (let depth = 1; depth < segments.length; depth++) {
    const group = segments.slice(0, depth).join('/')
    if (!file.has(group)) file.group.create_group(group)
  }
  const chunk = Math.max(
    1,
    Math.min(1 << 14, Math.floor((1 << 16) / (sizeOf(rowShape) * elementsOf(dtype, 1).byteLength))),
  )
  const made = file.group.create_dataset({
    name,
    data: elementsOf(dtype, 0),
    shape: [0, ...rowShape],
    maxshape: [null, ...rowShape],
    chunks: [chunk, ...rowShape],
    dtype: codeOf(dtype),
    ...(compression === true ? { compression: 'gzip' as const } : {}),
  })
  if (typeof columns === 'object') made.create_attribute('columns', [...columns])
}

export const refuseOtherIn = (file: OpenFile, name: string, options: Hdf5DatasetOptions<Hdf5Dtype>): void => {
  const dataset = file.dataset(name)
  refuseOther(
    {
      name,
      dtype: dtypeOfDataset(dataset, name),
      rowShape: (dataset.shape ?? []).slice(1),
      columns: columnNames(dataset),
    },
    options,
  )
}

/** A name always stands for one kind of rows: within a run and across runs. */
export const refuseOther = (
  { name, dtype, rowShape, columns }: Omit<Target, 'flushed' | 'pending' | 'pendingRows'>,
  options: Hdf5DatasetOptions<Hdf5Dtype>,
): void => {
  const wanted = { dtype: options.dtype ?? 'float64', rowShape: shapeOfRow(options), columns: namesIn(options) }
  const refusal = (has: string, asked: string): FormatProblem =>
    new FormatProblem(`dataset ${JSON.stringify(name)} has ${has}, but the request is for ${asked}`, {
      hint: 'give it another name, or force the task',
    })
  if (wanted.dtype !== dtype || wanted.rowShape.join() !== rowShape.join())
    throw refusal(`rows of ${dtype} [${rowShape.join(', ')}]`, `${wanted.dtype} [${wanted.rowShape.join(', ')}]`)
  if (wanted.columns !== undefined && JSON.stringify(wanted.columns) !== JSON.stringify(columns))
    throw refusal(
      columns === undefined ? 'columns without names' : `the columns ${columns.join(', ')}`,
      wanted.columns.join(', '),
    )
}

/** Values as elements in separate memory, in C order; throws `FormatProblem` if they do not fit the dataset. */
export const checkedElements = (
  { name, dtype, rowShape }: Target,
  values: Parameters<Hdf5Appender['append']>[0],
): Elements => {
  const wrong = (problem: string): FormatProblem => new FormatProblem(`dataset ${JSON.stringify(name)}: ${problem}`)
  const size = sizeOf(rowShape)
  if ('stride' in values) {
    if (dtypeOf(values) !== dtype) throw wrong(`expected elements of ${dtype}, got ${dtypeOf(values)}`)
    const { shape } = values
    if (shape.slice(1).join() !== rowShape.join() || shape.length === 0)
      throw wrong(
        `expected rows of the shape [${rowShape.join(', ')}], got an array of the shape [${shape.join(', ')}]`,
      )
    refuseOutside(values)
    return contiguous(rowMajor(values)).elements.slice()
  }
  if (values.length % size !== 0) throw wrong(`a row has ${size} elements; ${values.length} are not whole rows`)
  const elements = elementsOf(dtype, values.length)
  if (Object.prototype.toString.call(values) === Object.prototype.toString.call(elements))
    copyElements(elements, values, 0)
  else {
    for (let index = 0; index < values.length; index++) {
      const value = values[index]
      if (typeof value !== (dtype === 'bigint64' || dtype === 'biguint64' ? 'bigint' : 'number'))
        throw wrong(`expected ${dtype}, got ${show(value)}`)
      elements[index] = value as never // checked above
      if (!dtype.startsWith('float') && elements[index] !== value)
        throw wrong(`${String(value)} is not a valid ${dtype}`)
    }
  }
  return elements
}

/** Whole rows in pieces of a size that the library's memory can handle. */
export function* joined(pieces: readonly Elements[], dtype: Hdf5Dtype, rowSize: number): Generator<Elements> {
  const whole =
    pieces.length === 1
      ? pieces[0]!
      : elementsOf(
          dtype,
          pieces.reduce((sum, { length }) => sum + length, 0),
        )
  let at = 0
  if (pieces.length > 1) {
    for (const piece of pieces) {
      copyElements(whole, piece, at)
      at += piece.length
    }
  }
  const step = rowSize * Math.max(1, Math.floor(portion / (rowSize * whole.BYTES_PER_ELEMENT)))
  for (let from = 0; from < whole.length; from += step) yield whole.subarray(from, from + step)
}
