import { isUtf8 } from 'node:buffer'
import type { TextPreview } from '../contract.js'

/** Bytes as text, or as hex if they are not text. `size`: the total, of which these are the first. */
export const textPreview = (bytes: Uint8Array, size: number): TextPreview => {
  const whole = size > bytes.length ? withoutBroken(bytes) : bytes
  if (isUtf8(whole) && !whole.includes(0))
    return { kind: 'text', text: Buffer.from(whole).toString('utf8'), more: size - whole.length, binary: false }
  const first = bytes.subarray(0, 2048)
  return { kind: 'text', text: hexLines(first), more: size - first.length, binary: true }
}

/** Without an incomplete character at the end. */
const withoutBroken = (bytes: Uint8Array): Uint8Array => {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const wanted = 1 + [0xc0, 0xe0, 0xf0].filter((least) => byte >= least).length
    return wanted > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}

const hexLines = (bytes: Uint8Array): string => {
  const lines: string[] = []
  for (let from = 0; from < bytes.length; from += 16)
    lines.push(Array.from(bytes.subarray(from, from + 16), (byte) => byte.toString(16).padStart(2, '0')).join(' '))
  return lines.join('\n')
}
