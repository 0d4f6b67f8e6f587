import { entryIn, type TextNode } from './text-tree.js'

/** Whether a file is a config with tasks, or a context that overrides configs. */
export type ConfigKind = 'config' | 'context'

/** The kind of a file outside the folder of configs, from its place and content; undefined: neither. */
export const kindByText = (origin: string, text: string): ConfigKind | undefined => {
  const schema = /\$schema["':=\s]+\S*taskchain\S*/.exec(text.slice(0, 500))?.[0]
  if (/^(?:for_namespaces|"for_namespaces")\s*:/m.test(text) || schema?.includes('context') === true) return 'context'
  return origin.startsWith('contexts/') ? 'context' : schema === undefined ? undefined : 'config'
}

/** What a path in a config refers to. */
export interface Level {
  /** The path of the map of values: `[]`, `['configs', 'train']`, `['for_namespaces', 'train']`. */
  readonly part: readonly string[]
  /** The rest of the path, below that. */
  readonly rest: readonly string[]
  /** The kind of keys expected: the map itself may be one of parts or namespaces. */
  readonly asks: 'value' | 'part' | 'namespace'
}

/** Splits a path: parts of a file and namespaces of a context hold values just as the top level does. */
export const levelOf = (kind: ConfigKind, path: readonly string[], tree: TextNode | undefined): Level => {
  const outer = kind === 'config' ? 'configs' : 'for_namespaces'
  if (path[0] !== outer || entryIn(tree, outer) === undefined) return { part: [], rest: path, asks: 'value' }
  if (path.length === 1) return { part: [], rest: [], asks: kind === 'config' ? 'part' : 'namespace' }
  return { part: path.slice(0, 2), rest: path.slice(2), asks: 'value' }
}
