import { codeOf, kindOf, openOwn, type FileSystem } from '../file-store/file-system.js'
import { footBytes, readFoot, readIndex, type SortedIndex } from './sorted-index.js'

/** Files of the catalog on disk: their names, and reading parts of them. Throws only on bugs. */

/** Folder below the store's root; hidden, so no address leads there. */
export const catalogName = '.catalog'
export const segmentEnding = 'segment'
export const sortedEnding = 'sorted'

/** Names of segments and sorted files; empty if the folder does not exist, is a link, or cannot be read. */
export const catalogNames = (fs: FileSystem, folder: string): readonly string[] => {
  try {
    if (kindOf(fs, folder) !== 'folder') return []
    return fs.readdirSync(folder).filter((name) => isSegment(name) || isSorted(name))
  } catch {
    return []
  }
}

export const isSegment = (name: string): boolean => name.endsWith(`.${segmentEnding}`)
export const isSorted = (name: string): boolean => name.endsWith(`.${sortedEnding}`)

/** Passes an open file and its size to a function; undefined if it does not exist, is not ours, or cannot be read. */
export const withFile = <A>(
  fs: FileSystem,
  path: string,
  use: (descriptor: number, size: number) => A,
): A | undefined => {
  try {
    const opened = openOwn(fs, path)
    if (opened === undefined) return undefined
    try {
      return use(opened.descriptor, opened.size)
    } finally {
      fs.closeSync(opened.descriptor)
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}

/** Up to `length` bytes of a file from an offset. */
export const readSpan = (fs: FileSystem, descriptor: number, from: number, length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length)
  let read = 0
  while (read < length) {
    const more = fs.readSync(descriptor, bytes, read, length - read, from + read)
    if (more === 0) break
    read += more
  }
  return bytes.subarray(0, read)
}

/** The index of a sorted file; undefined if foot or index are damaged. */
export const indexIn = (fs: FileSystem, descriptor: number, size: number): SortedIndex | undefined => {
  const foot = readFoot(readSpan(fs, descriptor, Math.max(0, size - footBytes), Math.min(footBytes, size)), size)
  if (foot === undefined) return undefined
  const numbers = new ArrayBuffer(foot.bytes)
  const bytes = readSpan(fs, descriptor, foot.end, foot.bytes)
  Buffer.from(numbers).set(bytes)
  return readIndex(foot, numbers)
}
