import { opendir, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { storeEndings } from '../file-store/safe-path.js'
import { asideFolders } from '../file-store/store-walk.js'

/** Detects whether a folder is part of a store: everything in one is data, whatever its name. */

/** Maximum number of store folders that are checked. */
const maxLooks = 2_000

/**
 * Whether a folder is a task's folder in a store or below one, belongs to a finished or unfinished artifact, or to
 * artifacts that a store has set aside.
 */
export const isInStore = async (folder: string): Promise<boolean> => {
  for (let here = folder; dirname(here) !== here; here = dirname(here)) {
    if (await isTaskFolder(here)) return true
    if (isAside(basename(here)) && (await holdsTasks(dirname(here)))) return true
    const key = /^\.?([0-9a-f]{32})(?:\.|$)/.exec(basename(here))?.[1]
    if (key === undefined) continue
    const parent = dirname(here)
    if (
      (await isTaskFolder(parent)) ||
      (await isFile(join(parent, `${key}.${storeEndings.runInfo}`))) ||
      (await isFile(join(parent, `${key}.${storeEndings.lease}`)))
    )
      return true
  }
  return false
}

const isAside = (name: string): boolean => Object.values(asideFolders).includes(name)

/**
 * Whether a folder contains task folders, directly or in its groups: then it is the root of a store, or a group in one.
 */
export const holdsTasks = async (folder: string): Promise<boolean> => {
  const look = { left: maxLooks }
  for (const group of await foldersIn(folder, look)) {
    if (await isTaskFolder(group)) return true
    for (const task of await foldersIn(group, look)) if (await isTaskFolder(task)) return true
  }
  return false
}

/** Whether a folder contains run infos; looks only at names, up to the first match. */
const isTaskFolder = async (folder: string): Promise<boolean> => {
  try {
    for await (const { name } of await opendir(folder)) if (name.endsWith(`.${storeEndings.runInfo}`)) return true
    return false
  } catch {
    return false
  }
}

const foldersIn = async (folder: string, look: { left: number }): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const folders = entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
    .slice(0, look.left)
  look.left -= folders.length
  return folders.map((entry) => join(folder, entry.name))
}

export const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
