import { basename, dirname } from 'node:path'
import { codeOf, kindOf, quietly, removeQuietly, type FileSystem } from '../file-system.js'
import { isTemporary, temporaryName } from '../temporary-names.js'

/** Name of a checkpoint in its staging folder: whoever takes over a holder that was killed goes on from it. */
export const stagedCheckpoint = 'checkpoint'

/**
 * What is not committed yet waits beside the artifact, in files whose names tell the key and in a folder that is made
 * where something has to be put aside. There is no rename that looks first who holds the lease, so every change of a
 * final name is a rename of such a file, or out of the folder or into it: whoever takes the key over moves them away
 * first, and a holder that was suspended and wakes up fails at its next rename, whichever that is, and leaves
 * everything alone. So nothing gets its name before the lease was looked at, after all of it was there.
 */
export interface StagingFolder {
  readonly path: string
  /**
   * Makes it, and looks then whether the key is still ours: who takes it over after that finds the folder, and the
   * files. Throws `LeaseLost`, or that the disk does not say it.
   */
  readonly open: () => void
  /** Path of a file beside the artifact, known by this name from now on; to be made before `open` or `check`. */
  readonly file: (name: string) => string
  /** Looks as `open` does, and makes no folder. */
  readonly check: () => void
  /** Makes the artifact's folder anew, since the store was removed. */
  readonly renew: () => void
  /** Path of what has this name: a file, or something in the folder. */
  readonly place: (name: string) => string
  /** Gives something that waits its final name. */
  readonly give: (name: string, final: string) => void
  /** Takes what has a final name into the folder, if there is anything; its name there, by default one of its own. */
  readonly take: (final: string, name?: string) => string | undefined
  /** Removes the folder with what is in it, and unless all of them have their final names the files; never throws. */
  readonly close: (isDone?: boolean) => void
  /** The error to be told instead of one that comes from what was moved away: by default this one. */
  readonly explained: (error: unknown, folder?: string) => unknown
}

/** Somebody else computes this key by now: nothing of it is ours to touch. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
  readonly code: string | undefined
  constructor(cause?: unknown) {
    super(
      'another process took over the computation, since this one was silent for too long; ' +
        'what that one keeps stands, and nothing of this one was kept',
      { cause },
    )
    this.code = codeOf(cause)
  }
}

export interface StagingFolderParts {
  /** A name that nobody else gives, beside the artifact and with its key in it. */
  readonly temporary: () => string
  /** Makes the artifact's folder anew, should the store have been removed. */
  readonly prepare: () => void
  /** Whether the lease of the key is still ours; `again`: or is once more, since the store was removed. */
  readonly isHeld: (again: boolean) => boolean
}

export const stagingFolder = (fs: FileSystem, { temporary, prepare, isHeld }: StagingFolderParts): StagingFolder => {
  const path = temporary()
  const files = new Map<string, string>()
  let taken = 0
  let isOpen = false
  let isNew = false
  const renew = (): void => {
    prepare()
    isNew = true
  }
  const make = (): void => {
    try {
      fs.mkdirSync(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      renew()
      fs.mkdirSync(path)
    }
  }
  const open = (): void => {
    if (isOpen && kindOf(fs, dirname(path)) !== undefined) return
    make()
    isOpen = true
    mustBeHeld(fs, path, () => isHeld(isNew))
  }
  const place = (name: string): string => files.get(name) ?? `${path}/${name}`
  return {
    path,
    open,
    renew,
    file: (name) => {
      const known = files.get(name) ?? temporary()
      files.set(name, known)
      return known
    },
    check: () => {
      if (!isHeld(isNew)) throw new LeaseLost()
    },
    place,
    give: (name, final) => moveInto(fs, place(name), final),
    take: (final, name = `aside-${taken++}`) => {
      if (kindOf(fs, final) === undefined) return undefined
      if (!isOpen) open()
      try {
        moveInto(fs, final, place(name))
      } catch (error) {
        // Over a network it may be gone although a cache knows it still; where this folder is, the next step fails.
        if (codeOf(error) === 'ENOENT' && kindOf(fs, path) !== undefined) return undefined
        throw error
      }
      return name
    },
    close: (isDone = false) => {
      if (!isDone) for (const file of files.values()) removeQuietly(fs, file)
      if (!isOpen) return
      try {
        fs.rmdirSync(path) // the rule: all of it has its final name
      } catch {
        removeQuietly(fs, path)
      }
    },
    explained: (error, folder = path) =>
      codeOf(error) === 'ENOENT' && kindOf(fs, folder) === undefined && kindOf(fs, dirname(path)) !== undefined
        ? whyItWent(error, isHeld)
        : error,
  }
}

/** Somebody has moved away what was staged, or the store was removed and made anew. */
const whyItWent = (error: unknown, isHeld: (again: boolean) => boolean): unknown => {
  try {
    return isHeld(false) ? error : new LeaseLost(error)
  } catch (unreadable) {
    return unreadable
  }
}

/** Leaves a folder that was just made only where the lease is ours. */
export const mustBeHeld = (fs: FileSystem, folder: string, isHeld: () => boolean): void => {
  try {
    if (!isHeld()) throw new LeaseLost()
  } catch (error) {
    removeQuietly(fs, folder)
    throw error
  }
}

/** A folder that may not be written cannot get another parent, but for a moment it may. */
const moveInto = (fs: FileSystem, from: string, to: string): void => {
  try {
    fs.renameSync(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EACCES' || kindOf(fs, from) !== 'folder') throw error
    const { mode } = fs.statSync(from)
    fs.chmodSync(from, mode | 0o700)
    fs.renameSync(from, to)
    quietly(() => fs.chmodSync(to, mode))
  }
}

/**
 * Moves away what former holders of a key have staged; the caller has just taken its lease over. Removed as well, since
 * over a network a folder may be known by more than its name. The checkpoint of a holder that was killed in its commit
 * is put back where the next one looks for it.
 */
export const takeOverStaging = (fs: FileSystem, folder: string, key: string): void => {
  for (const name of fs.readdirSync(folder)) {
    if (!name.startsWith(`.${key}.`) || !name.endsWith('.tmp') || !isTemporary(name)) continue
    const moved = temporaryName(folder, 'taken')
    try {
      fs.renameSync(`${folder}/${name}`, moved)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') continue // it ended by itself
      throw error
    }
    putBackCheckpoint(fs, moved, `${folder}/${key}.unfinished`)
    removeQuietly(fs, moved)
  }
}

const putBackCheckpoint = (fs: FileSystem, staging: string, unfinished: string): void =>
  quietly(() => {
    if (kindOf(fs, `${staging}/${stagedCheckpoint}`) === 'folder' && kindOf(fs, unfinished) === undefined)
      moveInto(fs, `${staging}/${stagedCheckpoint}`, unfinished)
  })

/** The folder and the key of a lease's path; undefined for the leases on removals of leases. */
export const keyOfLease = (path: string): { readonly folder: string; readonly key: string } | undefined => {
  const name = basename(path)
  return name.startsWith('.') || !name.endsWith('.lease')
    ? undefined
    : { folder: dirname(path), key: name.slice(0, -'.lease'.length) }
}
