import { byCodeUnit } from '../../../base/code-unit-order.js'
import type { KeyRange } from '../../ports/artifact.js'
import type { Wanted } from './transfer-plan.js'

/** Some of the requested artifacts, which are looked up and copied before the next ones. */
export interface TransferPart {
  readonly wanted: readonly Wanted[]
  readonly folders: readonly string[]
  /** Range of their keys, if they are of one folder that has others. */
  readonly range: KeyRange | undefined
}

/** What is known of a key while it is copied takes kilobytes. */
const enough = 4000
/** Some stores read a whole folder for each part of it. */
const maxParts = 32

/**
 * Divides requested artifacts into parts, so that memory does not grow with their number. Few are one part, in their
 * own order.
 *
 * @example
 * partsOf([{ folder: 'movies/all', key: 'a'.repeat(32) }]).length // => 1
 */
export const partsOf = (wanted: readonly Wanted[], size = enough): readonly TransferPart[] => {
  if (wanted.length <= size) return [{ wanted, folders: foldersOf(wanted), range: undefined }]
  const most = Math.max(size, Math.ceil(wanted.length / maxParts))
  const sorted = wanted.toSorted(byFolderAndKey)
  const parts: TransferPart[] = []
  let some: Wanted[] = []
  for (const [at, one] of sorted.entries()) {
    const before = sorted[at - 1]
    if (before !== undefined && byFolderAndKey(before, one) === 0) continue
    const isNewFolder = before !== undefined && before.folder !== one.folder
    if (some.length >= most || (isNewFolder && some.length * 2 >= most)) {
      parts.push(partOf(some))
      some = []
    }
    some.push(one)
  }
  return [...parts, partOf(some)]
}

const foldersOf = (wanted: readonly Wanted[]): readonly string[] => [...new Set(wanted.map(({ folder }) => folder))]

/** Of sorted artifacts. */
const partOf = (wanted: readonly Wanted[]): TransferPart => {
  const folders = foldersOf(wanted)
  const [first, last] = [wanted[0]?.key, wanted.at(-1)?.key]
  const range = folders.length > 1 || first === undefined || last === undefined ? undefined : { first, last }
  return { wanted, folders, range }
}

const byFolderAndKey = (left: Wanted, right: Wanted): number =>
  byCodeUnit(left.folder, right.folder) || byCodeUnit(left.key, right.key)
