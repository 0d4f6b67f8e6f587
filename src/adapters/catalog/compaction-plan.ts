import { maxBytes } from './sorted-index.js'

/** A file of the catalog, as needed for compaction. */
export interface CatalogFile {
  readonly name: string
  readonly bytes: number
  /** `open`: a process may still write to it. */
  readonly state: 'open' | 'closed' | 'sorted'
}

/** Files to merge into one sorted file. */
export interface Compaction {
  readonly merged: readonly CatalogFile[]
  /** No older sorted file remains: entries of removed files can be dropped. */
  readonly whole: boolean
  /** So many segments have accumulated that the merge does not wait for a lease. */
  readonly overdue: boolean
}

/** Closed segments are merged from this number on, or from `maxSegmentBytes` in total. */
const maxSegments = 8
/** Only reached if nobody merges: a holder on another host may be dead without being recognized. */
const farTooMany = 8 * maxSegments
const maxSegmentBytes = 256 * 1024
/** Sorted files larger than this multiple of the merged bytes are left alone, so that an entry is rarely rewritten. */
const growth = 4

/**
 * Merges closed segments into one sorted file, with sorted files that are not much larger; undefined if too little has
 * accumulated. Keeps sorted files so few that readers can search all of them.
 */
export const compactionPlan = (files: readonly CatalogFile[]): Compaction | undefined => {
  const closed = notTooMany(files.filter(({ state }) => state === 'closed'))
  let bytes = closed.reduce((sum, file) => sum + file.bytes, 0)
  if (closed.length < maxSegments && bytes < maxSegmentBytes) return undefined
  const overdue = closed.length >= farTooMany
  const sorted = files
    .filter(({ state }) => state === 'sorted')
    .toSorted((left, right) => left.bytes - right.bytes || (left.name < right.name ? -1 : 1))
  const merged = [...closed]
  for (const file of sorted) {
    if (file.bytes > growth * bytes || file.bytes + bytes >= maxBytes) break
    merged.push(file)
    bytes += file.bytes
  }
  return { merged, whole: merged.length === closed.length + sorted.length && sorted.length > 0, overdue }
}

/** Merged segments are held in memory: segments beyond this size wait for the next time. */
const maxBytesAtOnce = 64 * 1024 * 1024

const notTooMany = (closed: readonly CatalogFile[]): readonly CatalogFile[] => {
  let bytes = 0
  return closed.filter((file, at) => (bytes += file.bytes) <= maxBytesAtOnce || at === 0)
}
