import { createReadStream } from 'node:fs'

/** The bytes of a file, a megabyte at a time. */
export const piecesOf = (path: string): AsyncIterable<Uint8Array> =>
  createReadStream(path, { highWaterMark: 1024 * 1024 })
