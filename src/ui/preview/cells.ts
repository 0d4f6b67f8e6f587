import { exactText, isExact } from '../../data/parquet/exact-value.js'
import type { Cell } from '../contract.js'

/** Any value as a cell: values that JSON cannot represent as text, long ones cut. */

const longestText = 500

export const cellOf = (value: unknown): Cell => {
  if (value === null || value === undefined) return null
  switch (typeof value) {
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : { kind: 'number', text: String(value) }
    case 'string':
      return textCell(value)
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : { kind: 'bigint', text: String(value) }
    case 'object':
      return objectCell(value)
    default:
      return { kind: 'json', text: typeof value }
  }
}

const textCell = (value: string): Cell => {
  const text = value.toWellFormed()
  return text.length > longestText ? { kind: 'cut', text: text.slice(0, longestText).toWellFormed() } : text
}

const objectCell = (value: object): Cell => {
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? { kind: 'date', text: 'no date' } : dateCell(value.toISOString())
  if (value instanceof Uint8Array)
    return {
      kind: 'bytes',
      text: `${Buffer.from(value.subarray(0, 32)).toString('hex')}${value.length > 32 ? '…' : ''}`,
    }
  if (isExact(value)) return exactCell(value)
  return { kind: 'json', text: cut(jsonText(value)) }
}

const dateCell = (text: string): Cell => ({ kind: 'date', text })

const exactCell = (value: Parameters<typeof exactText>[0]): Cell => {
  const text = cut(exactText(value))
  return value._tag === 'JsonText'
    ? { kind: 'json', text }
    : value._tag === 'Decimal'
      ? { kind: 'number', text }
      : { kind: 'date', text }
}

const cut = (text: string): string =>
  text.length > longestText ? `${text.slice(0, longestText).toWellFormed()}…` : text.toWellFormed()

const jsonText = (value: object): string => {
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? ''
  } catch {
    return '…' // a cycle
  }
}
