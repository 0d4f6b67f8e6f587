import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkedElements,
  checkedTarget,
  joined,
  makeDataset,
  refuseOther,
  refuseOtherIn,
  type Hdf5Appender,
  type Hdf5DatasetOptions,
  type Target,
} from './hdf5-dataset.js'
import { refuseEndless } from './hdf5-probe.js'
import { datasetNames, hdf5Library, sizeOf, type Hdf5Dtype, type Hdf5Library, type OpenFile } from './hdf5-library.js'

/** A file under construction. */
export interface Hdf5Writer {
  /** Path of the file, for other tools. */
  readonly path: string
  /**
   * Creates a dataset of rows that can be appended to, or continues that of an interrupted run. Groups are part of the
   * name: `train/loss`.
   */
  dataset<D extends Hdf5Dtype = 'float64'>(name: string, options?: Hdf5DatasetOptions<D>): Promise<Hdf5Appender<D>>
  /**
   * Writes all rows so far; a kill after this loses none of them. Also happens automatically every 4 MB, at
   * `unfinished` and when `run` returns.
   */
  flush(): void
}

/**
 * Appends to an HDF5 file that survives a kill. A kill in the middle of a write damages an HDF5 file for good, so there
 * are two copies until the run ends: each change is applied to one and then to the other, and a record says which one
 * is being changed. A run that resumes overwrites that copy with the other.
 */
export interface FinishingWriter extends Hdf5Writer {
  /** Writes the remaining rows and removes the record. */
  readonly finish: () => Promise<void>
  /** Accepts no more rows. */
  readonly abandon: () => void
}

export const dataName = 'data.h5'
const spareName = 'spare.h5'
const recordName = 'flushed.json'
/** Bytes of rows to gather before writing them automatically. */
const most = 1 << 22

export const hdf5Writer = (directory: string): FinishingWriter => {
  const path = join(directory, dataName)
  const writing: Writing = {
    path,
    sparePath: join(directory, spareName),
    recordPath: join(directory, recordName),
    library: undefined,
    targets: new Map(),
    lengths: {},
    pendingBytes: 0,
    ended: false,
    broken: undefined,
  }
  return {
    path,
    dataset: async (name, options = {}) => appender(writing, await targetOf(writing, name, options)),
    flush: () => flush(writing),
    finish: async () => {
      await opened(writing)
      flush(writing)
      writing.ended = true
      rmSync(writing.sparePath)
      rmSync(writing.recordPath)
    },
    abandon: () => {
      writing.ended = true
    },
  }
}

type Lengths = Readonly<Record<string, number>>

/** State of both files while they are written. */
interface Writing {
  readonly path: string
  readonly sparePath: string
  readonly recordPath: string
  library: Hdf5Library | undefined
  readonly targets: Map<string, Target>
  /** Rows of each dataset in the intact file. */
  lengths: Lengths
  pendingBytes: number
  ended: boolean
  /** One of the files is damaged: the next run repairs it. */
  broken: { readonly cause: unknown } | undefined
}

/** The record on disk. */
const FlushRecord = t.type({
  /** Rows of each dataset in the intact file. */
  lengths: t.record(t.string, t.number),
  /** The file being changed. */
  changing: t.keyof({ data: null, spare: null }),
})

const readRecord = (path: string): t.TypeOf<typeof FlushRecord> | undefined => {
  if (!existsSync(path)) return undefined
  const read = FlushRecord.decode(JSON.parse(readFileSync(path, 'utf8')))
  if (E.isLeft(read)) throw new Error(`${path} does not say which file is whole`)
  return read.right
}

const writeRecord = (writing: Writing, now: t.TypeOf<typeof FlushRecord>): void => {
  const place = `${writing.recordPath}.tmp`
  writeFileSync(place, JSON.stringify(now))
  renameSync(place, writing.recordPath)
  writing.lengths = now.lengths
}

const opened = async (writing: Writing): Promise<Hdf5Library> => {
  if (writing.library !== undefined) return writing.library
  const library = await hdf5Library()
  if (writing.library !== undefined) return writing.library // another dataset was first
  const { path, sparePath } = writing
  const found = readRecord(writing.recordPath)
  if (found?.changing === 'data') copyFileSync(sparePath, path)
  if (existsSync(path)) await refuseEndless(path) // no checksum covers what an interrupted run left
  if (writing.library !== undefined) return writing.library
  const lengths = found?.lengths ?? finishedLengths(library, path) ?? {}
  if (found === undefined && !existsSync(path)) library.within(path, 'w', () => undefined)
  writeRecord(writing, { lengths, changing: 'spare' })
  copyFileSync(path, sparePath)
  return (writing.library = library)
}

/**
 * Without a record the file is finished, and its datasets have their full length; undefined if there is no file, or if
 * its creation was interrupted.
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

/** Applies a change to both files; `added`: the lengths that it sets. */
const change = (writing: Writing, library: Hdf5Library, work: (file: OpenFile) => void, added: Lengths): void => {
  if (writing.broken !== undefined) throw writing.broken.cause
  try {
    writeRecord(writing, { lengths: writing.lengths, changing: 'data' })
    library.within(writing.path, 'a', work)
    writeRecord(writing, { lengths: { ...writing.lengths, ...added }, changing: 'spare' })
    library.within(writing.sparePath, 'a', work)
  } catch (cause) {
    writing.broken = { cause }
    throw cause
  }
}

const targetOf = async (writing: Writing, name: string, options: Hdf5DatasetOptions<Hdf5Dtype>): Promise<Target> => {
  const library = await opened(writing)
  const { lengths, targets } = writing
  const known = targets.get(name)
  if (known !== undefined) {
    refuseOther(known, options)
    return known
  }
  const isThere = Object.hasOwn(lengths, name)
  const target = checkedTarget(name, options, isThere ? (lengths[name] ?? 0) : 0)
  if (isThere) library.within(writing.path, 'r', (file) => refuseOtherIn(file, name, options))
  else change(writing, library, (file) => makeDataset(file, target, options), { [name]: 0 })
  targets.set(name, target)
  return target
}

const flush = (writing: Writing): void => {
  const { library, ended, targets } = writing
  const waiting = [...targets.values()].filter(({ pendingRows }) => pendingRows > 0)
  if (library === undefined || ended || waiting.length === 0) return
  const added = Object.fromEntries(waiting.map(({ name, flushed, pendingRows }) => [name, flushed + pendingRows]))
  change(writing, library, (file) => waiting.forEach((target) => writePending(file, target)), added)
  for (const target of waiting) {
    target.flushed += target.pendingRows
    target.pending = []
    target.pendingRows = 0
  }
  writing.pendingBytes = 0
}

const writePending = (file: OpenFile, { name, dtype, rowShape, flushed, pending, pendingRows }: Target): void => {
  const dataset = file.dataset(name)
  dataset.resize([flushed + pendingRows, ...rowShape])
  let at = flushed
  for (const elements of joined(pending, dtype, sizeOf(rowShape))) {
    const rows = elements.length / sizeOf(rowShape)
    dataset.write_slice([[at, at + rows], ...rowShape.map((length): [number, number] => [0, length])], elements)
    at += rows
  }
}

const appender = (writing: Writing, target: Target): Hdf5Appender => ({
  name: target.name,
  get length() {
    return target.flushed + target.pendingRows
  },
  append: (values) => {
    if (writing.ended) throw new Error('the run of this file has ended')
    const elements = checkedElements(target, values)
    if (elements.length === 0) return
    target.pending.push(elements)
    target.pendingRows += elements.length / sizeOf(target.rowShape)
    writing.pendingBytes += elements.byteLength
    if (writing.pendingBytes >= most) flush(writing)
  },
})
