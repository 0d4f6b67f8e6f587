import { appendFile, mkdir, readFile, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { checksumText, crc32 } from '../adapters/file-store/checksum.js'
import { codeOf } from '../adapters/file-store/file-system.js'

/**
 * Checksums of a cache's files, in a hidden folder next to them: `.checksums/<name of the file>`, a line for each
 * content that was written.
 * A line is added before the content gets its final name, so that after a kill in between, or with two concurrent
 * writers, the content is always listed.
/** Checksum and size of a content, accumulated piece by piece. */
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

/** Contents that a file may have; undefined if there is no list: earlier versions stored no checksums. */
export const knownContents = async (path: string): Promise<readonly string[] | undefined> => {
  try {
    return (await readFile(pathFor(path), 'latin1')).split('\n')
  } catch (problem) {
    if (codeOf(problem) === 'ENOENT' || codeOf(problem) === 'ENOTDIR') return undefined
    throw problem
  }
}

/** Lists beyond this many bytes are started over: their old contents no longer exist. */
const longest = 4096

/**
 * Adds the content a file will have from now on. Each line starts with a newline, so that a truncated one does not
 * corrupt the next.
 */
export const addContent = async (path: string, { line }: Tally): Promise<void> => {
  const target = pathFor(path)
  await mkdir(dirname(target), { recursive: true })
  const size = await stat(target).then(
    (found) => found.size,
    () => 0,
  )
  if (size > longest) await unlink(target).catch(() => undefined) // another writer may have removed it first
  await appendFile(target, `\n${line()}\n`)
}
