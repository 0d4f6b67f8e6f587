import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { show } from '../declare/codec.js'
import { FormatProblem } from '../declare/format.js'
import type { Hdf5Appender, Hdf5DatasetOptions, Hdf5Dtype, Hdf5Writer } from './hdf5.js'
import { codeOf, datasetNames, dtypeOfDataset, elementsOf, hdf5Library, portion, sizeOf, type Hdf5Library, type OpenFile } from './hdf5-library.js'
import { contiguous, dtypeOf, rowMajor, type Elements } from './npy.js'

/**
 * Appends to an HDF5 file that survives a kill. Rows are gathered and written by `flush`, which opens the file, writes and closes it; a record
 * beside it then says how many rows of each dataset are whole. Who resumes cuts off what the record does not vouch for.
 */
export interface FinishingWriter extends Hdf5Writer {
  /** Writes what is left and removes the record. */
  readonly finish: () => Promise<void>
  /** Takes no more rows. */
  readonly abandon: () => void
}

export const dataName = 'data.h5'
const recordName = 'flushed.json'
/** Bytes of rows that are gathered before they are written without being asked. */
const most = 1 << 22

interface Target {
  readonly name: string
  readonly dtype: Hdf5Dtype
  readonly rowShape: readonly number[]
  /** Rows in the file. */
  flushed: number
  pending: Elements[]
  pendingRows: number
}

type Lengths = Readonly<Record<string, number>>

export const hdf5Writer = (directory: string): FinishingWriter => {
  const path = join(directory, dataName)
  const recordPath = join(directory, recordName)
  const targets = new Map<string, Target>()
  let library: Hdf5Library | undefined
  let lengths: Lengths = {}
  let pendingBytes = 0
  let ended = false

  const opened = async (): Promise<Hdf5Library> => {
    if (library !== undefined) return library
    const loaded = await hdf5Library()
    if (library !== undefined) return library // another dataset was quicker
    const found = wholeLengths(loaded, path, recordPath)
    if (found === undefined) loaded.within(path, 'w', () => undefined)
    record(found ?? {})
    return (library = loaded)
  }

  const record = (now: Lengths): void => {
    const place = `${recordPath}.tmp`
    writeFileSync(place, JSON.stringify(now))
    renameSync(place, recordPath)
    lengths = now
  }

  const flush = (): void => {
    const waiting = [...targets.values()].filter(({ pendingRows }) => pendingRows > 0)
    if (library === undefined || ended || waiting.length === 0) return
    library.within(path, 'a', (file) => {
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
    })
    for (const target of waiting) {
      target.flushed += target.pendingRows
      target.pending = []
      target.pendingRows = 0
    }
    pendingBytes = 0
    record({ ...lengths, ...Object.fromEntries(waiting.map(({ name, flushed }) => [name, flushed])) })
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
      const target = known ?? madeTarget(loaded, path, name, options, lengths[name] ?? 0)
      if (known === undefined) {
        targets.set(name, target)
        record({ ...lengths, [name]: target.flushed })
      } else refuseOther(target, options)
      return appender(target)
    },
    flush,
    finish: async () => {
      await opened()
      flush()
      ended = true
      rmSync(recordPath)
    },
    abandon: () => {
      ended = true
    },
  }
}

/**
 * Rows that an earlier run has flushed: what the record says; without one the file is finished or empty, and its datasets are as long as they are.
 * Undefined where there is no file, or a damaged one, in which nothing can be trusted.
 */
const wholeLengths = (library: Hdf5Library, path: string, recordPath: string): Lengths | undefined => {
  if (!existsSync(path)) return undefined
  try {
    return library.within(path, 'r', (file) => {
      const lengths = existsSync(recordPath) ? (JSON.parse(readFileSync(recordPath, 'utf8')) as Lengths) : lengthsIn(file)
      for (const [name, length] of Object.entries(lengths)) {
        if ((file.dataset(name).shape?.[0] ?? 0) < length) throw new Error(`dataset ${JSON.stringify(name)} has lost rows`)
        if (length > 0) file.dataset(name).slice([[length - 1, length]])
      }
      return lengths
    })
  } catch {
    return undefined
  }
}

const lengthsIn = (file: OpenFile): Lengths => Object.fromEntries(datasetNames(file).map((name) => [name, file.dataset(name).shape?.[0] ?? 0]))

const shapeOfRow = ({ columns, rowShape }: Hdf5DatasetOptions<Hdf5Dtype>): readonly number[] => rowShape ?? (columns === undefined ? [] : [typeof columns === 'number' ? columns : columns.length])

/** Makes a dataset, or takes up the one of an interrupted run, cut to the rows that are whole. */
const madeTarget = (library: Hdf5Library, path: string, name: string, options: Hdf5DatasetOptions<Hdf5Dtype>, flushed: number): Target => {
  const segments = name.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0'))) throw new FormatProblem(`a dataset cannot be called ${JSON.stringify(name)}`)
  const { dtype = 'float64', columns, compression } = options
  const rowShape = shapeOfRow(options)
  if (rowShape.some((length) => !Number.isSafeInteger(length) || length < 1)) throw new FormatProblem(`rows of dataset ${JSON.stringify(name)} cannot have the shape ${JSON.stringify(rowShape)}`)
  const target: Target = { name, dtype, rowShape, flushed, pending: [], pendingRows: 0 }
  library.within(path, 'a', (file) => {
    if (file.has(name)) {
      const dataset = file.dataset(name)
      refuseOther({ ...target, dtype: dtypeOfDataset(dataset, name), rowShape: (dataset.shape ?? []).slice(1) }, options)
      dataset.resize([flushed, ...rowShape])
      return
    }
    for (let depth = 1; depth < segments.length; depth++) {
      const group = segments.slice(0, depth).join('/')
      if (!file.has(group)) file.group.create_group(group)
    }
    const chunk = Math.max(1, Math.min(1 << 14, Math.floor((1 << 16) / (sizeOf(rowShape) * elementsOf(dtype, 1).byteLength))))
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
  })
  return target
}

/** One name, one kind of rows: in a run, and from run to run. */
const refuseOther = ({ name, dtype, rowShape }: Pick<Target, 'name' | 'dtype' | 'rowShape'>, options: Hdf5DatasetOptions<Hdf5Dtype>): void => {
  const wanted = { dtype: options.dtype ?? 'float64', rowShape: shapeOfRow(options) }
  if (wanted.dtype === dtype && wanted.rowShape.join() === rowShape.join()) return
  throw new FormatProblem(`dataset ${JSON.stringify(name)} has rows of ${dtype} [${rowShape.join(', ')}], now asked for are ${wanted.dtype} [${wanted.rowShape.join(', ')}]`, { hint: 'give it another name, or force the task' })
}

/** Values as elements of memory of their own, in C order; throws `FormatProblem` where they do not fit the dataset. */
const checkedElements = ({ name, dtype, rowShape }: Target, values: Parameters<Hdf5Appender<Hdf5Dtype>['append']>[0]): Elements => {
  const wrong = (problem: string): FormatProblem => new FormatProblem(`dataset ${JSON.stringify(name)}: ${problem}`)
  const size = sizeOf(rowShape)
  if ('stride' in values) {
    if (dtypeOf(values) !== dtype) throw wrong(`expected elements of ${dtype}, got ${dtypeOf(values)}`)
    const { shape } = values
    if (shape.slice(1).join() !== rowShape.join() || shape.length === 0) throw wrong(`expected rows of the shape [${rowShape.join(', ')}], got an array of the shape [${shape.join(', ')}]`)
    return contiguous(rowMajor(values)).elements.slice()
  }
  if (values.length % size !== 0) throw wrong(`a row has ${size} elements; ${values.length} are no whole rows`)
  const elements = elementsOf(dtype, values.length)
  if (Object.prototype.toString.call(values) === Object.prototype.toString.call(elements)) elements.set(values as never) // of one kind, as just seen
  else {
    for (let index = 0; index < values.length; index++) {
      const value = values[index]
      if (typeof value !== (dtype === 'bigint64' || dtype === 'biguint64' ? 'bigint' : 'number')) throw wrong(`expected ${dtype}, got ${show(value)}`)
      elements[index] = value as never // as just seen
      if (!dtype.startsWith('float') && elements[index] !== value) throw wrong(`${String(value)} is no ${dtype}`)
    }
  }
  return elements
}

/** Whole rows in pieces of a size that the library's memory bears. */
function* joined(pieces: readonly Elements[], dtype: Hdf5Dtype, rowSize: number): Generator<Elements> {
  const whole = pieces.length === 1 ? (pieces[0] as Elements) : elementsOf(dtype, pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  if (pieces.length > 1) {
    for (const piece of pieces) {
      whole.set(piece as never, at) // of one kind: checked when appended
      at += piece.length
    }
  }
  const step = rowSize * Math.max(1, Math.floor(portion / (rowSize * whole.BYTES_PER_ELEMENT)))
  for (let from = 0; from < whole.length; from += step) yield whole.subarray(from, from + step)
}
