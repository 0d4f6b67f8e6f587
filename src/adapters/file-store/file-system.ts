import type * as NodeFs from 'node:fs'
import { dirname } from 'node:path'
import { fieldOf } from '../../base/records.js'

/** The file system of the file store: node:fs, or in tests one that fails deliberately. */
export type FileSystem = typeof NodeFs

/** Code of a system error, such as `ENOENT`; undefined for anything else. */
export const codeOf = (error: unknown): string | undefined => {
  const code = fieldOf(error, 'code')
  return typeof code === 'string' ? code : undefined
}

/** Run infos and leases are small; a larger file is not ours. */
const largest = 64 * 1024 * 1024

/**
 * Flags for opening existing files of the store: another program may have put a link in its place, which is not
 * followed, or a pipe, which is not waited for.
 */
const ownFlags = (fs: FileSystem): number => (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOFOLLOW ?? 0)

/** Limit of Node for reading a file at once. */
const maxAtOnce = 2 ** 31 - 1

/** An error in the form of a disk error, so that it is not reported as a defect of this library. */
export const diskError = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, syscall: 'open' })

const noFile = (path: string, stat: NodeFs.Stats): Error =>
  diskError(stat.isDirectory() ? 'EISDIR' : 'ENXIO', `${path} is not a file`)

/** Writes bytes at the file's position; the system may accept only a part at a time. */
export const writeAll = (fs: FileSystem, descriptor: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(descriptor, bytes, at, bytes.length - at)
}

const missing: readonly string[] = ['ENOENT', 'ENOTDIR']

/** Whether a system error says that something is not there. */
export const isMissing = (error: unknown): boolean => missing.includes(codeOf(error) ?? '')

/** Names in a folder; empty if it does not exist. */
export const listNames = (fs: FileSystem, folder: string): readonly string[] =>
  noneWhere(['ENOENT'], () => fs.readdirSync(folder))

/** Entries of a folder with their types; by default also empty if it is not a folder. */
export const listEntries = (fs: FileSystem, folder: string, codes = missing): readonly NodeFs.Dirent[] =>
  noneWhere(codes, () => fs.readdirSync(folder, { withFileTypes: true }))

const noneWhere = <A>(codes: readonly string[], list: () => readonly A[]): readonly A[] => {
  try {
    return list()
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return []
    throw error
  }
}

/** Appends to a file of ours, or creates it. Throws if a link or anything but a file is in its place. */
export const appendText = (fs: FileSystem, path: string, text: string): void => {
  const { O_WRONLY, O_APPEND, O_CREAT } = fs.constants
  const descriptor = fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | ownFlags(fs), 0o666)
  try {
    const stat = fs.fstatSync(descriptor)
    if (!stat.isFile()) throw noFile(path, stat)
    writeAll(fs, descriptor, Buffer.from(text, 'utf8'))
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Bytes of a file of ours; undefined if it does not exist. Rejects if it is not a regular file. */
export const readOwn = async (fs: FileSystem, path: string): Promise<Uint8Array | undefined> => {
  const handle = await fs.promises
    .open(path, fs.constants.O_RDONLY | ownFlags(fs))
    .catch((error: unknown) => (codeOf(error) === 'ENOENT' ? undefined : Promise.reject(error)))
  if (handle === undefined) return undefined
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw noFile(path, stat)
    if (stat.size > maxAtOnce) throw diskError('EFBIG', `${path} is too large to be read at once: ${stat.size} bytes`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/**
 * Opens a file of ours for reading; undefined if it does not exist. Throws if it is not a regular file, and never
 * blocks on one.
 */
export const openOwn = (
  fs: FileSystem,
  path: string,
): { readonly descriptor: number; readonly size: number } | undefined => {
  let descriptor: number
  try {
    descriptor = fs.openSync(path, fs.constants.O_RDONLY | ownFlags(fs))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const stat = fs.fstatSync(descriptor)
    if (!stat.isFile()) throw noFile(path, stat)
    return { descriptor, size: stat.size }
  } catch (error) {
    fs.closeSync(descriptor)
    throw error
  }
}

/** Opens a path of any kind; undefined if that fails. */
export const openQuietly = (fs: FileSystem, path: string): number | undefined => {
  try {
    return fs.openSync(path, fs.constants.O_RDONLY | ownFlags(fs))
  } catch {
    return undefined
  }
}

/**
 * Text of a small file; undefined if it does not exist. Throws as `openOwn` does, and if it is larger than `most`
 * bytes.
 */
export const readText = (fs: FileSystem, path: string, most = largest): string | undefined => {
  const opened = openOwn(fs, path)
  if (opened === undefined) return undefined
  try {
    if (opened.size > most) throw diskError('EFBIG', `${path} is too large to be read as text: ${opened.size} bytes`)
    return fs.readFileSync(opened.descriptor, 'utf8')
  } finally {
    fs.closeSync(opened.descriptor)
  }
}

/** The same for a path of any kind: undefined if it cannot be read. */
export const tryReadText = (fs: FileSystem, path: string, most = largest): string | undefined => {
  try {
    return readText(fs, path, most)
  } catch {
    return undefined
  }
}

/** Writes a text at the file's position, without a copy of it in between. */
export const writeText = (fs: FileSystem, descriptor: number, text: string): void => {
  const length = Buffer.byteLength(text, 'utf8')
  const written = length === 0 ? 0 : fs.writeSync(descriptor, text, null, 'utf8')
  if (written < length) writeAll(fs, descriptor, Buffer.from(text, 'utf8').subarray(written))
}

/**
 * Writes a file that must not exist yet; removes it if it could not be written completely. `isAsked`: returns its stat.
 */
export const writeNew = (
  fs: FileSystem,
  path: string,
  content: string | Uint8Array,
  isAsked = false,
): NodeFs.Stats | undefined => {
  const descriptor = fs.openSync(path, 'wx')
  let open = true
  try {
    if (typeof content === 'string') writeText(fs, descriptor, content)
    else writeAll(fs, descriptor, content)
    const stat = isAsked ? fs.fstatSync(descriptor) : undefined
    open = false
    fs.closeSync(descriptor)
    return stat
  } catch (error) {
    if (open) quietly(() => fs.closeSync(descriptor))
    removeQuietly(fs, path)
    throw error
  }
}

/** Runs an action whose failure does no harm. */
export const quietly = (action: () => void): void => {
  try {
    action()
  } catch {
    // the caller has a better error to report, or none
  }
}

/**
 * Removes a file, link or folder; links are not followed. A failure does no harm: the leftover has a temporary name and
 * is swept later.
 */
export const removeQuietly = (fs: FileSystem, path: string): void => quietly(() => remove(fs, path))

/** Removes a file, link or folder if it exists; links are not followed. */
export const remove = (fs: FileSystem, path: string): void => {
  try {
    fs.unlinkSync(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return
    if (code !== 'EISDIR' && code !== 'EPERM') throw error // unlink of a folder: EISDIR on Linux, EPERM elsewhere
    fs.rmSync(path, { recursive: true, force: true })
  }
}

/** Type of a path, without following links; undefined if it does not exist. */
export const kindOf = (fs: FileSystem, path: string): 'file' | 'folder' | 'link' | 'other' | undefined => {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'folder'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

/**
 * Creates a folder and those above it. Before version 26, Node's recursive mkdir never returns where the system answers
 * ENOENT although the folder above exists: in /proc, or below an automounter. The first missing one is made alone.
 */
export const makeFolder = (fs: FileSystem, path: string, attempts = 5): void => {
  let missing: string | undefined
  for (let at = path; !fs.existsSync(at) && at !== dirname(at); at = dirname(at)) missing = at
  try {
    if (missing !== undefined) fs.mkdirSync(missing)
  } catch (error) {
    const code = codeOf(error)
    // another process may have removed the folder above since it was looked at
    const isAboveGone = code === 'ENOENT' && missing !== undefined && !fs.existsSync(dirname(missing))
    if (isAboveGone && attempts > 1) return makeFolder(fs, path, attempts - 1)
    if (code !== 'EEXIST') throw error
  }
  fs.mkdirSync(path, { recursive: true }) // refuses a file in the way, also where nothing is missing
}
