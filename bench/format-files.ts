// Files as formats write and read them, without checksums, which are measured separately.
import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs'
import type { ArtifactSource, Bytes, FilePersistence, Format } from '../dist/declare/format.js'

/** Writes bytes to a file, in whatever form they come. */
export const writeAll = async (path: string, bytes: Bytes): Promise<void> => {
  const file = openSync(path, 'w')
  for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes)
    for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at)
  closeSync(file)
}

const sourceOf = (path: string): ArtifactSource => ({
  size: statSync(path).size,
  bytes: async () => readFileSync(path),
  slice: async (from, to) => {
    const file = openSync(path, 'r')
    const bytes = new Uint8Array(to - from)
    for (let at = 0; at < bytes.length; ) at += readSync(file, bytes, at, bytes.length - at, from + at)
    closeSync(file)
    return bytes
  },
  stream: () => createReadStream(path, { highWaterMark: 1 << 18 }),
})

export const saver = (format: Format<any, any, any>, path: string) => async (value: unknown) =>
  writeAll(path, await (format.persistence as FilePersistence).encode(value))

export const loader =
  <Value>(format: Format<Value, any, any>, path: string) =>
  async (): Promise<Value> =>
    (await (format.persistence as FilePersistence).decode(sourceOf(path))) as Value

/** Items as JSON lines in pieces of 64 KB: the minimum to store them. */
export const writeLines = (path: string, items: Iterable<unknown>): void => {
  const file = openSync(path, 'w')
  let text = ''
  for (const each of items) {
    text += `${JSON.stringify(each)}\n`
    if (text.length < 1 << 16) continue
    writeSync(file, Buffer.from(text))
    text = ''
  }
  writeSync(file, Buffer.from(text))
  closeSync(file)
}
