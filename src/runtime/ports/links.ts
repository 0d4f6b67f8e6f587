import type { Address } from './artifact.js'

/** Readable names beside artifacts. A store without it has no place where people look. */
export interface StoreLinks {
  /**
   * Readable link beside the artifact: `<name>.<ext>` → `<key>.<ext>`, and the same for what is kept beside it.
   * Resolves with the path of the data's.
   */
  link(address: Address, name: string): Promise<string>
}
