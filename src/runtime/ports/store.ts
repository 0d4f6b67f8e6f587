import type { ArtifactSource, Bytes } from '../../declare/format.js'
import type { Address, FoundArtifact, Listing, Saved } from './artifact.js'
import type { ArtifactFacts, StoreFacts } from './facts.js'
import type { StoreFindings } from './findings.js'
import type { StoreItems } from './items.js'
import type { Lease, LeaseHolder } from './lease.js'
import type { StoreLinks } from './links.js'
import type { ArtifactLog } from './log.js'
import type { RunFiles } from './run-history.js'
import type { StoreUpkeep } from './upkeep.js'

/** How an artifact is kept. `nothing`: a run info alone, of what was computed into memory but noted something. */
export type StagedStorage = 'file' | 'folder' | 'checkpoint' | 'nothing'

/** A result on its way into the store. Nothing has a final name before `commit`. */
export interface Staging {
  /** For folder formats: the folder to fill. For checkpoints it survives `discard`. */
  readonly directory: string | undefined
  /** For checkpoints: an earlier, interrupted run left files. */
  readonly resumed: boolean
  /**
   * Writes a file's bytes, and by extension what is kept beside them for people; once. Throws `UnsafePath` for an
   * extension that cannot be one.
   */
  write(bytes: Bytes, beside?: Readonly<Record<string, Uint8Array>>): Promise<Saved>
  /**
   * Takes over the file of another artifact of this store, and what is kept beside it, without copying where the disk
   * can: once, instead of `write`. Resolves with false where it is not there, or cannot be taken so; nothing is staged
   * then. A store without it has such files copied.
   */
  share?(source: Address, saved: Saved): Promise<boolean>
  /** Reads and measures a filled folder; once, instead of `write`. */
  measure(): Promise<Saved>
  /** Reads back what was written, before it is committed: for formats that need the round trip. */
  source(): ArtifactSource
  /**
   * Gives run info and data their final names, data last. Clears `stale` and the log of an earlier run. `facts` go into
   * the catalog. Resolves with the data's path; where nothing is kept, with the run info's.
   */
  commit(runInfo: string, facts?: ArtifactFacts): Promise<string>
  /** Removes what was staged; keeps a checkpoint's folder. Never rejects. */
  discard(): Promise<void>
}

/** A small result of another store, whole. */
export interface SmallResult {
  readonly address: Address
  readonly bytes: Uint8Array
  /** By extension. */
  readonly beside: Readonly<Record<string, Uint8Array>>
  readonly runInfo: string
  readonly facts: ArtifactFacts | undefined
  readonly log: string | undefined
}

/** Adds small results that a store has nothing of, many at once and without a lease for each. */
export interface StoreAdding {
  /** Bytes of data that count as small. */
  readonly most: number
  /**
   * Resolves with those that are there now because of this call. The others stay as they are: the store has something
   * under their keys, or somebody computes them. `waiting` is called when it waits for another who adds.
   */
  add(
    results: readonly SmallResult[],
    options: { readonly signal: AbortSignal; readonly waiting: (holder: LeaseHolder) => void },
  ): Promise<ReadonlySet<SmallResult>>
}

const alreadyThere = 'AlreadyThere'

/** What a commit rejects with that replaces nothing. */
export const alreadyThereError = (path: string): Error =>
  Object.assign(new Error(`${path} is there already`), { name: alreadyThere })

export const isAlreadyThere = (error: unknown): boolean => error instanceof Error && error.name === alreadyThere

/** How to open a store again: `fileStore(root, options)`, or by its address in S3. */
export interface StoreOpening {
  readonly kind: 'files' | 'objects'
  /** A folder, or `s3://bucket/prefix`. */
  readonly root: string
  readonly options: { readonly durability?: 'group' | 'each' | 'none'; readonly holder?: string }
}

/**
 * Where artifacts are kept. This much every store has: `docs/internals/a-store-of-your-own.md` builds one. The file
 * system and memory have the optional parts too. All of them pass `test/store.contract.ts`.
 */
export interface Store {
  /** For people and error messages: a folder, `memory`. */
  readonly location: string
  /** Plain data, by which another thread or process opens the same store; absent where only this one has it. */
  readonly opening?: StoreOpening
  /**
   * Names in tasks' folders, each in one step; all that were asked for are in the answer. An absent folder is empty.
   */
  list(folders: readonly string[]): Promise<ReadonlyMap<string, Listing>>
  /** What is under a key, not compared yet. */
  open(address: Address): Promise<FoundArtifact>
  /**
   * A place to write a new artifact to; the old one stays until `commit`. `isExpected`: by another store of this place,
   * of the process that asks for it.
   */
  stage(address: Address, storage: StagedStorage, isExpected?: boolean): Promise<Staging>
  /** Text of the run info, whether or not the data is there. */
  readRunInfo(address: Address): Promise<string | undefined>
  /** The log of a key. */
  log(address: Address): ArtifactLog
  /**
   * Waits until nobody else computes this key. `waiting` is called once, with who does. Rejects when `signal` aborts.
   */
  lease(
    address: Address,
    options: { readonly signal: AbortSignal; readonly waiting: (holder: LeaseHolder) => void },
  ): Promise<Lease>
  /** Marks as stale what is there; loads nothing, deletes nothing. The first reason stays until the next commit. */
  markStale(address: Address, because?: string): Promise<void>
  /** Deletes data, run info, logs and unfinished work of a key. */
  remove(address: Address): Promise<void>
  /** Path that people can open; undefined where there is none. `unfinished`: of what an interrupted checkpoint left. */
  pathOf(address: Address, which?: 'data' | 'unfinished'): string | undefined
  /**
   * Makes sure that all commits so far survive a power loss, as far as `durability` asks for it. `goesOn`: this process
   * computes for another, which flushes at its end: its own commits are made sure of; those of others, and what only
   * makes later readings faster, can wait.
   */
  flush(goesOn?: boolean): Promise<void>

  /**
   * Somebody else is about to commit a key for this process: `flush` makes sure of that too. To be called when he has
   * ended: the answer.
   */
  readonly expect?: (address: Address) => () => Promise<void>
  readonly facts?: StoreFacts
  readonly findings?: StoreFindings
  /** For stores where each look is a request: some folders as one look finds them, for who reads many. What has gone
   * since is looked for again. */
  readonly listed?: (
    folders: readonly string[],
  ) => Promise<Pick<Store, 'list' | 'open' | 'readRunInfo' | 'log' | 'facts'>>
  /** For stores whose commits never replace each other: many new results in few requests. */
  readonly adding?: StoreAdding
  /**
   * Bytes of the data under these addresses, in their order; undefined where there is none. No file is opened. A store
   * whose data cannot change has no need of it.
   */
  readonly sizes?: (addresses: readonly Address[]) => Promise<readonly (number | undefined)[]>
  readonly links?: StoreLinks
  readonly upkeep?: StoreUpkeep
  /** Results of items; where it is absent, tasks cannot use `mapItems`. */
  readonly items?: StoreItems
  /** Where the history of runs is kept, by stores that are no folder. */
  readonly runs?: RunFiles
}

/** A store with the optional parts that commands ask for. */
export type FullStore = Store & Required<Pick<Store, 'facts' | 'links' | 'upkeep'>>
