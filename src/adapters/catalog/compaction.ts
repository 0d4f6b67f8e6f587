import type { FileLeases } from '../lease/file-lease.js'
import { quietly, removeQuietly, writeAll, type FileSystem } from '../file-store/file-system.js'
import { makerOf, temporaryName } from '../file-store/temporary-names.js'
import { catalogNames, indexIn, isSorted, readSpan, segmentEnding, sortedEnding, withFile } from './catalog-files.js'
import { catalogVersion, headLine, readLines, sealedBytes, unsealed } from './catalog-line.js'
import { maxHeld } from './catalog-reader.js'
import { compactionPlan, type CatalogFile, type Compaction } from './compaction-plan.js'
import { merged, type StampNow } from './merge.js'
import { hashed, indexMaker, inOrder, spanOf, type Hashed, type SortedIndex } from './sorted-index.js'

/** The parts of a store that compaction needs. */
export interface CompactionParts {
  readonly fs: FileSystem
  readonly folder: string
  readonly leases: Pick<FileLeases, 'acquire' | 'isLeft' | 'sweep'>
  readonly stampNow: StampNow
}

/**
 * Merges closed files into one sorted file, published by its name, and removes the merged ones. Two processes that do
 * this at once only duplicate work, so the lease saves work but is not needed for correctness. Never rejects.
 */
export const compact = async (parts: CompactionParts): Promise<void> => {
  const { fs, folder, leases } = parts
  const plan = compactionPlan(filesIn(parts))
  if (plan === undefined) return
  const busy = new AbortController()
  const prepare = (): void => undefined
  const lease = await leases
    .acquire(`${folder}/compaction.lease`, { signal: busy.signal, waiting: () => busy.abort(), prepare })
    .catch(() => undefined)
  if (lease === undefined && !plan.overdue) return
  const target = temporaryName(folder, 'entries')
  try {
    leases.sweep(folder)
    if (!(await mergeFiles(parts, plan, target))) return
    fs.renameSync(target, temporaryName(folder, 'entries', sortedEnding))
    for (const { name } of plan.merged) removeQuietly(fs, `${folder}/${name}`)
  } catch {
    removeQuietly(fs, target) // a full disk, or one that cannot be written
  } finally {
    await lease?.release().catch(() => undefined)
  }
}

/** Files of this version; a segment is closed if its last line says so or its writer is dead. */
const filesIn = ({ fs, folder, leases }: CompactionParts): readonly CatalogFile[] =>
  catalogNames(fs, folder).flatMap((name): readonly CatalogFile[] => {
    const path = `${folder}/${name}`
    const isDead = !isSorted(name) && isLeft(leases, path, name) // before reading: the dead add nothing afterwards
    const found = withFile(fs, path, (descriptor, bytes): CatalogFile | undefined => {
      const { version } = readLines(readSpan(fs, descriptor, 0, headLine().length))
      if (version !== undefined && version !== catalogVersion) return undefined
      if (isSorted(name)) return { name, bytes, state: indexIn(fs, descriptor, bytes) ? 'sorted' : 'closed' }
      const isEnded = readLines(readSpan(fs, descriptor, Math.max(0, bytes - 100), 100)).ended
      return { name, bytes, state: isEnded || isDead ? 'closed' : 'open' }
    })
    return found === undefined ? [] : [found]
  })

const isLeft = (leases: CompactionParts['leases'], path: string, name: string): boolean => {
  const maker = makerOf(name, segmentEnding)
  return maker?.life === 'dead' || (maker?.life === 'unknown' && leases.isLeft(path, maker.start))
}

/** Returns whether all files could be read to their end. */
const mergeFiles = async (parts: CompactionParts, plan: Compaction, target: string): Promise<boolean> => {
  const { fs, folder, stampNow } = parts
  const unsorted: Hashed[] = []
  const sorted: Source[] = []
  const opened: number[] = []
  try {
    for (const { name, state } of plan.merged) {
      const path = `${folder}/${name}`
      if (state === 'closed') {
        const texts = withFile(fs, path, (descriptor, size) => entriesOf(fs, descriptor, size))
        if (texts === undefined) return false
        for (const text of texts) unsorted.push(hashed(text))
        continue
      }
      const descriptor = fs.openSync(path, 'r')
      opened.push(descriptor)
      const index = indexIn(fs, descriptor, fs.fstatSync(descriptor).size)
      if (index === undefined) return false
      sorted.push({ descriptor, index })
    }
    unsorted.sort(inOrder)
    const sources = [unsorted.values(), ...sorted.map((source) => entriesInOrder(fs, source))]
    const most = unsorted.length + sorted.reduce((sum, { index }) => sum + index.starts.length, 0)
    await writeSorted(fs, target, merged(sources, stampNow, plan.whole), most)
    return true
  } finally {
    for (const descriptor of opened) quietly(() => fs.closeSync(descriptor))
  }
}

interface Source {
  readonly descriptor: number
  readonly index: SortedIndex
}

const entriesOf = (fs: FileSystem, descriptor: number, size: number): readonly string[] => {
  const { entries, version } = readLines(readSpan(fs, descriptor, 0, Math.min(size, maxHeld)))
  return version === catalogVersion ? entries : []
}

const atOnce = 1024 * 1024

/** Entries of a sorted file, read piece by piece; damaged lines are skipped. */
function* entriesInOrder(fs: FileSystem, { descriptor, index }: Source): Generator<Hashed, void> {
  let from = 0
  let bytes: Buffer = Buffer.alloc(0)
  for (let line = 0; line < index.starts.length; line++) {
    const [start, end] = spanOf(index, line)
    if (end > from + bytes.length) {
      from = start
      bytes = readSpan(fs, descriptor, start, Math.max(end - start, Math.min(atOnce, index.end - start)))
    }
    const text = unsealed(bytes, start - from, end - from - 1)
    if (text !== undefined) yield { folder: index.folders[line] ?? 0, key: index.keys[line] ?? 0, text }
  }
}

/** Entries after which other work gets its turn. */
const entriesATurn = 5000

const writeSorted = async (fs: FileSystem, path: string, entries: Iterable<Hashed>, most: number): Promise<void> => {
  const descriptor = fs.openSync(path, 'wx')
  try {
    const index = indexMaker(most)
    const head = Buffer.from(headLine(), 'latin1')
    index.add(head)
    const waiting = [head]
    let [bytes, count] = [0, 0]
    for (const entry of entries) {
      const line = sealedBytes(entry.text)
      index.add(line, entry)
      waiting.push(line)
      bytes += line.length
      if (bytes > atOnce) {
        writeAll(fs, descriptor, Buffer.concat(waiting))
        waiting.length = bytes = 0
      }
      if (++count % entriesATurn === 0) await new Promise((resolve) => void setImmediate(resolve))
    }
    writeAll(fs, descriptor, Buffer.concat([...waiting, index.finish()]))
    fs.fsyncSync(descriptor) // the merged files are removed next
  } finally {
    fs.closeSync(descriptor)
  }
}
