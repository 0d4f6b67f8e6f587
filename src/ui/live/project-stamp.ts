import { createHash } from 'node:crypto'
import { lstat, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'

/** Fingerprints of a project's files that change with them: of code, and of configs. */
export interface ProjectStamp {
  readonly code: string
  readonly configs: string
  /** The store's folder, if it exists: it may be replaced by another one. */
  readonly store: string
}

const code: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.py'])
const configs: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json'])

/** Larger trees are watched only up to this many entries; changes beyond them require a restart. */
const maxEntries = 20_000

/** Reads names, times and sizes of files below a folder, excluding the store, packages and hidden folders. */
export const projectStamp = async (root: string, store: string): Promise<ProjectStamp> => {
  const hashes = { code: createHash('sha256'), configs: createHash('sha256') }
  let left = maxEntries
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      if (left-- <= 0) return
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && entry.name !== 'node_modules' && path !== store) await walk(path)
        continue
      }
      const kind = code.has(extname(entry.name)) ? 'code' : configs.has(extname(entry.name)) ? 'configs' : undefined
      if (kind === undefined) continue
      const stat = await lstat(path, { bigint: true }).catch(() => undefined)
      hashes[kind].update(`${path}\0${stat?.mtimeNs}\0${stat?.size}\0${stat?.ino}\n`)
    }
  }
  await walk(root)
  const folder = await lstat(store, { bigint: true }).catch(() => undefined)
  return {
    code: hashes.code.digest('hex'),
    configs: hashes.configs.digest('hex'),
    store: folder === undefined ? 'none' : `${folder.dev} ${folder.ino}`,
  }
}
