import { basename, dirname, resolve, sep } from 'node:path'
import { kindOf, codeOf, diskError, makeFolder, type FileSystem } from './file-system.js'

/** Folders of tasks below a store's root: created on demand, and never outside it, whatever links exist. */
export interface StoreFolders {
  /** Path of a folder, without checking the disk. */
  pathOf(folder: string): string
  /**
   * Creates the folder. Rejects with `EACCES` and an explanation if a link leads out of the store. Checks the disk once
   * per folder.
   */
  prepare(folder: string): string
  /** Whether it was created by this process, so that it contains nothing older. */
  isNew(folder: string): boolean
  /**
   * Returns a check for missing folders that looks only at their parents, once each. True is certain, false is not. To
   * be used immediately.
   */
  absent(): (folder: string) => boolean
  /** The same without creating it; undefined if it does not exist. */
  existing(folder: string): string | undefined
  /** Forgets earlier checks, since the store was changed by others. */
  forget(): void
}

const maxTries = 10

/** Most folders: nothing in the name has to be resolved, which takes longer than looking at a file. */
const plain = /^\w[\w-]*(?:\/\w[\w-]*)*$/

export const storeFolders = (fs: FileSystem, root: string): StoreFolders => {
  const checked: Checked = { fs, root, realRoot: undefined, paths: new Map(), made: new Set() }
  const above = sep === '/' && root !== '/' && resolve(root) === root ? `${root}/` : undefined
  return {
    pathOf: (folder) => (above === undefined || !plain.test(folder) ? resolve(root, folder) : above + folder),
    prepare: (folder) => checked.paths.get(folder) ?? makeAll(checked, folder),
    isNew: (folder) => checked.made.has(folder),
    absent: () => absentIn(fs, root),
    existing: (folder) => checked.paths.get(folder) ?? walk(checked, folder, false),
    forget: () => forget(checked),
  }
}

const absentIn = (fs: FileSystem, root: string): ((folder: string) => boolean) => {
  const known = new Map<string, boolean>()
  return (folder) => {
    const above = dirname(folder)
    let isAbsent = known.get(above)
    if (isAbsent === undefined) known.set(above, (isAbsent = isNothing(fs, resolve(root, above))))
    return isAbsent
  }
}

/** Errors are left to the code that opens the path. */
const isNothing = (fs: FileSystem, path: string): boolean => {
  try {
    return kindOf(fs, path) === undefined
  } catch {
    return false
  }
}

/** Results of checks on disk. */
interface Checked {
  readonly fs: FileSystem
  readonly root: string
  realRoot: string | undefined
  /** Paths of folders that do not lead out of the store. */
  readonly paths: Map<string, string>
  /** Folders that were created. */
  readonly made: Set<string>
}

const forget = (checked: Checked): void => {
  checked.paths.clear()
  checked.made.clear()
  checked.realRoot = undefined
}

/** A store may be removed during its runs, repeatedly while it is being emptied. */
const makeAll = (checked: Checked, folder: string): string => {
  for (let tries = 1; ; tries++) {
    try {
      return walk(checked, folder, true) as string // missing folders were created
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === maxTries) throw error
      forget(checked)
    }
  }
}

/** Follows the segments downwards; missing folders are created, or end the walk. */
const walk = (checked: Checked, folder: string, make: boolean): string | undefined => {
  const { fs, root } = checked
  const inside = (checked.realRoot ??= realPathOf(fs, root, make))
  if (inside === undefined) return undefined
  const above = checked.paths.get(dirname(folder))
  let path = above ?? root
  let name = above === undefined ? '' : dirname(folder)
  for (const segment of above === undefined ? folder.split('/') : [basename(folder)]) {
    name = name === '' ? segment : `${name}/${segment}`
    path = `${path}${path.endsWith(sep) ? '' : sep}${segment}`
    const there = make && isMadeAbove(checked, name) ? undefined : kindOf(fs, path)
    const kind = there ?? (make ? kindMade(fs, path) : undefined)
    const isMade = there === undefined && kind === 'made'
    if (isMade) checked.made.add(name)
    if (kind === undefined) return undefined
    if (kind === 'link') checkLink(fs, path, inside)
    else if (!isMade && kind !== 'folder') throw inTheWay(path)
    checked.paths.set(name, path)
  }
  return path
}

/** Then this one rarely exists. */
const isMadeAbove = ({ made }: Checked, folder: string): boolean => made.has(dirname(folder))

const realPathOf = (fs: FileSystem, root: string, make: boolean): string | undefined => {
  if (make) makeFolder(fs, root)
  try {
    return fs.realpathSync(root)
  } catch (error) {
    if (!make && codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const kindMade = (fs: FileSystem, path: string): 'made' | NonNullable<ReturnType<typeof kindOf>> => {
  try {
    fs.mkdirSync(path)
    return 'made'
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error // another process was faster
  }
  const kind = kindOf(fs, path)
  if (kind === undefined) throw diskError('ENOENT', `${path} was removed while it was being made`)
  return kind
}

const checkLink = (fs: FileSystem, path: string, inside: string): void => {
  const real = fs.realpathSync(path)
  if (real !== inside && !real.startsWith(inside + sep))
    throw diskError(
      'EACCES',
      `${path} is a link that leads out of the store, to ${real}; nothing is written or deleted there`,
    )
  if (!fs.statSync(path).isDirectory()) throw inTheWay(path)
}

const inTheWay = (path: string): Error =>
  diskError('ENOTDIR', `${path} is in the way: it is not a folder, and artifacts are kept below it`)
