import { dirname } from 'node:path'
import { codeOf, listEntries, type FileSystem } from '../file-system.js'

/** Forces one path to disk. */
export type Sync = (fs: FileSystem, path: string) => Promise<unknown>

/** How many syncs at once: the journal of the file system takes them together. */
const parallel = 16

/** Rejects with the first error, after all that was begun has ended. */
export const syncAll = async (fs: FileSystem, paths: readonly string[], sync: Sync): Promise<void> => {
  const queue = paths.values()
  const work = async (): Promise<void> => {
    for (const path of queue) await sync(fs, path)
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
  async (fs, path) => {
    try {
      await sync(fs, path)
    } catch (error) {
      if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM' && codeOf(error) !== 'ENOTDIR') throw error
    }
  }

/** Syncs a file, or a folder with all that is in it. */
export const syncContents: Sync = async (fs, path) => {
  const waiting = [path]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!(await syncOne(fs, next))) continue
    for (const entry of listEntries(fs, next))
      if (entry.isFile() || entry.isDirectory()) waiting.push(`${next}/${entry.name}`)
  }
}

/** Whether it is a folder. What has been replaced or removed meanwhile needs no sync. */
export const syncOne = async (fs: FileSystem, path: string): Promise<boolean> => {
  try {
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
    try {
      await synced(fs, descriptor)
      return fs.fstatSync(descriptor).isDirectory()
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

/** By a callback: the handles of `fs.promises` cost three times as much, and every file of every result comes here. */
const synced = (fs: FileSystem, descriptor: number): Promise<void> =>
  new Promise((resolve, reject) => fs.fsync(descriptor, (error) => (error === null ? resolve() : reject(error))))
