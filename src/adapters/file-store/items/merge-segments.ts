import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { addUsage, recordIn } from '../../../runtime/items/item-record.js'
import type { ItemLine } from '../../../runtime/ports/items.js'
import type { FileLeases } from '../../lease/file-lease.js'
import { listNames, quietly, removeQuietly, writeAll, type FileSystem } from '../file-system.js'
import { makerOf, temporaryName } from '../temporary-names.js'
import { lineOf } from './item-line.js'
import { itemSegments, mergedStart, segmentEnding } from './item-segments.js'

/**
 * Merges many small segments into one, without replaced lines; the cost of these is summed up in its first line, with
 * the names of the segments that it replaces. It gets its name before they are removed: a kill in between leaves both,
 * and readers count only one. Segments of living processes are left alone.
 */

export interface Merging {
  readonly fs: FileSystem
  readonly leases: Pick<FileLeases, 'acquire' | 'holder' | 'isLeft'>
  readonly folder: string
  /** Whether this process writes to a segment of that name. */
  readonly isOpen: (name: string) => boolean
}

/** Reading this many is not noticeable. */
const maxSegments = 8
/** Maximum share of replaced lines, in bytes. */
const maxReplaced = 0.15
const leastReplaced = 64 * 1024

/** Merges segments if worthwhile; resolves with the number merged. Throws disk errors. */
export const mergeSegments = async (merging: Merging): Promise<number> => {
  const { leases, folder } = merging
  if (worthMerging(merging).length === 0) return 0
  const path = join(folder, 'merge.lease')
  if (leases.holder(path) !== undefined) return 0
  const given = new AbortController()
  const lease = await leases
    .acquire(path, { signal: given.signal, waiting: () => given.abort(), prepare: () => undefined })
    .catch(() => undefined) // another process is merging just now
  if (lease === undefined) return 0
  try {
    const chosen = worthMerging(merging) // another process may have done it
    if (chosen.length > 0) await merge(merging, chosen)
    return chosen.length
  } finally {
    await lease.release()
  }
}

interface Sized {
  readonly name: string
  readonly size: number
}

/**
 * Closed segments, except large ones compared with which the others are small: a line is copied only a few times while
 * a set grows. All of them if many lines are replaced.
 */
const worthMerging = (merging: Merging): readonly string[] => {
  const { fs, folder } = merging
  const closed = listNames(fs, folder)
    .filter((name) => name.endsWith(`.${segmentEnding}`) && isClosed(merging, name))
    .map((name): Sized => ({ name, size: fs.lstatSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0 }))
    .toSorted((one, other) => one.size - other.size)
  if (closed.length === 0) return []
  let sum = 0
  let small = 0
  for (const [at, { size }] of closed.entries()) {
    if (size > 4 * sum && at >= maxSegments / 2) break
    sum += size
    small = at + 1
  }
  const chosen = closed.slice(0, small)
  if (chosen.length >= maxSegments) return chosen.map(({ name }) => name)
  return closed.length > 1 && isMuchReplaced(merging, closed) ? closed.map(({ name }) => name) : []
}

const isClosed = ({ isOpen, leases, folder }: Merging, name: string): boolean => {
  const maker = makerOf(name, segmentEnding)
  if (maker === undefined) return false
  if (maker.life === 'unknown') return leases.isLeft(join(folder, name), maker.start)
  return maker.life === 'dead' || (maker.isMe && !isOpen(name))
}

const isMuchReplaced = ({ fs, folder }: Merging, closed: readonly Sized[]): boolean => {
  const segments = itemSegments(fs, folder)
  try {
    segments.refresh()
    const replaced = segments.replacedBytes()
    return replaced > leastReplaced && replaced > maxReplaced * closed.reduce((sum, { size }) => sum + size, 0)
  } finally {
    segments.close()
  }
}

const merge = async ({ fs, folder }: Merging, chosen: readonly string[]): Promise<void> => {
  const sizes = new Map(chosen.map((name) => [name, fs.lstatSync(join(folder, name)).size]))
  const segments = itemSegments(fs, folder)
  const temporary = temporaryName(folder, 'merging')
  const descriptor = fs.openSync(temporary, 'wx')
  try {
    segments.refresh()
    writeAll(fs, descriptor, lineOf(await sumOf(segments, sizes)))
    await copyBest(fs, descriptor, segments, sizes)
    fs.fsyncSync(descriptor)
    fs.closeSync(descriptor)
    fs.renameSync(temporary, temporaryName(folder, mergedStart.slice(1, -1), segmentEnding))
    syncFolder(fs, folder)
    for (const [name, size] of sizes) {
      const path = join(folder, name)
      if (fs.lstatSync(path, { throwIfNoEntry: false })?.size === size) removeQuietly(fs, path)
    }
  } catch (problem) {
    quietly(() => fs.closeSync(descriptor))
    removeQuietly(fs, temporary)
    throw problem
  } finally {
    segments.close()
  }
}

type Segments = ReturnType<typeof itemSegments>
type Chosen = ReadonlyMap<string, number>

/** The cost of replaced lines, including earlier sums. */
const sumOf = async (segments: Segments, chosen: Chosen): Promise<ItemLine> => {
  const usage: Record<string, number> = {}
  let attempts = 0
  let seconds = 0
  let count = 0
  for (const lines of segments.byKey()) {
    if (++count % 1000 === 0) await nextTurn()
    for (const [at, { name, line }] of lines.entries()) {
      if (!chosen.has(name) || (at === 0 && line.kind !== 'sum')) continue
      const record = recordIn(line.text)
      attempts += record?.attempts ?? 0
      seconds += record?.seconds ?? 0
      for (const [unit, amount] of Object.entries(record?.usage ?? {})) addUsage(usage, unit, amount)
    }
  }
  const text = JSON.stringify({ schema: 1, attempts, seconds, usage, replaces: [...chosen.keys()] })
  return { key: randomBytes(16).toString('hex'), kind: 'sum', at: Date.now(), text }
}

const copyBest = async (fs: FileSystem, descriptor: number, segments: Segments, chosen: Chosen): Promise<void> => {
  const most = 1024 * 1024
  let waiting: Buffer[] = []
  let length = 0
  const write = (): void => {
    writeAll(fs, descriptor, Buffer.concat(waiting))
    waiting = []
    length = 0
  }
  let count = 0
  for (const [best] of segments.byKey()) {
    if (++count % 1000 === 0) await nextTurn()
    if (best === undefined || best.line.kind === 'sum' || !chosen.has(best.name)) continue
    waiting.push(best.bytes, Buffer.from('\n'))
    length += best.bytes.length + 1
    if (length >= most) write()
  }
  write()
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** The new name must be on disk before the old ones are removed. */
const syncFolder = (fs: FileSystem, folder: string): void =>
  quietly(() => {
    const descriptor = fs.openSync(folder, 'r')
    try {
      fs.fsyncSync(descriptor)
    } finally {
      fs.closeSync(descriptor)
    }
  })
