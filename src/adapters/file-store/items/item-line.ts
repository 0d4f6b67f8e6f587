import type { ItemKind, ItemLine } from '../../../runtime/ports/items.js'
import { crc32 } from '../checksum.js'

/**
 * Format of a line: checksum (8 hex digits, of the text after the space), key (32), a letter for its kind,
 * milliseconds, JSON. The fields for a reader's index come first: JSON is only parsed on demand.
 */

const kinds: { readonly [Letter in string]?: ItemKind } = {
  k: 'kept',
  f: 'failed',
  r: 'refused',
  b: 'batch',
  a: 'asked',
  g: 'gone',
  s: 'sum',
}

export const lineOf = ({ key, kind, at, text }: ItemLine): Buffer => {
  const body = Buffer.from(`${key} ${kind.charAt(0)} ${at} ${text}`)
  return Buffer.concat([Buffer.from(`${crc32(body).toString(16).padStart(8, '0')} `), body, Buffer.from('\n')])
}

const head = /^([0-9a-f]{32}) ([kfrbags]) (\d{1,16}) /

/** Latest valid time: leaves room for valid later times of lines that are added afterwards. */
const latest = 8e15

/** Maximum bytes up to the JSON of a line. */
export const headBytes = 9 + 32 + 1 + 1 + 1 + 16 + 1

/** Key, kind and time of a line, without verifying its checksum. */
export const headIn = (bytes: Buffer): Pick<ItemLine, 'key' | 'kind' | 'at'> | undefined => {
  const read = head.exec(bytes.toString('latin1', 9, Math.min(bytes.length, headBytes)))
  const kind = kinds[read?.[2] ?? '']
  const at = Number(read?.[3])
  return read === null || kind === undefined || at > latest ? undefined : { key: read[1] ?? '', kind, at }
}

/** A line without its line break; undefined if it is damaged. */
export const lineIn = (bytes: Buffer): ItemLine | undefined => {
  const body = bytes.subarray(9)
  if (bytes.toString('latin1', 0, 9) !== `${crc32(body).toString(16).padStart(8, '0')} `) return undefined
  const found = headIn(bytes)
  if (found === undefined) return undefined
  const start = head.exec(body.toString('latin1', 0, headBytes))?.[0].length ?? 0
  return { ...found, text: body.toString('utf8', start) }
}

/** Whether one line takes precedence over another of its key. */
export const isNewer = (one: Pick<ItemLine, 'kind' | 'at'>, other: Pick<ItemLine, 'kind' | 'at'>): boolean =>
  decides(one) === decides(other) ? one.at >= other.at : decides(one)

/** Failures of later runs do not hide a result. */
const decides = ({ kind }: Pick<ItemLine, 'kind'>): boolean => kind === 'kept' || kind === 'gone'
