import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { LineRange } from './contents/segment-lines.js'
import { piecesOf } from './file-pieces.js'
import { codeOf, diskError, listNames, makeFolder } from '../file-store/file-system.js'
import { isHashKey } from '../file-store/safe-path.js'

/**
 * Local cache of data that was read from a bucket, or is being written to it: entries are named by digest, so none
 * becomes stale. It may be deleted at any time; the least recently used entries are removed if it becomes too large.
 */
export interface LocalCache {
  readonly folder: string
  /** A file with this digest, which is verified once per process; undefined if it does not exist. */
  file(digest: string): Promise<string | undefined>
  /** Moves a file into the cache under its digest; resolves with its path. */
  keep(path: string, digest: string): Promise<string>
  /** A new path for a file being written. */
  temporary(): Promise<string>
  /** Creates a folder in the cache. */
  make(path: string): Promise<void>
  /** Path of an unpacked folder, and whether it exists. */
  tree(digest: string): Promise<{ readonly path: string; readonly isThere: boolean }>
  /** Moves an unpacked folder into the cache, unless another process has done so; resolves with its path. */
  keepTree(path: string, digest: string): Promise<string>
  /** Removes an unpacked folder that was modified. */
  dropTree(digest: string): Promise<void>
  /** Text of a small object, by a name that identifies its content. */
  text(name: string): Promise<string | undefined>
  /** Parts of such a text. */
  textParts(name: string, ranges: readonly LineRange[]): Promise<readonly string[] | undefined>
  keepText(name: string, text: string): Promise<void>
  /** The folder of an unfinished checkpoint; it is never removed automatically. */
  unfinished(path: string): string
  /** Keys of a store's folder that have one. */
  unfinishedIn(folder: string): readonly string[]
}

export const localCache = (folder: string, maxBytes: number): LocalCache => {
  const whole = new Set<string>()
  const used = new Set<string>()
  const place = (kind: string, name: string): string => placeIn(folder, kind, name)
  const make = async (path: string): Promise<void> => {
    try {
      makeFolder(fs, path)
    } catch (error) {
      throw unusable(folder, error)
    }
  }
  const temporary = async (): Promise<string> => {
    await make(join(folder, 'temporary'))
    return join(folder, 'temporary', `${process.pid}-${randomBytes(6).toString('hex')}`)
  }
  /** In one step, so that no reader sees a half-removed folder. */
  const drop = async (path: string): Promise<void> => {
    const gone = await temporary()
    await rename(path, gone).catch(() => undefined)
    await rm(gone, { recursive: true, force: true })
  }
  const trim = trimming(folder, maxBytes, used, drop)
  const moveIn = async (from: string, to: string): Promise<string> => {
    used.add(to)
    await make(dirname(to))
    await rename(from, to).catch(async (error: unknown) => {
      if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw orFull(folder, error)
      await rm(from, { recursive: true, force: true }) // another process has stored it already, and may be reading it
    })
    await trim.added(to).catch(() => undefined) // it is stored, even if it could not be counted
    return to
  }
  return {
    folder,
    file: async (digest) => {
      const path = place('files', digest)
      if (!whole.has(digest)) {
        const actual = await digestOfFile(path)
        if (actual === undefined) return undefined
        if (actual !== digest) {
          await rm(path, { force: true })
          return undefined
        }
        whole.add(digest)
      } else if (!fs.existsSync(path)) return undefined
      used.add(path)
      await utimes(path, new Date(), new Date()).catch(() => undefined)
      return path
    },
    keep: async (path, digest) => {
      whole.add(digest)
      return moveIn(path, place('files', digest))
    },
    temporary,
    make,
    tree: async (digest) => {
      const path = place('trees', digest)
      used.add(path)
      const isThere = await utimes(path, new Date(), new Date()).then(
        () => true,
        () => fs.existsSync(path),
      )
      return { path, isThere }
    },
    keepTree: (path, digest) => moveIn(path, place('trees', digest)),
    dropTree: (digest) => drop(place('trees', digest)),
    ...textsIn(folder, temporary),
    ...unfinishedIn(folder),
  }
}

const placeIn = (folder: string, kind: string, name: string): string => join(folder, kind, name.slice(0, 2), name)

const textsIn = (
  folder: string,
  temporary: LocalCache['temporary'],
): Pick<LocalCache, 'text' | 'textParts' | 'keepText'> => {
  const pathOf = (name: string): string => placeIn(folder, 'texts', createHash('sha256').update(name).digest('hex'))
  return {
    text: async (name) => {
      try {
        return fs.readFileSync(pathOf(name), 'utf8')
      } catch {
        return undefined
      }
    },
    textParts: async (name, ranges) => {
      if (ranges.length === 0) return []
      let file: number | undefined
      try {
        const opened = (file = fs.openSync(pathOf(name), 'r'))
        return ranges.map(({ start, end }) => {
          const bytes = Buffer.alloc(end - start)
          return bytes.toString('utf8', 0, fs.readSync(opened, bytes, 0, bytes.length, start))
        })
      } catch {
        return undefined
      } finally {
        if (file !== undefined) fs.closeSync(file)
      }
    },
    keepText: async (name, text) => {
      const path = pathOf(name)
      const staged = await temporary()
      makeFolder(fs, dirname(path))
      fs.writeFileSync(staged, text)
      fs.renameSync(staged, path)
    },
  }
}

const unfinishedIn = (root: string): Pick<LocalCache, 'unfinished' | 'unfinishedIn'> => {
  const unfinished = (path: string): string => join(root, 'unfinished', ...path.split('/'))
  return {
    unfinished,
    unfinishedIn: (folder) => {
      try {
        return listNames(fs, unfinished(folder)).filter(isHashKey)
      } catch (error) {
        throw unusable(root, error)
      }
    },
  }
}

/** Names the full folder if that is the cause of an error: users would think of the bucket. */
export const orFull = (folder: string, error: unknown): unknown =>
  ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '') ? unusable(folder, error) : error

const unusable = (folder: string, error: unknown): Error => {
  const code = codeOf(error) ?? ''
  const [said, problem] = ['ENOSPC', 'EDQUOT'].includes(code)
    ? ['ENOSPC', 'is full: make room, or']
    : ['EROFS', `cannot be used (${code}):`]
  return diskError(
    said,
    `the folder ${folder}, where data of the bucket is on its way, ${problem} name another in TASKCHAIN_CACHE`,
  )
}

const digestOfFile = async (path: string): Promise<string | undefined> => {
  const digest = createHash('sha256')
  try {
    for await (const piece of piecesOf(path)) digest.update(piece)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined
    throw error
  }
  return digest.digest('hex')
}

interface Kept {
  readonly path: string
  readonly bytes: number
  readonly used: number
}

/**
 * Keeps a cache below its size. The whole cache is checked at most every ten minutes, by any process, and every minute
 * if it is too large; additions in between are counted.
 */
const trimming = (
  folder: string,
  maxBytes: number,
  used: ReadonlySet<string>,
  drop: (path: string) => Promise<void>,
) => {
  const note = join(folder, 'size')
  const trim = async (): Promise<void> => {
    const kept = (await keptIn(folder)).toSorted((left, right) => left.used - right.used)
    let left = kept.reduce((sum, one) => sum + one.bytes, 0)
    for (const one of kept) {
      if (left <= maxBytes * 0.9) break
      if (used.has(one.path) || !(await isUnused(one.path))) continue
      await drop(one.path)
      left -= one.bytes
    }
    await writeFile(note, `${Date.now()} ${left}`)
  }
  /** Size as counted by processes since the last check; concurrent additions may be missed. */
  const noted = async (): Promise<readonly [number, number] | undefined> => {
    const [at, bytes] = (await readFile(note, 'utf8').catch(() => '')).split(' ').map(Number)
    if (at === undefined || bytes === undefined) return undefined
    const age = Date.now() - at
    return age >= 0 && age < 600_000 ? [at, bytes] : undefined // one from the future would hold for as long
  }
  return {
    added: async (path: string): Promise<void> => {
      const before = await noted()
      if (before === undefined) return trim()
      const [at, counted] = before
      const bytes = counted + (await bytesOf(path))
      const couldGo = counted <= maxBytes || Date.now() - at > 60_000
      await (bytes > maxBytes && couldGo ? trim() : writeFile(note, `${at} ${bytes}`))
    },
  }
}

/** Other processes may still read entries used within the hour, and write temporary ones for up to a day. */
const isUnused = async (path: string): Promise<boolean> => {
  const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0)
  return age > (basename(dirname(path)) === 'temporary' ? 86_400_000 : 3_600_000)
}

const keptIn = async (folder: string): Promise<readonly Kept[]> => {
  const kept: Kept[] = []
  for (const kind of ['files', 'trees', 'texts', 'temporary'])
    for (const first of await readdir(join(folder, kind)).catch(() => []))
      for (const name of kind === 'temporary' ? [''] : await readdir(join(folder, kind, first)).catch(() => [])) {
        const path = join(folder, kind, first, name)
        const found = await stat(path).catch(() => undefined)
        if (found !== undefined) kept.push({ path, bytes: await bytesOf(path), used: found.mtimeMs })
      }
  return kept
}

const bytesOf = async (path: string): Promise<number> => {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || !found.isDirectory()) return found?.size ?? 0
  let bytes = 0
  for (const name of await readdir(path).catch(() => [])) bytes += await bytesOf(join(path, name))
  return bytes
}
