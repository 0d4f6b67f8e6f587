import type { NodeOutline } from '../../plan/plan-types.js'

/**
 * An artifact whose content is read later than it was loaded: streams, tables in parts, folders. It travels with the
 * value, so that damage that a consumer meets is told of the artifact and not of the consumer, whatever the consumer
 * makes of the error.
 */
export interface Reading {
  readonly node: NodeOutline
  /** What was found wrong; undefined as long as nothing was. */
  readonly damage: () => Error | undefined
  /** It is a folder, which can go while it is read; an open file cannot. */
  readonly isFolder: boolean
  /**
   * Looks again, since a consumer has ended: folders at names and sizes and whether they are the same still, a file
   * that was read in parts at its checksum.
   */
  readonly recheck: () => Promise<void>
  /** Resolves when the damage is known to the store. */
  readonly marked: () => Promise<void>
}

/** What is known of damage in a session, until it is repaired. */
export interface Damaged {
  readonly reason: string
  /** The store knows: what it has under the key from now on is another artifact. */
  readonly marked: boolean
}
