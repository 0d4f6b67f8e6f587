import { readdir } from 'node:fs/promises'
import { formatOf } from '../../declare/json/json.js'
import type { ArtifactSource } from '../../declare/format.js'
import { decompression, type Compression } from '../../data/compression.js'
import { openHdf5, type Hdf5Dataset } from '../../data/hdf5/hdf5-read.js'
import { lineBatches } from '../../data/line-reader.js'
import { indexProject } from '../../plan/names/project-index.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { StoredArtifact } from '../../runtime/ports/artifact.js'
import { quickData } from '../../runtime/run-info/run-info.js'
import type { PreviewQuestion } from '../addresses.js'
import type { ArraysPreview, FigurePreview, LinesPreview, NoPreview, Preview, TreeNode } from '../contract.js'
import { folderPreview, openBelow } from '../preview/folder-files.js'
import { arrayPreview, openNpy, type ReadableArray } from '../preview/npy-preview.js'
import { parquetPreview } from '../preview/parquet-preview.js'
import { textPreview } from '../preview/text-preview.js'
import { treeOf } from '../preview/tree.js'
import { valuePreview } from '../preview/value-preview.js'
import { boundedJson } from './shown-value.js'
import type { Reader } from '../reader/reader.js'

/** Selects the reader for an artifact by the format that its task declares. */

/** Up to this size, files are read whole and their checksum is verified. In larger ones only sizes are verified. */
const largestWhole = 32 * 1024 * 1024
const largestDecoded = 64 * 1024 * 1024
const headBytes = 64 * 1024

export const filePreviewOf = async (
  reader: Reader,
  node: PlanNode,
  found: StoredArtifact,
  source: ArtifactSource,
  asked: PreviewQuestion,
): Promise<Preview> => {
  switch (node.format) {
    case 'table':
    case 'rows':
    case 'largeTable':
      return parquetPreview(await partly(source), asked)
    case 'ndarray':
    case 'largeArray':
      return arrayPreview(await openNpy(await partly(source)), asked.slice)
    case 'jsonLines':
      return linesPreview(source, node.extension, asked)
    case 'json':
      return jsonPreview(source)
    case 'figure':
      return figurePreview(found, source)
    case 'text':
    case 'bytes':
      return textPreview(await source.slice(0, Math.min(headBytes, source.size)), source.size)
    default:
      return decodedPreview(reader, node, source, asked)
  }
}

/** Bytes of a file: small ones are verified and held in memory. */
const partly = async (source: ArtifactSource): Promise<Pick<ArtifactSource, 'size' | 'slice' | 'refused'>> => {
  if (source.size > largestWhole) return source
  const bytes = await source.bytes()
  return { size: bytes.length, slice: async (from, to) => bytes.subarray(from, to) }
}

const tooLarge = (size: number, limit: number): NoPreview => ({
  kind: 'too large',
  message: 'it is too large to be shown here; read it in a program, or with `taskchain export`',
  size,
  limit,
})

const jsonPreview = async (source: ArtifactSource): Promise<Preview> => {
  if (source.size > largestWhole) return tooLarge(source.size, largestWhole)
  return { kind: 'tree', root: treeOf(JSON.parse(Buffer.from(await source.bytes()).toString('utf8'))) }
}

const largestSpec = 512 * 1024

const figurePreview = async (found: StoredArtifact, source: ArtifactSource): Promise<FigurePreview> => {
  const spec: unknown =
    source.size > largestSpec ? undefined : JSON.parse(Buffer.from(await source.bytes()).toString('utf8'))
  const views = quickData(found.runInfo)?.beside ?? []
  return {
    kind: 'figure',
    views: (['svg', 'png'] as const).filter((view) => views.includes(view)),
    ...(typeof spec === 'object' && spec !== null ? { spec: boundedJson(spec, largestSpec) } : {}),
  }
}

/** Limit on unpacked bytes of lines that are skipped to reach the requested ones. */
const maxPassed = 256 * 1024 * 1024

const linesPreview = async (
  source: ArtifactSource,
  extension: string | null,
  { offset = 0, limit = 100 }: PreviewQuestion,
): Promise<LinesPreview | NoPreview> => {
  const compression: Compression | undefined =
    extension?.endsWith('.gz') === true ? 'gzip' : extension?.endsWith('.zst') === true ? 'zstd' : undefined
  const unpacked = await decompression(compression)
  const items: TreeNode[] = []
  const budget = { left: 5000 }
  const last = offset + Math.min(limit, 500)
  let position = 0
  let passed = 0
  for await (const { lines } of lineBatches(unpacked(() => source.stream())))
    for (const line of lines) {
      passed += line.length
      if (position >= last) return { kind: 'lines', offset, items, end: false }
      if (passed > maxPassed) return tooLarge(source.size, maxPassed)
      if (position++ >= offset) items.push(treeOf(JSON.parse(line), budget))
    }
  return { kind: 'lines', offset, items, total: position, end: true }
}

/** For custom formats: the value is read by the format's own code. */
const decodedPreview = async (
  { loaded }: Reader,
  node: PlanNode,
  source: ArtifactSource,
  asked: PreviewQuestion,
): Promise<Preview> => {
  if (source.size > largestDecoded) return tooLarge(source.size, largestDecoded)
  const task = indexProject(loaded.project).taskOf(node.task)
  const persistence = task && formatOf(task.declaration.data).persistence
  if (persistence === undefined || !('decode' in persistence))
    return textPreview(await source.slice(0, Math.min(headBytes, source.size)), source.size)
  return valuePreview(await persistence.decode(source), asked)
}

export const folderPreviewOf = async (
  _: Reader,
  node: PlanNode,
  { directory }: StoredArtifact,
  asked: PreviewQuestion,
): Promise<Preview> => {
  if (directory === undefined) return { kind: 'unreadable', message: 'this store has no folders' }
  if (node.format === 'hdf5') return datasetsPreview(directory, asked)
  if (node.format === 'ndarrays') return arraysPreview(directory, asked)
  return folderPreview(directory, asked.path)
}

const maxArrays = 500

const arraysPreview = async (directory: string, { name, slice }: PreviewQuestion): Promise<Preview> => {
  const names = (await readdir(directory)).filter((file) => file.endsWith('.npy')).sort()
  const arrays: ArraysPreview['arrays'][number][] = []
  const withArray = async <A>(file: string, work: (array: ReadableArray) => Promise<A>): Promise<A> => {
    const opened = await openBelow(directory, file)
    if (opened === undefined) throw new Error(`there is no array ${file.slice(0, -4)} in it`)
    const { handle, size } = opened
    try {
      const read = async (from: number, to: number): Promise<Uint8Array> => {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(to - from), 0, to - from, from)
        return buffer.subarray(0, bytesRead)
      }
      return await work(await openNpy({ size, slice: read }))
    } finally {
      await handle.close()
    }
  }
  for (const file of names.slice(0, maxArrays))
    arrays.push(await withArray(file, async ({ dtype, shape }) => ({ name: file.slice(0, -4), dtype, shape })))
  const listing = { kind: 'arrays', arrays, more: names.length - arrays.length } as const
  if (name === undefined) return listing
  const array = await withArray(`${name}.npy`, (opened) => arrayPreview(opened, slice))
  return array.kind === 'array' ? { ...listing, name, array } : array
}

const datasetsPreview = async (directory: string, { name, slice }: PreviewQuestion): Promise<Preview> => {
  const file = await openHdf5(directory)
  const shown = file.names.slice(0, maxArrays)
  const arrays = shown.map((one) => {
    const { dtype, shape } = file.dataset(one)
    return { name: one, dtype, shape }
  })
  const listing = { kind: 'arrays', arrays, more: file.names.length - shown.length } as const
  if (name === undefined) return listing
  const array = await arrayPreview(datasetArray(file.dataset(name)), slice)
  return array.kind === 'array' ? { ...listing, name, array } : array
}

/** A dataset is read by rows; elements are located within them by position. */
const datasetArray = (dataset: Hdf5Dataset): ReadableArray => {
  const width = dataset.shape.slice(1).reduce((product, part) => product * part, 1)
  return {
    dtype: dataset.dtype,
    shape: dataset.shape,
    rowMajor: true,
    elements: async (from, to) => {
      const first = width === 0 ? 0 : Math.floor(from / width)
      const { data } = await dataset.slice(first, width === 0 ? 0 : Math.ceil(to / width))
      return data.subarray(from - first * width, to - first * width)
    },
  }
}
