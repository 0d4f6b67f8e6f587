import type { StoreFacts } from '../../runtime/ports/facts.js'
import { listingOf } from './artifact-names.js'
import { listNames, type FileSystem } from './file-system.js'
import { checkFolder } from './safe-path.js'
import type { StoreParts } from './store-parts.js'

/** Facts of a file store's artifacts: one index a folder. */
export const fileFacts = ({ fs, folders, index }: StoreParts): StoreFacts => ({
  read: async (asked, { certain = false } = {}) =>
    new Map(
      Array.from(asked, ([folder, keys]) => {
        checkFolder(folder)
        const path = folders.pathOf(folder)
        return [folder, index.read(path, keys, () => new Set(keysIn(fs, path)), certain)]
      }),
    ),
  bless: async (folder, blessings) => {
    checkFolder(folder)
    if (blessings.length > 0) index.bless(folders.prepare(folder), blessings)
  },
})

/** Keys that have a run info. */
const keysIn = (fs: FileSystem, folder: string): readonly string[] =>
  [...listingOf(listNames(fs, folder))].flatMap(([key, names]) => (names.runInfo ? [key] : []))
