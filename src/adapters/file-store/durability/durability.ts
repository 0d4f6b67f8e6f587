import type { Dirent } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf, type FileSystem } from '../file-system.js'
import type { Unsynced } from './unsynced.js'

/** Forces commits to disk: one by one, in groups, or never. */
export interface Durability {
  /**
   * Before names are given: `each` syncs contents now. `finals`: the names, which whoever comes after a kill has to
   * sync.
   */
  beforeCommit(paths: readonly string[], finals: readonly string[]): Promise<void>
  /** After names were given: `each` syncs the folder now, `group` remembers. */
  afterCommit(finals: readonly string[]): Promise<void>
  /** Instead of that, where names were not given. */
  commitFailed(finals: readonly string[]): void
  /**
   * `group`: syncs what was remembered, each file once, then each folder once; what a process that did not end in order
   * has left unsynced too.
   * Rejects with the first error of the system: what was remembered then is, still.
   */
  flush(): Promise<void>
}

/** How many syncs at once: the journal of the file system takes them together. */
const parallel = 16

/** `root`: folders from there down are synced too, since they may be new. */
export const durability = (
  fs: FileSystem,
  root: string,
  mode: 'group' | 'each' | 'none',
  unsynced: Unsynced,
): Durability => {
  let pending: string[] = []
  let running: Promise<void> = Promise.resolve()

  const syncAll = async (
    paths: readonly string[],
    sync: (fs: FileSystem, path: string) => Promise<unknown>,
  ): Promise<void> => {
    const queue = paths.values()
    const work = async (): Promise<void> => {
      for (const path of queue) await sync(fs, path)
    }
    const ended = await Promise.allSettled(Array.from({ length: Math.min(parallel, paths.length) }, work))
    const failed = ended.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  const syncNow = async (paths: readonly string[]): Promise<void> => {
    if (paths.length === 0) return
    await syncAll([...new Set(paths)], syncContents)
    await syncAll(foldersAbove(root, paths), syncOne)
  }

  const syncOthers = async (): Promise<void> => {
    for (const { paths, done } of unsynced.ofOthers()) {
      if (paths.length > 0) {
        await syncAll([...new Set(paths)], where(syncContents))
        await syncAll(foldersAbove(root, paths), where(syncOne))
      }
      done()
    }
  }

  const flush = (): Promise<void> => {
    // One after the other: whoever asks waits for what others have taken already.
    const next = running
      .catch(() => undefined)
      .then(async () => {
        const mine = pending
        pending = []
        const isWhole = underway.size === 0 // else the list names something that gets its name while we sync
        const forget = unsynced.end()
        try {
          await syncOthers()
          await syncNow(mine)
          if (isWhole) forget()
        } catch (error) {
          pending = [...mine, ...pending]
          throw error
        }
      })
    running = next
    return next
  }

  /** Commits between the two calls, by the array that both are given. */
  const underway = new Set<readonly string[]>()
  /** What cannot be told to others is not left for later. */
  const untold = new Set<string>()
  const tell = (finals: readonly string[]): void => {
    underway.add(finals)
    if (!unsynced.note(finals)) for (const path of finals) untold.add(path)
  }
  const ended = (finals: readonly string[]): void => {
    underway.delete(finals)
    for (const path of finals) untold.delete(path)
  }
  const afterCommit = async (finals: readonly string[]): Promise<void> => {
    const isUntold = untold.size > 0 && finals.some((path) => untold.has(path))
    ended(finals)
    for (const path of finals) pending.push(path)
    if (isUntold) await syncNow(finals)
  }

  switch (mode) {
    case 'none':
      return {
        beforeCommit: async () => undefined,
        afterCommit: async () => undefined,
        commitFailed: () => undefined,
        flush: async () => undefined,
      }
    case 'each':
      return {
        beforeCommit: async (paths, finals) => {
          tell(finals)
          await syncAll(paths, syncContents)
        },
        afterCommit: async (finals) => {
          ended(finals)
          await syncAll(foldersAbove(root, finals), syncOne)
        },
        commitFailed: ended,
        flush,
      }
    case 'group':
      return { beforeCommit: async (_, finals) => tell(finals), afterCommit, commitFailed: ended, flush }
  }
}

/** Folders of some paths and those above them, up to the one that the store is in. */
const foldersAbove = (root: string, paths: readonly string[]): readonly string[] => {
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
const where =
  (sync: (fs: FileSystem, path: string) => Promise<unknown>) =>
  async (fs: FileSystem, path: string): Promise<void> => {
    try {
      await sync(fs, path)
    } catch (error) {
      if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM' && codeOf(error) !== 'ENOTDIR') throw error
    }
  }

/** Syncs a file, or a folder with all that is in it. */
const syncContents = async (fs: FileSystem, path: string): Promise<void> => {
  const waiting = [path]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!(await syncOne(fs, next))) continue
    for (const entry of entriesIn(fs, next))
      if (entry.isFile() || entry.isDirectory()) waiting.push(`${next}/${entry.name}`)
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
