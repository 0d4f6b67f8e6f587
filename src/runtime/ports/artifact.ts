import type { ArtifactSource } from '../../declare/format.js'

/** Location of one artifact in a store: `folder/key.extension`, or the folder `folder/key` if there is no extension. */
export interface Address {
  /** Group and task as path segments: `group/subgroup/task`. Created by `addressOf`, which refuses unsafe names. */
  readonly folder: string
  readonly key: string
  readonly extension: string | null
}

/** The names in a task's folder that belong to one key; no file was opened. */
export interface StoredNames {
  /** Data under its final name, by extension ('' for a folder), and the views next to it. */
  readonly extensions: readonly string[]
  readonly runInfo: boolean
  readonly log: boolean
  /** Marked by `force`: counts as absent until it is computed again. */
  readonly stale: boolean
  /** An interrupted checkpoint can be resumed. */
  readonly unfinished: boolean
}

/** Keys of one task's folder. */
export type Listing = ReadonlyMap<string, StoredNames>

/** Keys from one to another, both included, in the order of their code units. */
export interface KeyRange {
  readonly first: string
  readonly last: string
}

/** The files that a store found under an address. The store does not decide whether this is a hit: `hitOrMiss` does. */
export interface FoundArtifact {
  /** Text of the run info, YAML; undefined if there is none, or it cannot be read. */
  readonly runInfo: string | undefined
  /** Why an existing run info could not be read as text. */
  readonly unreadable?: string
  /** Set if it was marked stale: the given reason, or ''. */
  readonly stale?: string
  /** Data under the address's extension; undefined if there is none. */
  readonly data: FoundData | undefined
  /** Actual or future paths of data and run info, for messages. */
  readonly places: { readonly data: string; readonly runInfo: string }
}

/** Data under its final name, not read yet. */
export type FoundData =
  | {
      readonly _tag: 'file'
      readonly path: string
      readonly size: number
      /** Reads it; rejects with `DamagedArtifact` if size or checksum differ from these. */
      readonly source: (saved: { readonly size: number; readonly checksum: string }) => ArtifactSource
      /** Reads a view next to it, by extension; undefined if it does not exist. */
      readonly beside: (extension: string) => Promise<Uint8Array | undefined>
    }
  | {
      readonly _tag: 'folder'
      /** Can be read with node:fs. */
      readonly path: string
      /** Bytes of all files, and CRC-32 over names and sizes, as returned by `Staging.measure`. */
      readonly size: number
      readonly checksum: string
      /**
       * Reads every file completely and compares with this checksum of contents, if given. Resolves with the bytes
       * read; rejects with `DamagedArtifact`.
       */
      readonly examine: (content: string | undefined) => Promise<number>
    }
  /** Something else that cannot be an artifact. */
  | { readonly _tag: 'other' }

/** An artifact that was found whole by name and size. */
export interface StoredArtifact {
  /** Path of the data for people, as `show` and handles print it. A real path if the store is on a disk. */
  readonly path: string
  /** Text of the run info, YAML. */
  readonly runInfo: string
  /** Data of a file; undefined for folders. */
  readonly source: ArtifactSource | undefined
  /** A folder that can be read with node:fs; undefined for files. */
  readonly directory: string | undefined
  /**
   * For folders: reads every file completely. Resolves with the bytes read; rejects with `DamagedArtifact` if they
   * differ from the committed ones.
   */
  readonly examine?: () => Promise<number>
  /** Reads a view next to the data, by its extension; undefined if it does not exist. Absent if there were no views. */
  readonly beside?: (extension: string) => Promise<Uint8Array | undefined>
}

/** Why there is nothing to load: shown by `why`, and the reason to compute. */
export interface Miss {
  readonly _tag: 'Miss'
  readonly reason: 'absent' | 'stale' | 'no data' | 'no run info' | 'size differs' | 'damaged' | 'unreadable run info'
  readonly detail?: string
}

/** Size and checksum of saved data, for the run info. */
export interface Saved {
  readonly size: number
  /** CRC-32 of a file's bytes, 8 hex digits; for folders of names and sizes. */
  readonly checksum: string
  /** For folders: CRC-32 over the contents of all files. */
  readonly content?: string
  /**
   * SHA-256 of a file's bytes, hex; for folders over path, type, size and SHA-256 of each entry. A missing digest is
   * unknown: nothing is concluded from it.
   */
  readonly digest?: string
  /** Extensions of the views written next to the data, sorted; left out if there are none. */
  readonly beside?: readonly string[]
}
