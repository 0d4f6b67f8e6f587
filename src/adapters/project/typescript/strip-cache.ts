import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Files of a project as they were stripped before: one a file, replaced when it changes, beside the packages of the
 * project (`node_modules/.cache`). Only a matter of time: what is missing, torn or of another source is made anew, and
 * a folder that cannot be written is no fault.
 */
export interface StripCache {
  /** The text kept for a file of this source; else what `make` gives, which is kept. */
  readonly of: (file: string, source: string, make: () => string) => string
}

/** Changes when the same source would be stripped to another text. */
const scheme = 2

/** @param folder of the project; undefined: nothing is kept. */
export const stripCache = (folder: string | undefined): StripCache => ({
  of: (file, source, make) => {
    if (folder === undefined) return make()
    const kept = join(folder, `${digest(file).slice(0, 32)}.js`)
    const mark = `\n//# taskchain ${scheme} ${digest(source)} `
    return read(kept, mark) ?? keep(kept, mark, make())
  },
})

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

const read = (path: string, mark: string): string | undefined => {
  try {
    const text = readFileSync(path, 'utf8')
    const at = text.lastIndexOf(mark)
    const code = text.slice(0, Math.max(at, 0))
    return at >= 0 && text.slice(at + mark.length) === digest(code) ? code : undefined
  } catch {
    return undefined
  }
}

const keep = (path: string, mark: string, code: string): string => {
  const temporary = `${path}.${randomUUID()}`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, `${code}${mark}${digest(code)}`)
    renameSync(temporary, path)
  } catch {
    removeQuietly(temporary)
  }
  return code
}

const removeQuietly = (path: string): void => {
  try {
    rmSync(path, { force: true })
  } catch {
    // the folder cannot be written: there is nothing to remove
  }
}

/** Where a project's packages are: the nearest `node_modules` above a file; undefined where there is none. */
export const cacheFolderFor = (file: string): string | undefined => {
  for (let here = dirname(file); ; here = dirname(here)) {
    if (existsSync(join(here, 'node_modules'))) return join(here, 'node_modules', '.cache', 'taskchain')
    if (dirname(here) === here) return undefined
  }
}
