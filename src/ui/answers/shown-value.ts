import { isObject } from '../../base/records.js'
import { isEncodedList } from '../../plan/params/encoded.js'
import type { Encoded } from '../../declare/types.js'
import { printEncoded } from '../../plan/inspect/print-plan.js'
import type { Json } from '../contract.js'

/** Values of params for people: in one line, and as JSON if they are small. */

const longestText = 2000

/** In one line, without characters that a terminal or a page could interpret. */
export const textOfValue = (value: Encoded): string => {
  const text = printEncoded(value)
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text
}

/** As JSON, with bigints as texts; undefined if it is large. */
export const jsonOfValue = (value: Encoded): Json | undefined =>
  printEncoded(value).length > longestText ? undefined : plain(value)

const plain = (value: Encoded): Json => {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (isEncodedList(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

/** Whether a value contains a secret, in the form that plans use. */
export const holdsSecret = (value: unknown): boolean =>
  isObject(value) && (value['secret'] === true || Object.values(value).some(holdsSecret))

/** A note of a task or a value of a record, as JSON of limited size. */
export const boundedJson = (value: unknown, most = 20_000): Json => {
  try {
    const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? 'null'
    return text.length > most ? `${text.slice(0, most)}…` : (JSON.parse(text) as Json) // from stringify
  } catch {
    return '…'
  }
}
