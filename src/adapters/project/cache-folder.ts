import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where a project keeps what only saves time. */

/** Cache folder in the nearest `node_modules` above a file; undefined if there is none. */
export const cacheFolderFor = (file: string): string | undefined => {
  for (let here = dirname(file); ; here = dirname(here)) {
    if (existsSync(join(here, 'node_modules'))) return join(here, 'node_modules', '.cache', 'taskchain')
    if (dirname(here) === here) return undefined
  }
}

/** Replaces a file as a whole. A folder that cannot be written keeps nothing, which is no error. */
export const writeQuietly = (path: string, text: string): void => {
  const temporary = `${path}.${randomUUID()}`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, text)
    renameSync(temporary, path)
  } catch {
    removeQuietly(temporary)
  }
}

const removeQuietly = (path: string): void => {
  try {
    rmSync(path, { force: true })
  } catch {
    // the folder cannot be written: there is nothing to remove
  }
}
