import * as fs from 'node:fs'
import type { ArtifactSource, Bytes } from '../declare/format.js'
import type { FoundData, Saved } from '../runtime/ports/artifact.js'
import { checksumText, crc32, digestOf } from './file-store/checksum.js'
import { foundTree, readTree } from './file-store/folder-tree.js'
import { checkExtension } from './file-store/safe-path.js'
import type { Store } from '../runtime/ports/store.js'
import { memoryLeases } from './memory-store/memory-lease.js'
import { gather, memorySource } from './memory-store/memory-source.js'

/** Building blocks for stores: they check names, and measure and read bytes and folders as run infos require. */

export { checkAddress, checkExtension, checkFolder } from './file-store/safe-path.js'

/**
 * Reads bytes in memory. Every reader gets a copy; all reads reject with `DamagedArtifact` if the checksum differs.
 *
 * @example
 * bytesSource(Buffer.from('some text'), '4fbabdba').size // => 9
 */
export const bytesSource = (bytes: Uint8Array, checksum: string): ArtifactSource => memorySource(bytes, checksum)

/**
 * Copies the input of a staging (one buffer, parts or a stream) into one array, with size, checksum and digest.
 *
 * @example
 * const { bytes, saved } = await gatherBytes([Buffer.from('some '), Buffer.from('text')])
 * saved.checksum // => '4fbabdba'
 */
export const gatherBytes = async (parts: Bytes): Promise<{ readonly bytes: Uint8Array; readonly saved: Saved }> => {
  const bytes = await gather(parts)
  return { bytes, saved: { size: bytes.length, checksum: checksumText(crc32(bytes)), digest: digestOf(bytes) } }
}

/**
 * Copies the views stored next to the data, sorted by extension. Throws for an invalid extension, or that of the
 * data.
 *
 * @example
 * besideOf('json', { svg: Buffer.from('<svg/>') }).size // => 1
 */
export const besideOf = (
  own: string | null,
  views: Readonly<Record<string, Uint8Array>>,
): ReadonlyMap<string, Uint8Array> => {
  const sorted = Object.entries(views).toSorted(([left], [right]) => (left < right ? -1 : 1))
  for (const [extension] of sorted) checkExtension(extension)
  if (own !== null && Object.hasOwn(views, own)) throw new Error('a file next to the data cannot have its extension')
  return new Map(sorted.map(([extension, bytes]) => [extension, Uint8Array.from(bytes)]))
}

/**
 * Size and checksums of a filled folder; reads all of its files.
 *
 * @example
 * // not run: there is no such folder
 * await measureFolder('/data/scratch/artifact-1')
 */
export const measureFolder = (folder: string): Promise<Saved> => readTree(fs, folder)

/**
 * Bytes as `open` reports them. `path`: the name that people know them by.
 *
 * @example
 * foundBytes('movies/all/abc.json', Buffer.from('{}'), new Map()).size // => 2
 */
export const foundBytes = (
  path: string,
  bytes: Uint8Array,
  beside: ReadonlyMap<string, Uint8Array>,
): Extract<FoundData, { readonly _tag: 'file' }> => ({
  _tag: 'file',
  path,
  size: bytes.length,
  source: ({ checksum }) => memorySource(bytes, checksum),
  beside: async (extension) => beside.get(extension)?.slice(),
})

/**
 * A folder as `open` reports it: measured by names and sizes; its files are read when it is examined.
 *
 * @example
 * // not run: there is no such folder
 * await foundFolder('/data/scratch/artifact-1')
 */
export const foundFolder = (path: string): Promise<FoundData> => foundTree(fs, path)

/**
 * Leases among the runs of this process, first come, first served.
 *
 * @example
 * const lease = leasesInProcess()
 */
export const leasesInProcess = (): Store['lease'] => memoryLeases().acquire
