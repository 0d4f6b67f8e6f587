import { isList, isObject } from '../../base/records.js'
import { isTable } from '../../data/table/table-value.js'
import type { PreviewQuestion } from '../addresses.js'
import type { Preview } from '../contract.js'
import { cellOf } from './cells.js'
import { columnSummary } from './numbers.js'
import { textPreview } from './text-preview.js'
import { treeOf } from './tree.js'

/** A value of a custom format, shown according to its shape. */

const most = 500
const usual = 100

export const valuePreview = async (value: unknown, asked: PreviewQuestion): Promise<Preview> => {
  const [offset, limit] = [asked.offset ?? 0, Math.min(asked.limit ?? usual, most)]
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return textPreview(bytes.subarray(0, 64 * 1024), bytes.length)
  }
  if (value instanceof Uint8Array) return textPreview(value.subarray(0, 64 * 1024), value.length)
  if (isTable(value)) {
    const names = value.names.slice(0, 200)
    const rows = value.slice(offset, offset + limit).toRows()
    return {
      kind: 'table',
      rows: value.length,
      columnsInAll: value.names.length,
      columnsFrom: 0,
      columns: names.map((name) => ({
        name,
        type: '',
        ...(asked.summary === 1 ? { summary: columnSummary(value.column(name)) } : {}),
      })),
      offset,
      cells: rows.map((row) => names.map((name) => cellOf(row[name]))),
    }
  }
  if (isStream(value)) return streamPreview(value, offset, limit)
  return { kind: 'tree', root: treeOf(isList(value) ? value.slice(offset) : value) }
}

const isStream = (value: unknown): value is AsyncIterable<unknown> => isObject(value) && Symbol.asyncIterator in value

const streamPreview = async (stream: AsyncIterable<unknown>, offset: number, limit: number): Promise<Preview> => {
  const items = []
  const budget = { left: 5000 }
  let position = 0
  let end = true
  for await (const item of stream) {
    if (position >= offset + limit) {
      end = false
      break
    }
    if (position++ >= offset) items.push(treeOf(item, budget))
  }
  return { kind: 'lines', offset, items, ...(end ? { total: position } : {}), end }
}
