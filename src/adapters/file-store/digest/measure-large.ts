import { crc32, measuring, type Measured } from '../checksum.js'
import { digestOnThread, startDigestThread } from './digest-thread.js'

/** Measures a value that is being written or read; the digest of a large one is computed on a thread. */
export interface LargeMeasuring {
  /** What it returns has to be awaited before the next call and before the memory is reused. */
  readonly add: (bytes: Uint8Array) => Promise<void> | undefined
  /** Undefined if the digest was lost with its thread: what was written has to be measured again. */
  readonly end: () => Promise<Measured | undefined>
  /** Nothing more comes. */
  readonly drop: () => void
}

/** From this size, in bytes, a value is digested on the thread. */
const large = 8 * 1024 * 1024
/** A larger one waits for a thread that has yet to start, which takes as long as digesting this much. */
const worthWaiting = 64 * 1024 * 1024

/** `size`: of the whole value; undefined for a stream, which is digested on the thread if it is running already. */
export const measuringLarge = (size: number | undefined): LargeMeasuring => {
  if (size !== undefined && size < large) return measuringHere()
  if (size !== undefined) startDigestThread()
  const digest = digestOnThread(size !== undefined && size >= worthWaiting)
  if (digest === undefined) return measuringHere()
  let checksum = 0
  return {
    add: (bytes) => {
      const adding = digest.add(bytes)
      checksum = crc32(bytes, checksum)
      return adding
    },
    end: async () => {
      const found = await digest.end()
      return found === undefined ? undefined : { checksum, digest: found }
    },
    drop: digest.drop,
  }
}

/** On the calling thread. A stream that turns out to be large starts the other one for those that follow. */
export const measuringHere = (): LargeMeasuring => {
  const measure = measuring()
  let size = 0
  return {
    add: (bytes) => {
      measure.add(bytes)
      if (size < large && (size += bytes.length) >= large) startDigestThread()
      return undefined
    },
    end: async () => measure.end(),
    drop: () => undefined,
  }
}
