import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeQuietly } from '../cache-folder.js'

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
  writeQuietly(path, `${code}${mark}${digest(code)}`)
  return code
}
