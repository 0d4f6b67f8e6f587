import { basename, dirname } from 'node:path'
import { codeOf, removeQuietly, writeNew } from '../file-store/file-system.js'
import { keyOfLease, takeOverStaging } from '../file-store/staging/staging-folder.js'
import { removalEnding } from '../file-store/temporary-names.js'
import { dropHolderFile, holderFile, type Holding } from './holder-file.js'
import { lookAt, unknownLease, type Found } from './look-at-lease.js'

/**
 * Takes a lease if it is free or its holder is dead; otherwise returns its holder. `prepare` recreates its folder if it
 * has disappeared.
 */
export const takeLease = (holding: Holding, path: string, prepare: () => void, depth = 0): Found | 'mine' => {
  let found: Found | undefined
  for (let round = 0; round < 20; round++) {
    try {
      if (makeLease(holding, path)) return 'mine'
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || round > 5) throw error
      dropHolderFile(holding) // the store was removed in the meantime
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
  return found ?? unknownLease // heavily contended; the caller retries after a pause
}

/** Errors of a different disk, one without hard links, or one with too many of them. */
const noLink: readonly unknown[] = ['EXDEV', 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK']

/** Creates the lease file if it does not exist: a link, or else a separate file; the first process wins. */
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
 * Takes over a dead holder's lease. Several processes may find it dead, so only the one that holds a lease on this
 * removal may do it: otherwise a slow process would take it from a quick one that has replaced it already. The lease on
 * the removal replaces the lease in one step, so that no process has the key before the dead holder's staging is out of
 * its reach: it may only be suspended.
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
    // again for anything it staged meanwhile: it checks its lease after staging
    if (staged !== undefined) takeOverStaging(fs, staged.folder, staged.key)
    return 'mine'
  } finally {
    removeQuietly(fs, removal)
  }
}
