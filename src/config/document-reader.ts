import { documentOf, type ParsedDocument } from './document.js'
import { placeholdersOf } from './placeholders.js'
import { usesOf, type PathOptions, type Uses } from './uses.js'
import type { ConfigPart, ResolveOptions } from './config-types.js'

/**
 * What documents say about each other, read once: loading follows it to other files, resolving to namespaces and
 * contexts.
 */
export interface DocumentReader {
  readonly paths: PathOptions
  /** What a part uses. */
  readonly usesOf: (origin: string, part: ConfigPart) => Uses
  /** A context that is given as an object. */
  readonly contextOf: (values: object) => ParsedDocument
}

/** Name that a context has which is given as an object: what places in it say. */
export const contextOrigin = 'context'

/** Remembers by part and by object: one for each planner, which reads what it reads once. */
export const documentReader = ({ globals, root }: Pick<ResolveOptions, 'globals' | 'root'> = {}): DocumentReader => {
  const paths = { text: placeholdersOf(globals).text, root }
  const uses = new WeakMap<ConfigPart, Uses>()
  const contexts = new WeakMap<object, ParsedDocument>()
  return {
    paths,
    usesOf: (origin, part) => remembered(uses, part, () => usesOf(origin, part, paths)),
    contextOf: (values) => remembered(contexts, values, () => documentOf(contextOrigin, values)),
  }
}

const remembered = <Key extends object, Value extends object>(
  known: WeakMap<Key, Value>,
  key: Key,
  make: () => Value,
): Value => {
  const before = known.get(key)
  if (before !== undefined) return before
  const made = make()
  known.set(key, made)
  return made
}
