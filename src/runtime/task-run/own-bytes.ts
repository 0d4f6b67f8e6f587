import type { Bytes } from '../../declare/format.js'
import { isFormatProblem } from './node-failures.js'

/**
 * Wraps an error that a task's own generator throws while its items are being written, to distinguish it from a disk
 * error.
 */
export class IterationFailed extends Error {
  override readonly name = 'IterationFailed'
}

/** The bytes of a format; a stream is wrapped so that its own failures can be recognized and an abort ends it. */
export const bytesOf = (bytes: Bytes, signal: AbortSignal): Bytes =>
  Symbol.asyncIterator in bytes ? marked(bytes, signal) : bytes

async function* marked(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      signal.throwIfAborted()
      const next = await iterator.next().catch((cause: unknown) => {
        ended = true
        throw isFormatProblem(cause) ? cause : new IterationFailed('the generator failed', { cause })
      })
      if (next.done === true) {
        ended = true
        return
      }
      yield next.value
    }
  } finally {
    if (!ended) await iterator.return?.()
  }
}
