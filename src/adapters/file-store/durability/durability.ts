import type { FileSystem } from '../file-system.js'
import {
  exceptForeign,
  foldersAbove,
  syncAll,
  syncContents,
  syncOne,
  syncWithFolders,
  unknownDisk,
  type Disk,
} from './sync-paths.js'
import type { Unsynced } from './unsynced.js'

/** Forces commits to disk: one by one, in groups, or never. */
export interface Durability {
  /**
   * Before the final names exist: `each` syncs contents now. `finals`: the names, which another process has to sync
   * after a kill.
   */
  beforeCommit(paths: readonly string[], finals: readonly string[]): Promise<void> | undefined
  /** After the final names exist: `each` syncs the folder now, `group` records them for a flush. */
  afterCommit(finals: readonly string[]): Promise<void> | undefined
  /** Called instead of `afterCommit` if the commit failed. */
  commitFailed(finals: readonly string[]): void
  /**
   * `group`: announces names that another thread or process is about to commit for this process without recording or
   * syncing them itself. The returned function is to be called when it has ended.
   */
  readonly expect?: (finals: readonly string[]) => () => Promise<void>
  /**
   * `group`: syncs the recorded names, each file once, then each folder once; unless `own`, also those that killed
   * processes left unsynced.
   * Rejects with the first error of the system; the recorded names are kept then.
   */
  flush(own?: boolean): Promise<void>
}

/** `root`: folders from there down are synced too, since they may be new. */
export const durability = (
  fs: FileSystem,
  root: string,
  mode: 'group' | 'each' | 'none',
  unsynced: Unsynced,
): Durability => {
  if (mode === 'none') return never
  const disk = unknownDisk(fs)
  const commits: Commits = {
    disk,
    root,
    unsynced,
    pending: [],
    flushed: Promise.resolve(),
    queued: undefined,
    underway: new Set(),
    unnoted: new Set(),
  }
  const shared = {
    commitFailed: (finals: readonly string[]) => ended(commits, finals),
    flush: (own = false) => flushNext(commits, own),
  }
  return mode === 'group'
    ? {
        ...shared,
        beforeCommit: (_, finals) => {
          begun(commits, finals)
          return undefined
        },
        afterCommit: (finals) => remember(commits, finals),
        expect: (finals) => {
          begun(commits, finals)
          return async () => remember(commits, finals)
        },
      }
    : {
        ...shared,
        beforeCommit: async (paths, finals) => {
          begun(commits, finals)
          await syncAll(disk, paths, syncContents)
        },
        afterCommit: async (finals) => {
          ended(commits, finals)
          await syncAll(disk, foldersAbove(root, finals), syncOne)
        },
      }
}

/** Records and syncs nothing. */
export const never: Durability = {
  beforeCommit: () => undefined,
  afterCommit: () => undefined,
  commitFailed: () => undefined,
  flush: async () => undefined,
}

/** Commits of this process that are not synced yet. */
interface Commits {
  readonly disk: Disk
  readonly root: string
  readonly unsynced: Unsynced
  /** Names that the next flush syncs. */
  pending: string[]
  /** The most recent flush. */
  flushed: Promise<void>
  /** It, until it begins. */
  queued: { readonly own: boolean } | undefined
  /** Commits in progress, identified by the array that both calls receive. */
  readonly underway: Set<readonly string[]>
  /** Names that could not be recorded for other processes: they are synced immediately. */
  readonly unnoted: Set<string>
}

const begun = ({ underway, unsynced, unnoted }: Commits, finals: readonly string[]): void => {
  underway.add(finals)
  if (!unsynced.note(finals)) for (const path of finals) unnoted.add(path)
}

const ended = ({ underway, unnoted }: Commits, finals: readonly string[]): void => {
  underway.delete(finals)
  for (const path of finals) unnoted.delete(path)
}

const remember = (commits: Commits, finals: readonly string[]): Promise<void> | undefined => {
  const isUnnoted = commits.unnoted.size > 0 && finals.some((path) => commits.unnoted.has(path))
  ended(commits, finals)
  for (const path of finals) commits.pending.push(path)
  return isUnnoted ? syncWithFolders(commits.disk, commits.root, finals) : undefined
}

/**
 * One at a time: a caller also waits for names that earlier flushes have taken. One that has not begun takes the names
 * of all callers.
 */
const flushNext = (commits: Commits, own: boolean): Promise<void> => {
  const { queued, flushed } = commits
  if (queued !== undefined && (own || !queued.own)) return flushed
  const mine = { own }
  const begin = (): Promise<void> => {
    if (commits.queued === mine) commits.queued = undefined
    return flushNow(commits, own)
  }
  commits.queued = mine
  commits.flushed = flushed.catch(() => undefined).then(begin)
  return commits.flushed
}

const flushNow = async (commits: Commits, own: boolean): Promise<void> => {
  const { disk, root, unsynced, underway, pending: mine } = commits
  commits.pending = []
  // otherwise the list contains names that are given while we sync; a long list is ended anyway, and these are noted
  // again
  const isWhole = underway.size === 0 || unsynced.isLong()
  const forget = isWhole ? unsynced.end() : () => undefined
  if (isWhole) for (const finals of underway) begun(commits, finals)
  try {
    for (const { paths, done } of own ? [] : unsynced.ofOthers()) {
      await syncWithFolders(disk, root, paths, exceptForeign)
      done()
    }
    await syncWithFolders(disk, root, mine)
    forget()
  } catch (error) {
    commits.pending = [...mine, ...commits.pending]
    throw error
  }
}
