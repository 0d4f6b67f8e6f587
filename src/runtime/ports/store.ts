import type { ArtifactSource, Bytes } from '../../declare/format.js'
import type { Address, Listing, Miss, Saved, StoredArtifact } from './artifact.js'
import type { ArtifactFacts, Blessing } from './facts.js'
import type { Lease, LeaseHolder } from './lease.js'
import type { LogSink } from './log.js'
import type { Aside, AsidePlace, StoredKey } from './upkeep.js'

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
  /** Reads and measures a filled folder; once, instead of `write`. */
  measure(): Promise<Saved>
  /** Reads back what was written, before it is committed: for formats that need the round trip. */
  source(): ArtifactSource
  /**
   * Gives run info and data their final names, data last. Clears `stale`. `facts` go into the folder's index. Resolves
   * with the data's path.
   */
  commit(runInfo: string, facts?: ArtifactFacts): Promise<string>
  /** Removes what was staged; keeps a checkpoint's folder. Never rejects. */
  discard(): Promise<void>
}

/** How to open a store again: `fileStore(root, options)`. */
export interface StoreOpening {
  readonly kind: 'files'
  readonly root: string
  readonly options: { readonly durability?: 'group' | 'each' | 'none'; readonly holder?: string }
}

/**
 * Where artifacts live. Implementations: the file system, memory; later an object store.
 * All of them pass `test/store.contract.ts`.
 */
export interface Store {
  /** For people and error messages: a folder, `memory`. */
  readonly location: string
  /** Plain data, by which another thread or process opens the same store; absent where only this one has it. */
  readonly opening?: StoreOpening
  /** Names in one task's folder, in one step. An absent folder is an empty listing. */
  list(folder: string): Promise<Listing>
  /** Opens what is under a key: run info read, size compared. */
  open(address: Address): Promise<StoredArtifact | Miss>
  /** A place to write a new artifact to; the old one stays until `commit`. */
  stage(address: Address, storage: 'file' | 'folder' | 'checkpoint'): Promise<Staging>
  /** The log of a run of this key. */
  log(address: Address): LogSink
  /** Text of `<key>.log`, or of `<key>.failed.log`; undefined where there is none. */
  readLog(address: Address, which: 'kept' | 'failed'): Promise<string | undefined>
  /** Run info of keys that keep no data (in memory, but noted something). */
  writeRunInfo(address: Address, runInfo: string, facts?: ArtifactFacts): Promise<void>
  /** Text of the run info, whether or not the data is there. */
  readRunInfo(address: Address): Promise<string | undefined>
  /** Waits until nobody else computes this key. `waiting` is told once, whom for. Rejects when `signal` aborts. */
  lease(
    address: Address,
    options: { readonly signal: AbortSignal; readonly waiting: (holder: LeaseHolder) => void },
  ): Promise<Lease>
  /** Marks as stale; loads nothing, deletes nothing. `because`: told by `open` from then on. */
  markStale(address: Address, because?: string): Promise<void>
  /** Deletes data, run info, logs and unfinished work of a key. */
  remove(address: Address): Promise<void>
  /** Path that people can open; undefined where there is none. */
  pathOf(address: Address): string | undefined
  /** Where an interrupted checkpoint has left its files; undefined where there are none. */
  unfinishedPath?(address: Address): Promise<string | undefined>
  /**
   * Readable link beside the artifact: `<name>.<ext>` → `<key>.<ext>`, and the same for what is kept beside it.
   * Resolves with the path of the data's.
   */
  link(address: Address, name: string): Promise<string>
  /**
   * Facts of a folder's artifacts by key, from its index: one read, not one a file; what the index lacks is read from
   * run infos.
   * `keys`: only these are needed, and not what they were hashed from; more may come. A store without it tells no code
   * drift, and `why` reads run infos.
   * `certain`: those of the very artifact that is stored, whatever the index says: results of other code must not pass
   * for those of this one.
   */
  facts?(
    folder: string,
    keys?: ReadonlySet<string>,
    options?: { readonly certain?: boolean },
  ): Promise<ReadonlyMap<string, ArtifactFacts>>
  /**
   * Bytes of the data under these addresses, in their order; undefined where there is none. No file is opened. A store
   * whose data cannot change has no need of it.
   */
  sizes?(addresses: readonly Address[]): Promise<readonly (number | undefined)[]>
  /** Keeps that results were accepted; `facts` tells it from then on. */
  bless?(folder: string, blessings: readonly Blessing[]): Promise<void>
  /**
   * Every key of the store, folder by folder; links are not followed. For `gc` and `verify`; a store without it cannot
   * be tidied.
   */
  walk?(): AsyncIterable<StoredKey>
  /**
   * Who holds the lease of a key just now; undefined where nobody does. One look believes a holder elsewhere; with a
   * signal, by which it can be
   * ended, somebody looks on until it is known whether that holder lives, which may take as long as a heartbeat may be
   * missing.
   */
  held?(address: Address, looking?: { readonly signal: AbortSignal }): Promise<LeaseHolder | undefined>
  /** Says that a folder is being read, until it is released: who would delete it leaves it alone. */
  pin?(address: Address): Promise<Lease>
  /** Who reads a folder just now; undefined where nobody does. `looking`: as for `held`. */
  pinned?(address: Address, looking?: { readonly signal: AbortSignal }): Promise<LeaseHolder | undefined>
  /**
   * Takes everything under a key out of the store's sight by renaming it, into a place of its own that nothing is read
   * from. The caller holds the lease.
   * `label` says which call it was: one path segment.
   */
  setAside?(stored: StoredKey, place: AsidePlace, label: string): Promise<void>
  /** What was set aside, and removes it where `remove` says so. */
  aside?(options?: { readonly remove?: boolean }): Promise<readonly Aside[]>
  /** Makes sure that all commits so far survive a power loss, as far as `durability` asks for it. */
  flush(): Promise<void>
}
