import * as t from 'io-ts'
import { createHash, randomBytes } from 'node:crypto'
import * as nodeFs from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readJsonText, textLike } from '../../declare/codec/guarded.js'
import type { FileDigest, FileDigests } from '../../plan/params/param-files.js'
import { nearest } from '../../base/suggest.js'
import { codeOf, quietly, removeQuietly, tryReadText, type FileSystem } from '../file-store/file-system.js'
import { valueIn } from '../../base/present.js'
import { messageOf } from '../../base/thrown.js'

/**
 * Digests of the files that params name, gathered before planning. A file that has not changed since is not read again.
 */

export interface DigestOptions {
  /** What relative paths start from: the project's root. */
  readonly root: string
  /**
   * A small JSON file that remembers digests; undefined: none is kept. One that cannot be read or written is no
   * obstacle.
   */
  readonly cache?: string | undefined
  /** Instead of node:fs, for tests that count what is read. */
  readonly fileSystem?: FileSystem
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number
}

/** Where a store's digests are remembered. */
export const digestCacheIn = (store: string): string => join(store, '.taskchain', 'digests.json')

/**
 * Digests of files by path as given; where a file cannot be read, why. Rejects never.
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
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift())
      found.set(path, await digestOf(fs, resolve(options.root, path), before, after, now))
  }
  await Promise.all(Array.from({ length: 4 }, work))
  const changed = after.size !== before.size || [...after].some(([path, entry]) => before.get(path) !== entry)
  if (options.cache !== undefined && changed) writeCache(fs, options.cache, after)
  return Object.fromEntries(paths.map((path) => [path, valueIn(found, path)]))
}

/** What a file was when it was read. */
const Remembered = t.type({
  /** Size, times of change in nanoseconds and inode: another file, or another content, has others. */
  state: t.string,
  sha256: textLike('a digest', /^[0-9a-f]{64}$/),
})
type Remembered = t.TypeOf<typeof Remembered>

/**
 * A file that changed so shortly before it was read may change again within one tick of the file system's clock: it is
 * not remembered. Milliseconds.
 */
const settled = 2000

const digestOf = async (
  fs: FileSystem,
  path: string,
  before: ReadonlyMap<string, Remembered>,
  after: Map<string, Remembered>,
  now: () => number,
): Promise<FileDigest> => {
  try {
    const known = before.get(path)
    if (known !== undefined && known.state === stateOf(await regular(fs, path))) return { sha256: known.sha256 }
    for (let attempt = 0; attempt < 3; attempt++) {
      const at = now()
      const stat = await regular(fs, path)
      const sha256 = await contentOf(fs, path)
      if (stateOf(await regular(fs, path)) !== stateOf(stat)) continue
      if (at - Number(stat.mtimeMs) > settled && at - Number(stat.ctimeMs) > settled)
        after.set(path, { state: stateOf(stat), sha256 })
      else after.delete(path)
      return { sha256 }
    }
    return { problem: 'it changes while it is read', near: [] }
  } catch (cause) {
    return { problem: problemOf(cause), near: codeOf(cause) === 'ENOENT' ? await nearNames(fs, path) : [] }
  }
}

/** A regular file's state; links are followed. */
const regular = async (fs: FileSystem, path: string): Promise<nodeFs.BigIntStats> => {
  const stat = await fs.promises.stat(path, { bigint: true })
  if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'it is a folder' : 'it is no regular file')
  return stat
}

const stateOf = ({ size, mtimeNs, ctimeNs, ino, dev }: nodeFs.BigIntStats): string =>
  [size, mtimeNs, ctimeNs, ino, dev].join(' ')

const contentOf = async (fs: FileSystem, path: string): Promise<string> => {
  const hash = createHash('sha256')
  // not blocking: a named pipe would wait for its writer for ever
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

/** Without the path, which is the machine's; the error has the project's. */
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

/** Larger ones are not ours. */
const largestCache = 16 * 1024 * 1024

const Cache = t.type({ schema: t.literal(1), files: t.UnknownRecord })

/** Nothing where there is no cache, or another version's; entries that are not as we write them are left out. */
const readCache = (fs: FileSystem, file: string): ReadonlyMap<string, Remembered> => {
  const cache = readJsonText(Cache, tryReadText(fs, file, largestCache) ?? '')
  const isEntry = (entry: [string, unknown]): entry is [string, Remembered] => Remembered.is(entry[1])
  return new Map(Object.entries(cache?.files ?? {}).filter(isEntry))
}

/** Whole or not at all; a folder that is a link is left alone. What fails costs a reading the next time. */
const writeCache = (fs: FileSystem, file: string, entries: ReadonlyMap<string, Remembered>): void =>
  quietly(() => {
    const folder = dirname(file)
    fs.mkdirSync(folder, { recursive: true })
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
