import type { Address } from '../../runtime/ports/artifact.js'
import type { PlacedFacts } from '../../runtime/ports/facts.js'
import type { Bucket } from './bucket.js'
import type { LocalCache } from './local-cache.js'
import type { Manifest } from './contents/manifest.js'
import type { KeyState, Stored } from './contents/object-names.js'
import type { Packs } from './packs/packs.js'

/** What the methods of one open store of objects share. */
export interface ObjectParts {
  readonly bucket: Bucket
  readonly cache: LocalCache
  readonly commits: Commits
  readonly packs: Packs
  /** Leases of this process, by folder and key. */
  readonly held: Map<string, HeldLease>
  /** What this process has added without a lease and not written the log of, by folder and key. */
  readonly added: Map<string, number>
  /** Folders that were unpacked or committed, by folder and key. */
  readonly paths: Map<string, string>
  readonly seen: Seen
  /** What is under the keys of some folders, for who relies on one look at all of them. */
  readonly listed?: StatesByKey | undefined
  /** Makes sure once that the service keeps what this store relies on; before the first write. */
  readonly prepared: () => Promise<void>
  /** Where nothing is found: makes sure once that no later version has put it elsewhere. */
  readonly readable: () => Promise<void>
}

/** What this process has read of facts. */
export interface Seen {
  /** Folders, as they were last listed. */
  readonly listed: Map<string, ReadonlyMap<string, KeyState>>
  /** Folders whose identities are known, or on their way. */
  readonly searched: Map<string, Promise<void>>
  /** Names of commits whose facts are known. */
  readonly commits: Set<string>
  /** By identity, then by folder and key. */
  readonly identified: Map<string, Map<string, PlacedFacts>>
}

/** What is under every key, by folder. */
export type StatesByKey = ReadonlyMap<string, ReadonlyMap<string, KeyState>>

/** Commits by their objects: each is read once, since its object never changes. */
export interface Commits {
  /** Rejects with `ObjectStoreFailed` for what a later version wrote; a text where it does not count, and why. */
  read(object: Stored): Promise<Manifest | string>
  /** The same of many, in few requests. */
  readAll(objects: readonly Stored[]): Promise<ReadonlyMap<string, Manifest | string>>
  /** The text of a commit. */
  textOf(manifest: Manifest): string
  /** Puts a commit; undefined where there is one of its generation already. */
  write(name: string, manifest: Manifest): Promise<string | undefined>
  /** Writes what helps others to read many at once. */
  flush(goesOn?: boolean): Promise<void>
}

export interface HeldLease {
  /** Number of the lease. */
  readonly token: number
  readonly holder: string
  /** What was there when it was taken: what others have committed since is never replaced. */
  readonly state: KeyState
}

export const pathOf = ({ folder, key }: Pick<Address, 'folder' | 'key'>): string => `${folder}/${key}`
