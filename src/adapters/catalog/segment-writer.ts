import { basename, dirname } from 'node:path'
import { endings } from '../lease/at-exit.js'
import { codeOf, kindOf, quietly, writeText, type FileSystem } from '../file-store/file-system.js'
import { temporaryName } from '../file-store/temporary-names.js'
import { segmentEnding } from './catalog-files.js'
import { endLine, entryText, headLine, sealedEntry, type Entry } from './catalog-line.js'

/**
 * The segment of one process; no other process writes to it. A line is written immediately, so that a kill loses no
 * added line; after an `end` the next line starts another segment. Never throws: facts that could not be written are
 * read from run infos again.
 */
export interface SegmentWriter {
  /** The system's error code if they could not be written; otherwise undefined. */
  add(entries: readonly Entry[]): string | undefined
  /** Marks the segment as complete. */
  end(): void
}

/** Receives lines written to a segment: its name, their texts, and its size before and after them. */
export type Wrote = (name: string, texts: readonly string[], from: number, to: number) => void

interface Own {
  readonly name: string
  readonly descriptor: number
  bytes: number
}

/** A larger segment is ended, so that those of a process that lives for weeks can be merged. */
const longest = 4 * 1024 * 1024

export const segmentWriter = (fs: FileSystem, folder: string, wrote: Wrote): SegmentWriter => {
  let own: Own | undefined

  const close = (): void => {
    const segment = own
    own = undefined
    endings().delete(end)
    if (segment !== undefined) quietly(() => fs.closeSync(segment.descriptor))
  }

  const end = (): void => {
    if (own === undefined) return
    quietly(() => own !== undefined && write(fs, own, endLine()))
    close()
  }

  const add: SegmentWriter['add'] = (entries) => {
    if (entries.length === 0) return undefined
    try {
      // the store or the catalog was removed: lines of a file without a name would be lost
      if (own !== undefined && fs.fstatSync(own.descriptor).nlink === 0) close()
      if (own === undefined) {
        own = begin(fs, folder)
        endings().add(end)
      }
      const { name, bytes: from } = own
      const texts = entries.map(entryText)
      write(fs, own, texts.map(sealedEntry).join(''))
      wrote(name, texts, from, own.bytes)
      if (own.bytes > longest) end()
      return undefined
    } catch (error) {
      close() // a torn line is recognized by its checksum
      return codeOf(error) ?? String(error)
    }
  }

  return { add, end }
}

const begin = (fs: FileSystem, folder: string): Own => {
  makeOwnFolder(fs, folder)
  const path = temporaryName(folder, 'entries', segmentEnding)
  const own: Own = { name: basename(path), descriptor: fs.openSync(path, 'ax'), bytes: 0 }
  write(fs, own, headLine())
  return own
}

/** Lines are ASCII: a character is a byte. */
const write = (fs: FileSystem, own: Own, lines: string): void => {
  writeText(fs, own.descriptor, lines)
  own.bytes += lines.length
}

/** Only in an existing store: writers of artifacts create its root. A link in its place could lead anywhere. */
const makeOwnFolder = (fs: FileSystem, folder: string): void => {
  try {
    fs.mkdirSync(folder)
    quietly(() => shareFolder(fs, folder))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  if (kindOf(fs, folder) !== 'folder') throw Object.assign(new Error(`${folder} is not a folder`), { code: 'ENOTDIR' })
}

/**
 * Makes the catalog writable for all writers of the store: another user who only reads may be the one that creates it.
 * Uses its descriptor, since its name could be replaced by a link.
 */
const shareFolder = (fs: FileSystem, folder: string): void => {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants
  const { uid, gid, mode } = fs.statSync(dirname(folder))
  const descriptor = fs.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  try {
    if (fs.fstatSync(descriptor).uid !== uid) quietly(() => fs.fchownSync(descriptor, uid, gid))
    fs.fchmodSync(descriptor, mode & 0o7777)
  } finally {
    fs.closeSync(descriptor)
  }
}
