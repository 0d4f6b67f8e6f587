import type { Address } from './artifact.js'

/** Readable names next to artifacts. A store without it has no folder that people browse. */
export interface StoreLinks {
  /**
   * Creates a readable link next to the artifact: `<name>.<ext>` → `<key>.<ext>`, and the same for its views. Resolves
   * with the path of the data's link.
   */
  link(address: Address, name: string): Promise<string>
}
