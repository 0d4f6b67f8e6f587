import { basename, dirname } from 'node:path'
import { codeOf, removeQuietly, writeNew } from '../file-store/file-system.js'
import { keyOfLease, takeOverStaging } from '../file-store/staging/staging-folder.js'
import { removalEnding } from '../file-store/temporary-names.js'
import { dropHolderFile, holderFile, type Holding } from './holder-file.js'
import { lookAt, unknownLease, type Found } from './look-at-lease.js'

/**
 * Takes a lease if it is free or its holder is dead; else says who has it. `prepare` makes its folder anew, should it
 * have gone.
 */
export const takeLease = (holding: Holding, path: string, prepare: () => void, depth = 0): Found | 'mine' => {
  let found: Found | undefined
  for (let round = 0; round < 20; round++) {
    try {
      if (makeLease(holding, path)) return 'mine'
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || round > 5) throw error
      dropHolderFile(holding) // somebody removed the store under us
      prepare()
      continue
    }
    found = lookAt(holding, path)
    if (found === undefined) continue // released just now
    if (found.life !== 'dead' || depth > 8) return found
    const taken = takeAway(holding, path, found, prepare, depth)
    if (taken === 'mine') return taken
    if (taken === 'not now') return found
  }
  return found ?? unknownLease // many want it at once; asked again after a pause
}

/** Another disk, or one without hard links, or too many of them. */
const noLink: readonly unknown[] = ['EXDEV', 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK']

/** Makes the lease file if there is none: a link, or else a file of its own, made by whoever is first. */
const makeLease = (holding: Holding, path: string): boolean => {
  const { fs, content } = holding
  try {
    try {
      fs.linkSync(holderFile(holding), path)
      holding.isLink = true
    } catch (error) {
      if (!noLink.includes(codeOf(error))) throw error
      writeNew(fs, path, content)
      holding.isLink = false
    }
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Takes over a dead holder's lease. Several may see that it is dead, so only the one that holds a lease on this very
 * removal may do it: otherwise a slow process would take it from the quick one that has replaced it already. The lease
 * on the removal takes the lease's place in one step, so that nobody has the key before what the dead one has staged is
 * out of its reach: it may only be asleep.
 */
const takeAway = (
  holding: Holding,
  path: string,
  dead: Found,
  prepare: () => void,
  depth: number,
): 'mine' | 'gone' | 'not now' => {
  const { fs } = holding
  const removal = `${dirname(path)}/.${basename(path)}.${dead.id}${removalEnding}`
  if (takeLease(holding, removal, prepare, depth + 1) !== 'mine') return 'not now'
  try {
    if (lookAt(holding, path)?.mark !== dead.mark) return 'gone'
    const staged = keyOfLease(path)
    if (staged !== undefined) takeOverStaging(fs, staged.folder, staged.key)
    fs.renameSync(removal, path)
    // what it staged meanwhile: it looks at its lease after that
    if (staged !== undefined) takeOverStaging(fs, staged.folder, staged.key)
    return 'mine'
  } finally {
    removeQuietly(fs, removal)
  }
}
