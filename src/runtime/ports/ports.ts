import type { ArtifactSource, Bytes } from '../../declare/format.js'
import type { PreImage } from '../../plan/key.js'

/** Ports: everything the runtime asks of the outside, Promise-shaped and tiny. */

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

/**
 * What is told of an artifact without opening its files: for `why`, `diff` and code drift. Never asked whether
 * something is a hit:
 * that is told from names.
 */
export interface ArtifactFacts {
  readonly key: string
  /** When the run ended, as in the run info. */
  readonly ended: string
  readonly seconds: number
  /** Fingerprint of the code that computed it; null where it could not be read. */
  readonly code: string | null
  /**
   * Hash over the code of all tasks above, itself included, that say `onCodeChange: 'recompute'`; undefined where there
   * was none.
   */
  readonly lineage?: string
  /** Kind of the data format; null where no data was kept. */
  readonly format: string | null
  readonly extension: string | null
  /** Bytes of the data. */
  readonly size: number | null
  /** What the key was hashed from; undefined where it is too large for an index: the run info has it. */
  readonly preImage?: PreImage
  /** Pre-images of inputs that are kept in memory only, and of theirs, by key: nobody else remembers them. */
  readonly inMemory?: { readonly [key: string]: PreImage }
  /** Codes (`codeState`) that this result was accepted for by `bless`. */
  readonly accepted?: readonly string[]
}

/** One result that is accepted for other code than that which computed it. */
export interface Blessing {
  readonly key: string
  /** `codeState` of the artifact as it is: a result computed anew is not meant. */
  readonly computedBy: string
  /** `codeState` of the code that it is accepted for. */
  readonly acceptedFor: string
  /** When and by whom, for people. */
  readonly at: string
  readonly user: string
}

/** Size and checksum of saved data, for the run info. */
export interface Saved {
  readonly size: number
  /** CRC-32 of a file's bytes, 8 hex digits; for folders of names and sizes. */
  readonly checksum: string
  /** For folders: CRC-32 over the contents of all files. */
  readonly content?: string
  /** Extensions of what was written beside the data, sorted; left out where there is nothing. */
  readonly beside?: readonly string[]
}

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

/** Lines of one artifact's log; the file is opened at the first line. */
export interface LogSink {
  write(line: string): void
  /**
   * `kept`: becomes `<key>.log`; `failed`: `<key>.failed.log`. Resolves when all is written; with the log's path if
   * there is one.
   */
  close(outcome: 'kept' | 'failed'): Promise<string | undefined>
}

/** The right to compute one key. */
export interface Lease {
  release(): Promise<void>
}

/** Who computes a key just now. */
export interface LeaseHolder {
  readonly host: string
  readonly pid: number
}

/** One key as a walk over a store finds it: what names and sizes tell. */
export interface StoredKey {
  readonly folder: string
  readonly key: string
  readonly names: StoredNames
  /** Of everything under the key: data, run info, logs, unfinished work. */
  readonly bytes: number
  /** When the newest of its files was written; milliseconds since 1970. */
  readonly written: number
}

/** Where `setAside` puts things: `trash` is what nobody needs, `damaged` what cannot be trusted. */
export type AsidePlace = 'trash' | 'damaged'

/** What was set aside and is not yet purged. */
export interface Aside {
  readonly place: AsidePlace
  /** As given to `setAside`. */
  readonly label: string
  readonly files: number
  readonly bytes: number
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

/** Time, so that tests can say what it is. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds that only grow, for durations. */
  elapsed(): number
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** One line for a log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly details?: object
  /** What the line's node was attached as. */
  readonly node: string
  /** For the artifact's log alone: the console hears of it as an event. */
  readonly fileOnly?: boolean
}

/** Where log lines go: the artifact's file gets all, the console what the level lets through. */
export interface Log {
  /** Starts routing a node's lines to its sink. */
  attach(node: string, sink: LogSink): void
  write(line: LogLine): void
  /** Ends routing; resolves when the node's lines are in its sink. */
  detach(node: string): Promise<void>
  /** From now on every text goes through `hide` last, just before it is written: secrets are hidden in it. */
  hide?(hide: (text: string) => string): void
  /** What the console shows from now on: this level and worse. A log without it shows what it was made to show. */
  setLevel?(level: LogLine['level'] | 'silent'): void
}

/** Where config texts come from. Origins are relative to the project's root, with `/`. */
export interface ConfigSource {
  /** Text of a config; undefined where there is none. */
  read(origin: string): Promise<string | undefined>
  /** Configs below a folder, for suggestions and for `openChains(folder)`. */
  list(folder: string): Promise<readonly string[]>
}
