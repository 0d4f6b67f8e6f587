import { fileSource } from '../../adapters/project/config-files.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'

/** Configs as an editor sees them: open documents, saved or not, take precedence over files on disk. */
export interface ConfigTexts extends ConfigSource {
  /** The text of an open document; undefined: it was closed. */
  readonly open: (origin: string, text: string | undefined) => void
  /** These files, or all, may have changed on disk. */
  readonly forget: (origins?: readonly string[]) => void
  readonly opened: () => readonly string[]
}

/** Reads each file once until it is reported as changed. */
export const configTexts = (root: string): ConfigTexts => {
  const disk = fileSource(root)
  const opened = new Map<string, string>()
  const read = new Map<string, Promise<string | undefined>>()
  return {
    read: (origin) => {
      const text = opened.get(origin)
      if (text !== undefined) return Promise.resolve(text)
      const known = read.get(origin) ?? disk.read(origin)
      read.set(origin, known)
      return known
    },
    list: async (folder) => {
      const inside = folder === '' || folder === '.' ? '' : `${folder.replace(/^\.\//, '').replace(/\/+$/, '')}/`
      const unsaved = [...opened.keys()].filter((origin) => origin.startsWith(inside) && !origin.startsWith('../'))
      return [...new Set([...(await disk.list(folder)), ...unsaved])].sort()
    },
    open: (origin, text) => {
      if (text === undefined) opened.delete(origin)
      else opened.set(origin, text)
      read.delete(origin)
    },
    forget: (origins) => {
      if (origins === undefined) read.clear()
      else for (const origin of origins) read.delete(origin)
    },
    opened: () => [...opened.keys()],
  }
}
