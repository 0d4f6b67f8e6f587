import type { Dirent } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf, type FileSystem } from './file-system.js'

/** Forces commits to disk: one by one, in groups, or never. */
export interface Durability {
  /** Before names are given: `each` syncs contents now. */
  beforeCommit(paths: readonly string[]): Promise<void>
  /** After names were given: `each` syncs the folder now, `group` remembers. */
  afterCommit(paths: readonly string[]): Promise<void>
  /** `group`: syncs what was remembered, each file once, then each folder once. Rejects with the first error of the system. */
  flush(): Promise<void>
}

/** How many syncs at once: the journal of the file system takes them together. */
const parallel = 16

/** `root`: folders from there down are synced too, since they may be new. */
export const durability = (fs: FileSystem, root: string, mode: 'group' | 'each' | 'none'): Durability => {
  let pending: string[] = []
  let running: Promise<void> = Promise.resolve()

  const syncAll = async (paths: readonly string[], sync: (fs: FileSystem, path: string) => Promise<unknown>): Promise<void> => {
    const queue = paths.values()
    const work = async (): Promise<void> => {
      for (const path of queue) await sync(fs, path)
    }
    const ended = await Promise.allSettled(Array.from({ length: Math.min(parallel, paths.length) }, work))
    const failed = ended.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  const foldersOf = (paths: readonly string[]): readonly string[] => {
    const folders = new Set<string>()
    for (const path of paths) {
      for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) {
        folders.add(folder)
        if (folder === root || folder === dirname(folder)) break
      }
    }
    return [...folders, dirname(root)]
  }

  switch (mode) {
    case 'none':
      return { beforeCommit: async () => undefined, afterCommit: async () => undefined, flush: async () => undefined }
    case 'each':
      return { beforeCommit: (paths) => syncAll(paths, syncContents), afterCommit: (paths) => syncAll(foldersOf(paths), syncOne), flush: async () => undefined }
    case 'group':
      return {
        beforeCommit: async () => undefined,
        afterCommit: async (paths) => {
          for (const path of paths) pending.push(path)
        },
        flush: () => {
          const mine = pending
          pending = []
          // One after the other: whoever asks waits for what others have taken already.
          const next = running.catch(() => undefined).then(async () => {
            if (mine.length === 0) return
            await syncAll([...new Set(mine)], syncContents)
            await syncAll(foldersOf(mine), syncOne)
          })
          running = next
          return next
        },
      }
  }
}

/** Syncs a file, or a folder with all that is in it. */
const syncContents = async (fs: FileSystem, path: string): Promise<void> => {
  const waiting = [path]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!(await syncOne(fs, next))) continue
    for (const entry of entriesIn(fs, next)) if (entry.isFile() || entry.isDirectory()) waiting.push(`${next}/${entry.name}`)
  }
}

/** A folder may be removed while it is being synced: then there is nothing in it to sync any more. */
const entriesIn = (fs: FileSystem, folder: string): readonly Dirent[] => {
  try {
    return fs.readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
}

/** Whether it is a folder. What has been replaced or removed meanwhile needs no sync. */
const syncOne = async (fs: FileSystem, path: string): Promise<boolean> => {
  try {
    const handle = await fs.promises.open(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
    try {
      await handle.sync()
      return (await handle.stat()).isDirectory()
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EINVAL') return false // gone, or a system that cannot sync folders
    throw error
  }
}
