import type * as NodeFs from 'node:fs'
import { fieldOf } from '../../base/records.js'

/** The file system that the file store works on: node:fs, or in tests one that fails on purpose. */
export type FileSystem = typeof NodeFs

/** Code of a system error, `ENOENT` for one; undefined for anything else. */
export const codeOf = (error: unknown): string | undefined => {
  const code = fieldOf(error, 'code')
  return typeof code === 'string' ? code : undefined
}

/** Run infos and leases are small; what is larger is not one of ours. */
const largest = 64 * 1024 * 1024

/**
 * For every file of ours that is there already: anybody may have put a link in its place, which is not followed, or a
 * pipe, which is not waited for.
 */
const ownFlags = (fs: FileSystem): number => (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOFOLLOW ?? 0)

/** Node reads no larger file at once. */
const mostAtOnce = 2 ** 31 - 1

/** What the disk would say, had it known that only a file is of use; no fault of ours, so nobody calls it that. */
export const diskError = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, syscall: 'open' })

const noFile = (path: string, stat: NodeFs.Stats): Error =>
  diskError(stat.isDirectory() ? 'EISDIR' : 'ENXIO', `${path} is not a file`)

/** Writes bytes where a file stands; the system may take a part at a time. */
export const writeAll = (fs: FileSystem, descriptor: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(descriptor, bytes, at, bytes.length - at)
}

/** Names in a folder; none where there is no such folder. */
export const listNames = (fs: FileSystem, folder: string): readonly string[] =>
  noneWhere(['ENOENT'], () => fs.readdirSync(folder))

/** The same with what each name stands for; none where something else is in its place, by default. */
export const listEntries = (
  fs: FileSystem,
  folder: string,
  missing: readonly string[] = ['ENOENT', 'ENOTDIR'],
): readonly NodeFs.Dirent[] => noneWhere(missing, () => fs.readdirSync(folder, { withFileTypes: true }))

const noneWhere = <A>(codes: readonly string[], list: () => readonly A[]): readonly A[] => {
  try {
    return list()
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return []
    throw error
  }
}

/** Adds to a file of ours, or makes it. Throws where a link or anything else but a file is in its place. */
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

/** Bytes of a file of ours; undefined where there is none. Rejects what is no regular file. */
export const readOwn = async (fs: FileSystem, path: string): Promise<Uint8Array | undefined> => {
  const handle = await fs.promises
    .open(path, fs.constants.O_RDONLY | ownFlags(fs))
    .catch((error: unknown) => (codeOf(error) === 'ENOENT' ? undefined : Promise.reject(error)))
  if (handle === undefined) return undefined
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw noFile(path, stat)
    if (stat.size > mostAtOnce) throw diskError('EFBIG', `${path} is too large to be read at once: ${stat.size} bytes`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

/**
 * Opens a file of ours for reading; undefined where there is none. Throws for what is no regular file, and never blocks
 * on one.
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

/** The same of what may be anything: undefined wherever it cannot be opened. */
export const openQuietly = (fs: FileSystem, path: string): number | undefined => {
  try {
    return fs.openSync(path, fs.constants.O_RDONLY | ownFlags(fs))
  } catch {
    return undefined
  }
}

/** Text of a small file; undefined where there is none. Throws as `openOwn` does, and for more than `most` bytes. */
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

/** The same of what may be anything: undefined wherever it cannot be read. */
export const tryReadText = (fs: FileSystem, path: string, most = largest): string | undefined => {
  try {
    return readText(fs, path, most)
  } catch {
    return undefined
  }
}

/** Writes a file that must not exist yet; what could not be written whole is removed. */
export const writeNew = (fs: FileSystem, path: string, content: string | Uint8Array): void => {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  const descriptor = fs.openSync(path, 'wx')
  let open = true
  try {
    writeAll(fs, descriptor, bytes)
    open = false
    fs.closeSync(descriptor)
  } catch (error) {
    if (open) quietly(() => fs.closeSync(descriptor))
    removeQuietly(fs, path)
    throw error
  }
}

/** Does what may fail without harm. */
export const quietly = (action: () => void): void => {
  try {
    action()
  } catch {
    // whoever calls this has a better error to tell, or none
  }
}

/**
 * Removes a file, link or folder; links are not followed. Failing is no harm: what stays has a temporary name and is
 * swept later.
 */
export const removeQuietly = (fs: FileSystem, path: string): void => quietly(() => remove(fs, path))

/** Removes a file, link or folder, if there is one; links are not followed. */
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

/** What a name stands for, links not followed; undefined where there is nothing. */
export const kindOf = (fs: FileSystem, path: string): 'file' | 'folder' | 'link' | 'other' | undefined => {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'folder'
  return stat.isSymbolicLink() ? 'link' : 'other'
}
