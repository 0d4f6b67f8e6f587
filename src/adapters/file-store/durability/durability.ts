import type { FileSystem } from '../file-system.js'
import { exceptForeign, foldersAbove, syncAll, syncContents, syncOne, syncWithFolders } from './sync-paths.js'
import type { Unsynced } from './unsynced.js'

/** Forces commits to disk: one by one, in groups, or never. */
export interface Durability {
  /**
   * Before names are given: `each` syncs contents now. `finals`: the names, which whoever comes after a kill has to
   * sync.
   */
  beforeCommit(paths: readonly string[], finals: readonly string[]): Promise<void> | undefined
  /** After names were given: `each` syncs the folder now, `group` remembers. */
  afterCommit(finals: readonly string[]): Promise<void> | undefined
  /** Instead of that, where names were not given. */
  commitFailed(finals: readonly string[]): void
  /**
   * `group`: these names are about to be given by somebody who computes for this process, and notes and syncs nothing
   * himself. To be called when he has ended: the answer.
   */
  readonly expect?: (finals: readonly string[]) => () => Promise<void>
  /**
   * `group`: syncs what was remembered, each file once, then each folder once; what a process that did not end in order
   * has left unsynced too, unless it is for its `own` alone.
   * Rejects with the first error of the system: what was remembered then is, still.
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
  const commits: Commits = {
    fs,
    root,
    unsynced,
    pending: [],
    flushed: Promise.resolve(),
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
          await syncAll(fs, paths, syncContents)
        },
        afterCommit: async (finals) => {
          ended(commits, finals)
          await syncAll(fs, foldersAbove(root, finals), syncOne)
        },
      }
}

/** Nothing is noted, and nothing synced. */
export const never: Durability = {
  beforeCommit: () => undefined,
  afterCommit: () => undefined,
  commitFailed: () => undefined,
  flush: async () => undefined,
}

/** Commits of this process that are not forced to disk yet. */
interface Commits {
  readonly fs: FileSystem
  readonly root: string
  readonly unsynced: Unsynced
  /** Names that the next flush syncs. */
  pending: string[]
  /** The last flush that was asked for. */
  flushed: Promise<void>
  /** Commits between the two calls, by the array that both are given. */
  readonly underway: Set<readonly string[]>
  /** Names that could not be noted for other processes: they are not left for later. */
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
  return isUnnoted ? syncWithFolders(commits.fs, commits.root, finals) : undefined
}

/** One after the other: whoever asks waits for what others have taken already. */
const flushNext = (commits: Commits, own: boolean): Promise<void> => {
  commits.flushed = commits.flushed.catch(() => undefined).then(() => flushNow(commits, own))
  return commits.flushed
}

const flushNow = async (commits: Commits, own: boolean): Promise<void> => {
  const { fs, root, unsynced, underway, pending: mine } = commits
  commits.pending = []
  // else the list names something that gets its name while we sync: noted again where it has become long
  const isWhole = underway.size === 0 || unsynced.isLong()
  const forget = isWhole ? unsynced.end() : () => undefined
  if (isWhole) for (const finals of underway) begun(commits, finals)
  try {
    for (const { paths, done } of own ? [] : unsynced.ofOthers()) {
      await syncWithFolders(fs, root, paths, exceptForeign)
      done()
    }
    await syncWithFolders(fs, root, mine)
    forget()
  } catch (error) {
    commits.pending = [...mine, ...commits.pending]
    throw error
  }
}
