import { dirname } from 'node:path'
import { codeOf, listEntries, type FileSystem } from '../file-system.js'
import { pause } from '../folder-tree.js'

/** Forces one path to disk. */
export type Sync = (disk: Disk, path: string) => Promise<unknown>

/** A disk, and what has been spent on waiting for it. */
interface Disk {
  readonly fs: FileSystem
  /** Grows with each sync that took its time, and shrinks with each that took none. */
  debt: number
}

/** How many syncs at once: the journal of the file system takes them together. */
const parallel = 16

/** Fewer syncs are not worth finding out whether the disk answers at once. */
const few = 32

/** Syncs of a quick disk before others have their turn. */
const atOnce = 256

/** Rejects with the first error, after all that was begun has ended. */
export const syncAll = async (fs: FileSystem, paths: readonly string[], sync: Sync): Promise<void> => {
  const disk: Disk = { fs, debt: paths.length < few ? mostDebt : 0 }
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

/** Each path once with all that is in it, then each folder above once; `adapt`: around every single sync. */
export const syncWithFolders = async (
  fs: FileSystem,
  root: string,
  paths: readonly string[],
  adapt: (sync: Sync) => Sync = (sync) => sync,
): Promise<void> => {
  if (paths.length === 0) return
  await syncAll(fs, [...new Set(paths)], adapt(syncContents))
  await syncAll(fs, foldersAbove(root, paths), adapt(syncOne))
}

/** Folders of some paths and those above them, up to the one that the store is in. */
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

/** Files of other users may not be ours to open: nobody here is served them. */
export const exceptForeign =
  (sync: Sync): Sync =>
  async (disk, path) => {
    try {
      await sync(disk, path)
    } catch (error) {
      if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM' && codeOf(error) !== 'ENOTDIR') throw error
    }
  }

/** Syncs a file, or a folder with all that is in it. */
export const syncContents: Sync = async (disk, path) => {
  const waiting = [path]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!(await synced(disk, next, true))) continue
    for (const entry of listEntries(disk.fs, next))
      if (entry.isFile() || entry.isDirectory()) waiting.push(`${next}/${entry.name}`)
  }
}

export const syncOne: Sync = (disk, path) => synced(disk, path, false)

/** `asked`: whether it is a folder. What has been replaced or removed meanwhile needs no sync. */
const synced = async (disk: Disk, path: string, asked: boolean): Promise<boolean> => {
  const { fs } = disk
  try {
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
    try {
      if (disk.debt < mostDebt) syncNow(disk, descriptor)
      else await handedOver(fs, descriptor)
      return asked && fs.fstatSync(descriptor).isDirectory()
    } finally {
      fs.closeSync(descriptor)
    }
  } catch (error) {
    const code = codeOf(error)
    // gone, or a system that cannot sync folders
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EINVAL') return false
    throw error
  }
}

/** Milliseconds in which a disk answers that has nothing to do. */
const noTime = 0.2
const debtOfSlow = 16
/** After three that took their time, one after the other, this thread waits for none. */
const mostDebt = 3 * debtOfSlow

/** To hand a sync to another thread costs more than one that takes no time. */
const syncNow = (disk: Disk, descriptor: number): void => {
  const began = performance.now()
  disk.fs.fsyncSync(descriptor)
  disk.debt = performance.now() - began < noTime ? Math.max(0, disk.debt - 1) : disk.debt + debtOfSlow
}

/** By a callback: the handles of `fs.promises` cost three times as much, and every file of every result comes here. */
const handedOver = (fs: FileSystem, descriptor: number): Promise<void> =>
  new Promise((resolve, reject) => fs.fsync(descriptor, (error) => (error === null ? resolve() : reject(error))))
