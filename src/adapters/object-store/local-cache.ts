import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { piecesOf } from './file-pieces.js'
import { codeOf, diskError, listNames } from '../file-store/file-system.js'
import { isHashKey } from '../file-store/safe-path.js'

/**
 * What was read from a bucket, or is on its way there, in a folder of this machine: by digest, so nothing in it grows
 * old. It may be deleted at any time; what has not been used for longest goes where it becomes too large.
 */
export interface LocalCache {
  readonly folder: string
  /** A file that is there and has this digest, looked at once a process; undefined where there is none. */
  file(digest: string): Promise<string | undefined>
  /** Moves a file of ours in, by its digest; resolves with its path. */
  keep(path: string, digest: string): Promise<string>
  /** A new path for what is being written. */
  temporary(): Promise<string>
  /** Makes a folder in it. */
  make(path: string): Promise<void>
  /** Path of an unpacked folder, and whether it is there. */
  tree(digest: string): Promise<{ readonly path: string; readonly isThere: boolean }>
  /** Moves an unpacked folder in, unless another process has done so; resolves with its path. */
  keepTree(path: string, digest: string): Promise<string>
  /** Takes away an unpacked folder that somebody has changed. */
  dropTree(digest: string): Promise<void>
  /** Text of a small object, by a name that stands for its contents. */
  text(name: string): Promise<string | undefined>
  keepText(name: string, text: string): Promise<void>
  /** The folder of a checkpoint that is not finished; it never goes by itself. */
  unfinished(path: string): string
  /** Keys of a store's folder that have one. */
  unfinishedIn(folder: string): readonly string[]
}

export const localCache = (folder: string, maxBytes: number): LocalCache => {
  const whole = new Set<string>()
  const used = new Set<string>()
  const place = (kind: string, name: string): string => join(folder, kind, name.slice(0, 2), name)
  const make = async (path: string): Promise<void> => {
    try {
      await mkdir(path, { recursive: true })
    } catch (error) {
      throw unusable(folder, error)
    }
  }
  const temporary = async (): Promise<string> => {
    await make(join(folder, 'temporary'))
    return join(folder, 'temporary', `${process.pid}-${randomBytes(6).toString('hex')}`)
  }
  /** In one step for who reads it: no folder is seen half gone. */
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
      await rm(from, { recursive: true, force: true }) // that of another process, which may be read by now
    })
    await trim.added(to).catch(() => undefined) // it is there, whether it could be counted or not
    return to
  }
  const textPath = (name: string): string => place('texts', createHash('sha256').update(name).digest('hex'))
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
    text: async (name) => {
      try {
        return fs.readFileSync(textPath(name), 'utf8')
      } catch {
        return undefined
      }
    },
    keepText: async (name, text) => {
      const path = textPath(name)
      const staged = await temporary()
      fs.mkdirSync(join(path, '..'), { recursive: true })
      fs.writeFileSync(staged, text)
      fs.renameSync(staged, path)
    },
    unfinished: (path) => join(folder, 'unfinished', ...path.split('/')),
    unfinishedIn: (one) => {
      try {
        return listNames(fs, join(folder, 'unfinished', ...one.split('/'))).filter(isHashKey)
      } catch (error) {
        throw unusable(folder, error)
      }
    },
  }
}

/** Says which folder is full, where that is what an error means: people think of the bucket. */
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
 * Keeps a cache below its size. All of it is looked over at most every ten minutes, whichever process does so, and
 * every minute where it is too large; what comes in meanwhile is counted.
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
  /** Bytes as processes have counted them since all was looked over; two at once may miss a file. */
  const noted = async (): Promise<readonly [number, number] | undefined> => {
    const [at, bytes] = (await readFile(note, 'utf8').catch(() => '')).split(' ').map(Number)
    return at !== undefined && bytes !== undefined && Date.now() - at < 600_000 ? [at, bytes] : undefined
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

/** Other processes may be reading what was used within the hour, and filling for a day what is on its way. */
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
