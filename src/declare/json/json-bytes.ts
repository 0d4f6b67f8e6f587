import { DamagedArtifact, FormatProblem } from '../format.js'

/**
 * JSON ⇄ bytes, including arrays beyond the engine's longest string (512 MB), which are written and read element by
 * element.
 */

/** Number of characters that fit into one string; smaller in tests. */
export const longestText = 0x1fffffe8

/** UTF-8 bytes of a value's JSON, in pieces if one string cannot hold it. */
export const jsonBytes = (value: unknown, longest = longestText): Uint8Array | readonly Uint8Array[] => {
  const text = textOf(value, longest)
  if (text !== undefined) return Buffer.from(text, 'utf8')
  if (!Array.isArray(value)) throw tooLong()
  const pieces = arrayPieces(value, longest)
  const bytes: Uint8Array[] = []
  for (const [index, piece] of pieces.entries()) bytes.push(Buffer.from(`${index === 0 ? '[' : ','}${piece}`, 'utf8'))
  return [...bytes, Buffer.from(']', 'utf8')]
}

/** JSON of an array's elements without brackets, in pieces; halves what is too long for one string. */
const arrayPieces = (values: readonly unknown[], longest: number): readonly string[] => {
  const text = textOf(values, longest)
  if (text !== undefined) return values.length === 0 ? [] : [text.slice(1, -1)]
  if (values.length === 1) throw tooLong()
  const middle = values.length >> 1
  return [...arrayPieces(values.slice(0, middle), longest), ...arrayPieces(values.slice(middle), longest)]
}

const textOf = (value: unknown, longest: number): string | undefined => {
  try {
    const text = JSON.stringify(value)
    return text.length > longest ? undefined : text
  } catch (cause) {
    if (cause instanceof RangeError && cause.message.includes('string length')) return undefined
    if (cause instanceof RangeError) throw new FormatProblem('nested too deeply, or a cycle', { cause })
    throw cause
  }
}

const tooLong = (): FormatProblem =>
  new FormatProblem('too large for one JSON text (512 MB)', {
    hint: 'keep it with jsonLines(codec), table(codec) or ndarray() instead; a top-level array may be of any size',
  })

/** Parses a value from its JSON bytes; throws `DamagedArtifact` if they are not valid JSON. */
export const parsedJson = (bytes: Uint8Array, longest = longestText): unknown => {
  try {
    if (bytes.byteLength <= longest) return JSON.parse(textIn(bytes, 0, bytes.byteLength))
    return elementsOf(bytes, longest)
  } catch (cause) {
    throw new DamagedArtifact('not JSON', { cause })
  }
}

const textIn = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8')

/**
 * Elements of a top-level array, parsed in groups that fit into strings. Looks only for quotes, brackets and commas.
 */
const elementsOf = (bytes: Uint8Array, longest: number): unknown[] => {
  const values: unknown[] = []
  const group = Math.min(longest, 1 << 26)
  let start = bytes.indexOf(openBracket) + 1
  let comma = start // the last one between two elements
  let depth = 0
  const take = (from: number, to: number): void => {
    for (const value of JSON.parse(`[${textIn(bytes, from, to)}]`) as unknown[]) values.push(value)
  }
  for (let at = start; at < bytes.byteLength; at++) {
    const byte = bytes[at]
    if (byte === quote) at = endOfString(bytes, at)
    else if (byte === openBracket || byte === openBrace) depth++
    else if (byte === closeBracket || byte === closeBrace) depth--
    else if (byte === commaByte && depth === 0) {
      if (at - start > group && comma > start) {
        take(start, comma)
        start = comma + 1
      }
      comma = at
    }
    if (depth < 0) {
      if (at - start > group && comma > start) {
        take(start, comma)
        start = comma + 1
      }
      take(start, at)
      return values
    }
  }
  throw new SyntaxError('unexpected end of JSON')
}

/** Index of the closing quote of the string that starts at `at`. */
const endOfString = (bytes: Uint8Array, at: number): number => {
  for (let next = at + 1; next < bytes.byteLength; next++) {
    const byte = bytes[next]
    if (byte === backslash) next++
    else if (byte === quote) return next
  }
  return bytes.byteLength
}

const quote = 0x22
const commaByte = 0x2c
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
