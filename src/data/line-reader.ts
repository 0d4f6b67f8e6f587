import { DamagedArtifact } from '../declare/format.js'

/** Consecutive lines of a stream, and the number of the first one, counted from 1. */
export interface LineBatch {
  readonly lines: readonly string[]
  readonly first: number
}

/** Splits a stream of UTF-8 bytes into lines, a batch per chunk; holds one chunk and one unfinished line at a time. */
export async function* lineBatches(stream: AsyncIterable<Uint8Array>): AsyncGenerator<LineBatch, void> {
  let begun: Uint8Array[] = [] // pieces of a line that continues in the next chunk
  let first = 1
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(newline)
    if (end < 0) {
      begun.push(Uint8Array.from(chunk)) // a copy: the stream may reuse its buffer
      continue
    }
    const whole =
      begun.length === 0
        ? asBuffer(chunk).toString('utf8', 0, end)
        : Buffer.concat([...begun, chunk.subarray(0, end)]).toString('utf8')
    begun = end + 1 < chunk.length ? [Uint8Array.from(chunk.subarray(end + 1))] : []
    const lines = whole.split('\n')
    yield { lines, first }
    first += lines.length
  }
  if (begun.length > 0) throw new DamagedArtifact(`line ${first} is cut off`)
}

const newline = 0x0a

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
