import type { Awaitable } from '../../declare/types.js'
import type { Lease, LeaseHolder } from './lease.js'
import type { AsidePlace } from './upkeep.js'

/** A set of items' results: those of one task, by the name of its `mapItems`. */
export interface ItemSet {
  /** Folder of the task. */
  readonly folder: string
  readonly name: string
}

/**
 * The kind of a line, which decides between several lines of a key: a kept result wins, then the later line. `gone`:
 * the earlier kept result is forgotten. `batch`: the state of a batch that a provider computes. `asked`: the items that
 * a result of the task consists of. `sum`: the cost of lines that no longer exist. The last three have keys of their
 * own.
 */
export type ItemKind = 'kept' | 'failed' | 'refused' | 'batch' | 'asked' | 'gone' | 'sum'

/** The folder of sets without a task: results of `cached`. No task can have it. */
export const callFolder = 'cached.calls'

/** One stored result. `text` is JSON. */
export interface ItemLine {
  readonly key: string
  readonly kind: ItemKind
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

/** Results of one set, as one process reads and adds to them. */
export interface ItemLog {
  /** The newest intact line of a key, by its checksum; undefined if there is none. */
  read(key: string): ItemLine | undefined
  /** Kind and time of the line that counts; its checksum is not checked. */
  head(key: string): Pick<ItemLine, 'kind' | 'at'> | undefined
  /** For stores with shared ones behind them: results of these, in case the one that is read is of no use. */
  others?(key: string): Iterable<ItemLine>
  /** For such stores: a result that was read is used, and is in the own store from then on. */
  used?(line: ItemLine): void
  /** Records of requested items. */
  asked(): Iterable<ItemLine>
  /** Records of the batches of providers. */
  batches(): Iterable<ItemLine>
  /** Reads what other processes have added since. */
  refresh(): void
  /** For stores where that is a request: fetches what other machines have added, for the next `refresh`. */
  fetch?(): Promise<void>
  /**
   * Written when it returns; survives the end of this process. Throws the system's error, and leaves no torn line. The
   * line counts as later than all known lines of its key, unless it is copied from elsewhere, `as it is`.
   */
  append(line: ItemLine, time?: 'as it is'): void
  /**
   * The exclusive right, over all processes, to compute an item. `refresh` then reads what earlier holders have added.
   */
  claim(
    key: string,
    options: { readonly signal: AbortSignal; readonly waiting: (holder: LeaseHolder) => void },
  ): Promise<Lease>
  /** Makes added lines survive a power loss, as far as the store's `durability` requires. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Counts of a set. */
export interface ItemCounts extends ItemSet {
  readonly kept: number
  readonly failed: number
  readonly refused: number
  readonly bytes: number
  /** Torn or changed lines: their items are requested again. */
  readonly damaged: number
}

/** Storage for results of items. */
export interface StoreItems {
  open(set: ItemSet): Awaitable<ItemLog>
  /** All sets, or those of one task. */
  list(folder?: string): Awaitable<readonly ItemCounts[]>
  /** All sets, without reading their contents. */
  sets(): Awaitable<readonly ItemSet[]>
  /** Lines of a set: `newest`, the newest of each key without `asked` and `sum`; or `all`, including replaced lines. */
  lines(set: ItemSet, which?: 'newest' | 'all'): Awaitable<Iterable<ItemLine>>
  /** Deletes a set. */
  remove(set: ItemSet): Awaitable<void>
  /**
   * Moves a set out of sight, to a place where `aside` of the store's upkeep finds it under this label. False if
   * another process computes its items at the moment.
   */
  setAside(set: ItemSet, place: AsidePlace, label: string): Promise<boolean>
}

/** The same for a store that answers synchronously. */
export interface ItemsAtOnce extends StoreItems {
  open(set: ItemSet): ItemLog
  list(folder?: string): readonly ItemCounts[]
  sets(): readonly ItemSet[]
  lines(set: ItemSet, which?: 'newest' | 'all'): Iterable<ItemLine>
  remove(set: ItemSet): void
}

/** The progress of a `mapItems`: its items, its usage, and what is expected. */
export interface ItemsProgress {
  readonly name: string
  readonly kept: number
  readonly computed: number
  readonly failed: number
  readonly refused: number
  /** Calls of this run, including failed and repeated ones. */
  readonly attempts: number
  /** Number of items that this run computes, as far as it is known; null if more may come. */
  readonly toDo: number | null
  /** Items computed per second, and seconds until all are done; null while unknown. */
  readonly perSecond: number | null
  readonly secondsLeft: number | null
  /** Total usage of all calls of this run, by name. */
  readonly usage: Readonly<Record<string, number>>
  /** Expected total usage; null while unknown. */
  readonly expected: Readonly<Record<string, number>> | null
}
