import type { NodeOutline } from '../../plan/plan-types.js'

/**
 * An artifact whose content is read after it was loaded: streams, tables in parts, folders. It travels with the value,
 * so that damage found by a consumer is attributed to the artifact and not to the consumer, however the consumer
 * handles the error.
 */
export interface Reading {
  readonly node: NodeOutline
  /** The damage that was found; undefined if none was. */
  readonly damage: () => Error | undefined
  /** It is a folder, which can disappear while it is read; an open file cannot. */
  readonly isFolder: boolean
  /**
   * Verifies it again after a consumer has ended: folders by names, sizes and identity, a file that was read in parts
   * by its checksum.
   */
  readonly recheck: () => Promise<void>
  /** Resolves when the store knows of the damage. */
  readonly marked: () => Promise<void>
}

/** Damage that a session knows of, until it is repaired. */
export interface Damaged {
  readonly reason: string
  /** The store knows of it: any later artifact under the key is a new one. */
  readonly marked: boolean
}
