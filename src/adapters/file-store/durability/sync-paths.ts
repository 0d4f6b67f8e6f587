import { basename, dirname } from 'node:path'
import { codeOf, listEntries, type FileSystem } from '../file-system.js'
import { pause } from '../folder-tree.js'

/** Forces one path to disk. */
export type Sync = (disk: Disk, path: string) => Promise<unknown>

/** A disk, with an estimate of how slow its syncs are, which lasts from one flush to the next. */
export interface Disk {
  readonly fs: FileSystem
  /** Grows with each slow sync and shrinks with each fast one. */
  debt: number
  /** Number of syncs to hand over to other threads before this thread tries again. */
  rest: number
}

/** Not worth measuring before there are many syncs. */
export const unknownDisk = (fs: FileSystem): Disk => ({ fs, debt: maxDebt, rest: few })

/** Number of parallel syncs: the journal of the file system combines them. */
const parallel = 16

const few = 32

/** Syncs of a slow disk before it is measured again. */
const manySlow = 1000

/** Syncs of a fast disk before other work gets its turn. */
const atOnce = 256

/** Rejects with the first error, after all syncs under way have ended. */
export const syncAll = async (disk: Disk, paths: readonly string[], sync: Sync): Promise<void> => {
  if (paths.length >= few) disk.rest = 0
  const queue = paths.values()
  let done = 0
  const work = async (): Promise<void> => {
    for (const path of queue) {
      await sync(disk, path)
      if (++done % atOnce === 0) await pause()
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(parallel, paths.length) }, work))
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** Syncs each path once with its content, then each folder above once; `adapt` wraps every single sync. */
export const syncWithFolders = async (
  disk: Disk,
  root: string,
  paths: readonly string[],
  adapt: (sync: Sync) => Sync = (sync) => sync,
): Promise<void> => {
  if (paths.length === 0) return
  await syncAll(disk, [...new Set(paths)], adapt(syncFinal))
  await syncAll(disk, foldersAbove(root, paths), adapt(syncOne))
}

/** Folders of some paths and their ancestors, up to the parent of the store. */
export const foldersAbove = (root: string, paths: readonly string[]): readonly string[] => {
  const folders = new Set<string>()
  for (const path of paths) {
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder)
      if (folder === root || folder === dirname(folder)) break
    }
  }
  return [...folders, dirname(root)]
}

/** Ignores paths that cannot be opened, such as files of other users. */
export const exceptForeign =
  (sync: Sync): Sync =>
  async (disk, path) => {
    try {
      await sync(disk, path)
    } catch (error) {
      if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM' && codeOf(error) !== 'ENOTDIR') throw error
    }
  }

/** Syncs a final name of an artifact: only folders have no extension. */
const syncFinal: Sync = (disk, path) => (basename(path).includes('.') ? syncOne(disk, path) : syncContents(disk, path))

/** Syncs a file, or a folder with its content. */
export const syncContents: Sync = async (disk, path) => {
  const waiting = [path]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!(await synced(disk, next, true))) continue
    for (const entry of listEntries(disk.fs, next))
      if (entry.isFile() || entry.isDirectory()) waiting.push(`${next}/${entry.name}`)
  }
}

export const syncOne: Sync = (disk, path) => synced(disk, path, false)

/** `asked`: whether the caller asks if it is a folder. Paths that were replaced or removed meanwhile need no sync. */
const synced = async (disk: Disk, path: string, asked: boolean): Promise<boolean> => {
  const { fs } = disk
  try {
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
    try {
      if (isFast(disk)) syncNow(disk, descriptor)
      else await handedOver(fs, descriptor)
      return asked && fs.fstatSync(descriptor).isDirectory()
    } finally {
      fs.closeSync(descriptor)
    }
  } catch (error) {
    const code = codeOf(error)
    // removed, or a system that cannot sync folders
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EINVAL') return false
    throw error
  }
}

/** Milliseconds within which an idle disk answers. */
const noTime = 0.2
const debtOfSlow = 16
/** After three slow syncs in a row, this thread no longer waits for them. */
const maxDebt = 3 * debtOfSlow

const isFast = (disk: Disk): boolean => {
  if (disk.debt < maxDebt) return true
  if (--disk.rest > 0) return false
  disk.debt = 0
  disk.rest = manySlow
  return true
}

/** Syncs in this thread: handing a fast sync to another thread costs more than the sync. */
const syncNow = (disk: Disk, descriptor: number): void => {
  const began = performance.now()
  disk.fs.fsyncSync(descriptor)
  disk.debt = performance.now() - began < noTime ? Math.max(0, disk.debt - 1) : disk.debt + debtOfSlow
}

/** With a callback: handles of `fs.promises` cost three times as much, and every file of every result passes here. */
const handedOver = (fs: FileSystem, descriptor: number): Promise<void> =>
  new Promise((resolve, reject) => fs.fsync(descriptor, (error) => (error === null ? resolve() : reject(error))))
