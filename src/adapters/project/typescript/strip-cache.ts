import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Cache of a project's stripped files: one per source file, replaced when it changes, in the project's
 * `node_modules/.cache`. It only saves time: a missing, torn or outdated entry is recreated, and a read-only folder is
 * no error.
 */
export interface StripCache {
  /** The cached text for a file with this source; otherwise the result of `make`, which is stored. */
  readonly of: (file: string, source: string, make: () => string) => string
}

/** To be changed when the same source would be stripped to another text. */
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

/** Cache folder in the nearest `node_modules` above a file; undefined if there is none. */
export const cacheFolderFor = (file: string): string | undefined => {
  for (let here = dirname(file); ; here = dirname(here)) {
    if (existsSync(join(here, 'node_modules'))) return join(here, 'node_modules', '.cache', 'taskchain')
    if (dirname(here) === here) return undefined
  }
}
