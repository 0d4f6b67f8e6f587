import type { FileLeases } from '../lease/file-lease.js'
import type { FileSystem } from '../file-store/file-system.js'
import { catalogName } from './catalog-files.js'
import type { Entry } from './catalog-line.js'
import { catalogReader, type CatalogState, type Wanted } from './catalog-reader.js'
import { compact } from './compaction.js'
import type { StampNow } from './merge.js'
import { segmentWriter } from './segment-writer.js'

/**
 * The catalog of a store: what planning asks of all its files, in one place. Never the truth: an entry counts for the
 * very file that it was written for, which its stamp tells, and what is missing, torn, of a later version or cannot be
 * written costs reading that file, nothing else. Each process appends to a segment of its own, readers merge, and
 * closed segments become sorted files: nothing is shared, locked or mapped into memory.
 */
export interface Catalog {
  /**
   * What is known of exactly these files, in the order asked for: identity and text, a tab in between. Looks once more
   * at the disk where one is missing.
   */
  find(wanted: readonly Wanted[]): readonly (string | undefined)[]
  /**
   * Entries of one of these identities. Their files may be gone, or others by now; unless `fresh`, what other processes
   * have added just now may be missing.
   */
  identified(identities: readonly string[], fresh?: boolean): readonly Entry[]
  /** Never throws: who cannot write reads the files again. Why it could not: the system's code. */
  add(entries: readonly Entry[]): string | undefined
  /** Ends the segment of this process, and merges what has gathered. Never rejects. */
  flush(): Promise<void>
  state(): CatalogState
}

export type { Entry, Wanted }

/** Milliseconds for which what others add may be missing among identities: a cold run asks for each of its nodes. */
const longestUnseen = 100

/** `stampNow`: of the file that an entry of this folder and key is about. */
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
  /** When the disk was looked at for identities. */
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
