/** A piece of a text that may grow: its offset, the offset of the next one, and the total size. */
export interface Piece {
  readonly offset: number
  readonly next: number
  readonly size: number
  readonly text: string
}

const lineEnd = 10

/**
 * The whole lines in some bytes that were read at `from` of `size`. An incomplete last line is left for the next piece,
 * unless it fills this one; at the tail of a text (`isTail`) an incomplete first line is dropped.
 */
export const wholeLines = (bytes: Uint8Array, from: number, size: number, isTail: boolean): Piece => {
  const skipped = isTail && from > 0 ? bytes.indexOf(lineEnd) + 1 : 0
  const isEnd = from + bytes.length >= size
  const end = isEnd ? bytes.length : bytes.lastIndexOf(lineEnd) + 1
  const stop = end > skipped ? end : bytes.length
  const part = bytes.subarray(skipped, stop)
  return {
    offset: from + skipped,
    next: from + stop,
    size,
    text: Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('utf8'),
  }
}
