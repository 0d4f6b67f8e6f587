import type { Address } from '../../runtime/ports/artifact.js'
import type { PlacedFacts } from '../../runtime/ports/facts.js'
import type { Bucket } from './bucket.js'
import type { LocalCache } from './local-cache.js'
import type { Manifest } from './contents/manifest.js'
import type { KeyState, Stored } from './contents/object-names.js'
import type { Packs } from './packs/packs.js'

/** State shared by the methods of one open object store. */
export interface ObjectParts {
  readonly bucket: Bucket
  readonly cache: LocalCache
  readonly commits: Commits
  readonly packs: Packs
  /** Leases of this process, by folder and key. */
  readonly held: Map<string, HeldLease>
  /** Generations that this process has added without a lease and not yet written the log of, by folder and key. */
  readonly added: Map<string, number>
  /** Folders that were unpacked or committed, by folder and key. */
  readonly paths: Map<string, string>
  readonly seen: Seen
  /** State of the keys of some folders, for a caller that relies on a single listing of all of them. */
  readonly listed?: StatesByKey | undefined
  /** Checks once, before the first write, that the service behaves as this store requires. */
  readonly prepared: () => Promise<void>
  /** If nothing is found: checks once that no later version of this library stores it elsewhere. */
  readonly readable: () => Promise<void>
}

/** Facts that this process has read. */
export interface Seen {
  /** Folders, as last listed. */
  readonly listed: Map<string, KeyStates>
  /** Folders whose identities are known, or being read. */
  readonly searched: Map<string, Promise<void>>
  /** Names of commits whose facts are known. */
  readonly commits: Set<string>
  /** By identity, then by folder and key. */
  readonly identified: Map<string, Map<string, PlacedFacts>>
}

/** State of every key of a folder. */
export interface KeyStates extends Iterable<readonly [string, KeyState]> {
  get(key: string): KeyState | undefined
}

/** State of every key, by folder. */
export type StatesByKey = ReadonlyMap<string, KeyStates>

/** Commits by their objects: each is read once, since its object never changes. */
export interface Commits {
  /** Rejects with `ObjectStoreFailed` if a later version wrote it; a string is the reason why it does not count. */
  read(object: Stored): Promise<Manifest | string>
  /** The same for many, in few requests. */
  readAll(objects: readonly Stored[]): Promise<ReadonlyMap<string, Manifest | string>>
  /** The text of a commit. */
  textOf(manifest: Manifest): string
  /** Puts a commit; undefined if there is one of its generation already. */
  write(name: string, manifest: Manifest): Promise<string | undefined>
  /** Writes gathered commits, which others can read with fewer requests. */
  flush(goesOn?: boolean): Promise<void>
}

export interface HeldLease {
  /** Number of the lease. */
  readonly token: number
  readonly holder: string
  /** State when it was taken: commits of others since then are never replaced. */
  readonly state: KeyState
}

export const pathOf = ({ folder, key }: Pick<Address, 'folder' | 'key'>): string => `${folder}/${key}`
