import { join } from 'node:path'
import type { ItemCounts, ItemKind, ItemLine, ItemLog, ItemsAtOnce, ItemSet } from '../../../runtime/ports/items.js'
import {
  codeOf,
  diskError,
  kindOf,
  makeFolder,
  listEntries,
  listNames,
  quietly,
  writeAll,
  type FileSystem,
} from '../file-system.js'
import { checkFolder } from '../safe-path.js'
import { moveItemsAside } from '../store-walk.js'
import type { StoreParts } from '../store-parts.js'
import { temporaryName } from '../temporary-names.js'
import { lineOf } from './item-line.js'
import { mergeSegments } from './merge-segments.js'
import { itemSegments, readingOf, segmentEnding } from './item-segments.js'

/**
 * Results of items, below `.items` in the root: a folder per set, containing a segment for each process that has added
 * to it. Processes share only folders, so a kill tears no more than the last line of its process; a lease per item
 * keeps two processes from computing the same one. `durable`: results are synced when a set is closed.
 */
export const itemFolder = '.items'

export const fileItems = (parts: StoreParts, durable: boolean): ItemsAtOnce => {
  const { pathOf, ...kept } = itemsBelow(parts.fs, join(parts.location, itemFolder))
  return {
    open: (set) => openLog(parts, pathOf(set), durable),
    ...kept,
    setAside: async (set, place, label) => {
      const path = pathOf(set)
      parts.leases.sweep(path)
      if (listNames(parts.fs, path).some((name) => name.endsWith('.lease'))) return false
      moveItemsAside(parts.fs, parts.location, `${itemFolder}/${set.folder}`, path, place, label)
      return true
    },
  }
}

/** Read access to sets of items below a folder. */
export const itemsBelow = (
  fs: FileSystem,
  root: string,
): Omit<ItemsAtOnce, 'open' | 'setAside'> & { readonly pathOf: (set: ItemSet) => string } => {
  const pathOf = ({ folder, name }: ItemSet): string => {
    checkFolder(folder)
    if (!/^[A-Za-z][\w-]*$/.test(name)) throw new TypeError(`'${name}' cannot be the name of a set of items`)
    return join(root, folder, `${name}${setEnding}`)
  }
  return {
    pathOf,
    list: (folder) =>
      setsBelow(fs, root, folder)
        .filter((set) => folder === undefined || set.folder === folder)
        .map((set) => countsOf(fs, set, pathOf(set))),
    sets: () => setsBelow(fs, root),
    lines: (set, which = 'newest') => linesIn(fs, pathOf(set), which),
    remove: (set) => fs.rmSync(pathOf(set), { recursive: true, force: true }),
  }
}

export const setEnding = '.set'

/** Segments that this thread writes to. */
const openPaths = new Set<string>()

const openLog = ({ fs, leases, location }: StoreParts, folder: string, durable: boolean): ItemLog => {
  const segments = itemSegments(fs, folder)
  const prepare = (): void => makeFolder(fs, folder)
  if (kindOf(fs, join(location, itemFolder)) === 'link') throw new TypeError(`${itemFolder} in the store is a link`)
  segments.refresh()
  leases.sweep(folder)
  let own: { readonly path: string; readonly descriptor: number; bytes: number } | undefined
  const begin = () => {
    prepare()
    const path = temporaryName(folder, 'results', segmentEnding)
    openPaths.add(path)
    return { path, descriptor: fs.openSync(path, 'ax'), bytes: 0 }
  }
  return {
    ...readingOf(segments),
    append: (line, time) => {
      if (own !== undefined && kindOf(fs, own.path) === undefined) {
        openPaths.delete(own.path)
        fs.closeSync(own.descriptor) // the set was removed or moved meanwhile: lines added there would be lost
        own = undefined
      }
      own ??= begin()
      const bytes = lineOf(time === undefined ? inOrder(line, segments.head(line.key)?.at) : line)
      try {
        writeAll(fs, own.descriptor, bytes)
        segments.added(own.path, bytes, own.bytes)
        own.bytes += bytes.length
      } catch (problem) {
        const { descriptor, bytes: whole } = own
        quietly(() => fs.ftruncateSync(descriptor, whole)) // half a line would corrupt the next one
        throw isFull(problem)
          ? diskError('ENOSPC', `ENOSPC: the disk of ${folder}, where results of items are kept, is full`)
          : problem
      }
    },
    claim: (key, { signal, waiting }) => {
      prepare()
      return leases.acquire(join(folder, `${key}.lease`), { signal, waiting, prepare })
    },
    sync: async () => {
      if (own !== undefined && durable) await synced(fs, own.descriptor)
    },
    close: async () => {
      try {
        if (own !== undefined && durable) await synced(fs, own.descriptor)
      } finally {
        const last = own
        own = undefined
        segments.close()
        if (last !== undefined) {
          fs.closeSync(last.descriptor)
          openPaths.delete(last.path)
          const isOpen = (name: string): boolean => openPaths.has(`${folder}/${name}`)
          await mergeSegments({ fs, leases, folder, isOpen }).catch(() => undefined) // they can stay as they are
        }
      }
    },
  }
}

const isFull = (problem: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(codeOf(problem) ?? '')

/** Makes the line newer than the former one of its key, even if the clock of the earlier writer was ahead. */
export const inOrder = (line: ItemLine, before = -Infinity): ItemLine =>
  before > line.at ? { ...line, at: before + 1 } : line

const synced = (fs: FileSystem, descriptor: number): Promise<void> =>
  new Promise((resolve, reject) =>
    fs.fdatasync(descriptor, (problem) => (problem === null ? resolve() : reject(problem))),
  )

/** All sets below a folder of the root; links are not followed. */
const setsBelow = (fs: FileSystem, root: string, below = ''): readonly ItemSet[] => {
  const sets: ItemSet[] = []
  const waiting = [below]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop())
    for (const entry of listEntries(fs, join(root, folder))) {
      if (!entry.isDirectory()) continue
      if (entry.name.endsWith(setEnding)) sets.push({ folder, name: entry.name.slice(0, -setEnding.length) })
      else waiting.push(folder === '' ? entry.name : `${folder}/${entry.name}`)
    }
  return sets.toSorted((one, other) => (`${one.folder} ${one.name}` < `${other.folder} ${other.name}` ? -1 : 1))
}

function* linesIn(fs: FileSystem, path: string, which: 'newest' | 'all' = 'newest'): Generator<ItemLine> {
  const segments = itemSegments(fs, path)
  try {
    segments.refresh()
    if (which === 'all') yield* segments.all()
    else for (const line of segments.newest()) if (!isAside(line)) yield line
  } finally {
    segments.close()
  }
}

/** Bookkeeping lines, not results of items. */
const isAside = ({ kind }: ItemLine): boolean => kind === 'asked' || kind === 'gone' || kind === 'sum'

const countsOf = (fs: FileSystem, set: ItemSet, path: string): ItemCounts => {
  const counts: Record<ItemKind, number> = { kept: 0, failed: 0, refused: 0, batch: 0, asked: 0, gone: 0, sum: 0 }
  for (const { kind } of linesIn(fs, path)) counts[kind]++
  const { kept, failed, refused } = counts
  const kinds = { kept, failed, refused }
  const segments = itemSegments(fs, path)
  try {
    segments.refresh()
    return { ...set, ...kinds, ...segments.size() }
  } catch (problem) {
    if (codeOf(problem) === 'ENOENT') return { ...set, ...kinds, bytes: 0, damaged: 0 }
    throw problem
  } finally {
    segments.close()
  }
}
