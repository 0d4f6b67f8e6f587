import type { FileLeases } from '../lease/file-lease.js'
import type { FileSystem } from '../file-store/file-system.js'
import { catalogName } from './catalog-files.js'
import type { Entry } from './catalog-line.js'
import { catalogReader, type CatalogState, type Wanted } from './catalog-reader.js'
import { compact } from './compaction.js'
import type { StampNow } from './merge.js'
import { segmentWriter } from './segment-writer.js'

/**
 * The catalog of a store: the facts that planning needs of all its files, in one place. It is only a cache: an entry
 * counts for the file that it was written for, identified by its stamp, and an entry that is missing, torn, of a later
 * version or cannot be written only costs reading that file. Each process appends to its own segment, readers merge,
 * and closed segments become sorted files: nothing is shared, locked or mapped into memory.
 */
export interface Catalog {
  /**
   * Facts of exactly these files, in the given order: identity and text, separated by a tab. Looks at the disk once
   * more if one is missing.
   */
  find(wanted: readonly Wanted[]): readonly (string | undefined)[]
  /**
   * Entries of any of these identities. Their files may be gone or replaced by now; unless `fresh`, entries that other
   * processes have just added may be missing.
   */
  identified(identities: readonly string[], fresh?: boolean): readonly Entry[]
  /** Never throws: without entries the files are read again. Returns the system's error code on failure. */
  add(entries: readonly Entry[]): string | undefined
  /** Ends the segment of this process, and merges closed segments if worthwhile. Never rejects. */
  flush(): Promise<void>
  state(): CatalogState
}

export type { Entry, Wanted }

/**
 * Milliseconds for which additions of others may be missing among identities: a cold run asks for each of its nodes.
 */
const longestUnseen = 100

/** `stampNow`: present stamp of the file of an entry's folder and key. */
export const openCatalog = (
  fs: FileSystem,
  root: string,
  leases: Pick<FileLeases, 'acquire' | 'isLeft' | 'sweep'>,
  stampNow: StampNow,
): Catalog => {
  const folder = `${root}/${catalogName}`
  const reader = catalogReader(fs, folder)
  const writer = segmentWriter(fs, folder, reader.wrote)
  let used = false
  /** Time of the last look at the disk for identities. */
  let looked = -Infinity
  return {
    find: (wanted) => {
      if (!used) reader.refresh()
      used = true
      const found = reader.find(wanted)
      const lost = wanted.flatMap((one, at) => (found[at] === undefined ? [{ one, at }] : []))
      if (lost.length === 0) return found
      reader.refresh()
      const again = new Map(reader.find(lost.map(({ one }) => one)).map((entry, at) => [lost[at]?.at, entry] as const))
      return found.map((entry, at) => entry ?? again.get(at))
    },
    identified: (identities, fresh = false) => {
      used = true
      if (fresh || performance.now() - looked > longestUnseen) {
        reader.refresh()
        looked = performance.now()
      }
      return reader.identified(identities)
    },
    add: (entries) => {
      used = true
      return writer.add(entries)
    },
    flush: async () => {
      if (!used) return
      used = false
      looked = -Infinity
      writer.end()
      await compact({ fs, folder, leases, stampNow })
    },
    state: reader.state,
  }
}
