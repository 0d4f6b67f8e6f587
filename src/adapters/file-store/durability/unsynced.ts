import * as t from 'io-ts'
import { join } from 'node:path'
import { readJsonText } from '../../../declare/codec/guarded.js'
import { listNames, quietly, removeQuietly, tryReadText, writeAll, type FileSystem } from '../file-system.js'
import { makerOf, temporaryName } from '../temporary-names.js'

/**
 * Tells other processes which commits are not synced yet: a list in the root, written before names are given and
 * removed when all of them are synced. A process that finds the list of a killed process syncs its names before it
 * reports results as done.
 */
export interface Unsynced {
  /** Records paths below the root that are about to get their final names; returns whether that could be written. */
  note(paths: readonly string[]): boolean
  /** Whether the list is so long that reading it would take other processes a while. */
  isLong(): boolean
  /**
   * Ends the list: later names go to a new one. The returned function removes the ended list, and is called when all of
   * it is synced.
   */
  end(): () => void
  /** Names that other processes have not synced and that were not returned before. */
  ofOthers(): readonly Others[]
}

export interface Others {
  readonly paths: readonly string[]
  /** Called when they are synced. Removes the list of a dead process. */
  readonly done: () => void
}

const start = '.unsynced.'
const ending = 'list'
const schema = 1
const header = `${JSON.stringify({ schema })}\n`
/** Bytes; a longer list continues in another file, so that each can be read. */
const longest = 8 * 1024 * 1024

const long = 64 * 1024

const Line = t.array(t.string)

/** `isLeft`: whether a creator on another host is dead. */
export const unsyncedLists = (
  fs: FileSystem,
  root: string,
  isLeft: (path: string, maker: string) => boolean,
): Unsynced => {
  const lists: Lists = { fs, root, isLeft, open: undefined, mine: new Set(), seen: new Map() }
  return {
    note: (paths) => note(lists, paths),
    isLong: () => (lists.open?.length ?? 0) > long,
    end: () => {
      closeList(lists)
      const ended = [...lists.mine]
      return () => {
        for (const path of ended) {
          removeQuietly(fs, path)
          lists.mine.delete(path)
        }
      }
    },
    ofOthers: () => listNames(fs, root).flatMap((name) => ofAnother(lists, name)),
  }
}

interface Lists {
  readonly fs: FileSystem
  readonly root: string
  readonly isLeft: (path: string, maker: string) => boolean
  /** The list being written. */
  open: OpenList | undefined
  /** Paths of all lists that this process has written and not removed. */
  readonly mine: Set<string>
  /** Length of the part of each other list that was synced, by name. */
  readonly seen: Map<string, number>
}

interface OpenList {
  readonly descriptor: number
  length: number
}

const note = (lists: Lists, paths: readonly string[]): boolean => {
  const { fs, root } = lists
  const line = `${JSON.stringify(paths.map((path) => path.slice(root.length + 1)))}\n`
  try {
    if (lists.open !== undefined && lists.open.length > longest) closeList(lists)
    writeTo(fs, lists.open ?? openList(lists), line)
    return true
  } catch {
    return false
  }
}

const openList = (lists: Lists): OpenList => {
  const { fs, root, mine } = lists
  const path = temporaryName(root, start.slice(1, -1), ending)
  const list = { descriptor: fs.openSync(path, 'wx'), length: 0 }
  lists.open = list
  mine.add(path)
  writeTo(fs, list, header)
  return list
}

const writeTo = (fs: FileSystem, list: OpenList, text: string): void => {
  const bytes = Buffer.from(text, 'utf8')
  writeAll(fs, list.descriptor, bytes)
  list.length += bytes.length
}

const closeList = (lists: Lists): void => {
  const list = lists.open
  lists.open = undefined
  if (list !== undefined) quietly(() => lists.fs.closeSync(list.descriptor))
}

const ofAnother = ({ fs, root, isLeft, mine, seen }: Lists, name: string): readonly Others[] => {
  const path = join(root, name)
  const maker = name.startsWith(start) && !mine.has(path) ? makerOf(name, ending) : undefined
  if (maker === undefined) return []
  // checked before reading: a dead process adds nothing afterwards
  const isDead = maker.life === 'dead' || (maker.life === 'unknown' && isLeft(path, maker.start))
  const text = tryReadText(fs, path) ?? ''
  const known = seen.get(name) ?? 0
  if (text.length === known && !isDead) return []
  const end = text.lastIndexOf('\n') + 1
  const done = (): void => {
    seen.set(name, end)
    if (isDead) removeQuietly(fs, path)
  }
  return [{ paths: pathsIn(root, text.slice(known, end)), done }]
}

/** Paths within the store, whatever a list contains. */
const pathsIn = (root: string, text: string): readonly string[] =>
  text
    .split('\n')
    .flatMap((line) => readJsonText(Line, line) ?? []) // skips the header with the schema
    .filter(isInside)
    .map((path) => join(root, path))

const isInside = (path: string): boolean =>
  path !== '' &&
  !path.includes('\0') &&
  path.split(/[/\\]/).every((segment) => segment !== '' && segment !== '.' && segment !== '..')
