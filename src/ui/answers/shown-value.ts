import { isObject } from '../../base/records.js'
import { isEncodedList, type Encoded } from '../../declare/types.js'
import { printEncoded } from '../../plan/inspect/print-plan.js'
import type { Json } from '../contract.js'

/** Values of params for people: in one line, and as JSON where they are small. */

const longestText = 2000

/** In one line, without what a terminal or a page could take for something else. */
export const textOfValue = (value: Encoded): string => {
  const text = printEncoded(value)
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text
}

/** As JSON, bigints as texts; undefined where it is large. */
export const jsonOfValue = (value: Encoded): Json | undefined =>
  printEncoded(value).length > longestText ? undefined : plain(value)

const plain = (value: Encoded): Json => {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (isEncodedList(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

/** Whether there is a secret in a value, in the form in which plans have it. */
export const holdsSecret = (value: unknown): boolean =>
  isObject(value) && (value['secret'] === true || Object.values(value).some(holdsSecret))

/** What a task noted or a record says, as JSON of a bounded size. */
export const boundedJson = (value: unknown, most = 20_000): Json => {
  try {
    const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? 'null'
    return text.length > most ? `${text.slice(0, most)}…` : (JSON.parse(text) as Json) // from stringify
  } catch {
    return '…'
  }
}
