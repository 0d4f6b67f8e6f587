import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isTable } from '../../data/table/table-value.js'
import type { PlanNode } from '../../plan/plan-types.js'
import { plain } from '../json-output.js'
import type { ArrayOfNumbers } from './render-array.js'
import { previewLines, type PreviewOptions, type Sample } from './render-value.js'
import { isList } from '../../base/records.js'

/** Number of rows shown by default. */
export const defaultRows = 10

/** A value in a few lines, by its shape. */
export const previewOf = async (
  value: unknown,
  node: Pick<PlanNode, 'storage'>,
  options: PreviewOptions,
): Promise<readonly string[]> => previewLines(await sampleOf(value, node, options.rows), options)

/** A value as the fields of a JSON document; numeric arrays with shape and dtype, folders as lists of files. */
export const wholeOf = async (
  value: unknown,
  node: Pick<PlanNode, 'storage' | 'format'>,
): Promise<{ readonly format: string; readonly value: unknown }> => {
  const sample = await sampleOf(value, node, Infinity)
  return {
    format: node.format,
    value:
      sample.kind === 'folder'
        ? { path: sample.path, files: sample.entries }
        : wholeValue(sample.kind === 'items' ? sample.items : value),
  }
}

const wholeValue = (value: unknown): unknown => {
  if (isArrayOfNumbers(value))
    return { dtype: value.dtype, shape: value.shape, data: nested(value, value.shape.length, value.offset) }
  if (isRecordOfArrays(value))
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wholeValue(part)]))
  return plain(value)
}

/** The data for a preview; reads no more of the value than needed. */
const sampleOf = async (value: unknown, node: Pick<PlanNode, 'storage'>, most: number): Promise<Sample> => {
  if ((node.storage === 'folder' || node.storage === 'checkpoint') && typeof value === 'string')
    return folderSample(value, most)
  if (isArrayOfNumbers(value)) return { kind: 'array', array: value }
  if (isRecordOfArrays(value)) return { kind: 'arrays', arrays: value }
  if (isTable(value)) return { kind: 'items', items: value.slice(0, most).toRows(), total: value.length }
  if (isStream(value)) return streamSample(value, most)
  if (typeof value === 'string') return { kind: 'text', text: value }
  if (value instanceof Uint8Array) return { kind: 'bytes', bytes: value }
  if (isList(value)) return { kind: 'items', items: value, total: value.length }
  return { kind: 'value', value }
}

const isArrayOfNumbers = (value: unknown): value is ArrayOfNumbers =>
  typeof value === 'object' &&
  value !== null &&
  'shape' in value &&
  'stride' in value &&
  'data' in value &&
  Array.isArray(value.shape) &&
  Array.isArray(value.stride)

const isRecordOfArrays = (value: unknown): value is Readonly<Record<string, ArrayOfNumbers>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).length > 0 &&
  Object.values(value).every(isArrayOfNumbers)

/** The elements below one index, as nested lists. */
const nested = (array: ArrayOfNumbers, dimensions: number, offset: number): unknown => {
  if (dimensions === 0) return plain(array.data[offset])
  const dimension = array.shape.length - dimensions
  return Array.from({ length: array.shape[dimension] ?? 0 }, (_, index) =>
    nested(array, dimensions - 1, offset + index * (array.stride[dimension] ?? 0)),
  )
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** The first items; the rest of the stream is not read. */
const streamSample = async (stream: AsyncIterable<unknown>, most: number): Promise<Sample> => {
  const items: unknown[] = []
  for await (const item of stream) {
    if (items.length >= most) return { kind: 'items', items, total: undefined }
    items.push(item)
  }
  return { kind: 'items', items, total: items.length }
}

const folderSample = async (path: string, most: number): Promise<Sample> => {
  const entries: { readonly name: string; readonly size: number }[] = []
  let total = 0
  const walk = async (below: string): Promise<void> => {
    const found = await readdir(join(path, below), { withFileTypes: true })
    for (const entry of found.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) await walk(name)
      else {
        total += 1
        if (entries.length < most) entries.push({ name, size: (await lstat(join(path, name))).size })
      }
    }
  }
  await walk('')
  return { kind: 'folder', path, entries, total }
}
