import * as t from 'io-ts'
import { createHash, randomBytes } from 'node:crypto'
import * as nodeFs from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileRequest, readFileRequest } from '../../base/file-requests.js'
import { readJsonText, textLike } from '../../declare/codec/guarded.js'
import { fileState, filesBelow, filesMatching, vanished, type FileState, type FoundEntry } from './find-files.js'
import { digestOfMany, settled } from './folder-digests.js'
import type { FileDigest, FileDigests } from '../../plan/params/param-files.js'
import { nearest } from '../../base/suggest.js'
import { codeOf, makeFolder, quietly, removeQuietly, tryReadText, type FileSystem } from '../file-store/file-system.js'
import { valueIn } from '../../base/present.js'
import { messageOf } from '../../base/thrown.js'

/** Digests of the files that params name, gathered before planning. Unchanged files are not read again. */

export interface DigestOptions {
  /** Base of relative paths: the project's root. */
  readonly root: string
  /**
   * A small JSON file with remembered digests; undefined: there is none. If it cannot be read or written, it is
   * ignored.
   */
  readonly cache?: string | undefined
  /** Replaces node:fs, for tests that count reads. */
  readonly fileSystem?: FileSystem
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number
}

/** The file with a store's remembered digests. */
export const digestCacheIn = (store: string): string => join(store, '.taskchain', 'digests.json')

/**
 * Digests of files, of folders (`data/`) and of files that match a pattern (`glob:data/*.csv`), by request as given; a
 * request that fails gets the reason instead. Never rejects.
 *
 * @example
 * const digests = await gatherDigests(['configs/movies.yaml'], { root: process.cwd() })
 * Object.keys(digests) // => ['configs/movies.yaml']
 */
export const gatherDigests = async (paths: readonly string[], options: DigestOptions): Promise<FileDigests> => {
  if (paths.length === 0) return {}
  const fs = options.fileSystem ?? nodeFs
  const now = options.now ?? Date.now
  const before = options.cache === undefined ? new Map<string, Remembered>() : readCache(fs, options.cache)
  const after = new Map(before)
  const found = new Map<string, FileDigest>()
  const waiting = [...new Set(paths)]
  const reading: Reading = { fs, root: options.root, before, after, now, cache: options.cache }
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift())
      found.set(path, await digestOf(reading, path))
  }
  await Promise.all(Array.from({ length: 4 }, work))
  const changed = after.size !== before.size || [...after].some(([path, entry]) => before.get(path) !== entry)
  if (options.cache !== undefined && changed) writeCache(fs, options.cache, after)
  return Object.fromEntries(paths.map((path) => [path, valueIn(found, path)]))
}

/** State and digest of a file when it was read. */
const Remembered = t.type({
  /** `FileState.state`, or a digest over those of many files. */
  state: t.string,
  sha256: textLike('a digest', /^[0-9a-f]{64}$/),
})
type Remembered = t.TypeOf<typeof Remembered>

/** The context for taking digests. */
interface Reading {
  readonly fs: FileSystem
  readonly root: string
  readonly before: ReadonlyMap<string, Remembered>
  readonly after: Map<string, Remembered>
  readonly now: () => number
  /** The file with remembered digests, in the store. */
  readonly cache: string | undefined
}

const digestOf = async (reading: Reading, request: string): Promise<FileDigest> => {
  const { kind, path } = readFileRequest(request)
  const at = resolve(reading.root, path)
  if (kind === 'file') return digestOfFile(reading, at)
  const outcome = await digestOfMany({
    list: () => listed(reading, kind, path),
    read: async (found) => digestOfFile(reading, found, largeFile),
    ...remembering(reading, fileRequest(kind, at)),
    now: reading.now,
  })
  if (!('cause' in outcome)) return outcome
  const isMissing = kind === 'folder' && codeOf(outcome.cause) === 'ENOENT'
  return {
    problem: problemOf(outcome.cause).replace('no such file', 'no such folder'),
    near: isMissing ? await nearNames(reading.fs, at) : [],
  }
}

const listed = ({ fs, root, cache }: Reading, kind: 'folder' | 'glob', path: string): readonly FoundEntry[] => {
  if (kind === 'glob') {
    const found = filesMatching(fs, root, path)
    if (found.length === 0) throw new Error('no file fits it')
    return found
  }
  const folder = resolve(root, path)
  if (fs.statSync(folder).isFile()) throw new Error('it is a file')
  if (cache !== undefined && !relative(folder, cache).startsWith('..'))
    throw new Error('it holds the store, which changes with each run')
  return filesBelow(fs, folder)
}

/** Smaller files in folders are read as fast as their digests are looked up. Bytes. */
const largeFile = 1024 * 1024

const remembering = ({ before, after }: Reading, key: string) => ({
  known: before.get(key),
  remember: (state: string, sha256: string | undefined): void => {
    if (sha256 === undefined) after.delete(key)
    else after.set(key, { state, sha256 })
  },
})

const digestOfFile = async (reading: Reading, path: string, from = 0): Promise<FileDigest> => {
  const { fs, now } = reading
  const { known, remember } = remembering(reading, path)
  try {
    if (known !== undefined && known.state === (await regular(fs, path)).state) return { sha256: known.sha256 }
    for (let attempt = 0; attempt < 3; attempt++) {
      const at = now()
      const { state, changed, size } = await regular(fs, path)
      const sha256 = await contentOf(fs, path)
      if ((await regular(fs, path)).state !== state) continue
      if (size >= from) remember(state, at - changed > settled ? sha256 : undefined)
      return { sha256 }
    }
    return { problem: vanished, near: [] }
  } catch (cause) {
    return { problem: problemOf(cause), near: codeOf(cause) === 'ENOENT' ? await nearNames(fs, path) : [] }
  }
}

/** A regular file's state; links are followed. */
const regular = async (fs: FileSystem, path: string): Promise<FileState> => {
  const stat = await fs.promises.stat(path, { bigint: true })
  if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'it is a folder' : 'it is no regular file')
  return fileState(stat)
}

const contentOf = async (fs: FileSystem, path: string): Promise<string> => {
  const hash = createHash('sha256')
  // not blocking: opening a named pipe would wait forever for its writer
  const handle = await fs.promises.open(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
  try {
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

/** Without the absolute path; the error has the project's. */
const problemOf = (cause: unknown): string => {
  const code = codeOf(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  return messageOf(cause).replace(/, \w+ '.*'$/, '')
}

const nearNames = async (fs: FileSystem, path: string): Promise<readonly string[]> => {
  const names = await fs.promises.readdir(dirname(path)).catch((): string[] => [])
  return nearest(basename(path), names.slice(0, 10_000), 3)
}

/** A larger file is not ours. */
const largestCache = 16 * 1024 * 1024

const Cache = t.type({ schema: t.literal(1), files: t.UnknownRecord })

/** Empty if there is no cache, or it has another version; invalid entries are skipped. */
const readCache = (fs: FileSystem, file: string): ReadonlyMap<string, Remembered> => {
  const cache = readJsonText(Cache, tryReadText(fs, file, largestCache) ?? '')
  const isEntry = (entry: [string, unknown]): entry is [string, Remembered] => Remembered.is(entry[1])
  return new Map(Object.entries(cache?.files ?? {}).filter(isEntry))
}

/** Written completely or not at all; a folder that is a link is left alone. A failure costs reading the files again. */
const writeCache = (fs: FileSystem, file: string, entries: ReadonlyMap<string, Remembered>): void =>
  quietly(() => {
    const folder = dirname(file)
    makeFolder(fs, folder)
    if (!fs.lstatSync(folder).isDirectory()) return
    const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`
    try {
      fs.writeFileSync(
        temporary,
        JSON.stringify({
          schema: 1,
          files: Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1))),
        }),
        { flag: 'wx' },
      )
      fs.renameSync(temporary, file)
    } catch (cause) {
      removeQuietly(fs, temporary)
      throw cause
    }
  })
