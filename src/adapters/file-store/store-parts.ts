import type { Catalog } from '../catalog/catalog.js'
import type { FileLeases } from '../lease/file-lease.js'
import type { ReaderPins } from '../lease/reader-pins.js'
import type { Durability } from './durability/durability.js'
import type { FileSystem } from './file-system.js'
import type { StoreFolders } from './store-folders.js'
import type { StorePaths } from './store-paths.js'

/** State shared by the methods of one open file store. */
export interface StoreParts {
  readonly fs: FileSystem
  readonly location: string
  readonly folders: StoreFolders
  readonly leases: FileLeases
  readonly paths: StorePaths
  readonly pins: ReaderPins
  readonly durable: Durability
  readonly catalog: Catalog
  /** Folders on disk that were swept before the first artifact was written there. */
  readonly swept: Set<string>
  /** Folders of the store with leftovers of runs in their listing: swept at the next flush. */
  readonly toSweep: Set<string>
  /** Folders on disk from which artifacts were set aside: dead links there are removed at the next flush. */
  readonly thinned: Set<string>
}
