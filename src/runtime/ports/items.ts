import type { Awaitable } from '../../declare/types.js'
import type { Lease, LeaseHolder } from './lease.js'

/** Which results of items belong together: of one task, by the name of its `mapItems`. */
export interface ItemSet {
  /** Folder of the task. */
  readonly folder: string
  readonly name: string
}

/**
 * How a kept result counts beside another one of its key: what is kept wins, then what came later. `batch` is what is
 * known of a batch that a provider computes, under a key of its own.
 */
export type ItemKind = 'kept' | 'failed' | 'refused' | 'batch'

/** One kept result. `text` is JSON. */
export interface ItemLine {
  readonly key: string
  readonly kind: ItemKind
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

/** Results of one set, as one process reads and adds to them. */
export interface ItemLog {
  /** The newest line of a key, its checksum looked at; undefined where there is none that is whole. */
  read(key: string): ItemLine | undefined
  /** What is known of the batches of providers. */
  batches(): Iterable<ItemLine>
  /** Takes in what other processes have added since. */
  refresh(): void
  /** Written when it returns; survives the end of this process. Throws the system's error, and leaves nothing torn. */
  append(line: ItemLine): void
  /**
   * The right to compute an item; nobody else has it, in no process. `refresh` then knows what others have added who
   * had it before.
   */
  claim(
    key: string,
    options: { readonly signal: AbortSignal; readonly waiting: (holder: LeaseHolder) => void },
  ): Promise<Lease>
  /** Makes what was added survive a power loss, as far as the store's `durability` asks for it. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** What is kept of a set. */
export interface ItemCounts extends ItemSet {
  readonly kept: number
  readonly failed: number
  readonly refused: number
  readonly bytes: number
  /** Lines that are torn or changed: their items are asked again. */
  readonly damaged: number
}

/** Where results of items are kept. */
export interface StoreItems {
  open(set: ItemSet): Awaitable<ItemLog>
  /** Every set, or those of one task. */
  list(folder?: string): Awaitable<readonly ItemCounts[]>
  /** Lines of a set: the newest of each key, or `all`, those too that later ones have replaced. */
  lines(set: ItemSet, which?: 'newest' | 'all'): Awaitable<Iterable<ItemLine>>
  /** Forgets a set. */
  remove(set: ItemSet): Awaitable<void>
}

/** The same of a place that answers at once. */
export interface ItemsAtOnce extends StoreItems {
  open(set: ItemSet): ItemLog
  list(folder?: string): readonly ItemCounts[]
  lines(set: ItemSet, which?: 'newest' | 'all'): Iterable<ItemLine>
  remove(set: ItemSet): void
}
