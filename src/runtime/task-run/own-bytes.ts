import type { Bytes } from '../../declare/format.js'
import { isFormatProblem } from './node-failures.js'

/** Wraps what a task's own generator throws while its items are being written, to tell it from a failing disk. */
export class IterationFailed extends Error {
  override readonly name = 'IterationFailed'
}

/** The bytes of a format, where they come from a stream with failures told apart and an end at an abort. */
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
