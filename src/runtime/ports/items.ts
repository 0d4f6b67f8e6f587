import type { Awaitable } from '../../declare/types.js'
import type { Lease, LeaseHolder } from './lease.js'
import type { AsidePlace } from './upkeep.js'

/** Which results of items belong together: of one task, by the name of its `mapItems`. */
export interface ItemSet {
  /** Folder of the task. */
  readonly folder: string
  readonly name: string
}

/**
 * How a kept result counts beside another one of its key: what is kept wins, then what came later. `gone` says that
 * what was kept before is forgotten. `batch` is what is known of a batch that a provider computes, `asked` which items
 * a result of the task is made of, `sum` what lines have cost that are there no more; each under a key of its own.
 */
export type ItemKind = 'kept' | 'failed' | 'refused' | 'batch' | 'asked' | 'gone' | 'sum'

/** The folder of sets that are of no task: results of `cached`. No task can have it. */
export const callFolder = 'cached.calls'

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
  /** Kind and time of the line that counts; its checksum is not looked at. */
  head(key: string): Pick<ItemLine, 'kind' | 'at'> | undefined
  /** What is known of which items were asked for. */
  asked(): Iterable<ItemLine>
  /** What is known of the batches of providers. */
  batches(): Iterable<ItemLine>
  /** Takes in what other processes have added since. */
  refresh(): void
  /**
   * Written when it returns; survives the end of this process. Throws the system's error, and leaves nothing torn. It
   * counts as later than all that is known of its key, unless it is taken over from elsewhere, `as it is`.
   */
  append(line: ItemLine, time?: 'as it is'): void
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
  /** Every set, what is in it not looked at. */
  sets(): Awaitable<readonly ItemSet[]>
  /**
   * Lines of a set: the newest of each key, without `asked` and `sum`; or `all`, those too that later ones have
   * replaced.
   */
  lines(set: ItemSet, which?: 'newest' | 'all'): Awaitable<Iterable<ItemLine>>
  /** Forgets a set. */
  remove(set: ItemSet): Awaitable<void>
  /**
   * Takes a set out of sight, to where `aside` of the store's upkeep finds it under this label. False where somebody
   * computes items of it just now.
   */
  setAside(set: ItemSet, place: AsidePlace, label: string): Promise<boolean>
}

/** The same of a place that answers at once. */
export interface ItemsAtOnce extends StoreItems {
  open(set: ItemSet): ItemLog
  list(folder?: string): readonly ItemCounts[]
  sets(): readonly ItemSet[]
  lines(set: ItemSet, which?: 'newest' | 'all'): Iterable<ItemLine>
  remove(set: ItemSet): void
}

/** How far the items of a `mapItems` are, what they have used, and what is expected. */
export interface ItemsProgress {
  readonly name: string
  readonly kept: number
  readonly computed: number
  readonly failed: number
  readonly refused: number
  /** Calls of this run, failed and repeated ones too. */
  readonly attempts: number
  /** Items that this run computes in all, as far as it knows; null where nobody knows how many come. */
  readonly toDo: number | null
  /** Items computed a second, and seconds until all are; null as long as nothing is known. */
  readonly perSecond: number | null
  readonly secondsLeft: number | null
  /** What all calls of this run have used, by name. */
  readonly usage: Readonly<Record<string, number>>
  /** What they will have used in all; null as long as nothing is known. */
  readonly expected: Readonly<Record<string, number>> | null
}
