import { mostBytes } from './sorted-index.js'

/** A file of the catalog, as far as compaction asks. */
export interface CatalogFile {
  readonly name: string
  readonly bytes: number
  /** `open`: somebody may still add to it. */
  readonly state: 'open' | 'closed' | 'sorted'
}

/** What is merged into one sorted file. */
export interface Compaction {
  readonly merged: readonly CatalogFile[]
  /** Nothing that was there before stays beside it: entries of what is gone can be dropped. */
  readonly whole: boolean
  /** So many segments have gathered that it is done whoever else may be doing it. */
  readonly overdue: boolean
}

/** So many closed segments, or bytes in them, are merged. */
const mostSegments = 8
/** So many gather only where nobody does it: a holder elsewhere may be dead without anybody knowing. */
const farTooMany = 8 * mostSegments
const mostSegmentBytes = 256 * 1024
/** A sorted file that is larger than so many times what is merged is left: an entry is written few times again. */
const growth = 4

/**
 * Closed segments into one sorted file, with the sorted files that are not much larger; undefined where too little has
 * gathered. So few sorted files are there that readers may look into each.
 */
export const compactionPlan = (files: readonly CatalogFile[]): Compaction | undefined => {
  const closed = notTooMany(files.filter(({ state }) => state === 'closed'))
  let bytes = closed.reduce((sum, file) => sum + file.bytes, 0)
  if (closed.length < mostSegments && bytes < mostSegmentBytes) return undefined
  const overdue = closed.length >= farTooMany
  const sorted = files
    .filter(({ state }) => state === 'sorted')
    .toSorted((left, right) => left.bytes - right.bytes || (left.name < right.name ? -1 : 1))
  const merged = [...closed]
  for (const file of sorted) {
    if (file.bytes > growth * bytes || file.bytes + bytes >= mostBytes) break
    merged.push(file)
    bytes += file.bytes
  }
  return { merged, whole: merged.length === closed.length + sorted.length && sorted.length > 0, overdue }
}

/** What is merged from segments is held in memory: of more than so much, the rest waits for the next time. */
const mostBytesAtOnce = 64 * 1024 * 1024

const notTooMany = (closed: readonly CatalogFile[]): readonly CatalogFile[] => {
  let bytes = 0
  return closed.filter((file, at) => (bytes += file.bytes) <= mostBytesAtOnce || at === 0)
}
