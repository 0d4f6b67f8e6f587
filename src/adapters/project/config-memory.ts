import { parseDocument } from '../../config/document.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'

/** Reading and parsing, shared by many loads. */
export interface ConfigMemory {
  readonly source: ConfigSource
  readonly parse: typeof parseDocument
}

/**
 * Reads, lists and parses each file once, however many configs use it; for many calls of `loadDocuments` over one tree.
 * It never sees changes: create a new one for that.
 */
export const configMemory = (source: ConfigSource): ConfigMemory => {
  const texts = new Map<string, Promise<string | undefined>>()
  const lists = new Map<string, Promise<readonly string[]>>()
  const parsed = new Map<string, ReturnType<typeof parseDocument>>()
  return {
    source: {
      read: (origin) => remembered(texts, origin, () => source.read(origin)),
      list: (folder) => remembered(lists, folder, () => source.list(folder)),
    },
    parse: (origin, text) => remembered(parsed, origin, () => parseDocument(origin, text)),
  }
}

const remembered = <Value>(known: Map<string, Value>, name: string, make: () => Value): Value => {
  const before = known.get(name)
  if (before !== undefined) return before
  const made = make()
  known.set(name, made)
  return made
}
