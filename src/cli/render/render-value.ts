import { inspect } from 'node:util'
import type { Paint } from '../host.js'
import { plain } from '../json-output.js'
import { arrayLines, arraySummary, type ArrayOfNumbers } from './render-array.js'
import { tableLines, type Column } from './render-table.js'
import { cut, harmless, oneLine, textWidth } from './text-width.js'
import { byteSize, counted, shortNumber } from './units.js'

/** The part of a value that is shown, extracted by `preview.ts`. */
export type Sample =
  | { readonly kind: 'items'; readonly items: readonly unknown[]; readonly total: number | undefined }
  | { readonly kind: 'array'; readonly array: ArrayOfNumbers }
  | { readonly kind: 'arrays'; readonly arrays: Readonly<Record<string, ArrayOfNumbers>> }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'folder'
      readonly path: string
      readonly entries: readonly { readonly name: string; readonly size: number }[]
      readonly total: number
    }
  | { readonly kind: 'value'; readonly value: unknown }

export interface PreviewOptions {
  /** The number of rows, items, lines or files. */
  readonly rows: number
  /** Width of the terminal; undefined in a pipe. */
  readonly columns: number | undefined
  readonly paint: Paint
}

/** The lines of a preview: the content, then its total size. */
export const previewLines = (sample: Sample, options: PreviewOptions): readonly string[] => {
  const { paint, rows } = options
  switch (sample.kind) {
    case 'items':
      return itemLines(sample.items, sample.total, options)
    case 'array':
      return [...arrayLines(sample.array, rows), paint.dim(arraySummary(sample.array))]
    case 'arrays':
      return Object.entries(sample.arrays).map(([name, array]) => `${oneLine(name)}: ${arraySummary(array)}`)
    case 'text':
      return textLines(sample.text, options)
    case 'bytes':
      return [...hexLines(sample.bytes, rows), paint.dim(byteSize(sample.bytes.length))]
    case 'folder':
      return [
        ...tableLines(
          [
            { title: 'file', cell: (entry) => oneLine(entry.name) },
            { title: 'size', cell: (entry) => byteSize(entry.size), align: 'right' },
          ],
          sample.entries,
          { columns: options.columns, paintTitle: (text) => paint.bold(text) },
        ),
        ...(sample.entries.length < sample.total ? [`… ${sample.total - sample.entries.length} more`] : []),
        paint.dim(`${counted(sample.total, 'file')} in ${harmless(sample.path)}`),
      ]
    case 'value':
      return valueLines(sample.value, options)
  }
}

type Row = Readonly<Record<string, unknown>>

const itemLines = (
  items: readonly unknown[],
  total: number | undefined,
  options: PreviewOptions,
): readonly string[] => {
  const shown = items.slice(0, options.rows)
  if (shown.length > 0 && shown.every(isRow)) return recordLines(shown, total, options)
  const lines = shown.map((item) => cut(oneLine(shortText(item)), options.columns ?? 200))
  return [
    ...lines,
    options.paint.dim(
      total === undefined ? `the first ${counted(shown.length, 'item')}; there are more` : counted(total, 'item'),
    ),
  ]
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)

const maxCell = 40

/** Records as a table: names, types, rows; columns that do not fit the screen are listed below it. */
const recordLines = (rows: readonly Row[], total: number | undefined, options: PreviewOptions): readonly string[] => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const types = new Map(names.map((name) => [name, typeOf(rows.map((row) => row[name]))]))
  const cells = rows.map(
    (row) => new Map(names.map((name) => [name, row[name] === undefined ? '' : oneLine(shortText(row[name]))])),
  )
  const fitting = options.columns === undefined ? names : fittingNames(names, types, cells, options.columns)
  const left = names.slice(fitting.length)
  const columns = fitting.map(
    (name): Column<ReadonlyMap<string, string>> => ({
      title: oneLine(name),
      cell: (row) => row.get(name) ?? '',
      align: /^(number|bigint)/.test(types.get(name) ?? '') ? 'right' : 'left',
      most: maxCell,
    }),
  )
  const [title = '', typeLine = '', ...body] = tableLines(columns, [types, ...cells], { columns: options.columns })
  const count =
    total === undefined
      ? `the first ${counted(rows.length, 'row')}; there are more`
      : `${total.toLocaleString('en')} ${total === 1 ? 'row' : 'rows'}`
  return [
    options.paint.bold(title),
    options.paint.dim(typeLine),
    ...body,
    ...(left.length > 0
      ? [
          `… ${counted(left.length, 'more column')}: ` +
            `${cut(left.map(oneLine).join(', '), Math.max(20, (options.columns ?? 200) - 24))}`,
        ]
      : []),
    options.paint.dim(`${count} × ${counted(names.length, 'column')}`),
  ]
}

/** As many columns as fit on the screen, but at least one. */
const fittingNames = (
  names: readonly string[],
  types: ReadonlyMap<string, string>,
  cells: readonly ReadonlyMap<string, string>[],
  columns: number,
): readonly string[] => {
  let used = 0
  const fitting = names.findIndex((name, index) => {
    used +=
      Math.min(
        maxCell,
        Math.max(
          textWidth(name),
          textWidth(types.get(name) ?? ''),
          ...cells.map((row) => textWidth(row.get(name) ?? '')),
        ),
      ) + (index > 0 ? 2 : 0)
    return index > 0 && used > columns
  })
  return fitting < 0 ? names : names.slice(0, fitting)
}

/** `number`, `string?` if some are null or missing, `number | string` if types differ. */
const typeOf = (values: readonly unknown[]): string => {
  const kinds = new Set(values.map(kindOf))
  const optional = kinds.delete('null')
  return kinds.size === 0 ? 'null' : `${[...kinds].sort().join(' | ')}${optional ? '?' : ''}`
}

const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Date) return 'date'
  return typeof value === 'object' ? 'record' : typeof value
}

const shortText = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return shortNumber(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (typeof value !== 'object' || value === null) return String(value)
  return JSON.stringify(plain(value))
}

const textLines = (text: string, options: PreviewOptions): readonly string[] => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const shown = lines.slice(0, options.rows).map((line) => cut(harmless(line), options.columns ?? 400))
  return [...shown, options.paint.dim(`${counted(lines.length, 'line')}, ${counted(text.length, 'character')}`)]
}

const valueLines = (value: unknown, options: PreviewOptions): readonly string[] => {
  if (value === null || typeof value !== 'object') return [harmless(shortText(value))]
  const text = isRow(value)
    ? JSON.stringify(plain(value), undefined, 2)
    : inspect(value, {
        depth: 3,
        maxArrayLength: options.rows,
        maxStringLength: 400,
        breakLength: options.columns ?? 100,
      })
  const most = Math.max(options.rows, 40)
  const lines = harmless(text).split('\n')
  return [
    ...lines.slice(0, most).map((line) => cut(line, options.columns ?? 400)),
    ...(lines.length > most ? [options.paint.dim(`… ${counted(lines.length - most, 'more line')}`)] : []),
  ]
}

const hexLines = (bytes: Uint8Array, rows: number): readonly string[] =>
  Array.from({ length: Math.min(rows, Math.ceil(bytes.length / 16)) }, (_, row) => {
    const part = Array.from(bytes.subarray(row * 16, row * 16 + 16))
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    return `${(row * 16).toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${text}`
  })
