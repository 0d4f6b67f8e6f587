import type { StoredNames } from './artifact.js'

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
