import type { Address, StoredNames } from './artifact.js'
import type { Lease, LeaseHolder } from './lease.js'

/** One key as a walk over a store finds it: what names and sizes tell. */
export interface StoredKey {
  readonly folder: string
  readonly key: string
  readonly names: StoredNames
  /** Of everything under the key: data, run info, logs, unfinished work. */
  readonly bytes: number
  /** Of these, files that other keys may have as well, one text a file; left out where there are none. */
  readonly shared?: readonly { readonly file: string; readonly bytes: number }[]
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

/** A lease on a key, or a pin of a reader of its folder, whose holder one look does not show to be alive. */
export interface StoredLease {
  readonly folder: string
  readonly key: string
  readonly heldBy: LeaseHolder
  /** Whether it is a pin. */
  readonly reads: boolean
  /** `unknown`: of a process elsewhere, whose heartbeat was not looked at for long enough. */
  readonly life: 'dead' | 'unknown'
}

/** What `gc`, `verify` and deleting ask of a store. One without it cannot be tidied. */
export interface StoreUpkeep {
  /** Every key of the store, folder by folder; links are not followed. */
  walk(namesOnly?: boolean): AsyncIterable<StoredKey>
  /**
   * Who holds the lease of a key just now; undefined where nobody does. One look believes a holder elsewhere; with a
   * signal, by which it can be ended, somebody looks on until it is known whether that holder lives, which may take as
   * long as a heartbeat may be missing.
   */
  held(address: Address, looking?: { readonly signal: AbortSignal }): Promise<LeaseHolder | undefined>
  /** Says that a folder is being read, until it is released: who would delete it leaves it alone. */
  pin(address: Address): Promise<Lease>
  /** Who reads a folder just now; undefined where nobody does. `looking`: as for `held`. */
  pinned(address: Address, looking?: { readonly signal: AbortSignal }): Promise<LeaseHolder | undefined>
  /** The leases and pins of which one look does not say that their holder lives. */
  leases(): Promise<readonly StoredLease[]>
  /** Removes from a folder what processes that are known to be dead left there: leases, pins, temporary files. */
  sweep(folder: string): Promise<void>
  /**
   * Takes everything under a key out of the store's sight by renaming it, into a place of its own that nothing is read
   * from. The caller holds the lease. `label` says which call it was: one path segment.
   */
  setAside(stored: StoredKey, place: AsidePlace, label: string): Promise<void>
  /** What was set aside; removes it where `remove` says so. */
  aside(options?: { readonly remove?: boolean }): Promise<readonly Aside[]>
}
