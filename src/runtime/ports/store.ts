import type { ArtifactSource, Bytes } from '../../declare/format.js'
import type { Address, FoundArtifact, KeyRange, Listing, Saved } from './artifact.js'
import type { ArtifactFacts, StoreFacts } from './facts.js'
import type { StoreFindings } from './findings.js'
import type { StoreItems } from './items.js'
import type { Lease, LeaseHolder } from './lease.js'
import type { StoreLinks } from './links.js'
import type { ArtifactLog } from './log.js'
import type { RunFiles } from './run-history.js'
import type { StoreUpkeep } from './upkeep.js'

/** How an artifact is stored. `nothing`: only a run info, of a result in memory whose task has noted something. */
export type StagedStorage = 'file' | 'folder' | 'checkpoint' | 'nothing'

/** A result being written to the store. Nothing has its final name before `commit`. */
export interface Staging {
  /** For folder formats: the folder to fill. For checkpoints it survives `discard`. */
  readonly directory: string | undefined
  /** For checkpoints: an earlier, interrupted run left files. */
  readonly resumed: boolean
  /** Writes a file's bytes and its views by extension; once. Throws `UnsafePath` for an invalid extension. */
  write(bytes: Bytes, beside?: Readonly<Record<string, Uint8Array>>): Promise<Saved>
  /**
   * Takes the file of another artifact of this store and its views, without copying if the disk supports it: once,
   * instead of `write`. Resolves with false, with nothing staged, if it does not exist or cannot be shared. Without
   * this method, such files are copied.
   */
  share?(source: Address, saved: Saved): Promise<boolean>
  /** Reads and measures a filled folder; once, instead of `write`. */
  measure(): Promise<Saved>
  /** Reads back the written bytes before they are committed: for formats that need the round trip. */
  source(): ArtifactSource
  /**
   * Gives run info and data their final names, data last. Clears `stale` and the log of an earlier run. `facts` are
   * added to the catalog. Resolves with the data's path, or that of the run info if there is no data.
   */
  commit(runInfo: string, facts?: ArtifactFacts): Promise<string>
  /** Removes the staged files, except a checkpoint's folder. Never rejects. */
  discard(): Promise<void>
}

/** A small result of another store, complete. */
export interface SmallResult {
  readonly address: Address
  readonly bytes: Uint8Array
  /** By extension. */
  readonly beside: Readonly<Record<string, Uint8Array>>
  readonly runInfo: string
  readonly facts: ArtifactFacts | undefined
  readonly log: string | undefined
}

/** Adds small results under keys that are not in the store, many at once and without a lease for each. */
export interface StoreAdding {
  /** Largest size of data, in bytes, that counts as small. */
  readonly most: number
  /**
   * Resolves with the results that this call has added. The others are left alone: the store has something under their
   * keys, or another process computes them. `waiting` is called when it waits for another process that adds results.
   */
  add(
    results: readonly SmallResult[],
    options: { readonly signal: AbortSignal; readonly waiting: (holder: LeaseHolder) => void },
  ): Promise<ReadonlySet<SmallResult>>
}

const alreadyThere = 'AlreadyThere'

/** The error of a commit that would have to replace an existing artifact, but never does. */
export const alreadyThereError = (path: string): Error =>
  Object.assign(new Error(`${path} is there already`), { name: alreadyThere })

export const isAlreadyThere = (error: unknown): boolean => error instanceof Error && error.name === alreadyThere

/** How to open a store again: `fileStore(root, options)`, or by its address in S3. */
export interface StoreOpening {
  readonly kind: 'files' | 'objects'
  /** A folder, or `s3://bucket/prefix`. */
  readonly root: string
  readonly options: {
    readonly durability?: 'group' | 'each' | 'none'
    readonly heartbeat?: { readonly every?: number; readonly limit?: number }
    readonly host?: string
    readonly holder?: string
  }
}

/**
 * Where artifacts are stored. These methods are required: `docs/internals/a-store-of-your-own.md` builds a store. The
 * file system and memory stores have the optional parts too. All of them pass `test/store.contract.ts`.
 */
export interface Store {
  /** For people and error messages: a folder, `memory`. */
  readonly location: string
  /** Plain data with which another thread or process opens the same store; absent if only this process has it. */
  readonly opening?: StoreOpening
  /**
   * Names in tasks' folders, each in one step; the answer has an entry for each requested folder. An absent folder is
   * empty.
   */
  list(folders: readonly string[]): Promise<ReadonlyMap<string, Listing>>
  /** The files under a key, not verified yet. */
  open(address: Address): Promise<FoundArtifact>
  /**
   * A place to write a new artifact to; the old one stays until `commit`. `isExpected`: another store of
   * the same location covers this commit by `expect`, in the process that requests the result.
   */
  stage(address: Address, storage: StagedStorage, isExpected?: boolean): Promise<Staging>
  /** Text of the run info, whether or not the data exists. */
  readRunInfo(address: Address): Promise<string | undefined>
  /** The log of a key. */
  log(address: Address): ArtifactLog
  /**
   * Waits until no other process computes this key. `waiting` is called once, with the holder. Rejects when `signal`
   * aborts.
   */
  lease(
    address: Address,
    options: { readonly signal: AbortSignal; readonly waiting: (holder: LeaseHolder) => void },
  ): Promise<Lease>
  /**
   * Marks an existing artifact as stale; loads nothing, deletes nothing. The first reason stays until the next commit.
   */
  markStale(address: Address, because?: string): Promise<void>
  /** Deletes data, run info, logs and unfinished work of a key. */
  remove(address: Address): Promise<void>
  /**
   * Path that people can open; undefined if there is none. `unfinished`: that of the files of an interrupted
   * checkpoint.
   */
  pathOf(address: Address, which?: 'data' | 'unfinished'): string | undefined
  /**
   * Ensures that all commits so far survive a power loss, as far as `durability` requires. `goesOn`: this process
   * computes for another one, which flushes at its end: its own commits are made durable; those of others, and files
   * that only speed up later reads, can wait.
   */
  flush(goesOn?: boolean): Promise<void>

  /**
   * Another process is about to commit a key for this one: `flush` covers that commit too. The returned function must
   * be called when that process has ended.
   */
  readonly expect?: (address: Address) => () => Promise<void>
  readonly facts?: StoreFacts
  readonly findings?: StoreFindings
  /**
   * For stores where each look is a request: a snapshot of some folders, for callers that read many. Entries that have
   * disappeared since are looked up again. `range`: of these keys of a single folder.
   */
  readonly listed?: (
    folders: readonly string[],
    range?: KeyRange,
  ) => Promise<Pick<Store, 'list' | 'open' | 'readRunInfo' | 'log' | 'facts'>>
  /** For stores whose commits never replace each other: adds many new results in few requests. */
  readonly adding?: StoreAdding
  /**
   * Bytes of the data under these addresses, in their order; undefined if there is none. No file is opened. A store
   * whose data cannot change does not need it.
   */
  readonly sizes?: (addresses: readonly Address[]) => Promise<readonly (number | undefined)[]>
  readonly links?: StoreLinks
  readonly upkeep?: StoreUpkeep
  /** Results of items; without it, tasks cannot use `mapItems`. */
  readonly items?: StoreItems
  /** Storage for the history of runs, in stores that are not folders. */
  readonly runs?: RunFiles
}

/** A store with the optional parts that commands need. */
export type FullStore = Store & Required<Pick<Store, 'facts' | 'links' | 'upkeep'>>

/** How many artifacts or sets to work on at once: several where each look is a request. */
export const atOnceIn = ({ listed }: Pick<Store, 'listed'>): number => (listed === undefined ? 1 : 16)
