import { resolve, sep } from 'node:path'
import { kindOf, codeOf, type FileSystem } from './file-system.js'

/** Folders of tasks below a store's root: made when needed, and never outside it whatever a link says. */
export interface StoreFolders {
  /** Path of a folder; nothing is checked on disk. */
  pathOf(folder: string): string
  /**
   * Makes the folder. Rejects with `EACCES` and an explanation where a link leads out of the store. Looks at the disk
   * once for each folder.
   */
  prepare(folder: string): string
  /** The same without making it; undefined where there is none. */
  existing(folder: string): string | undefined
  /** Forgets what was looked at, since the store has changed under us. */
  forget(): void
}

const mostTries = 10

export const storeFolders = (fs: FileSystem, root: string): StoreFolders => {
  const checked = new Map<string, string>()
  const paths = new Map<string, string>()
  let realRoot: string | undefined

  const pathOf = (folder: string): string => {
    let path = paths.get(folder)
    if (path === undefined) paths.set(folder, (path = resolve(root, folder)))
    return path
  }

  /** Follows the segments downwards; what is missing is made, or ends the way. */
  const walk = (folder: string, make: boolean): string | undefined => {
    if (make && realRoot === undefined) fs.mkdirSync(root, { recursive: true })
    try {
      realRoot ??= fs.realpathSync(root)
    } catch (error) {
      if (!make && codeOf(error) === 'ENOENT') return undefined
      throw error
    }
    let path = root
    for (const segment of folder.split('/')) {
      path = `${path}${path.endsWith(sep) ? '' : sep}${segment}`
      let kind = kindOf(fs, path)
      if (kind === undefined) {
        if (!make) return undefined
        makeFolder(fs, path)
        kind = kindOf(fs, path)
        if (kind === undefined)
          throw Object.assign(new Error(`${path} was removed while it was being made`), { code: 'ENOENT' })
      }
      if (kind === 'link') checkLink(path, realRoot)
      else if (kind !== 'folder')
        throw Object.assign(new Error(`${path} is in the way: it is not a folder, and artifacts are kept below it`), {
          code: 'ENOTDIR',
        })
    }
    checked.set(folder, path)
    return path
  }

  const checkLink = (path: string, inside: string): void => {
    const real = fs.realpathSync(path)
    if (real !== inside && !real.startsWith(inside + sep))
      throw Object.assign(
        new Error(`${path} is a link that leads out of the store, to ${real}; nothing is written or deleted there`),
        { code: 'EACCES' },
      )
    if (!fs.statSync(path).isDirectory())
      throw Object.assign(new Error(`${path} is in the way: it is not a folder, and artifacts are kept below it`), {
        code: 'ENOTDIR',
      })
  }

  const forget = (): void => {
    checked.clear()
    realRoot = undefined
  }

  /** A store may be removed under its runs, again and again while it is being emptied. */
  const make = (folder: string): string => {
    for (let tries = 1; ; tries++) {
      try {
        return walk(folder, true) as string
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || tries === mostTries) throw error
        forget()
      }
    }
  }

  return {
    pathOf,
    prepare: (folder) => checked.get(folder) ?? make(folder),
    existing: (folder) => checked.get(folder) ?? walk(folder, false),
    forget,
  }
}

const makeFolder = (fs: FileSystem, path: string): void => {
  try {
    fs.mkdirSync(path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error // another process was quicker
  }
}
