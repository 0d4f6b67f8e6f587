import type { Address, StoredNames } from './artifact.js'
import type { Lease, LeaseHolder } from './lease.js'

/** One key as a walk over a store finds it: the facts that names and sizes reveal. */
export interface StoredKey {
  readonly folder: string
  readonly key: string
  readonly names: StoredNames
  /** Of everything under the key: data, run info, logs, unfinished work. */
  readonly bytes: number
  /** Those of its files that other keys may share, with one identifying text per file; left out if there are none. */
  readonly shared?: readonly { readonly file: string; readonly bytes: number }[]
  /** When the newest of its files was written; milliseconds since 1970. */
  readonly written: number
}

/** Destination of `setAside`: `trash` for unneeded artifacts, `damaged` for untrustworthy ones. */
export type AsidePlace = 'trash' | 'damaged'

/** Artifacts that were set aside and not yet purged. */
export interface Aside {
  readonly place: AsidePlace
  /** As passed to `setAside`. */
  readonly label: string
  readonly files: number
  readonly bytes: number
}

/** A lease on a key, or a pin of a reader of its folder, whose holder is not known at first sight to be alive. */
export interface StoredLease {
  readonly folder: string
  readonly key: string
  readonly heldBy: LeaseHolder
  /** Whether it is a pin. */
  readonly reads: boolean
  /** `unknown`: of a process elsewhere, whose heartbeat was not observed for long enough. */
  readonly life: 'dead' | 'unknown'
}

/** The methods of a store that `gc`, `verify` and deleting use. A store without them cannot be tidied. */
export interface StoreUpkeep {
  /** Every key of the store, folder by folder; links are not followed. */
  walk(namesOnly?: boolean): AsyncIterable<StoredKey>
  /**
   * The current lease holder of a key; undefined if there is none. A single look trusts a holder elsewhere; with a
   * signal, which can abort it, the holder is observed until it is known whether it lives, which may take as long as a
   * heartbeat may be missing.
   */
  held(address: Address, looking?: { readonly signal: AbortSignal }): Promise<LeaseHolder | undefined>
  /**
   * The keys that have a lease, `<folder>/<key>`, from one look: for stores where each look is a request. No other key
   * is held.
   */
  leased?(): Promise<ReadonlySet<string>>
  /** The run info as of when this process took the key's lease: for such stores. */
  leasedRunInfo?(address: Address): Promise<string | undefined>
  /** Protects a folder that is being read from deletion, until the pin is released. */
  pin(address: Address): Promise<Lease>
  /** The current reader of a folder; undefined if there is none. `looking`: as for `held`. */
  pinned(address: Address, looking?: { readonly signal: AbortSignal }): Promise<LeaseHolder | undefined>
  /** Leases and pins whose holders are not known at first sight to be alive. */
  leases(): Promise<readonly StoredLease[]>
  /** Removes from a folder the leases, pins and temporary files of processes that are known to be dead. */
  sweep(folder: string): Promise<void>
  /**
   * Moves everything under a key out of the store's sight by renaming it, into a place that nothing is read from. The
   * caller holds the lease. `label` identifies the call: one path segment.
   */
  setAside(stored: StoredKey, place: AsidePlace, label: string): Promise<void>
  /** The artifacts that were set aside; deletes them if `remove` is set. */
  aside(options?: { readonly remove?: boolean }): Promise<readonly Aside[]>
}
