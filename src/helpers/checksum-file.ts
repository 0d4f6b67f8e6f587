import { appendFile, mkdir, readFile, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { checksumText, crc32 } from '../adapters/file-store/checksum.js'
import { codeOf } from '../adapters/file-store/file-system.js'

/**
 * Checksums of a cache's files, in a hidden folder beside them: `.checksums/<name of the file>`, a line for each
 * content that was written.
 * A line is added before the content gets its name, so that a kill between them, or two writers at one time, leave a
 * content that is known.
 */

/** Checksum and size of a content, gathered piece by piece. */
export interface Tally {
  readonly add: (piece: Uint8Array) => void
  readonly line: () => string
}

export const tally = (): Tally => {
  let checksum = 0
  let size = 0
  return {
    add: (piece) => {
      checksum = crc32(piece, checksum)
      size += piece.byteLength
    },
    line: () => lineOf(checksum, size),
  }
}

const lineOf = (checksum: number, size: number): string => `${checksumText(checksum)} ${size}`

const pathFor = (path: string): string => join(dirname(path), '.checksums', basename(path))

/** Contents that a file may have; undefined where nothing is said: earlier versions kept no checksums. */
export const knownContents = async (path: string): Promise<readonly string[] | undefined> => {
  try {
    return (await readFile(pathFor(path), 'latin1')).split('\n')
  } catch (problem) {
    if (codeOf(problem) === 'ENOENT' || codeOf(problem) === 'ENOTDIR') return undefined
    throw problem
  }
}

/** Files of so many bytes are begun anew: what was written long ago is no longer there. */
const longest = 4096

/**
 * Adds what a file will have from now on. Each line begins with a line end, so that one that was cut off spoils none.
 */
export const addContent = async (path: string, { line }: Tally): Promise<void> => {
  const target = pathFor(path)
  await mkdir(dirname(target), { recursive: true })
  const size = await stat(target).then(
    (found) => found.size,
    () => 0,
  )
  if (size > longest) await unlink(target).catch(() => undefined) // another writer may have been quicker
  await appendFile(target, `\n${line()}\n`)
}
