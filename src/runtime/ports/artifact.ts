import type { ArtifactSource } from '../../declare/format.js'

/**
 * Where one artifact lives in a store: `folder/key.extension`, or `folder/key` as a folder where there is no extension.
 */
export interface Address {
  /** Group and task as path segments: `group/subgroup/task`. Made by `addressOf`, which refuses unsafe names. */
  readonly folder: string
  readonly key: string
  readonly extension: string | null
}

/** What names in a task's folder say about one key; no file was opened. */
export interface StoredNames {
  /** Data under its final name, by extension ('' for a folder), and what is kept beside it. */
  readonly extensions: readonly string[]
  readonly runInfo: boolean
  readonly log: boolean
  /** Marked by `force`: counts as absent until it is computed again. */
  readonly stale: boolean
  /** An interrupted checkpoint waits to be resumed. */
  readonly unfinished: boolean
}

/** Keys of one task's folder. */
export type Listing = ReadonlyMap<string, StoredNames>

/**
 * What a store has under an address, as it found it. Whether that is a hit is not for the store to say: `hitOrMiss` is.
 */
export interface FoundArtifact {
  /** Text of the run info, YAML; undefined where there is none, or none that can be read. */
  readonly runInfo: string | undefined
  /** Why a run info that is there is no text. */
  readonly unreadable?: string
  /** Set where it was marked stale: the reason that was given, else ''. */
  readonly stale?: string
  /** Data under the address's extension; undefined where there is none. */
  readonly data: FoundData | undefined
  /** Where data and run info are or would be, for messages. */
  readonly places: { readonly data: string; readonly runInfo: string }
}

/** Data under its final name, not read yet. */
export type FoundData =
  | {
      readonly _tag: 'file'
      readonly path: string
      readonly size: number
      /** Reads it; rejects with `DamagedArtifact` where size or checksum are not these. */
      readonly source: (saved: { readonly size: number; readonly checksum: string }) => ArtifactSource
      /** Reads what is kept beside it, by extension; undefined where that is not there. */
      readonly beside: (extension: string) => Promise<Uint8Array | undefined>
    }
  | {
      readonly _tag: 'folder'
      /** Can be read with node:fs. */
      readonly path: string
      /** Bytes of all files, and CRC-32 over names and sizes, as `Staging.measure` gives them. */
      readonly size: number
      readonly checksum: string
      /**
       * Reads every file whole and compares with this checksum of contents, where there is one. Resolves with the bytes
       * read; rejects with `DamagedArtifact`.
       */
      readonly examine: (content: string | undefined) => Promise<number>
    }
  /** Something stands there that an artifact cannot be. */
  | { readonly _tag: 'other' }

/** An artifact that was found whole by name and size. */
export interface StoredArtifact {
  /** Path of the data for people: what `show` and handles print. A real path where the store is a disk. */
  readonly path: string
  /** Text of the run info, YAML. */
  readonly runInfo: string
  /** Data of a file; undefined for folders. */
  readonly source: ArtifactSource | undefined
  /** A folder that can be read with node:fs; undefined for files. */
  readonly directory: string | undefined
  /**
   * For folders: reads every file whole. Resolves with the bytes read; rejects with `DamagedArtifact` where they are
   * not what was committed.
   */
  readonly examine?: () => Promise<number>
  /**
   * What is kept beside the data for people, by its extension; undefined where it is not there. Absent where nothing
   * was.
   */
  readonly beside?: (extension: string) => Promise<Uint8Array | undefined>
}

/** Why there is nothing to load: told by `why`, and reason to compute. */
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
   * SHA-256 of a file's bytes, hex; for folders over path, type, size and SHA-256 of each entry. What nobody has
   * digested is unknown: nothing is concluded from it.
   */
  readonly digest?: string
  /** Extensions of what was written beside the data, sorted; left out where there is nothing. */
  readonly beside?: readonly string[]
}
