import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { show } from '../../declare/codec/codec.js'
import { FormatProblem } from '../../declare/format.js'
import type { Hdf5Appender, Hdf5DatasetOptions, Hdf5Dtype, Hdf5Writer } from './hdf5-types.js'
import {
  codeOf,
  columnNames,
  datasetNames,
  dtypeOfDataset,
  elementsOf,
  hdf5Library,
  portion,
  sizeOf,
  type Hdf5Library,
  type OpenFile,
} from './hdf5-library.js'
import { contiguous, dtypeOf, refuseOutside, rowMajor, type Elements } from '../array/npy.js'
import { copyElements } from '../elements.js'

/**
 * Appends to an HDF5 file that survives a kill. A kill in the middle of a write damages an HDF5 file for good, so there
 * are two of them until the run ends: each change is made in one and then in the other, and a record says which one is
 * being changed. Who resumes copies the other one over it.
 */
export interface FinishingWriter extends Hdf5Writer {
  /** Writes what is left and removes the record. */
  readonly finish: () => Promise<void>
  /** Takes no more rows. */
  readonly abandon: () => void
}

export const dataName = 'data.h5'
const spareName = 'spare.h5'
const recordName = 'flushed.json'
/** Bytes of rows that are gathered before they are written without being asked. */
const most = 1 << 22

interface Target {
  readonly name: string
  readonly dtype: Hdf5Dtype
  readonly rowShape: readonly number[]
  /** Names of a row's numbers, where they were given. */
  readonly columns: readonly string[] | undefined
  /** Rows in the file. */
  flushed: number
  pending: Elements[]
  pendingRows: number
}

type Lengths = Readonly<Record<string, number>>

interface FlushRecord {
  /** Rows of each dataset in the file that is whole. */
  readonly lengths: Lengths
  /** The other one. */
  readonly changing: 'data' | 'spare'
}

export const hdf5Writer = (directory: string): FinishingWriter => {
  const path = join(directory, dataName)
  const sparePath = join(directory, spareName)
  const recordPath = join(directory, recordName)
  const targets = new Map<string, Target>()
  let library: Hdf5Library | undefined
  let lengths: Lengths = {}
  let pendingBytes = 0
  let ended = false
  let broken: { readonly cause: unknown } | undefined

  const opened = async (): Promise<Hdf5Library> => {
    if (library !== undefined) return library
    const loaded = await hdf5Library()
    if (library !== undefined) return library // another dataset was quicker
    const found = recordIn(recordPath)
    if (found?.changing === 'data') copyFileSync(sparePath, path)
    lengths = found?.lengths ?? finishedLengths(loaded, path) ?? {}
    if (found === undefined && !existsSync(path)) loaded.within(path, 'w', () => undefined)
    record({ lengths, changing: 'spare' })
    copyFileSync(path, sparePath)
    return (library = loaded)
  }

  const record = (now: FlushRecord): void => {
    const place = `${recordPath}.tmp`
    writeFileSync(place, JSON.stringify(now))
    renameSync(place, recordPath)
    lengths = now.lengths
  }

  /** Makes a change in both files; `added` gives the lengths that are new then. */
  const change = (files: Hdf5Library, work: (file: OpenFile) => void, added: () => Lengths): void => {
    if (broken !== undefined) throw broken.cause
    try {
      record({ lengths, changing: 'data' })
      files.within(path, 'a', work)
      record({ lengths: { ...lengths, ...added() }, changing: 'spare' })
      files.within(sparePath, 'a', work)
    } catch (cause) {
      broken = { cause } // one of the files is not whole: the next run mends it
      throw cause
    }
  }

  const flush = (): void => {
    const waiting = [...targets.values()].filter(({ pendingRows }) => pendingRows > 0)
    if (library === undefined || ended || waiting.length === 0) return
    const write = (file: OpenFile): void => {
      for (const { name, dtype, rowShape, flushed, pending, pendingRows } of waiting) {
        const dataset = file.dataset(name)
        dataset.resize([flushed + pendingRows, ...rowShape])
        let at = flushed
        for (const elements of joined(pending, dtype, sizeOf(rowShape))) {
          const rows = elements.length / sizeOf(rowShape)
          dataset.write_slice([[at, at + rows], ...rowShape.map((length): [number, number] => [0, length])], elements)
          at += rows
        }
      }
    }
    change(library, write, () =>
      Object.fromEntries(waiting.map(({ name, flushed, pendingRows }) => [name, flushed + pendingRows])),
    )
    for (const target of waiting) {
      target.flushed += target.pendingRows
      target.pending = []
      target.pendingRows = 0
    }
    pendingBytes = 0
  }

  const appender = <D extends Hdf5Dtype>(target: Target): Hdf5Appender<D> => ({
    name: target.name,
    get length() {
      return target.flushed + target.pendingRows
    },
    append: (values) => {
      if (ended) throw new Error('the run of this file has ended')
      const elements = checkedElements(target, values)
      if (elements.length === 0) return
      target.pending.push(elements)
      target.pendingRows += elements.length / sizeOf(target.rowShape)
      pendingBytes += elements.byteLength
      if (pendingBytes >= most) flush()
    },
  })

  return {
    path,
    dataset: async (name, options = {}) => {
      const loaded = await opened()
      const known = targets.get(name)
      if (known !== undefined) refuseOther(known, options)
      const target = known ?? checkedTarget(name, options, lengths[name] ?? 0)
      if (known === undefined) {
        if (name in lengths) loaded.within(path, 'r', (file) => refuseOtherIn(file, name, options))
        else
          change(
            loaded,
            (file) => makeDataset(file, target, options),
            () => ({ [name]: 0 }),
          )
        targets.set(name, target)
      }
      return appender(target)
    },
    flush,
    finish: async () => {
      await opened()
      flush()
      ended = true
      rmSync(sparePath)
      rmSync(recordPath)
    },
    abandon: () => {
      ended = true
    },
  }
}

const recordIn = (path: string): FlushRecord | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as FlushRecord) : undefined

/**
 * Without a record the file is finished, and its datasets are as long as they are; undefined where there is none, or
 * one whose making was interrupted.
 */
const finishedLengths = (library: Hdf5Library, path: string): Lengths | undefined => {
  if (!existsSync(path)) return undefined
  try {
    return library.within(path, 'r', (file) =>
      Object.fromEntries(datasetNames(file).map((name) => [name, file.dataset(name).shape?.[0] ?? 0])),
    )
  } catch {
    rmSync(path)
    return undefined
  }
}

const shapeOfRow = ({ columns, rowShape }: Hdf5DatasetOptions<Hdf5Dtype>): readonly number[] =>
  rowShape ?? (columns === undefined ? [] : [typeof columns === 'number' ? columns : columns.length])

/** A dataset as it is asked for; throws `FormatProblem` for what none can be. */
const checkedTarget = (name: string, options: Hdf5DatasetOptions<Hdf5Dtype>, flushed: number): Target => {
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

const makeDataset = (
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

const refuseOtherIn = (file: OpenFile, name: string, options: Hdf5DatasetOptions<Hdf5Dtype>): void => {
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

/** One name, one kind of rows: in a run, and from run to run. */
const refuseOther = (
  { name, dtype, rowShape, columns }: Omit<Target, 'flushed' | 'pending' | 'pendingRows'>,
  options: Hdf5DatasetOptions<Hdf5Dtype>,
): void => {
  const wanted = { dtype: options.dtype ?? 'float64', rowShape: shapeOfRow(options), columns: namesIn(options) }
  const refusal = (has: string, asked: string): FormatProblem =>
    new FormatProblem(`dataset ${JSON.stringify(name)} has ${has}, now asked for are ${asked}`, {
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

/** Values as elements of memory of their own, in C order; throws `FormatProblem` where they do not fit the dataset. */
const checkedElements = (
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
  if (values.length % size !== 0) throw wrong(`a row has ${size} elements; ${values.length} are no whole rows`)
  const elements = elementsOf(dtype, values.length)
  if (Object.prototype.toString.call(values) === Object.prototype.toString.call(elements))
    copyElements(elements, values, 0)
  else {
    for (let index = 0; index < values.length; index++) {
      const value = values[index]
      if (typeof value !== (dtype === 'bigint64' || dtype === 'biguint64' ? 'bigint' : 'number'))
        throw wrong(`expected ${dtype}, got ${show(value)}`)
      elements[index] = value as never // as just seen
      if (!dtype.startsWith('float') && elements[index] !== value) throw wrong(`${String(value)} is no ${dtype}`)
    }
  }
  return elements
}

/** Whole rows in pieces of a size that the library's memory bears. */
function* joined(pieces: readonly Elements[], dtype: Hdf5Dtype, rowSize: number): Generator<Elements> {
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
